"""Quizzes, graded here: the page and the store know no answer."""

from uuid import UUID

from django.http import HttpRequest
from ninja import Router

from api import limits
from api.assessment.rules import submit
from api.assessment.schemas import Answers, Attempt
from api.auth import learner
from api.schemas import Refused

router = Router(tags=["assessment"])


@router.post(
    "/quizzes/{item}/attempts",
    response={
        200: Attempt,
        401: Refused,
        403: Refused,
        404: Refused,
        409: Refused,
        410: Refused,
        422: Refused,
        429: Refused,
    },
)
def submit_attempt(request: HttpRequest, item: UUID, body: Answers) -> Attempt:
    """Have your answers graded. Try as often as you like: the best score stays, and a quiz once passed is completed."""
    limits.spend(request, limits.ATTEMPT)
    return Attempt.of(submit(learner(request), body.course, item, body.id, body.answers))
