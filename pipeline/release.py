"""Make a release live: objects, then the manifest, then the pointer by compare-and-set, then pages, then the row.

Killed anywhere, the same call again finishes: objects are create-only, and a pointer that names this manifest
already is not moved a second time.
"""

import logging
import time
from collections.abc import Callable, Iterable
from typing import Any, cast
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from pipeline import addresses, html, notices, outbox, renditions, tombstones
from pipeline.build import Built, build
from pipeline.catalogue import CATALOGUE, card, differs, publish_assets
from pipeline.condemned import needed, spare
from pipeline.digests import sha256
from pipeline.errors import PipelineError, RenditionsPending, StoreError
from pipeline.keys import public_key, signing_key
from pipeline.lease import Lease
from pipeline.manifest import File, Manifest, Pointer, sign, verified
from pipeline.models import AnswerKey, ChangeEvent, Publication, Release
from pipeline.store.base import Store

log = logging.getLogger(__name__)


def _nothing(_name: str) -> None:
    """Called at each named point of a release. Tests put a killer here."""


checkpoint: Callable[[str], None] = _nothing


def ship(release: Release, lease: Lease, seq: int, store: Store) -> None:
    """Build `release` and make it live; the course is then built up to the event `seq`.

    Raises `RenditionsPending` with a sentence for people if a video or image is not ready, `AuthorError` if one
    never will be or the address is another course's, and `LeaseLost` if another worker took over.
    """
    started = time.monotonic()
    frozen = tombstones.without(release.candidate.frozen())
    addresses.refuse_unwritable(frozen)
    addresses.refuse_taken(release.course, frozen.page.slug)
    renditions.want(frozen)
    if pending := renditions.pending(frozen):
        raise RenditionsPending(pending)
    publication = lease.publication()
    previous = publication.live_release
    parent = previous.manifest if previous and previous.pk != release.pk else _parent(store, release)
    assets = renditions.ReleasedAssets(frozen, store, lease.keep)
    built = build(frozen, release.number, parent, assets, html.site(), lease.keep)
    lease.keep()
    checkpoint("claimed")
    publish_assets(store)
    written, size = _write_objects(store, built, lease)
    _keep_private(release, built, lease)
    if tombstones.holds(frozen):
        raise PipelineError("Something in it was purged while it was being built.")
    written += store.create(f"o/{built.manifest.name()}", built.manifest.to_bytes())
    checkpoint("manifest")
    generation = point(store, publication, built.manifest, lease)
    written += write_pages(store, built.manifest, publication, lease)
    facts: dict[str, Any] = {"manifest": built.manifest.name(), "inputs": built.inputs}
    if release.built_at is None:  # what a release cost is told of its first build: a rebuild writes next to nothing
        seconds = round(time.monotonic() - started, 3)
        facts |= {"objects_written": written, "bytes_written": size}
        facts |= {"built_at": timezone.now(), "build_seconds": seconds}
    commit(release, lease, seq, generation, **facts)


def point(store: Store, publication: Publication, manifest: Manifest, lease: Lease) -> int:
    """Swap the course's pointer to `manifest`; the pointer's generation, which only ever grows.

    A pointer that we did not sign, or that was copied from another course, says nothing: it is replaced.
    """
    key = f"c/{publication.course}/current.json"
    data = store.read(key)
    now = _ours(data, publication)
    standing = cast(Any, publication.standing if publication.standing != Publication.Standing.OPEN else None)
    if now and (now.manifest, now.standing) == (manifest.name(), standing) and now.generation >= publication.generation:
        return now.generation  # right already: nothing changed, or an earlier try was killed after this very swap
    pointer = Pointer(
        course=publication.course,
        generation=max(now.generation if now else 0, publication.generation) + 1,
        release=manifest.release,
        manifest=manifest.name(),
        created_at=timezone.now().isoformat(timespec="seconds"),
        standing=standing,
    )
    lease.renew()
    # Between these two lines another worker may take over: then it moved the pointer, and this swap is refused.
    store.swap(key, sign(pointer, signing_key()).to_bytes(), data)
    checkpoint("pointer")
    return pointer.generation


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
    """Put the manifest's pages at their paths, then redirects where there are none now; how many were written.

    Lessons come before the course's page, which links to them.
    """
    changed, instead = 0, notices.instead(publication, manifest)
    for place, path in enumerate(sorted(manifest.pages, key=lambda path: (-path.count("/"), path))):
        if place == len(manifest.pages) // 2:
            checkpoint("half_pages")
        lease.keep()
        page = instead[path] if path in instead else store.read(_page_object(manifest, path))
        if page is None:
            raise StoreError(f"The page object of {path} is missing from the store.")
        if store.read(path) != page:
            # A worker that was stopped for long must not put its old page over a newer one.
            lease.renew()
            changed += store.replace(path, page)
    changed += addresses.leave_behind(store, publication, manifest.outline, manifest.pages, lease.renew)
    checkpoint("pages")
    return changed


