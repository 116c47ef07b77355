"""Judge a whole store: every signature, every name, every reference, page by page."""

import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from typing import Any, TypeVar

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from pydantic import BaseModel, ValidationError

from pipeline.digests import sha256
from pipeline.documents import (
    CatalogueDocument,
    CourseDocument,
    LessonDocument,
    OutlineDocument,
    OutlineIndex,
    OutlineModule,
)
from pipeline.errors import StoreError
from pipeline.html_views import of_the_course
from pipeline.manifest import File, Manifest, Pointer, Shard, verified
from pipeline.store.base import KEY, Store

POINTER = re.compile(r"c/([0-9a-f-]{36})/current\.json")
OBJECT = re.compile(r"o/([0-9a-f]{64})(\.[a-z0-9]+)?")
HLS_URI = re.compile(r'URI="([^"]+)"')
# What `notice.html` writes at an address that a course has left, and of a course that was taken away.
NOTICE = re.compile(
    rb'<meta name="lectern" content="(redirect|removed|withdrawn|gone):[0-9a-f-]{36}" data-to="([^"]*)">'
)
ASSET = re.compile(rb'="[^"]*/(assets/[A-Za-z0-9_.-]+)"')
# Fields that exist in answer keys and in no published document.
PRIVATE_FIELDS = frozenset({"accepted", "answer", "case_sensitive", "correct", "explanation_html", "tolerance"})

Model = TypeVar("Model", bound=BaseModel)


@dataclass
class Report:
    """What was counted by kind, and each fault as a sentence."""

    counts: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)

    def fault(self, sentence: str) -> None:
        self.faults.append(sentence)


@dataclass
class _Walk:
    """What is learnt of the store on the way. `pages` maps a path to the manifest that owns it, `assets` a script,
    style or font to a page that loads it. `closed` are courses that are retired, withdrawn or gone."""

    store: Store
    report: Report
    pages: dict[str, Manifest] = field(default_factory=dict)
    assets: dict[str, str] = field(default_factory=dict)
    closed: set[str] = field(default_factory=set)

    def read(self, key: str) -> bytes | None:
        """None for what is not there, and for names that no writer of ours could have written."""
        return self.store.read(key) if KEY.fullmatch(key) else None


def verify(store: Store, key: Ed25519PublicKey) -> Report:
    """Check everything below the store's root. Reads every byte at least once; writes nothing."""
    walk = _Walk(store, Report())
    _objects(walk)
    pointers = [match.group(1) for name in store.keys("c/") if (match := POINTER.fullmatch(name))]
    # Every one is judged, so that one fault does not hide another.
    judged = [_course(walk, course, key) for course in pointers]
    _catalogue(walk, set(pointers) - walk.closed)
    for name, path in walk.assets.items():
        if store.stat(name) is None:
            walk.report.fault(f"{path} loads {name}, which is missing: run manage.py publish_site.")
    if all(judged):
        _orphans(walk)
    return walk.report


def _objects(walk: _Walk) -> None:
    """Every object hashes to its name, and nothing that looks like an answer key is among them."""
    for name in walk.store.keys("o/"):
        walk.report.counts["objects"] += 1
        match, data = OBJECT.fullmatch(name), walk.read(name)
        if match is None or data is None or sha256(data) != match.group(1):
            walk.report.fault(f"{name} does not hold the bytes that its name says.")
        elif not match.group(2) and (found := _private_fields(data)):
            walk.report.fault(f"{name} holds {', '.join(sorted(found))}: part of an answer key was published.")


def _private_fields(data: bytes) -> set[str]:
    names: set[str] = set()
    try:
        # The pairs of every object at any depth; a second key of the same name counts too.
        json.loads(data, object_pairs_hook=lambda pairs: names.update(name for name, _ in pairs))
    except ValueError:
        return set()
    return names & PRIVATE_FIELDS


