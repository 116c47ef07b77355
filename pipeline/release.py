"""Make a release live: objects, then the manifest, then the pointer by compare-and-set, then pages, then the row.

Killed anywhere, the same call again finishes: objects are create-only, and a pointer that names this manifest
already is not moved a second time.
"""

import logging
import time
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, cast
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from pipeline import addresses, html, notices, outbox, renditions, scope, tombstones
from pipeline.built import Built
from pipeline.catalogue import CATALOGUE, differs, publish_assets
from pipeline.errors import PipelineError, RenditionsPending, StoreError
from pipeline.keys import public_key, signing_key
from pipeline.lease import Lease
from pipeline.making import Making, Objects
from pipeline.manifest import Entry, Manifest, Pointer, assemble, sign, verified
from pipeline.models import AnswerKey, BuiltModule, ChangeEvent, Publication, Release
from pipeline.pieces import Pieces
from pipeline.plan import THOROUGH
from pipeline.store.base import Store
from pipeline.uploads import missing, read_manifest

__all__ = [
    "begin_again",
    "commit",
    "missing",
    "point",
    "pointed",
    "read_manifest",
    "ship",
    "skip_overtaken",
    "write_pages",
]

CHUNK = 500  # rows in one statement

log = logging.getLogger(__name__)


def _nothing(_name: str) -> None:
    """Called at each named point of a release. Tests put a killer here."""


checkpoint: Callable[[str], None] = _nothing


def ship(release: Release, lease: Lease, seq: int, store: Store) -> None:
    """Build `release` and make it live; the course is then built up to the event `seq`.

    Of a release that differs from the live one in a few lessons these are drawn and written, and nothing else is
    touched; of the live one itself nothing, if it would be drawn as it was. See `_went_before` for when that is safe.
    Raises `RenditionsPending` with a sentence for people if a video or image is not ready, `AuthorError` if one never
    will be or the address is another course's, and `LeaseLost` if another worker took over.
    """
    started = time.monotonic()
    publication = lease.publication()
    site, purged = html.site(), tombstones.Purged.known()
    pieces, look = Pieces(release.candidate, purged), html.digest(site)
    before = _went_before(publication, store)
    edit = scope.edited(pieces, Built.of(before.built), look, store, lease.keep) if before and before.built else None
    if before == release and edit and not edit.works:
        commit(release, lease, seq, publication.generation)  # it would be drawn as it was
        return
    if before and (edit is None or before == release):
        before, edit, pieces = None, None, Pieces(release.candidate, purged)
    asked = edit or scope.whole(pieces, look, lease.keep)
    if edit is None:  # an edit stays where its course is already
        addresses.refuse_taken(release.course, pieces.course.page.slug)
    renditions.want(asked.asked)
    if pending := renditions.pending(asked.asked):
        raise RenditionsPending(pending)
    previous = publication.live_release
    parent = previous.manifest if previous and previous.pk != release.pk else _parent(store, release)
    lease.keep()
    checkpoint("claimed")
    publish_assets(store)
    making = Making(pieces, asked, before, site, store, lease.keep)
    objects = Objects(store, making.total(), lease.keep, lambda: checkpoint("half_objects"))
    built = making.make(objects)
    manifest = built.manifest(release.course, release.number, parent)
    objects.settle(f"o/{manifest.name()}")
    _keep_private(release, built, making, publication, lease)
    if _purged_since(release, purged):
        raise PipelineError("Something in it was purged while it was being built.")
    written = objects.written + store.create(f"o/{manifest.name()}", manifest.to_bytes())
    checkpoint("manifest")
    generation = point(store, publication, release.number, manifest.name(), lease)
    if before:
        # Whatever else the pointer named stays named, and lies at its path: that it does, `_went_before` has asked.
        written += _write(store, making.pages, lease, notices.instead(publication, release.number, making.pages))
        if publication.addressed != manifest.outline:
            kept = addresses.pages(making.outline()).keys()
            written += addresses.leave_behind(store, publication, manifest.outline, kept, lease.keep)
        checkpoint("pages")
    else:
        written += write_pages(store, manifest.whole(making.shards), publication, lease)
    facts: dict[str, Any] = {"manifest": manifest.name(), "built": built.to_json()}
    if release.built_at is None:  # what a release cost is told of its first build: a rebuild writes next to nothing
        seconds = round(time.monotonic() - started, 3)
        facts |= {"objects_written": written, "bytes_written": objects.bytes}
        facts |= {"built_at": timezone.now(), "build_seconds": seconds}
    # Where the store may have lost anything, the lists may be lost too.
    commit(release, lease, seq, generation, lists=before is None, **facts)


