"""Judge a whole store: every signature, every name, every reference, page by page."""

import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from pydantic import ValidationError

from pipeline.digests import sha256
from pipeline.documents import CourseDocument, LessonDocument, OutlineDocument
from pipeline.errors import StoreError
from pipeline.manifest import File, Manifest, Pointer, verified
from pipeline.store.base import Store

POINTER = re.compile(r"^c/([0-9a-f-]{36})/current\.json$")
OBJECT = re.compile(r"^o/([0-9a-f]{64})(\.[a-z0-9]+)?$")
HLS_URI = re.compile(r'URI="([^"]+)"')
# Fields that exist in answer keys and in no published document.
PRIVATE_FIELDS = ("correct", "accepted", "explanation_html", "tolerance")


@dataclass
class Report:
    """What was counted by kind, and each fault as a sentence."""

    counts: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)

    def fault(self, sentence: str) -> None:
        self.faults.append(sentence)


def verify(store: Store, key: Ed25519PublicKey) -> Report:
    """Check everything below the store's root. Reads every byte once; writes nothing."""
    report = Report()
    _objects(store, report)
    for name in store.keys("c/"):
        if match := POINTER.match(name):
            _course(store, match.group(1), name, key, report)
    return report


def _objects(store: Store, report: Report) -> None:
    """Every object hashes to its name, and nothing that looks like an answer key is among them."""
    for name in store.keys("o/"):
        report.counts["objects"] += 1
        match = OBJECT.match(name)
        data = store.read(name)
        if match is None or data is None or sha256(data) != match.group(1):
            report.fault(f"{name} does not hold the bytes that its name says.")
        elif not match.group(2) and (found := _private_fields(data)):
            report.fault(f"{name} holds {', '.join(found)}: part of an answer key was published.")


def _private_fields(data: bytes) -> list[str]:
    return [name for name in PRIVATE_FIELDS if f'"{name}":'.encode() in data]


def _course(store: Store, course: str, name: str, key: Ed25519PublicKey, report: Report) -> None:
    report.counts["pointers"] += 1
    try:
        pointer = verified(store.read(name) or b"", key)
    except StoreError as error:
        report.fault(f"{name}: {error}")
        return
    if str(pointer.course) != course:
        report.fault(f"{name} names another course, {pointer.course}.")
    manifest = _manifest(store, pointer, report)
    if manifest is None:
        return
    for path, entry in manifest.pages.items():
        report.counts["pages"] += 1
        if store.stat(f"o/{entry.object}.html") is None:
            report.fault(f"The page object o/{entry.object}.html of {path} is missing.")
        page = store.read(path)
        if page is None or sha256(page) != entry.object:
            report.fault(f"{path} is not the page that release {pointer.release} of {course} names.")
    _references(store, manifest, report)


def _manifest(store: Store, pointer: Pointer, report: Report) -> Manifest | None:
    report.counts["manifests"] += 1
    data = store.read(f"o/{pointer.manifest}")
    if data is None:
        report.fault(f"The manifest o/{pointer.manifest} of {pointer.course} is missing.")
        return None
    try:
        manifest = Manifest.model_validate_json(data)
    except ValidationError:
        report.fault(f"o/{pointer.manifest} is not a manifest.")
        return None
    if (manifest.course, manifest.release) != (pointer.course, pointer.release):
        report.fault(f"o/{pointer.manifest} is the manifest of another release than its pointer says.")
    return manifest


def _references(store: Store, manifest: Manifest, report: Report) -> None:
    """Every document is there and valid; what documents refer to and what the manifest lists are the same set."""
    wanted: set[str] = set()
    for item, entry in manifest.documents.items():
        report.counts["documents"] += 1
        data = store.read(f"o/{entry.object}")
        if data is None:
            report.fault(f"The document o/{entry.object} of {item} is missing.")
            continue
        model = CourseDocument if item == str(manifest.course) else LessonDocument
        try:
            model.model_validate_json(data)
        except ValidationError:
            report.fault(f"o/{entry.object} is not a valid document of {item}.")
            continue
        wanted |= set(_sources(json.loads(data)))
    outline = store.read(f"o/{manifest.outline}")
    if outline is None:
        report.fault(f"The outline o/{manifest.outline} is missing.")
    else:
        lessons = {str(lesson.item) for lesson in OutlineDocument.model_validate_json(outline).lessons()}
        if lessons | {str(manifest.course)} != set(manifest.documents):
            report.fault(f"The outline and the manifest of release {manifest.release} name different lessons.")
    listed = {file.key: file for file in manifest.files}
    for files in manifest.renditions.values():
        listed |= {file.key: file for file in files}
    for file in listed.values():
        _file(store, file, report)
    followed = wanted | _follow(store, wanted)
    for key in sorted(followed - set(listed)):
        report.fault(f"{key} is referred to but not in the manifest of release {manifest.release}.")
    for key in sorted(set(listed) - followed):
        report.fault(f"{key} is in the manifest of release {manifest.release} but nothing refers to it.")


def _file(store: Store, file: File, report: Report) -> None:
    report.counts["files"] += 1
    data = store.read(file.key)
    if data is None:
        report.fault(f"{file.key} is missing.")
    elif len(data) != file.bytes or sha256(data) != file.sha256:
        report.fault(f"{file.key} does not hold the bytes that the manifest says.")


def _sources(value: Any) -> Iterator[str]:
    """Every store key that a document refers to: its `src` and `poster` fields, and attachments linked in prose."""
    if isinstance(value, dict):
        for name, inner in value.items():
            if name in ("src", "poster") and isinstance(inner, str) and inner:
                yield inner
            elif isinstance(inner, str) and name.endswith("html"):
                yield from re.findall(r'href="/(o/[0-9a-f]{64}\.[a-z0-9]+)"', inner)
            else:
                yield from _sources(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _sources(inner)


def _follow(store: Store, keys: set[str]) -> set[str]:
    """What the playlists among `keys` lead to: variant playlists, initial segments and segments."""
    found: set[str] = set()
    waiting = [key for key in keys if key.endswith(".m3u8")]
    while waiting:
        playlist = waiting.pop()
        folder = playlist.rpartition("/")[0]
        for line in (store.read(playlist) or b"").decode().splitlines():
            names = HLS_URI.findall(line) if line.startswith("#") else [line.strip()]
            for key in (f"{folder}/{name}" for name in names if name):
                if key not in found:
                    found.add(key)
                    if key.endswith(".m3u8"):
                        waiting.append(key)
    return found
