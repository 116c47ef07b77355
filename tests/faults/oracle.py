"""What readers may meet, and what a school must have come to once it has been left alone for a while."""

import hashlib
import os
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist
from wagtail.models import Page, Revision

from pipeline.errors import StoreError
from pipeline.keys import public_key
from pipeline.manifest import verified
from pipeline.models import Candidate, Publication, Release
from pipeline.release import read_manifest
from pipeline.store.disk import DiskStore

# What feed and sitemap list is judged; when each release was made is told by a clock that runs on between two tries.
TIMED = re.compile(rb"<(lastmod|updated|published)>[^<]*</\1>")
OBJECT = re.compile(r"o/([0-9a-f]{64})(\.\w+)?")
Seen = dict[str, str]  # what lies at each mutable path: sha256 of the bytes, of the pointer what it says


@dataclass
class Readers:
    """They look after every step of one school. `faults` holds what no reader may meet, `seen` what each look saw,
    `objects` the names of what was stored at the last."""

    cdn: Path
    course: UUID
    generation: int = 0
    looks: int = 0
    faults: list[str] = field(default_factory=list)
    seen: list[Seen] = field(default_factory=list)
    objects: frozenset[str] = frozenset()
    _known: dict[tuple[str, int, int], str] = field(default_factory=dict)

    def look(self) -> None:
        """Pointer, manifest and every object; then every page. A fault is a sentence."""
        self.looks += 1
        try:
            self._look()
        except (OSError, ValueError, StoreError) as error:
            self.faults.append(f"{type(error).__name__}: {error}")

    def _look(self) -> None:
        store = DiskStore(self.cdn)
        files = {key: self._sha256(key) for key in store.keys("")}
        for key, found in files.items():
            named = OBJECT.fullmatch(key)
            if named and named[1] != found:
                self.faults.append(f"{key} is torn")
        pointer = verified(store.read(f"c/{self.course}/current.json") or b"", public_key())
        if pointer.generation < self.generation:
            self.faults.append(f"generation {pointer.generation} after {self.generation}")
        self.generation = pointer.generation
        manifest = read_manifest(store, pointer.manifest)
        if (manifest.course, manifest.release) != (self.course, pointer.release):
            self.faults.append(f"the pointer to release {pointer.release} leads to release {manifest.release}")
        needed = {f"o/{manifest.outline}", *(f"o/{entry.object}" for entry in manifest.documents.values())}
        needed |= {f"o/{name}" for module in manifest.modules for name in (module.shard, module.outline)}
        needed |= {file.key for file in manifest.files}
        needed |= {file.key for group in manifest.renditions.values() for file in group}
        self.faults += [f"{key} is missing" for key in sorted(needed - files.keys())]
        self.objects = frozenset(key for key in files if key.startswith(("o/", "m/")))
        mutable = {key: found for key, found in files.items() if not key.startswith(("o/", "c/", "m/", "assets/"))}
        says = f"generation {pointer.generation}: {pointer.manifest} {pointer.standing or ''}".strip()
        self.seen.append(mutable | {"pointer": says})

    def _sha256(self, key: str) -> str:
        path = f"{self.cdn}/{key}"
        stat = os.stat(path)  # noqa: PTH116  (hundreds in each of thousands of looks: a Path costs more than the question)
        name = (key, stat.st_ino, stat.st_mtime_ns)
        if name not in self._known:
            data = Path(path).read_bytes()
            said = TIMED.sub(b"", data) if key.endswith(".xml") else data
            self._known[name] = hashlib.sha256(said).hexdigest()
        return self._known[name]


def strange(seen: Iterable[Seen], before: Seen, after: Seen) -> list[str]:
    """The paths at which something was met that is neither what was there `before` nor what is there `after`."""
    found = {path for look in seen for path, what in look.items() if what not in {before.get(path), after.get(path)}}
    gone = {path for look in seen for path in (before.keys() & after.keys()) - look.keys()}
    return sorted(found | {f"{path} (gone)" for path in gone})


def remembered() -> dict[str, Any]:
    """What the database remembers of its courses, without what a clock or a counter of tries says."""
    pages = Page.objects.order_by("pk").values_list("pk", "live", "expired", "slug", "title", "live_revision")
    facts: dict[str, Any] = {
        "pages": [*pages],
        "scheduled pages": [*Revision.objects.exclude(approved_go_live_at=None).order_by("pk").values_list("pk")],
        "candidates": [*Candidate.objects.order_by("pk").values_list("digest", "state")],
        "releases": [*Release.objects.order_by("course", "number").values_list("number", "state", "manifest")],
        "publications": [
            *Publication.objects.order_by("course").values_list(
                "course", "generation", "live_release__number", "standing"
            )
        ],
    }
    for model, fields in {
        "ScheduledRelease": ("candidate__digest", "state", "error"),
        "ScheduleFault": ("page_id",),
        "Tombstone": ("kind", "name", "keys"),
        "Condemned": ("key",),
        "Address": ("path", "kind"),
        "Pin": ("release__number", "holder"),
    }.items():
        try:
            rows = apps.get_model("pipeline", model).objects.order_by(*fields).values_list(*fields)
        except (LookupError, FieldDoesNotExist):
            continue
        facts[model] = [*rows]
    return facts


def unfinished() -> list[str]:
    """What a school that was left alone has still not done: sentences. Empty is right."""
    told = []
    for row in Publication.objects.all():
        if row.built_seq < row.wanted_seq:
            told.append(f"{row}: built up to {row.built_seq} of {row.wanted_seq}; {row.last_error or row.waiting_for}")
        if row.lease_owner or row.lease_until or row.last_error:
            told.append(f"{row}: lease of {row.lease_owner!r} until {row.lease_until}, error {row.last_error!r}")
    waiting = Release.objects.filter(state=Release.State.WAITING)
    return told + [f"{release} waits" for release in waiting]
