"""The promise of a store: what every place that holds a school's bytes must do."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

from pipeline.errors import StoreError

PART = r"[A-Za-z0-9_\-][A-Za-z0-9_\-.]{0,199}"  # short enough for a file's name, and for a lock's beside it
KEY = re.compile(rf"{PART}(/{PART})*")


@dataclass(frozen=True)
class Stat:
    """`bytes` is the size of what is stored; the others are what the store serves it with (`headers.py`).

    `encoding` is the Content-Encoding, empty for plain bytes.
    """

    bytes: int
    media_type: str = ""
    cache: str = ""
    encoding: str = ""


class Store(Protocol):
    """Keys are relative paths of ASCII letters, digits, `-`, `_`, `.` and `/`.

    No part begins with a dot or is longer than 200 characters, and no key is longer than 900. Every call raises
    `StoreError` for anything else, before it touches a thing. Every call may be made from several threads at once.
    """

    @property
    def parallel(self) -> int:
        """How many calls at once are worth while: 1 where they would only wait for each other."""

    def read(self, key: str) -> bytes | None:
        """The bytes under `key`, or None. Absence is an ordinary answer."""

    def read_range(self, key: str, start: int = 0, stop: int | None = None) -> bytes | None:
        """The bytes from `start` up to and without `stop`, as `data[start:stop]` with neither negative; or None.

        Raises ValueError if one of them is negative.
        """

    def stat(self, key: str) -> Stat | None:
        """The size of what is under `key`, and what it is served with; or None."""

    def create(self, key: str, data: bytes | Path) -> bool:
        """Write once. False if the same bytes are there already; raises `ObjectExists` if others are.

        Of a file whose key is made of its content (`o/<sha256>`) a store may compare the size alone.
        """

    def replace(self, key: str, data: bytes) -> bool:
        """Write a mutable file in one step. False, and no write, if it holds these bytes already."""

    def swap(self, key: str, data: bytes, expected: bytes | None) -> None:
        """Write `data` only if the file holds `expected` (None: only if it is absent); raises `PointerMoved`."""

    def delete(self, key: str) -> None:
        """Remove; not an error if it is absent."""

    def keys(self, prefix: str) -> Iterator[str]:
        """Every key that begins with `prefix`, sorted. `prefix` is empty, or a key or the beginning of one."""

    def clear_half_written(self) -> int:
        """Remove what a killed writer left half-written more than a day ago; how many."""

    def clock(self) -> datetime:
        """What time it is by the store's own clock, to the second."""


def checked(key: str) -> str:
    """`key`, if it is one. Raises `StoreError` for anything that could leave the store or hide in it."""
    # fullmatch, because `$` would let a line end through at the end of a name.
    if not KEY.fullmatch(key) or len(key) > 900:
        raise StoreError(f"{key!r} is not a key of a store.")
    return key


def checked_range(start: int, stop: int | None) -> None:
    """Raises ValueError for a range that counts from the end: no two stores would agree on it."""
    if start < 0 or (stop is not None and stop < 0):
        raise ValueError(f"A range of a file begins and ends at 0 or later, not at {start} and {stop}.")


def checked_prefix(prefix: str) -> str:
    """`prefix`, if a key can begin with it. Raises `StoreError` otherwise."""
    if prefix:
        checked(prefix + "x" if prefix.endswith("/") else prefix)
    return prefix
