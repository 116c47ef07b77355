"""A store in memory: a whole small one, held to the same promises as the others."""

import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from pipeline.errors import ObjectExists, PointerMoved
from pipeline.store.base import Stat, checked, checked_prefix, checked_range
from pipeline.store.headers import headers_of


class MemoryStore:
    parallel = 1

    def __init__(self) -> None:
        self._files: dict[str, bytes] = {}
        self._lock = threading.Lock()

    def read(self, key: str) -> bytes | None:
        return self._files.get(checked(key))

    def read_range(self, key: str, start: int = 0, stop: int | None = None) -> bytes | None:
        checked_range(start, stop)
        data = self.read(key)
        return None if data is None else data[start:stop]

    def stat(self, key: str) -> Stat | None:
        data = self._files.get(checked(key))
        served = headers_of(key)
        return None if data is None else Stat(len(data), served.media_type, served.cache, served.encoding)

    def create(self, key: str, data: bytes | Path) -> bool:
        data = data.read_bytes() if isinstance(data, Path) else data
        with self._lock:
            there = self._files.get(checked(key))
            if there is None:
                self._files[key] = data
                return True
        if there != data:
            raise ObjectExists(f"{key} holds other bytes already.")
        return False

    def replace(self, key: str, data: bytes) -> bool:
        with self._lock:
            changed = self._files.get(checked(key)) != data
            self._files[key] = data
        return changed

    def swap(self, key: str, data: bytes, expected: bytes | None) -> None:
        with self._lock:
            if self._files.get(checked(key)) != expected:
                raise PointerMoved(f"{key} was moved by somebody else.")
            self._files[key] = data

    def delete(self, key: str) -> None:
        with self._lock:
            self._files.pop(checked(key), None)

    def keys(self, prefix: str) -> Iterator[str]:
        checked_prefix(prefix)
        return iter(sorted(key for key in list(self._files) if key.startswith(prefix)))

    def clear_half_written(self) -> int:
        return 0

    def clock(self) -> datetime:
        return datetime.now(UTC)