def _went_before(publication: Publication, store: Store) -> Release | None:
    """The live release, if all that it named is surely as it left it, so that only what differs has to be touched.

    Nobody asked for a thorough rebuild, the course is open, and the pointer is the one that the row knows: a release
    that was killed after it moved the pointer may have left pages of its own behind.
    """
    live = publication.live_release
    if live is None or not live.built or publication.standing != Publication.Standing.OPEN:
        return None
    events = ChangeEvent.objects.filter(course=publication.course, id__gt=publication.built_seq)
    if events.filter(kind__in=THOROUGH).exists():
        return None
    now = pointed(store, publication)
    if now is None or now.standing or (now.manifest, now.generation) != (live.manifest, publication.generation):
        return None
    return live


def _purged_since(release: Release, purged: tombstones.Purged) -> bool:
    """Whether something of the release was purged since `purged` was read."""
    if (now := tombstones.Purged.known()) == purged:
        return False
    frozen = release.candidate.frozen()
    return tombstones.without(frozen, now) != tombstones.without(frozen, purged)


def point(store: Store, publication: Publication, release: int, manifest: str, lease: Lease) -> int:
    """Swap the course's pointer to the manifest of a release, by its name; the pointer's generation, which only grows.

    A pointer that we did not sign, or that was copied from another course, says nothing: it is replaced.
    """
    key = f"c/{publication.course}/current.json"
    data = store.read(key)
    now = _ours(data, publication)
    standing = cast(Any, publication.standing if publication.standing != Publication.Standing.OPEN else None)
    if now and (now.manifest, now.standing) == (manifest, standing) and now.generation >= publication.generation:
        return now.generation  # right already: nothing changed, or an earlier try was killed after this very swap
    pointer = Pointer(
        course=publication.course,
        generation=max(now.generation if now else 0, publication.generation) + 1,
        release=release,
        manifest=manifest,
        created_at=timezone.now().isoformat(timespec="seconds"),
        standing=standing,
    )
    lease.renew()
    # Between these two lines another worker may take over: then it moved the pointer, and this swap is refused.
    store.swap(key, sign(pointer, signing_key()).to_bytes(), data)
    checkpoint("pointer")
    return pointer.generation


def pointed(store: Store, publication: Publication) -> Pointer | None:
    """The course's pointer as it lies on the store, if we signed it."""
    return _ours(store.read(f"c/{publication.course}/current.json"), publication)


def _ours(data: bytes | None, publication: Publication) -> Pointer | None:
    if data is None:
        return None
    try:
        pointer = verified(data, public_key())
    except StoreError:
        log.error("The pointer of %s was not written by this school; it is replaced.", publication)
        return None
    return pointer if pointer.course == publication.course else None


def write_pages(store: Store, manifest: Manifest, publication: Publication, lease: Lease) -> int:
    """Put a whole manifest's pages at their paths, then redirects where there are none now; how many were written."""
    changed = _write(store, manifest.pages, lease, notices.instead(publication, manifest.release, manifest.pages))
    changed += addresses.leave_behind(store, publication, manifest.outline, manifest.pages, lease.keep)
    checkpoint("pages")
    return changed


