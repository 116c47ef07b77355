"""A school whose every state can be kept and put back."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import override_settings

from tests.copied_database import threads_on_a_copy
from tests.faults.forked import Forking
from tests.faults.harness import School
from tests.faults.points import Disks


@pytest.fixture(scope="module")
def school(django_db_setup: None, django_db_blocker: Any) -> Iterator[School]:
    if connection.vendor != "sqlite":
        pytest.skip("a photograph of the disks is a copy of SQLite's file")
    # In memory where the machine has a folder for it: every state is a copy of the whole school.
    memory = Path("/dev/shm")  # noqa: S108  (a folder of its own below it)
    folder = Path(tempfile.mkdtemp(prefix="lectern-", dir=memory if memory.is_dir() else None))
    disks = Disks(folder / "school" / "lectern.sqlite3", folder / "school" / "cdn")
    try:
        with (
            override_settings(LECTERN_STORE=disks.cdn),
            threads_on_a_copy(django_db_blocker, disks.database.parent) as threads,
        ):
            disks.cdn.mkdir()
            yield School(disks, threads, disks.copy_to(folder / "empty"), folder / "album")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
def forking(school: School) -> Iterator[Forking]:
    """Processes that are killed or stopped at a chosen point of an act."""
    with Forking(school) as found:
        yield found
