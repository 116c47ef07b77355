"""The outbox: a change that readers will see is written down in the transaction of the change itself."""

import logging
from functools import partial
from uuid import UUID

from django.db import connection, transaction
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
        # Before the event has its number: numbers of one course must grow in the order of their commits. Otherwise
        # a worker builds up to 6 while 5 is not committed yet, and 5 is never looked at again.
        publication = lock(course)
        event = ChangeEvent.objects.create(
            course=course,
            kind=kind,
            page=page,
            release=release,
            actor_id=None if actor is None else actor.pk,
            note=note[:255],
        )
        Publication.objects.filter(pk=publication.pk).update(wanted_seq=event.pk, attempts=0, next_try_at=None)
        _ring_on_commit(course)
    return event


def lock(course: UUID) -> Publication:
    """Hold the course's publication row until the transaction ends: decisions about one course come one by one."""
    rows = Publication.objects.select_for_update().filter(course=course)
    if found := rows.first():
        return found
    Publication.objects.get_or_create(course=course)
    return rows.get()


def ring(course: UUID) -> None:
    """Wake a worker for this course. The row is the truth: if nobody hears the bell, the reconciler comes by."""
    # A late import: the tasks need the queue's settings, and readers of events do not.
    from pipeline.tasks import build

    try:
        build(str(course))
    except Exception:  # the shell of a doorbell: a queue that is down must not undo an editor's change
        log.exception("The queue did not take the doorbell of %s; the reconciler will ring again.", course)


def _ring_on_commit(course: UUID) -> None:
    """Once a transaction, however many pages an approval publishes."""
    for _savepoints, waiting, *_ in connection.run_on_commit:
        if isinstance(waiting, partial) and waiting.func is ring and waiting.args == (course,):
            return
    transaction.on_commit(partial(ring, course))
