"""Remove a lesson, a file or a whole course for good: from every release, and from whatever is built later."""

import json
import logging
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from pipeline import approval, frozen_parts, originals, outbox, purged_uploads, tombstones
from pipeline.catalogue import CATALOGUE
from pipeline.condemned import needed, spare
from pipeline.doomed import Doomed, doomed
from pipeline.edge import Notes, the_edge
from pipeline.errors import AuthorError, PurgePending
from pipeline.lease import Lease
from pipeline.models import AnswerKey, Candidate, ChangeEvent, Pin, Publication, Release, Rendition, Tombstone
from pipeline.release import read_manifest, ship
from pipeline.store import the_store
from pipeline.store.base import Store

log = logging.getLogger(__name__)

Standing = Publication.Standing
# What a tombstone's `keys` call an original that is still to be deleted. No key of the store begins so.
ORIGINAL = "original/"


def purge(kind: Tombstone.Kind, name: str, by: Any, reason: str, *, force: bool = False) -> Tombstone:
    """Decide that a lesson or a course (`name` is its UUID) or a file (its original's sha256) is removed for good.

    Writes the tombstone and an event for each course that holds it, in one transaction; the workers do the rest. `by`
    is a user, or None for the command line. There is no undo. Raises AuthorError without a reason, for what no release
    holds or was purged already, and while learners are pinned to a release that holds it, unless forced.
    """
    reason = reason.strip()
    if not reason:
        raise AuthorError("Say why it is purged: the reason is kept with what was done.")
    if Tombstone.objects.filter(kind=kind, name=name).exists():
        raise AuthorError("This was purged already.")
    found = doomed(the_store(), kind, name)
    if not found.courses:
        raise AuthorError(
            f"No candidate and no release holds the {kind.label.lower()} {name}: there is nothing to purge."
        )
    with transaction.atomic():
        for course in sorted(found.courses):
            outbox.lock(course)
        pins = Pin.objects.filter(release__in=[release.pk for release in found.releases]).count()
        if pins and not force:
            raise AuthorError(
                f"{pins} learner{'s are' if pins > 1 else ' is'} pinned to a release that holds “{found.title}” and "
                "would lose it there. Force the purge if it has to be."
            )
        stone, made = Tombstone.objects.get_or_create(
            kind=kind,
            name=name,
            defaults={
                "title": found.title[:255],
                "reason": reason,
                "forced": bool(pins),
                "by": by,
                "keys": _list(found),
            },
        )
        if not made:
            raise AuthorError("This was purged already.")
        for course in sorted(found.courses):
            _close_if_empty(course)
            outbox.record(course, ChangeEvent.Kind.PURGED, actor=by, note=f"{kind.label}: {found.title}")
        # The bytes are deleted by whoever holds the catalogue, one at a time, once no course shows them any more.
        outbox.record(CATALOGUE, ChangeEvent.Kind.PURGED, actor=by, note=f"{kind.label}: {found.title}")
    _audit("purged", stone, by=str(by or "the command line"), reason=reason, forced=stone.forced)
    return stone


def clean(lease: Lease, publication: Publication, store: Store) -> bool:
    """Ship what readers have without what was purged; False if they have nothing of it. The course is not built any
    further by that: what was unbuilt is unbuilt still.
    """
    live = publication.live_release
    if live is None or publication.standing == Standing.GONE or not tombstones.holds(live.candidate.frozen()):
        return False
    ship(_release(lease, live), lease, publication.built_seq, store)
    return True


def finish(store: Store) -> None:
    """Delete what is left of everything that was purged. Called under the lease of the catalogue; killed anywhere, the
    same call again finishes. Raises `PurgePending` while a course still shows something of it, or is being built.
    """
    waiting = []
    for stone in Tombstone.objects.exclude(keys=[]).order_by("id"):
        found = doomed(store, stone.kind, stone.name)
        if busy := _busy(found):
            waiting.append(f"The purge of “{stone.title}” waits until {busy}.")
            continue
        keys = {key for key in stone.keys if not key.startswith(ORIGINAL)} | found.keys
        gone = {key.removeprefix(ORIGINAL) for key in stone.keys if key.startswith(ORIGINAL)} | found.originals
        _delete(store, stone, keys - _still_needed(found, store), gone, found)
    if waiting:
        raise PurgePending(" ".join(waiting))


def _delete(store: Store, stone: Tombstone, keys: set[str], sha256s: set[str], found: Doomed) -> None:
    for key in sorted(keys):
        store.delete(key)
    spare(keys)
    AnswerKey.objects.filter(course__in=found.courses, item__in=found.items).delete()
    Rendition.objects.filter(original__in=sha256s).delete()
    if stone.kind == Tombstone.Kind.FILE:
        purged_uploads.delete(stone.name)
    for sha256 in sorted(sha256s):
        originals.path(sha256).unlink(missing_ok=True)
    with transaction.atomic():
        Tombstone.objects.filter(pk=stone.pk).update(keys=[])
        the_edge().tell(Notes(keys=keys))  # what an edge keeps for a year is not gone yet
    _audit("deleted", stone, keys=len(keys), originals=len(sha256s))


def _busy(found: Doomed) -> str:
    """Which course may still show readers something of it, in words; empty if none does."""
    rows = Publication.objects.filter(course__in=found.courses).exclude(standing=Standing.GONE)
    for publication in rows.select_related("live_release__candidate").order_by("pk"):
        live = publication.live_release
        if live and tombstones.holds(live.candidate.frozen()):
            return f"“{publication}” is published without it"
        if publication.lease_until and publication.lease_until > timezone.now():
            return f"“{publication}” is not being built any more"
    return ""


def _still_needed(found: Doomed, store: Store) -> set[str]:
    """What the live releases need, which do not hold the purged thing any more."""
    rows = Publication.objects.filter(course__in=found.courses, live_release__isnull=False)
    kept: set[str] = set()
    for publication in rows.exclude(standing=Standing.GONE).select_related("live_release"):
        if publication.live_release:
            kept |= needed(read_manifest(store, publication.live_release.manifest)).keys()
    return kept


def _close_if_empty(course: UUID) -> None:
    """A course of which nothing is left is withdrawn with the same breath."""
    publication = Publication.objects.select_related("live_release__candidate").get(course=course)
    if publication.live_release is None or publication.standing in (Standing.WITHDRAWN, Standing.GONE):
        return
    if not tombstones.without(publication.live_release.candidate.frozen()).modules:
        Publication.objects.filter(pk=publication.pk).update(
            standing=Standing.WITHDRAWN, standing_note="", standing_at=timezone.now()
        )


def _release(lease: Lease, live: Release) -> Release:
    """What is live, less what was purged, as a release of its own. One that was made before a kill is used again."""
    frozen = tombstones.without(live.candidate.frozen())
    with transaction.atomic():
        outbox.lock(lease.course)
        event = ChangeEvent.objects.filter(course=lease.course, kind=ChangeEvent.Kind.PURGED).order_by("-id").first()
        by = event.actor_id if event else None
        comment = f"Purged. {event.note}" if event else ""
        return approval.release_directly(frozen_parts.keep(frozen), by, comment, Candidate.Kind.PURGED)


def _list(found: Doomed) -> list[str]:
    return sorted(found.keys) + [f"{ORIGINAL}{sha256}" for sha256 in sorted(found.originals)] or [f"{ORIGINAL}none"]


def _audit(act: str, stone: Tombstone, **facts: Any) -> None:
    """One line of JSON for whoever asks later."""
    log.warning(json.dumps({"act": act, "kind": stone.kind, "name": stone.name, "title": stone.title, **facts}))
