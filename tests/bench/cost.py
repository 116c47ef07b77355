"""What an act cost: CPU of this process, its children and the database, wall time, queries, files and bytes."""

import os
import resource
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.db import connection

TICK = 1 / os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Cost:
    """`cpu` in seconds is user and system time of every process, `database` the part of it that is PostgreSQL's."""

    cpu: float
    database: float
    wall: float
    queries: int


def cost(act: Callable[[], object], postmaster: int) -> Cost:
    """Do `act` once. `postmaster` is the process id of the PostgreSQL server."""
    queries = 0

    def counted(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        nonlocal queries
        queries += 1
        return execute(sql, params, many, context)

    with connection.execute_wrapper(counted):
        database, own, wall = server_cpu(postmaster), own_cpu(), time.perf_counter()
        act()
        wall, own, database = time.perf_counter() - wall, own_cpu() - own, server_cpu(postmaster) - database
    return Cost(cpu=own + database, database=database, wall=wall, queries=queries)


def own_cpu() -> float:
    """Seconds of this process and of its children that have ended."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


def server_cpu(parent: int) -> float:
    """Seconds of a server: of the process `parent`, of its children that live, and of those that have ended."""
    total = 0.0
    for stat in _stats():
        pid, rest = stat.partition(" ")[0], stat.rpartition(")")[2].split()
        if int(pid) == parent:
            total += _running(pid) + (int(rest[13]) + int(rest[14])) * TICK
        elif int(rest[1]) == parent:
            total += _running(pid)
    return total


def written(before: dict[str, tuple[int, int, int]], after: dict[str, tuple[int, int, int]]) -> tuple[int, int]:
    """How many files were written, or written again, between two looks at a folder, and how many bytes they have."""
    changed = [facts for key, facts in after.items() if before.get(key) != facts]
    return len(changed), sum(size for _inode, _time, size in changed)


def files(root: Path) -> dict[str, tuple[int, int, int]]:
    """Every file below `root`: inode, time of its last change, size."""
    found = {}
    for folder, _folders, names in os.walk(root):
        for name in names:
            stat = (Path(folder) / name).stat()
            found[f"{folder}/{name}"] = (stat.st_ino, stat.st_mtime_ns, stat.st_size)
    return found


def _stats() -> Iterable[str]:
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            yield (folder / "stat").read_text()
        except (FileNotFoundError, ProcessLookupError):  # it ended while we looked
            continue


def _running(pid: str) -> float:
    """Seconds on a CPU, to the nanosecond where the kernel counts so."""
    try:
        return int(Path(f"/proc/{pid}/schedstat").read_text().split()[0]) / 1e9
    except (FileNotFoundError, ProcessLookupError):
        return 0.0
