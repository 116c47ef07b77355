"""A store in a folder, which any static host can serve. Survives a power cut at any point."""

import fcntl
import filecmp
import os
import shutil
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pipeline.errors import ObjectExists, PointerMoved
from pipeline.store.base import Stat, checked

STALE_SECONDS = 24 * 3600


class DiskStore:
    """Files below `root`. Names that begin with a dot are ours (half-written files, locks) and never served."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def read(self, key: str) -> bytes | None:
        try:
            return self._path(key).read_bytes()
        except (FileNotFoundError, IsADirectoryError, NotADirectoryError):
            return None

    def stat(self, key: str) -> Stat | None:
        path = self._path(key)
        return Stat(path.stat().st_size) if path.is_file() else None

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
        self._sync_folder(path.parent)
        return True

    def replace(self, key: str, data: bytes) -> bool:
        if self.read(key) == data:
            return False
        path = self._path(key)
        self._write(path, data).replace(path)
        self._sync_folder(path.parent)
        return True

    def swap(self, key: str, data: bytes, expected: bytes | None) -> None:
        path = self._path(key)
        path.parent.mkdir(parents=True, exist_ok=True)
        with self._locked(path):
            if self.read(key) != expected:
                raise PointerMoved(f"{key} was moved by somebody else.")
            self._write(path, data).replace(path)
            self._sync_folder(path.parent)

    def delete(self, key: str) -> None:
        path = self._path(key)
        path.unlink(missing_ok=True)
        for folder in path.parents:
            # Empty folders would answer where nothing is any more.
            if folder == self.root or not folder.is_dir() or any(folder.iterdir()):
                break
            folder.rmdir()

    def keys(self, prefix: str) -> Iterator[str]:
        start = self.root / prefix.rpartition("/")[0]
        for folder, folders, files in os.walk(start):
            folders[:] = sorted(name for name in folders if not name.startswith("."))
            for name in sorted(files):
                key = (Path(folder) / name).relative_to(self.root).as_posix()
                if not name.startswith(".") and key.startswith(prefix):
                    yield key

    def clear_half_written(self) -> int:
        """Remove files that a killed writer left half-written more than a day ago; how many."""
        removed = 0
        for path in self.root.rglob(".half-*"):
            if time.time() - path.stat().st_mtime > STALE_SECONDS:
                path.unlink(missing_ok=True)
                removed += 1
        return removed

    def _path(self, key: str) -> Path:
        return self.root / checked(key)

    def _write(self, path: Path, data: bytes | Path) -> Path:
        """A finished, synced file beside `path` that readers do not see."""
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = path.parent / f".half-{uuid.uuid4().hex}"
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
        same = filecmp.cmp(path, data, shallow=False) if isinstance(data, Path) else path.read_bytes() == data
        if not same:
            raise ObjectExists(f"{key} holds other bytes already.")
        return False

    @staticmethod
    def _sync_folder(folder: Path) -> None:
        # Without this a power cut may forget the name of a file whose bytes are safe.
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    @contextmanager
    def _locked(self, path: Path) -> Iterator[None]:
        with (path.parent / f".{path.name}.lock").open("a") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield
