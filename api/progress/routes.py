"""Progress as it happens, in batches."""

from django.http import HttpRequest
from ninja import Router

from api import limits
from api.auth import learner
from api.progress.record import record
from api.progress.schemas import Batch, ItemState, ProgressAnswer
from api.progress.standing import kinds, stand
from api.progress.states import states_of
from api.schemas import Refused
from pipeline.released import released_course

router = Router(tags=["progress"])


@router.post(
    "/progress",
    response={200: ProgressAnswer, 401: Refused, 403: Refused, 404: Refused, 422: Refused, 429: Refused},
)
def send_progress(request: HttpRequest, batch: Batch) -> ProgressAnswer:
    """Send up to 100 events of one course. Sending again is safe: the API knows an event by its id."""
    limits.spend(request, limits.PROGRESS)
    user = learner(request)
    recorded = record(user, batch.course, [sent.event() for sent in batch.events])
    states = states_of(user, [batch.course])[batch.course]
    # A course that was taken off the site keeps taking progress: it may come back, and what was done in it with it.
    live = released_course(batch.course)
    outline = kinds(live.outline) if live else {}
    return ProgressAnswer(
        accepted=recorded.accepted,
        duplicates=recorded.duplicates,
        percent=stand(live.outline, states).percent if live else 0,
        items={
            str(item): ItemState.of(states[item], outline.get(item))
            for item in {sent.item for sent in batch.events}
            # The id of an event may be known from another item or course.
            if item in states
        },
    )
