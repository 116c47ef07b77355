"""Every point at which a process may die, and what would lie on the disks of a school if it died there.

A process that is killed leaves what it committed and what its store holds, and nothing else. So an act need not be
run again for each point: it runs once, watched, and before and after each write it is photographed. A photograph is
the committed database and the folder of the store, which is what the next process would find. That it is so,
`test_every_point.py` shows with processes that are really killed.
"""

import os
import re
import shutil
import sqlite3
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.db import connection, connections

from pipeline.store.base import Store

WRITES = re.compile(r"\s*(INSERT|UPDATE|DELETE|REPLACE|SAVEPOINT|RELEASE|ROLLBACK|BEGIN)\b", re.IGNORECASE)
NAMES = re.compile(r'\s*(?P<verb>\w+)(?:[^"]*"(?P<table>\w+)")?')
LOOKING = frozenset({"read", "stat", "keys", "read_range", "list", "head", "url"})  # calls that change nothing
State = tuple[int, frozenset[tuple[str, int, int, int]]]  # the database's version, and (path, inode, time, size)


@dataclass(frozen=True)
class Disks:
    """Where a school lies: `database` is a SQLite file, `cdn` the folder of its store."""

    database: Path
    cdn: Path

    def copy_to(self, folder: Path) -> "Disks":
        """What is committed and stored at this moment, as a school of its own."""
        copied = Disks(folder / "lectern.sqlite3", folder / "cdn")
        folder.mkdir(parents=True)
        with closing(sqlite3.connect(self.database)) as source, closing(sqlite3.connect(copied.database)) as target:
            source.backup(target)
        # A store never writes into a file that has its name, so a second name keeps what it holds now.
        shutil.copytree(self.cdn, copied.cdn, copy_function=os.link)
        return copied

    def become(self, other: "Disks") -> None:
        """Lie exactly as `other` does. Nobody may be connected."""
        for end in ("", "-wal", "-shm", "-journal"):
            Path(f"{self.database}{end}").unlink(missing_ok=True)
        shutil.rmtree(self.cdn, ignore_errors=True)
        shutil.copyfile(other.database, self.database)
        shutil.copytree(other.cdn, self.cdn, copy_function=os.link)

    def files(self) -> frozenset[tuple[str, int, int, int]]:
        """Every file of the store, and what changes when it is written again."""
        found = [(path, path.stat()) for path in self.cdn.rglob("*") if path.is_file()]
        return frozenset((str(path), stat.st_ino, stat.st_mtime_ns, stat.st_size) for path, stat in found)


@dataclass(frozen=True)
class Point:
    """`moment` is a write and whether it was still to come; `acknowledged`: somebody had been told that it is done;
    `open`: inside a transaction, which on SQLite keeps every other writer waiting."""

    moment: str
    acknowledged: bool
    open: bool
    state: State


WRITING = tuple(
    f"before {call}" for call in ("store create o/", "store swap", "store replace", "store delete", "BEGIN")
)


def stops(points: Iterable[Point]) -> list[Point]:
    """Before every write of the store, and before every transaction. Inside one, SQLite lets no other worker in."""
    return [point for point in points if not point.open and point.moment.startswith(WRITING)]


class WatchedStore:
    """A whole store: each call goes to the store inside, and `around` is told of it before and after."""

    def __init__(self, inside: Store, around: Callable[[str, bool], None]) -> None:
        self._inside = inside
        self._around = around

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._inside, name)
        if not callable(found):
            return found

        def call(*given: Any, **named: Any) -> Any:
            moment = f"store {name} {given[0] if given else ''}"
            self._around(f"before {moment}", name not in LOOKING)
            answer = found(*given, **named)
            self._around(f"after {moment}", name not in LOOKING)
            return answer

        return call


class Camera:
    """Photographs `disks` into `album`, once for each state that differs from all before it."""

    def __init__(self, disks: Disks, album: Path) -> None:
        self.disks = disks
        self.acknowledged = False
        self.points: list[Point] = []
        self.photographs: dict[State, Disks] = {}
        self.connection: Any = None  # of the thread that acts; the store's calls may come from others
        self._album = album
        self._lock = threading.Lock()
        self._watch = sqlite3.connect(disks.database, check_same_thread=False)
        self._files = disks.files()

    def point(self, moment: str, changing: bool = False) -> None:
        """One moment at which the process may die. Store calls may come from several threads at once."""
        with self._lock:
            if changing:
                self._files = self.disks.files()
            state = (self._version(), self._files)
            held = self.connection is not None and self.connection.in_atomic_block
            self.points.append(Point(moment, self.acknowledged, held, state))
            if state not in self.photographs:
                self.photographs[state] = self.disks.copy_to(self._album / str(len(self.photographs)))

    def close(self) -> None:
        self._watch.close()

    def _version(self) -> int:
        """Changes whenever another connection commits."""
        return int(self._watch.execute("PRAGMA data_version").fetchone()[0])

    @contextmanager
    def on_sql(self) -> Iterator[None]:
        """Every write of this thread's connection is a point, before and after: statements, savepoints, commits."""

        def watched(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
            if not WRITES.match(sql):
                return execute(sql, params, many, context)
            name = NAMES.match(sql)
            moment = f"{name['verb'].upper()} {name['table'] or ''}".strip() if name else sql
            self.point(f"before {moment}")
            answer = execute(sql, params, many, context)
            self.point(f"after {moment}")
            return answer

        def commit() -> None:
            self.point("before COMMIT")
            really_commit()
            self.point("after COMMIT")

        self.connection = connections["default"]
        really_commit = connection._commit
        connection._commit = commit  # a commit is no statement that a wrapper could see
        try:
            with connection.execute_wrapper(watched):
                yield
        finally:
            connection._commit = really_commit
