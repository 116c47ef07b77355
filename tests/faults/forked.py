"""Processes that do one act each, and are killed or stopped at one point of it: `python -m tests.faults.forked`.

They are forked from one that has loaded Django and done nothing else. A test's own process is not fit for that: its
threads have used libraries whose locks a child would inherit as they are.
"""

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

from django.conf import settings

if TYPE_CHECKING:
    from tests.faults.harness import Act, School

ROOT = Path(__file__).resolve().parents[2]


class Forking:
    """The test's end of it. `with Forking(school) as forking:` starts the process, and ends what is left of it."""

    def __init__(self, school: "School") -> None:
        disks = school.disks
        environment = {name: value for name, value in os.environ.items() if name != "PYTEST_XDIST_WORKER"} | {
            "DJANGO_SETTINGS_MODULE": "settings.test",
            "LECTERN_VAR": str(school.album.with_name("var")),
            "LECTERN_SIGNING_KEY": settings.LECTERN_SIGNING_KEY,
        }
        command = [sys.executable, "-m", "tests.faults.forked", str(disks.database), str(disks.cdn), str(school.album)]
        self._process = subprocess.Popen(command, cwd=ROOT, env=environment, text=True, stdin=-1, stdout=-1)

    def at(self, number: signal.Signals, act: "Act", course: UUID, place: int, *, alone: bool) -> tuple[int, int]:
        """A process does `act`, and then with `alone` what the school does by itself, and sends itself the signal at
        the point `place`: its number, and how it stands then as `os.waitpid` says it. Of points to stop at, only those
        of `stops` are counted: a stopped process must not keep others out of the database."""
        child, status = self._ask(f"{int(number)} {act.name.replace(' ', '_')} {course} {place} {int(alone)}")
        return child, status

    def goes_on(self, child: int) -> int:
        """A stopped process goes on to its end: its exit code."""
        return os.waitstatus_to_exitcode(self._ask(f"continue {child}")[1])

    def _ask(self, line: str) -> tuple[int, int]:
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()
        child, status = self._process.stdout.readline().split()
        return int(child), int(status)

    def __enter__(self) -> "Forking":
        return self

    def __exit__(self, *_error: object) -> None:
        self._process.communicate()


def main(database: Path, cdn: Path, album: Path) -> None:
    import django

    django.setup()
    # After setup(): these need the models.
    from django.db import connections

    from tests.copied_database import Threads
    from tests.faults.acts import ALL
    from tests.faults.harness import School, left_alone
    from tests.faults.points import Disks

    connections.settings["default"]["NAME"] = str(database)
    settings.LECTERN_STORE = cdn
    disks, named = Disks(database, cdn), {act.name.replace(" ", "_"): act for act in ALL}
    stopped: set[int] = set()
    for line in sys.stdin:
        words = line.split()
        if words[0] == "continue":
            child = int(words[1])
            stopped.discard(child)
            os.kill(child, signal.SIGCONT)
            status = os.waitpid(child, 0)[1]
        elif child := os.fork():
            status = os.waitpid(child, os.WUNTRACED)[1]
            if os.WIFSTOPPED(status):
                stopped.add(child)
        else:
            number, name, course, place, alone = words
            school = School(disks, Threads(), disks, album, left_alone if alone == "1" else lambda: None)
            _act(school, named[name], UUID(course), int(place), int(number))
        print(child, status, flush=True)
    for child in stopped:
        os.kill(child, signal.SIGKILL)


def _act(school: "School", act: "Act", course: UUID, place: int, number: int) -> None:
    """The act in this process, which ends with it."""
    from tests.faults.points import Camera, Point, stops

    class Signalling(Camera):
        def point(self, moment: str, changing: bool = False) -> None:  # noqa: ARG002  (takes no photograph)
            held = self.connection is not None and self.connection.in_atomic_block
            self.points.append(Point(moment, self.acknowledged, held, (0, frozenset())))
            counted = stops(self.points) if number == signal.SIGSTOP else self.points
            if len(counted) == place + 1 and counted[-1] is self.points[-1]:  # once, though it goes on
                # To this thread: another could be chosen, and this one go on into a transaction before it is stopped.
                signal.pthread_kill(threading.get_ident(), number)

    code = 1
    try:
        school.acted(act, course, Signalling)
        code = 0
    finally:
        os._exit(code)


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
