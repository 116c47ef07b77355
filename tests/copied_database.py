"""A copy of the test database that several threads, or processes, write to at once.

The test database itself is one connection's, inside a transaction that is rolled back; on SQLite it lives in memory.
A copy is thrown away afterwards, so a race leaves nothing behind for other tests.
"""

import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar
from uuid import uuid4

from django.core.management import call_command
from django.db import connection, connections

Answer = TypeVar("Answer")


class Threads:
    """Runs functions in threads whose database connection leads to the copy."""

    def one(self, act: Callable[[], Answer]) -> Answer:
        """What `act` answers in a thread of its own."""
        return self.at_once(1, lambda _start: act())[0]

    def at_once(self, count: int, act: Callable[[threading.Barrier], Answer]) -> list[Answer]:
        """What `count` threads were answered. `act` waits at the barrier it is given until all of them are there."""
        start = threading.Barrier(count, timeout=30)
        found: list[Answer] = []
        failed: list[BaseException] = []

        def run() -> None:
            try:
                found.append(act(start))
            except BaseException as error:  # carried to the test's own thread
                failed.append(error)
                start.abort()
            finally:
                connection.close()

        threads = [threading.Thread(target=run) for _ in range(count)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        if failed:
            raise failed[0]
        return found


@contextmanager
def threads_on_a_copy(blocker: Any, folder: Path) -> Iterator[Threads]:
    """Until the end, new connections lead to a copy of the migrated database: `lectern.sqlite3` in `folder`, or a
    PostgreSQL database beside the test's.

    The test must not use pytest-django's `db`: a database with an open transaction cannot be copied.
    """
    settings = connections.settings["default"]
    original = settings["NAME"]
    with blocker.unblock():
        copied = _on_sqlite if connection.vendor == "sqlite" else _on_postgresql
        with copied(folder) as name:
            settings["NAME"] = name
            try:
                Threads().one(_migrated)
                yield Threads()
            finally:
                settings["NAME"] = original


def _migrated() -> None:
    """Where no test beside these asked for a database, pytest-django made none to copy."""
    if "django_migrations" not in connection.introspection.table_names():
        call_command("migrate", verbosity=0)


@contextmanager
def _on_sqlite(folder: Path) -> Iterator[str]:
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "lectern.sqlite3"
    connection.ensure_connection()
    with sqlite3.connect(file) as copy:
        connection.connection.backup(copy)
    copy.close()
    yield str(file)


@contextmanager
def _on_postgresql(_folder: Path) -> Iterator[str]:
    template, name = connection.settings_dict["NAME"], f"copy_{uuid4().hex}"
    connection.close()  # a database that somebody is connected to cannot be a template
    _outside(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    try:
        yield name
    finally:
        connection.close()
        _outside(f'DROP DATABASE "{name}" WITH (FORCE)')


def _outside(statement: str) -> None:
    with connection._nodb_cursor() as cursor:
        cursor.execute(statement)
