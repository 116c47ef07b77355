"""What a purge has to delete: the keys of the store, the originals and the answer keys that nothing else needs."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from uuid import UUID

from django.db.models import QuerySet

from pipeline import addresses, captions, frozen_parts, originals
from pipeline.condemned import needed
from pipeline.digests import sha256 as digest
from pipeline.documents import OutlineDocument
from pipeline.errors import AuthorError
from pipeline.frozen import FrozenCourse, FrozenFile
from pipeline.manifest import assemble
from pipeline.models import Candidate, Release, Rendition, Tombstone
from pipeline.released_assets import MEDIA_TYPES
from pipeline.store.base import Store
from pipeline.tombstones import used_files

Kind = Tombstone.Kind


@dataclass
class Doomed:
    """`courses` have a candidate that holds the purged thing, `releases` were built of one. `originals` are sha256s,
    `items` quizzes."""

    title: str = ""
    courses: set[UUID] = field(default_factory=set)
    releases: list[Release] = field(default_factory=list)
    keys: set[str] = field(default_factory=set)
    originals: set[str] = field(default_factory=set)
    items: set[UUID] = field(default_factory=set)


def doomed(store: Store, kind: str, name: str) -> Doomed:
    """Everything that goes with a course or a lesson (by UUID), or with a file (by its original's sha256).

    Reads every candidate that names it, and the manifests of the releases that were built of those.
    """
    found = Doomed()
    for candidate in _naming(kind, name).order_by("id").iterator(chunk_size=10):
        frozen = candidate.frozen()
        titles = _titles(kind, name, frozen)
        if not titles:
            continue
        found.title = titles[0]
        found.courses.add(frozen.course)
        found.originals |= _shas(_files(kind, name, frozen))
        for release in Release.objects.filter(candidate=candidate).exclude(manifest=""):
            found.releases.append(release)
            _of_release(found, kind, name, release, store)
    found.originals = {one for one in found.originals if one == name or not _used_elsewhere(kind, name, one)}
    if kind == Kind.FILE and found.courses:
        found.originals.add(name)
    for original in found.originals:
        found.keys |= _made_of(original, store)
    return found


def _made_of(original: str, store: Store) -> set[str]:
    """The keys of what was made of one original and of no other: the file itself, its renditions, its captions."""
    keys = {file["key"] for output in _outputs(Rendition.objects.filter(original=original)) for file in output}
    if keys:  # two pictures that differ as uploads may have given the same bytes
        for output in _outputs(Rendition.objects.exclude(original=original)):
            keys -= {file["key"] for file in output}
    keys |= {key for ending in MEDIA_TYPES if store.stat(key := f"o/{original}.{ending}")}
    return keys | _captions(original)


def _outputs(rows: Iterable[Rendition]) -> Iterator[list[dict[str, str]]]:
    return (row.output.get("files", []) for row in rows)


def _captions(original: str) -> set[str]:
    """The captions that were made of an original, if it is one that captions can be made of."""
    path = originals.path(original)
    if not path.is_file() or path.stat().st_size > captions.MAX_BYTES:
        return set()
    try:
        return {f"o/{digest(captions.to_webvtt(path.read_bytes(), original))}.vtt"}
    except AuthorError:
        return set()


def _naming(kind: str, name: str) -> "QuerySet[Candidate]":
    if kind != Kind.COURSE:
        return Candidate.objects.filter(pk__in=frozen_parts.holding(name, Candidate.objects.all()))
    try:
        return Candidate.objects.filter(course=UUID(name))
    except ValueError:
        return Candidate.objects.none()


def _titles(kind: str, name: str, frozen: FrozenCourse) -> list[str]:
    """What a frozen course calls the thing: empty if it does not hold it, but only speaks of it."""
    if kind == Kind.COURSE:
        return [frozen.page.title]
    if kind == Kind.LESSON:
        return [lesson.title for module in frozen.modules for lesson in module.lessons if str(lesson.uuid) == name]
    files = frozen.files.values()
    tracks = (track.name for file in files for track in file.tracks if track.sha256 == name)
    return [*(file.title or file.name for file in files if file.sha256 == name), *tracks]


def _files(kind: str, name: str, frozen: FrozenCourse) -> list[FrozenFile]:
    """The files that a frozen course has for the sake of the purged thing alone."""
    if kind == Kind.FILE:
        return [file for file in frozen.files.values() if file.sha256 == name]
    kept = set() if kind == Kind.COURSE else used_files(frozen, but=frozenset({name}))
    return [file for key, file in frozen.files.items() if key not in kept]


def _shas(files: Iterable[FrozenFile]) -> set[str]:
    listed = list(files)
    return {file.sha256 for file in listed} | {track.sha256 for file in listed for track in file.tracks}


def _used_elsewhere(kind: str, name: str, original: str) -> bool:
    """Whether anything but the purged thing uses an original, in any candidate of any course."""
    naming = frozen_parts.holding(original, Candidate.objects.all())
    for candidate in Candidate.objects.filter(pk__in=naming).iterator(chunk_size=10):
        frozen = candidate.frozen()
        if kind == Kind.COURSE and str(frozen.course) == name:
            continue
        mine = _files(kind, name, frozen)
        if original in _shas(file for file in frozen.files.values() if file not in mine):
            return True
    return False


def _of_release(found: Doomed, kind: str, name: str, release: Release, store: Store) -> None:
    """Documents and pages of the thing in one release. A manifest that was swept took with it what only it needed."""
    manifest = None if kind == Kind.FILE else assemble(release.manifest, store.read)[0]
    if manifest is None:
        return
    outline = release.read_outline()
    if kind == Kind.COURSE:
        files = [*manifest.files, *(file for group in manifest.renditions.values() for file in group)]
        shards = {f"o/{module.shard}" for module in manifest.modules}  # as manifests, they stay as history
        found.keys |= needed(manifest).keys() - {file.key for file in files} - shards
    elif name in manifest.documents:
        path = next(path for path, item in addresses.pages(outline).items() if str(item) == name)
        found.keys |= {f"o/{manifest.documents[name].object}", f"o/{manifest.pages[path].object}.html"}
    found.items |= _quizzes(kind, name, outline)


def _quizzes(kind: str, name: str, outline: OutlineDocument) -> set[UUID]:
    lessons = [lesson for lesson in outline.lessons() if kind == Kind.COURSE or str(lesson.item) == name]
    return {item.item for lesson in lessons for item in lesson.items}