def _course(walk: _Walk, course: str, key: Ed25519PublicKey) -> bool:
    """Judge one course from its pointer on. False if it cannot be known which pages are its own."""
    name, report = f"c/{course}/current.json", walk.report
    report.counts["pointers"] += 1
    try:
        pointer = verified(walk.read(name) or b"", key)
    except StoreError as error:
        report.fault(f"{name}: {error}")
        return False
    if str(pointer.course) != course:
        report.fault(f"{name} names another course, {pointer.course}.")
        return False
    if pointer.standing:
        walk.closed.add(course)
    manifest = _manifest(walk, pointer)
    if manifest is None:
        return False
    for path, entry in manifest.pages.items():
        report.counts["pages"] += 1
        page = walk.read(path)
        if walk.read(f"o/{entry.object}.html") is None and pointer.standing != "gone":
            report.fault(f"The page object o/{entry.object}.html of {path} is missing.")
        if pointer.standing == "gone":  # another course may be there by now; a notice is judged with the others
            continue
        if path in walk.pages:
            report.fault(f"{path} is a page of two courses, {walk.pages[path].course} and {course}.")
        walk.pages[path] = manifest
        if page is None or not _is_the_page(page, path, pointer, manifest):
            report.fault(f"{path} is not the page that release {pointer.release} of {course} names.")
        walk.assets |= dict.fromkeys((name.decode() for name in ASSET.findall(page or b"")), path)
    if pointer.standing != "gone":  # what was purged of a deleted course is missed by nobody: its pages are notices
        _references(walk, manifest)
    return True


def _is_the_page(page: bytes, path: str, pointer: Pointer, manifest: Manifest) -> bool:
    """Whether readers have at `path` what the pointer says: the release's page, or what stands there instead of it."""
    mark = f'<meta name="lectern" content="{pointer.standing}:{pointer.course}"'.encode()
    own = of_the_course(path)
    if pointer.standing == "withdrawn" or (pointer.standing == "retired" and own):
        return mark in page
    sold = f'<meta name="lectern" content="priced:{pointer.course}" data-own="{manifest.pages[path].object}"'.encode()
    if own and sold in page:
        return True
    return sha256(page) == manifest.pages[path].object


def _manifest(walk: _Walk, pointer: Pointer) -> Manifest | None:
    walk.report.counts["manifests"] += 1
    name = f"The manifest o/{pointer.manifest} of {pointer.course}"
    top = _parsed(walk, Manifest, f"o/{pointer.manifest}", name)
    if top is None:
        return None
    shards = [
        _parsed(walk, Shard, f"o/{one.shard}", f"The shard o/{one.shard} of {pointer.course}") for one in top.modules
    ]
    if not all(shards):
        return None
    manifest = top.whole(shard for shard in shards if shard)
    if (manifest.course, manifest.release) != (pointer.course, pointer.release):
        walk.report.fault(f"{name} is that of another release than its pointer says.")
    return manifest


def _references(walk: _Walk, manifest: Manifest) -> None:
    """Every document is there and valid; what documents refer to and what the manifest lists are the same set."""
    report, wanted = walk.report, set[str]()
    for item, entry in manifest.documents.items():
        report.counts["documents"] += 1
        model: type[BaseModel] = CourseDocument if item == str(manifest.course) else LessonDocument
        document = _parsed(walk, model, f"o/{entry.object}", f"The document o/{entry.object} of {item}")
        if document:
            wanted |= set(_sources(document.model_dump(mode="json")))
            if str(getattr(document, "item", manifest.course)) != item:
                report.fault(f"The document o/{entry.object} is not that of {item}.")
    outline = _outline(walk, manifest)
    if outline is not None and {str(manifest.course), *outline} != set(manifest.documents):
        report.fault(f"The outline and the manifest of release {manifest.release} name different lessons.")
    listed = {file.key: file for file in manifest.files}
    for files in manifest.renditions.values():
        listed |= {file.key: file for file in files}
    for file in listed.values():
        _file(walk, file)
    followed = wanted | _follow(walk, wanted)
    for key in sorted(followed - set(listed)):
        report.fault(f"{key} is referred to but not in the manifest of release {manifest.release}.")
    for key in sorted(set(listed) - followed):
        report.fault(f"{key} is in the manifest of release {manifest.release} but nothing refers to it.")


