"""A store in a folder, which any static host can serve. Survives a power cut at any point."""

import fcntl
import filecmp
import os
import re
import shutil
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from pipeline.errors import ObjectExists, PointerMoved
from pipeline.store.base import Stat, checked, checked_prefix, checked_range
from pipeline.store.headers import headers_of

STALE_SECONDS = 24 * 3600
HALF = ".half"
NAMED_BY_CONTENT = re.compile(r"o/[0-9a-f]{64}(\.[a-z0-9]+)?")
ABSENT = (FileNotFoundError, IsADirectoryError, NotADirectoryError)


class DiskStore:
    """Files below `root`. Names that begin with a dot are ours and never served: locks, and half-written files, which
    lie together in `.half/` so that what a killed writer left is found without walking the whole store."""

    parallel = 1  # each write waits for the one disk; a second thread would wait beside it

    def __init__(self, root: Path) -> None:
        self.root = root

    def read(self, key: str) -> bytes | None:
        try:
            return self._path(key).read_bytes()
        except ABSENT:
            return None

    def read_range(self, key: str, start: int = 0, stop: int | None = None) -> bytes | None:
        checked_range(start, stop)
        try:
            with self._path(key).open("rb") as file:
                file.seek(start)
                return file.read() if stop is None else file.read(max(0, stop - start))
        except ABSENT:
            return None

    def stat(self, key: str) -> Stat | None:
        path = self._path(key)
        try:
            if path.is_dir():
                return None
            size = path.stat().st_size
        except ABSENT:
            return None
        served = headers_of(key)
        return Stat(size, served.media_type, served.cache, served.encoding)

    def create(self, key: str, data: bytes | Path) -> bool:
        path = self._path(key)
        if path.exists():
            return self._same(path, key, data)
        temporary = self._write(data)
        try:
            # link() refuses to replace: of two writers at once exactly one creates the file, and it is whole.
            _place(temporary, path, os.link)
        except FileExistsError:
            return self._same(path, key, data)
        finally:
            temporary.unlink()
        return True

    def replace(self, key: str, data: bytes) -> bool:
        if self.read(key) == data:
            return False
        path = self._path(key)
        _place(self._write(data), path, os.replace)
        return True

    def swap(self, key: str, data: bytes, expected: bytes | None) -> None:
        path = self._path(key)
        with self._locked(path):
            if self.read(key) != expected:
                raise PointerMoved(f"{key} was moved by somebody else.")
            _place(self._write(data), path, os.replace)

    def delete(self, key: str) -> None:
        path = self._path(key)
        try:
            path.unlink()
        except ABSENT:
            return
        folder = path.parent
        # Empty folders would answer where nothing is any more. rmdir() refuses one that somebody writes into.
        with suppress(OSError):
            while folder != self.root:
                folder.rmdir()
                folder = folder.parent
        _sync_folder(folder)

    def keys(self, prefix: str) -> Iterator[str]:
        checked_prefix(prefix)
        folder = prefix.rpartition("/")[0]
        found = _below(self.root / folder, f"{folder}/" if folder else "")
        return (key for key in found if key.startswith(prefix))

    def clear_half_written(self) -> int:
        """Remove files that a killed writer left half-written more than a day ago; how many."""
        removed = 0
        for path in (self.root / HALF).glob("*"):
            with suppress(FileNotFoundError):  # its writer finished it in this moment
                if time.time() - path.stat().st_mtime > STALE_SECONDS:
                    path.unlink()
                    removed += 1
        return removed

    def clock(self) -> datetime:
        """As promised: a folder may lie on another machine, whose clock dates its files."""
        written = self._write(b"")
        try:
            return datetime.fromtimestamp(written.stat().st_mtime, UTC)
        finally:
            written.unlink()

    def _path(self, key: str) -> Path:
        return self.root / checked(key)

    def _write(self, data: bytes | Path) -> Path:
        """A finished, synced file on the same file system that readers do not see."""
        temporary = self.root / HALF / uuid.uuid4().hex
        _make_folder(temporary.parent)
        try:
            with temporary.open("xb") as file:
                if isinstance(data, Path):
                    with data.open("rb") as source:
                        shutil.copyfileobj(source, file, 1024 * 1024)
                else:
                    file.write(data)
                file.flush()
                os.fsync(file.fileno())
        except OSError:
            temporary.unlink(missing_ok=True)
            raise
        return temporary

    @staticmethod
    def _same(path: Path, key: str, data: bytes | Path) -> bool:
        if not _alike(path, key, data):
            raise ObjectExists(f"{key} holds other bytes already.")
        # Its writer may have been killed before this: a pointer must not outlive a name that it leads to.
        _sync_folder(path.parent)
        return False

    @contextmanager
    def _locked(self, path: Path) -> Iterator[None]:
        _make_folder(path.parent)
        with (path.parent / f".{path.name}.lock").open("a") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield


def _alike(path: Path, key: str, data: bytes | Path) -> bool:
    if not isinstance(data, Path):
        return path.read_bytes() == data
    # Of gigabytes named by their content the size is enough: a worker that comes after a killed one has to get on.
    if NAMED_BY_CONTENT.fullmatch(key):
        return path.stat().st_size == data.stat().st_size
    return filecmp.cmp(path, data, shallow=False)


def _place(temporary: Path, path: Path, name: Callable[[Path, Path], None]) -> None:
    """Give a finished file its name, by os.link or os.replace, and make the name safe from a power cut."""
    while True:
        try:
            _make_folder(path.parent)
            name(temporary, path)
        except FileNotFoundError:
            if not temporary.exists():
                raise
            continue  # somebody deleted the last other file of this folder, and the folder with it
        break
    _sync_folder(path.parent)


def _make_folder(folder: Path) -> None:
    """Make `folder` and those above it, each of them safe from a power cut."""
    if folder.is_dir():
        return
    _make_folder(folder.parent)
    folder.mkdir(exist_ok=True)
    _sync_folder(folder.parent)


def _sync_folder(folder: Path) -> None:
    # Without this a power cut may forget the name of a file whose bytes are safe.
    with suppress(FileNotFoundError):  # a folder that is gone again has no names to keep
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _below(folder: Path, prefix: str) -> Iterator[str]:
    """Keys of all files below `folder`, sorted as whole keys: `a-b` stands before `a/b`, and `a/b` before `a0`."""
    try:
        names = {entry.name + "/" * entry.is_dir(follow_symlinks=False): entry.name for entry in os.scandir(folder)}
    except ABSENT:
        return
    for name, plain in sorted(names.items()):
        if name.startswith("."):
            continue
        if name.endswith("/"):
            yield from _below(folder / plain, prefix + name)
        else:
            yield prefix + name
