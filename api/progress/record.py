"""Take a batch of events: each is kept once, and the rows that follow from them are brought forward with it."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from api.accounts.models import User
from api.enrolment.rules import enrolment_of
from api.errors import ApiError
from api.progress.models import ItemState, ProgressEvent
from api.progress.rules import Event, Grade, settle
from api.progress.states import bring_forward
from api.scope import lock

# No course comes near it, with all its releases together: whoever does makes the items up.
MOST_ITEMS = 5000


@dataclass(frozen=True)
class Recorded:
    accepted: int
    duplicates: int


def record(user: User, course: UUID, events: Sequence[Event]) -> Recorded:
    """Keep `events`, or none of them. An id that this learner has used before is counted and left as it was.

    Items are not looked up: a page that was opened before a release may speak of one that is gone, and a rollback may
    bring it back. Raises ApiError: 404 if `user` is not in `course`, 422 if it would be more than `MOST_ITEMS` items.
    """
    with transaction.atomic():
        lock(user)
        enrolment = enrolment_of(user, course)
        fresh = _fresh(user, settle(events, enrolment.enrolled_at, timezone.now()))
        changes: dict[UUID, list[Event | Grade]] = defaultdict(list)
        for event in fresh:
            changes[event.item].append(event)
        _check_room(user, course, changes.keys())
        ProgressEvent.objects.for_learner(user).bulk_create(
            [
                ProgressEvent(
                    user=user,
                    event=event.id,
                    course=course,
                    item=event.item,
                    kind=event.kind,
                    position=event.position,
                    at=event.at,
                )
                for event in fresh
            ]
        )
        bring_forward(user, course, changes)
    return Recorded(accepted=len(fresh), duplicates=len(events) - len(fresh))


def _check_room(user: User, course: UUID, items: Collection[UUID]) -> None:
    begun = ItemState.objects.for_learner(user).filter(course=course)
    new = len(items) - begun.filter(item__in=items).count()
    if new and begun.count() + new > MOST_ITEMS:
        sentence = f"You have begun {MOST_ITEMS} items in this course, and no more are kept; go on with one of those."
        raise ApiError(422, "too_many_items", sentence)


def _fresh(user: User, events: Sequence[Event]) -> list[Event]:
    """The events whose ids are new, each once."""
    ids = [event.id for event in events]
    known = set(ProgressEvent.objects.for_learner(user).filter(event__in=ids).values_list("event", flat=True))
    return list({event.id: event for event in reversed(events) if event.id not in known}.values())[::-1]