def commit(release: Release, lease: Lease, seq: int, generation: int, **facts: Any) -> None:
    """The last step: the database says what the store already shows. Fenced by the lease."""
    state = Release.State
    with transaction.atomic():
        lease.done(built_seq=seq, generation=generation, live_release=release, title=release.candidate.title)
        others = Release.objects.filter(course=release.course).exclude(pk=release.pk)
        others.filter(state=state.LIVE).update(state=state.PAST)
        # One that was built once and waits was being put back, and something newer came in between.
        others.filter(state=state.WAITING).exclude(manifest="").update(state=state.PAST)
        skip_overtaken(release.course, seq, before=release.number)
        Release.objects.filter(pk=release.pk).update(state=state.LIVE, **facts)
        if differs(release.course):
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


def read_manifest(store: Store, name: str) -> Manifest:
    """The manifest of this name. Raises StoreError if it is gone."""
    data = store.read(f"o/{name}")
    if data is None:
        raise StoreError(f"The manifest {name} is missing from the store.")
    return Manifest.model_validate_json(data)


def missing(store: Store, manifest: Manifest, beat: Callable[[], None] = lambda: None) -> list[str]:
    """The keys that a manifest needs and that the store does not hold. `beat` is called before each look.

    Documents and pages are read and hashed. Of images and video, which may be gigabytes, the sizes are compared.
    """
    texts = {f"o/{entry.object}": entry.object for entry in manifest.documents.values()}
    texts |= {f"o/{manifest.outline}": manifest.outline}
    texts |= {_page_object(manifest, path): entry.object for path, entry in manifest.pages.items()}
    gone = []
    for key, name in texts.items():
        beat()
        if (data := store.read(key)) is None or sha256(data) != name:
            gone.append(key)
    files: Iterable[File] = [*manifest.files, *(file for group in manifest.renditions.values() for file in group)]
    for file in files:
        beat()
        if (stat := store.stat(file.key)) is None or stat.bytes != file.bytes:
            gone.append(file.key)
    return gone


def _page_object(manifest: Manifest, path: str) -> str:
    return f"o/{manifest.pages[path].object}.html"


def _parent(store: Store, release: Release) -> str | None:
    """A release that is built once more keeps the parent it had, unless its manifest is lost."""
    try:
        return read_manifest(store, release.manifest).parent if release.manifest else None
    except StoreError:
        return None


def _write_objects(store: Store, built: Built, lease: Lease) -> tuple[int, int]:
    """Create every object and check that all of them are there; how many were new, and their bytes."""
    written = size = 0
    for place, (key, data) in enumerate(sorted(built.objects.items())):
        if place == len(built.objects) // 2:
            checkpoint("half_objects")
        if store.create(key, data):
            written, size = written + 1, size + len(data)
        lease.keep()
    # Before the look: an object that was found there may have been condemned, and be deleted in this moment.
    spare({f"o/{built.manifest.name()}", *needed(built.manifest)})
    if gone := missing(store, built.manifest, lease.keep):
        raise StoreError(f"{len(gone)} objects are not in the store, {gone[0]} among them.")
    return written, size


def _keep_private(release: Release, built: Built, lease: Lease) -> None:
    """Answer keys and outline are in the database before any reader can come from the new release."""
    with transaction.atomic():
        lease.renew()
        addresses.claim(release.course, built.manifest.outline, lambda: addresses.pages(built.outline))
        AnswerKey.objects.filter(release=release).delete()
        AnswerKey.objects.bulk_create(
            AnswerKey(release=release, item=key.item, document=key.model_dump(mode="json")) for key in built.answer_keys
        )
        Release.objects.filter(pk=release.pk).update(
            slug=built.outline.slug,
            card=card(built.course, built.outline),
            outline=built.outline.model_dump(mode="json", by_alias=True),
            course_document=built.course.model_dump(mode="json", by_alias=True),
        )
