"""A store in a folder, which any static host can serve. Survives a power cut at any point."""

import fcntl
import filecmp
import os
import shutil
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from pipeline.errors import ObjectExists, PointerMoved
from pipeline.store.base import Stat, checked, checked_prefix

STALE_SECONDS = 24 * 3600
ABSENT = (FileNotFoundError, IsADirectoryError, NotADirectoryError)


class DiskStore:
    """Files below `root`. Names that begin with a dot are ours (half-written files, locks) and never served."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def read(self, key: str) -> bytes | None:
        try:
            return self._path(key).read_bytes()
        except ABSENT:
            return None

    def stat(self, key: str) -> Stat | None:
        path = self._path(key)
        try:
            return None if path.is_dir() else Stat(path.stat().st_size)
        except ABSENT:
            return None

    def create(self, key: str, data: bytes | Path) -> bool:
        path = self._path(key)
        if path.exists():
            return self._same(path, key, data)
        temporary = self._write(path, data)
        try:
            # link() refuses to replace: of two writers at once exactly one creates the file, and it is whole.
            os.link(temporary, path)
        except FileExistsError:
            return self._same(path, key, data)
        finally:
            temporary.unlink()
        _sync_folder(path.parent)
        return True

    def replace(self, key: str, data: bytes) -> bool:
        if self.read(key) == data:
            return False
        path = self._path(key)
        self._write(path, data).replace(path)
        _sync_folder(path.parent)
        return True

    def swap(self, key: str, data: bytes, expected: bytes | None) -> None:
        path = self._path(key)
        with self._locked(path):
            if self.read(key) != expected:
                raise PointerMoved(f"{key} was moved by somebody else.")
            self._write(path, data).replace(path)
            _sync_folder(path.parent)

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
        for path in self.root.rglob(".half-*"):
            with suppress(FileNotFoundError):  # its writer finished it in this moment
                if time.time() - path.stat().st_mtime > STALE_SECONDS:
                    path.unlink()
                    removed += 1
        return removed

    def _path(self, key: str) -> Path:
        return self.root / checked(key)

    def _write(self, path: Path, data: bytes | Path) -> Path:
        """A finished, synced file beside `path` that readers do not see."""
        while True:
            temporary = path.parent / f".half-{uuid.uuid4().hex}"
            try:
                _make_folder(path.parent)
                file = temporary.open("xb")
            except FileNotFoundError:
                continue  # somebody deleted the last other file of this folder, and the folder with it
            break
        try:
            with file:
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
        same = filecmp.cmp(path, data, shallow=False) if isinstance(data, Path) else path.read_bytes() == data
        if not same:
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
