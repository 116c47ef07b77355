"""Make a release live: objects, then the manifest, then the pointer by compare-and-set, then pages, then the row.

Killed anywhere, the same call again finishes: objects are create-only, and a pointer that names this manifest
already is not moved a second time.
"""

import time
from collections.abc import Callable, Iterable
from typing import Any

from django.db import transaction
from django.utils import timezone

from pipeline import html, outbox, renditions
from pipeline.build import Built, build
from pipeline.catalogue import CATALOGUE
from pipeline.errors import RenditionsPending, StoreError
from pipeline.frozen import FrozenCourse
from pipeline.keys import public_key, signing_key
from pipeline.lease import Lease
from pipeline.manifest import File, Manifest, Pointer, sign, verified
from pipeline.models import AnswerKey, ChangeEvent, Publication, Release
from pipeline.store.base import Store


def _nothing(_name: str) -> None:
    """Called at each named point of a release. Tests put a killer here."""


checkpoint: Callable[[str], None] = _nothing


def ship(release: Release, lease: Lease, seq: int, store: Store) -> None:
    """Build `release` and make it live; the course is then built up to the event `seq`.

    Raises `RenditionsPending` with a sentence for people if a video or image is not ready, `AuthorError` if one
    never will be, and `LeaseLost` if another worker took over.
    """
    started = time.monotonic()
    frozen = FrozenCourse.model_validate_json(release.candidate.content)
    renditions.want(frozen)
    if pending := renditions.pending(frozen):
        raise RenditionsPending(pending)
    publication = lease.publication()
    previous = publication.live_release
    parent = previous.manifest if previous and previous.pk != release.pk else _parent(store, release)
    built = build(frozen, release.number, parent, renditions.ReleasedAssets(frozen, store), html.site())
    checkpoint("claimed")
    written, size = _write_objects(store, built, lease)
    _keep_private(release, built, lease)
    manifest = built.manifest.to_bytes()
    written += store.create(f"o/{built.manifest.name()}", manifest)
    checkpoint("manifest")
    generation = point(store, publication, built.manifest, lease)
    checkpoint("pointer")
    written += write_pages(store, built.manifest, publication, lease)
    checkpoint("pages")
    commit(
        release,
        lease,
        seq,
        generation,
        manifest=built.manifest.name(),
        inputs=built.inputs,
        objects_written=written,
        bytes_written=size,
        build_seconds=round(time.monotonic() - started, 3),
    )


def point(store: Store, publication: Publication, manifest: Manifest, lease: Lease) -> int:
    """Swap the course's pointer to `manifest`; the pointer's generation, which only ever grows."""
    key = f"c/{publication.course}/current.json"
    data = store.read(key)
    now = verified(data, public_key()) if data is not None else None
    if now and now.manifest == manifest.name() and now.generation > publication.generation:
        return now.generation  # an earlier try was killed after this very swap
    pointer = Pointer(
        course=publication.course,
        generation=max(now.generation if now else 0, publication.generation) + 1,
        release=manifest.release,
        manifest=manifest.name(),
        created_at=timezone.now().isoformat(timespec="seconds"),
    )
    lease.renew()
    store.swap(key, sign(pointer, signing_key()).to_bytes(), data)
    return pointer.generation


def write_pages(store: Store, manifest: Manifest, publication: Publication, lease: Lease) -> int:
    """Put the manifest's pages at their paths, and remove the pages that only the release before had; how many."""
    changed = 0
    for path, entry in manifest.pages.items():
        data = store.read(f"o/{entry.object}.html")
        if data is None:
            raise StoreError(f"The page object of {path} is missing from the store.")
        if store.replace(path, data):
            changed += 1
            lease.renew()
    before = publication.live_release
    if before and before.manifest and before.manifest != manifest.name():
        old = read_manifest(store, before.manifest)
        for path in old.pages.keys() - manifest.pages.keys():
            store.delete(path)
    return changed


def commit(release: Release, lease: Lease, seq: int, generation: int, **facts: Any) -> None:
    """The last step: the database says what the store already shows. Fenced by the lease."""
    with transaction.atomic():
        lease.done(
            built_seq=seq,
            generation=generation,
            live_release=release,
            waiting_for="",
            title=release.candidate.title,
        )
        Release.objects.filter(course=release.course, state=Release.State.LIVE).exclude(pk=release.pk).update(
            state=Release.State.PAST
        )
        Release.objects.filter(pk=release.pk).update(state=Release.State.LIVE, built_at=timezone.now(), **facts)
        outbox.record(CATALOGUE, ChangeEvent.Kind.REBUILD, release=release)


def read_manifest(store: Store, name: str) -> Manifest:
    """The manifest of this name. Raises StoreError if it is gone."""
    data = store.read(f"o/{name}")
    if data is None:
        raise StoreError(f"The manifest {name} is missing from the store.")
    return Manifest.model_validate_json(data)


def missing(store: Store, manifest: Manifest) -> list[str]:
    """The keys that a manifest needs and the store does not hold in full."""
    wanted: list[tuple[str, int]] = [(f"o/{entry.object}", entry.bytes) for entry in manifest.documents.values()]
    wanted += [(f"o/{entry.object}.html", entry.bytes) for entry in manifest.pages.values()]
    files: Iterable[File] = [*manifest.files, *(file for group in manifest.renditions.values() for file in group)]
    wanted += [(file.key, file.bytes) for file in files]
    return [key for key, size in wanted if (stat := store.stat(key)) is None or stat.bytes != size]


def _parent(store: Store, release: Release) -> str | None:
    """A release that is built once more keeps the parent it had."""
    return read_manifest(store, release.manifest).parent if release.manifest else None


def _write_objects(store: Store, built: Built, lease: Lease) -> tuple[int, int]:
    """Create every object and check that all of them are there; how many were new, and their bytes."""
    written = size = 0
    for place, (key, data) in enumerate(sorted(built.objects.items())):
        if store.create(key, data):
            written, size = written + 1, size + len(data)
        if place == len(built.objects) // 2:
            checkpoint("half_objects")
            lease.renew()
    if gone := missing(store, built.manifest):
        raise StoreError(f"{len(gone)} objects are not in the store, {gone[0]} among them.")
    return written, size


def _keep_private(release: Release, built: Built, lease: Lease) -> None:
    """Answer keys and outline are in the database before any reader can come from the new release."""
    with transaction.atomic():
        lease.renew()
        AnswerKey.objects.filter(release=release).delete()
        AnswerKey.objects.bulk_create(
            AnswerKey(release=release, item=key.item, document=key.model_dump(mode="json")) for key in built.answer_keys
        )
        Release.objects.filter(pk=release.pk).update(
            outline=built.outline.model_dump(mode="json", by_alias=True),
            course_document=built.course.model_dump(mode="json", by_alias=True),
        )
