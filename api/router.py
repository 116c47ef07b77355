"""The API of learners, version 1: every route needs a signed-in learner unless it says `auth=None` itself."""

from ninja import NinjaAPI

from api import health
from api.accounts.routes import router as accounts
from api.assessment.routes import router as assessment
from api.auth import Learner
from api.docs import Pages
from api.edge.routes import router as edge
from api.enrolment.routes import router as enrolment
from api.errors import map_errors
from api.progress.routes import router as progress

api = NinjaAPI(
    title="Lectern",
    version="1.0.0",
    description="What is about a person: who you are, where you are enrolled, what you have done.",
    urls_namespace="v1",
    auth=Learner(),
    docs=Pages(),
)
map_errors(api)
api.add_router("", health.router)
api.add_router("", accounts)
api.add_router("", enrolment)
api.add_router("", progress)
api.add_router("", assessment)
api.add_router("", edge)