def _outline(walk: _Walk, manifest: Manifest) -> set[str] | None:
    """The items of the lessons in the outline, or None and a fault."""
    name = f"The outline o/{manifest.outline}"
    if not manifest.modules:  # from before the outline was kept module by module
        whole = _parsed(walk, OutlineDocument, f"o/{manifest.outline}", name)
        return {str(one.item) for one in whole.lessons()} if whole else None
    index = _parsed(walk, OutlineIndex, f"o/{manifest.outline}", name)
    if index is None:
        return None
    if [(one.uuid, one.object) for one in index.modules] != [(one.uuid, one.outline) for one in manifest.modules]:
        walk.report.fault(f"The outline and the manifest of release {manifest.release} name different modules.")
    parts = [_parsed(walk, OutlineModule, f"o/{one.object}", f"The outline o/{one.object}") for one in index.modules]
    return {str(lesson.item) for part in parts if part for lesson in part.lessons} if all(parts) else None


def _parsed(walk: _Walk, model: type[Model], key: str, name: str) -> Model | None:
    """What lies under `key`, or None and a fault."""
    data = walk.read(key)
    if data is None:
        walk.report.fault(f"{name} is missing.")
        return None
    try:
        return model.model_validate_json(data)
    except ValidationError:
        walk.report.fault(f"{name} is not what it should be: it does not read as {model.__name__}.")
        return None


def _file(walk: _Walk, file: File) -> None:
    walk.report.counts["files"] += 1
    data = walk.read(file.key)
    if data is None:
        walk.report.fault(f"{file.key} is missing.")
    elif len(data) != file.bytes or sha256(data) != file.sha256:
        walk.report.fault(f"{file.key} does not hold the bytes that the manifest says.")


def _catalogue(walk: _Walk, courses: set[str]) -> None:
    """The catalogue, once the site was published, lists the courses that have a pointer, and no others."""
    if walk.read("catalogue.json") is None:
        if courses:
            walk.report.fault("catalogue.json is missing: run manage.py publish_site.")
        return
    listed: list[str] = []
    following: str | None = "catalogue.json"
    for number in count(1):
        part = _parsed(walk, CatalogueDocument, following, following) if following else None
        if part is None or part.part != number:
            break
        listed += [str(entry.course) for entry in part.courses]
        following = part.next
    if following:  # a part is missing, damaged or the wrong one: who is listed is not known
        if part:
            walk.report.fault(f"{following} is part {part.part} of the catalogue, and stands where part {number} does.")
        return
    for course in sorted(set(listed) ^ courses):
        walk.report.fault(f"Either catalogue.json or c/{course}/current.json names a course that the other lacks.")


def _orphans(walk: _Walk) -> None:
    """Below courses/ there is nothing but the pages of live releases, and notices that lead to what is there."""
    for path in walk.store.keys("courses/"):
        if path in walk.pages:
            continue
        notice = NOTICE.search(walk.read(path) or b"")
        if notice is None:
            walk.report.fault(f"{path} is a page of no live release.")
            continue
        walk.report.counts["notices"] += 1
        there = f"{notice.group(2).decode(errors='replace')}index.html"
        found = NOTICE.search(walk.read(there) or b"") if there not in walk.pages else None
        if there not in walk.pages and walk.read(there) is None:
            walk.report.fault(f"{path} leads to {there}, which is missing.")
        elif found and found.group(1) == b"redirect":
            walk.report.fault(f"{path} leads to {there}, which leads on: readers are to be led there at once.")


def _sources(value: Any) -> Iterator[str]:
    """Every store key that a document refers to: its `src` and `poster` fields, and attachments linked in prose."""
    if isinstance(value, dict):
        for name, inner in value.items():
            if name in ("src", "poster") and isinstance(inner, str) and inner:
                yield inner
            elif isinstance(inner, str) and name.endswith("html"):
                yield from re.findall(r'href="(?:\.\./)*(o/[0-9a-f]{64}\.[a-z0-9]+)"', inner)
            else:
                yield from _sources(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _sources(inner)


def _follow(walk: _Walk, keys: set[str]) -> set[str]:
    """What the playlists among `keys` lead to: variant playlists, initial segments and segments."""
    found: set[str] = set()
    waiting = [key for key in keys if key.endswith(".m3u8")]
    while waiting:
        playlist = waiting.pop()
        folder = playlist.rpartition("/")[0]
        for line in (walk.read(playlist) or b"").decode(errors="replace").splitlines():
            names = HLS_URI.findall(line) if line.startswith("#") else [line.strip()]
            for key in (f"{folder}/{name}" for name in names if name):
                if key not in found:
                    found.add(key)
                    if key.endswith(".m3u8"):
                        waiting.append(key)
    return found
