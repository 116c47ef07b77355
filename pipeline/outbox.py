"""The outbox: a change that readers will see is written down in the transaction of the change itself."""

import logging
from uuid import UUID

from django.db import transaction
from django.db.models import Model

from pipeline.models import ChangeEvent, Publication, Release

log = logging.getLogger(__name__)


def record(
    course: UUID,
    kind: ChangeEvent.Kind,
    *,
    page: UUID | None = None,
    release: Release | None = None,
    actor: Model | None = None,
    note: str = "",
) -> ChangeEvent:
    """Write the event, raise what the course wants, and ring the doorbell once the transaction has committed."""
    with transaction.atomic():
        event = ChangeEvent.objects.create(
            course=course,
            kind=kind,
            page=page,
            release=release,
            actor_id=None if actor is None else actor.pk,
            note=note[:255],
        )
        Publication.objects.get_or_create(course=course)
        Publication.objects.filter(course=course).update(wanted_seq=event.pk, attempts=0, next_try_at=None)
        transaction.on_commit(lambda: ring(course))
    return event


def ring(course: UUID) -> None:
    """Wake a worker for this course. The row is the truth: if nobody hears the bell, the reconciler comes by."""
    # A late import: the tasks need the queue's settings, and readers of events do not.
    from pipeline.tasks import build

    try:
        build(str(course))
    except Exception:  # the shell of a doorbell: a queue that is down must not undo an editor's change
        log.exception("The queue did not take the doorbell of %s; the reconciler will ring again.", course)
