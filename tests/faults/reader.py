"""A reader who never rests: pointer, manifest, every document, every page, again and again."""

import threading
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from uuid import UUID

from pipeline.digests import sha256
from pipeline.errors import StoreError
from pipeline.keys import public_key
from pipeline.manifest import Manifest, assemble, verified


@dataclass
class Reader:
    """What it saw of pages stands in `pages` by path, as sha256 or None for absent, and is judged by `strangers`.

    What it saw of documents that is no whole release stands in `faults`.
    """

    cdn: Path
    course: UUID
    pages: dict[str, set[str | None]]
    rounds: int = 0
    generations: list[int] = field(default_factory=list)
    releases: set[int] = field(default_factory=set)
    faults: list[str] = field(default_factory=list)

    def look(self) -> None:
        self.rounds += 1
        try:
            self._documents()
        except (OSError, ValueError, StoreError) as error:
            self.faults.append(f"{type(error).__name__}: {error}")
        for path, seen in self.pages.items():
            try:
                data = (self.cdn / path).read_bytes()
            except FileNotFoundError:
                seen.add(None)
            else:
                # A whole page that says that its lesson was removed: of a release that has no page there.
                removed = f'content="removed:{self.course}"'.encode() in data and data.rstrip().endswith(b"</html>")
                seen.add(None if removed else sha256(data))
                self.page(path, data)

    def page(self, path: str, data: bytes) -> None:
        """Told of each page that was met, for readers who remember more than its sha256."""

    def strangers(self, *releases: Manifest) -> list[str]:
        """The paths where something was seen that none of these releases has there. Absence is of a release too."""
        strange = []
        for path, seen in self.pages.items():
            entries = [manifest.pages.get(path) for manifest in releases]
            if seen - {entry.object if entry else None for entry in entries}:
                strange.append(path)
        return strange

    def _documents(self) -> None:
        pointer = verified((self.cdn / f"c/{self.course}/current.json").read_bytes(), public_key())
        if self.generations and pointer.generation < self.generations[-1]:
            self.faults.append(f"generation {pointer.generation} after {self.generations[-1]}")
        self.generations.append(pointer.generation)
        manifest, lost = assemble(pointer.manifest, lambda key: self._object(key.removeprefix("o/")))
        if manifest is None or lost:
            self.faults.append(f"{lost[0]} is torn")
            return
        outlines = [manifest.outline, *(module.outline for module in manifest.modules)]
        for name in (*outlines, *(entry.object for entry in manifest.documents.values())):
            self._object(name)
        self.releases.add(manifest.release)

    def _object(self, name: str) -> bytes:
        data = (self.cdn / f"o/{name}").read_bytes()
        if sha256(data) != name:
            self.faults.append(f"o/{name} is torn")
        return data

    def __enter__(self) -> "Reader":
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self._thread.start()
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _at: TracebackType | None
    ) -> None:
        self._end.set()
        self._thread.join()
        self.look()

    def _run(self) -> None:
        while not self._end.wait(0.002):  # the machine is shared with the worker that is watched
            self.look()
