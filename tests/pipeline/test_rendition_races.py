"""Several workers at one rendition, and a worker killed by force: on a database that they share."""

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from django.utils import timezone
from pytest_django import Settings

from pipeline import originals, renditions, video
from pipeline.models import Rendition
from tests.copied_database import Threads
from tests.pipeline.media_files import film
from tests.pipeline.test_renditions import Kind, State, frozen, past, row


@pytest.fixture(autouse=True)
def folders(settings: Settings, tmp_path: Path) -> None:
    settings.VAR_DIR = tmp_path
    settings.LECTERN_ORIGINALS = tmp_path / "originals"
    settings.LECTERN_STORE = tmp_path / "cdn"


def claims(threads: Threads, pk: int, rounds: int = 8) -> list[int]:
    """How many of four workers got the row, in each of several rounds."""

    def claim(start: threading.Barrier) -> bool:
        start.wait()
        return bool(renditions._claim(pk))

    won = []
    for _ in range(rounds):
        threads.one(lambda: Rendition.objects.update(state=State.WANTED, lease_owner="", lease_until=None))
        won.append(sum(threads.at_once(4, claim)))
    return won


def test_of_racing_workers_one_gets_the_row(threads: Threads) -> None:
    pk = threads.one(lambda: row().pk)
    assert claims(threads, pk) == [1] * 8


def test_without_the_condition_more_than_one_would(threads: Threads, monkeypatch: pytest.MonkeyPatch) -> None:
    """The negative control: the same race with the claim's condition taken out."""
    pk = threads.one(lambda: row().pk)
    monkeypatch.setattr(renditions, "_free", Rendition.objects.all)
    assert max(claims(threads, pk)) > 1


def test_two_candidates_that_ask_at_one_moment_make_one_row(threads: Threads) -> None:
    course = frozen(image_1="1" * 64)

    def want(start: threading.Barrier) -> None:
        start.wait()
        renditions.want(course)

    threads.at_once(4, want)
    assert threads.one(Rendition.objects.count) == 1


# --- a real kill ------------------------------------------------------------------------------------------------

WORKER = """
import os, sys
os.environ["DJANGO_SETTINGS_MODULE"] = "settings.test"
import django
django.setup()
from django.conf import settings
from django.db import connections
from pathlib import Path
connections.settings["default"]["NAME"] = sys.argv[1]
settings.VAR_DIR = Path(sys.argv[1]).parent
settings.LECTERN_ORIGINALS, settings.LECTERN_STORE = settings.VAR_DIR / "originals", settings.VAR_DIR / "cdn"
from pipeline import renditions
report = renditions.Lease.report
def tell(lease, progress):
    report(lease, progress)
    print(progress, flush=True)
renditions.Lease.report = tell
print("made", renditions.make(int(sys.argv[2])), flush=True)
"""


@pytest.mark.slow
def test_a_worker_killed_by_force_is_followed_by_another(threads: Threads, tmp_path: Path) -> None:
    original = originals.keep(film(tmp_path / "f.mp4", pictures="testsrc2=s=640x360:d=6", sound=None))
    pk = threads.one(lambda: row(kind=Kind.VIDEO, recipe=video.RECIPE, original=original, name="f.mp4").pk)
    command = [sys.executable, "-c", WORKER, str(tmp_path / "lectern.sqlite3"), str(pk)]
    worker = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert worker.stdout
    with worker.stdout:
        while int(worker.stdout.readline()) < 2:
            pass  # the encoder has begun
        os.kill(worker.pid, signal.SIGKILL)
        worker.wait()

    def left() -> Rendition:
        return Rendition.objects.get(pk=pk)

    one = threads.one(left)
    assert (one.state, one.attempts) == (State.WORKING, 1)
    assert one.lease_until is not None and one.lease_until > timezone.now()
    assert not (tmp_path / "cdn").exists()
    assert threads.one(lambda: renditions.make(pk)) is False  # its lease still runs
    threads.one(lambda: Rendition.objects.update(lease_until=past()))
    assert threads.one(lambda: renditions.make(pk)) is True
    one = threads.one(left)
    assert (one.state, one.attempts, one.error) == (State.READY, 2, "")
    assert not list((tmp_path / "renditions").glob("*"))