def _write(
    store: Store,
    pages: Mapping[str, Entry],
    lease: Lease,
    instead: Mapping[str, bytes] = MappingProxyType({}),
) -> int:
    """Lessons come before the course's page, which links to them. `instead` is what lies at some paths for them."""
    changed = 0
    for place, path in enumerate(sorted(pages, key=lambda path: (-path.count("/"), path))):
        if place == len(pages) // 2:
            checkpoint("half_pages")
        page = instead[path] if path in instead else store.read(f"o/{pages[path].object}.html")
        if page is None:
            raise StoreError(f"The page object of {path} is missing from the store.")
        there = store.read(path)
        # A worker that was stopped for long must not put its old page over a newer one: it finds out here.
        lease.keep()
        if there != page:
            changed += store.replace(path, page)
    return changed


def commit(release: Release, lease: Lease, seq: int, generation: int, *, lists: bool = False, **facts: Any) -> None:
    """The last step: the database says what the store already shows. Fenced by the lease.

    The lists of all courses are asked for with `lists`, or if they have to say something else of this one.
    """
    state = Release.State
    with transaction.atomic():
        lease.done(built_seq=seq, generation=generation, live_release=release, title=release.candidate.title)
        others = Release.objects.filter(course=release.course).exclude(pk=release.pk)
        # One that was built once and waits was being put back, and something newer came in between.
        put_back = Q(state=state.WAITING) & ~Q(manifest="")
        others.filter(Q(state=state.LIVE) | put_back).update(state=state.PAST)
        skip_overtaken(release.course, seq, before=release.number)
        Release.objects.filter(pk=release.pk).update(state=state.LIVE, **facts)
        if lists or differs(release.course):
            outbox.record(CATALOGUE, ChangeEvent.Kind.REBUILD, release=release)


def skip_overtaken(course: UUID, seq: int, before: int = 0) -> None:
    """Releases that are never built: numbered before `before`, or approved up to the event `seq`, and still waiting."""
    approved = ChangeEvent.objects.filter(course=course, kind=ChangeEvent.Kind.APPROVED, id__lte=seq)
    overtaken = Q(number__lt=before) | Q(pk__in=approved.values("release"))
    waiting = Release.objects.filter(overtaken, course=course, state=Release.State.WAITING, manifest="")
    waiting.update(state=Release.State.SKIPPED)


def begin_again(release: Release, manifest: Manifest, lease: Lease) -> None:
    """A past release is on its way back: from now on it may have pages on the store, as a new one that waits may."""
    with transaction.atomic():
        lease.renew()
        addresses.claim(release.course, manifest.outline, lambda: addresses.pages(release.read_outline()))
        Release.objects.filter(pk=release.pk, state=Release.State.PAST).update(state=Release.State.WAITING)


def _parent(store: Store, release: Release) -> str | None:
    """A release that is built once more keeps the parent it had, unless its manifest is lost."""
    manifest, _lost = assemble(release.manifest, store.read) if release.manifest else (None, [])
    return manifest.parent if manifest else None


def _keep_private(release: Release, built: Built, making: Making, publication: Publication, lease: Lease) -> None:
    """Answer keys and outline are in the database before any reader can come from the new release."""
    with transaction.atomic():
        lease.renew()
        if publication.addressed != built.outline:
            addresses.claim(release.course, built.outline, lambda: addresses.pages(making.outline()))
        AnswerKey.objects.bulk_create(making.keys, ignore_conflicts=True, batch_size=CHUNK)
        BuiltModule.objects.bulk_create(making.modules, ignore_conflicts=True, batch_size=CHUNK)
        Release.objects.filter(pk=release.pk).update(
            slug=built.slug,
            card=making.card(),
            # Of the live release it says what readers have, and they do not have this yet: while it is on its way
            # nothing is taken from it, and whoever comes next draws all of it again.
            built=built.to_json() | ({"around": ""} if release.pk == publication.live_release_id else {}),
            course_document=making.course.model_dump(mode="json", by_alias=True),
        )
