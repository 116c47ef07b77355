"""Do what a course's unbuilt changes ask for: claim, plan, build, commit. The one place that catches everything."""

import errno
import logging
from collections.abc import Callable
from uuid import UUID

from django.db import transaction
from django.db.models import F

from pipeline import direct, outbox, priced, purge, rollback, standing
from pipeline.catalogue import CATALOGUE, publish_catalogue
from pipeline.edge import the_edge
from pipeline.errors import AuthorError, LeaseLost, PurgePending, RenditionsPending
from pipeline.lease import Lease
from pipeline.models import ChangeEvent, Publication, Release
from pipeline.plan import SHOWN, Change, Step, next_step, without_decision
from pipeline.release import commit, ship, skip_overtaken
from pipeline.store import the_store
from pipeline.store.base import Store

log = logging.getLogger(__name__)

FULL = "The disk is full, or its quota is: make room on it."
CLOSED = "This process may not write there: let it, or choose another folder."
REMEDIES = {
    **dict.fromkeys((errno.ENOSPC, errno.EDQUOT, errno.EFBIG), FULL),
    **dict.fromkeys((errno.EROFS, errno.EACCES, errno.EPERM), CLOSED),
}


def work(course: UUID) -> bool:
    """Build what is due for one course. True if it was built, so that more may be due by now.

    False if nothing was due, if another worker holds it, if it waits for renditions or failed: whoever calls in a
    loop stops then. Never raises: an error becomes words on the publication, and the next try comes later.
    """
    try:
        lease = Lease.take(course)
        return lease is not None and _built(lease)
    except Exception:  # the shell of the shell: the database is away, so nothing can be written down
        log.exception("Nothing can be said of %s; its lease runs out, and the reconciler comes by.", course)
        return False


def _built(lease: Lease) -> bool:
    try:
        _publish(lease, the_edge().watched(the_store(), lease.notes))
        return True
    except LeaseLost:
        log.warning("The lease on %s was lost; another worker goes on.", lease.course)
        # Stopped between its look at the lease and its write, this worker may have put one old page over a new one.
        outbox.record(lease.course, ChangeEvent.Kind.REBUILD, note="a worker that had lost its lease may have written")
    except (RenditionsPending, PurgePending) as pending:
        _give_back(lease.wait, str(pending))
    except AuthorError as error:
        _give_back(lease.failed, str(error))
    except Exception as error:  # the shell of a task: recorded, shown to editors, and tried again later
        log.exception("Publishing %s failed", lease.course)
        remedy = REMEDIES.get(error.errno or 0) if isinstance(error, OSError) else None
        told = [f"Publishing failed ({type(error).__name__}: {error}).", remedy, "It is tried again by itself."]
        _give_back(lease.failed, " ".join(filter(None, told)))
    return False


def drain() -> None:
    """Work until nothing more can be built: every course, then the catalogue. For commands that wait for the end."""
    due = Publication.objects.filter(built_seq__lt=F("wanted_seq")).order_by("-course")
    built = True
    while built:
        built = False
        for course in due.values_list("course", flat=True):
            built |= work(course)


def _give_back(act: Callable[[str], None], sentence: str) -> None:
    try:
        act(sentence)
    except LeaseLost:
        log.warning("The lease was lost before this could be written down: %s", sentence)


def _publish(lease: Lease, store: Store) -> None:
    publication = lease.publication()
    seq = publication.wanted_seq
    if lease.course == CATALOGUE:
        publish_catalogue(store, lease.keep)
        purge.finish(store)
        lease.done(built_seq=seq, title="Catalogue")
        return
    unbuilt = ChangeEvent.objects.filter(course=lease.course, id__gt=publication.built_seq, id__lte=seq).order_by("id")
    events = [event for event in unbuilt if event.kind not in SHOWN]
    if publication.standing == Publication.Standing.GONE:
        # Nobody edits a deleted course any more: whatever was on its way to readers has nowhere to arrive.
        generation = standing.show(publication, lease, store)
        with transaction.atomic():
            lease.done(built_seq=seq, generation=publication.generation if generation is None else generation)
            skip_overtaken(lease.course, seq)
        return
    kinds = {event.kind for event in events}
    if ChangeEvent.Kind.PURGED in kinds and purge.clean(lease, publication, store):
        # Before anything else: what has to go goes, whatever else fails or waits. Whoever holds the catalogue waits for
        # this to delete the bytes.
        outbox.ring(CATALOGUE)
        return
    if kinds & standing.CHANGES:
        # Before anything is built: a release that fails, or that waits for a video, keeps no withdrawal waiting.
        generation = standing.show(publication, lease, store)
        if kinds <= standing.CHANGES and publication.live_release and generation is not None:
            commit(publication.live_release, lease, seq, generation)
            return
    if len(events) < len(unbuilt):
        # Before anything is built, for the same reason; whatever is shown above or built then shows the price too.
        priced.show(publication, lease, store)
    changes = [Change(event.kind, event.release_id) for event in events]
    step = next_step(changes)
    try:
        _carry_out(step, lease, publication, events, store)
    except AuthorError as error:
        instead = without_decision(changes)
        if instead is None:
            raise
        log.warning("%s: %s Direct edits that came later are published instead.", publication, error)
        _carry_out(instead, lease, publication, events, store)


def _carry_out(step: Step, lease: Lease, publication: Publication, events: list[ChangeEvent], store: Store) -> None:
    # A direct edit after an approval stays unbuilt here, and is the next call's work.
    until = publication.wanted_seq if step.satisfied == len(events) else events[step.satisfied - 1].pk
    release = _release(step, lease, publication, events)
    if release is None:
        with transaction.atomic():
            lease.done(built_seq=until)
            skip_overtaken(lease.course, until)
    elif step.act == "put_back":
        rollback.put_back(release, lease, until, store)
    else:
        ship(release, lease, until, store)


def _release(step: Step, lease: Lease, publication: Publication, events: list[ChangeEvent]) -> Release | None:
    """The release that a step is about, or None if it turned out that there is nothing to build."""
    if step.release is not None:
        return Release.objects.select_related("candidate").get(pk=step.release)
    if step.act == "freeze_live" and (edited := direct.release(lease, publication, events)):
        return edited
    return publication.live_release if step.act == "rebuild" or step.or_rebuild else None
