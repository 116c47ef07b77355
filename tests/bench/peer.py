"""The peers, in a process of their own: wagtail-bakery 0.8 and Wagtail's API v2 on the same database.

They are installed into `var/bench-peers` on the first run, from `peers.txt`.
"""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, Self

ROOT = Path(__file__).resolve().parents[2]
WANTED = Path(__file__).with_name("peers.txt")
FOLDER = ROOT / "var" / "bench-peers"


def installed() -> Path:
    """The folder of the peers' packages. Raises CalledProcessError if they cannot be installed."""
    mark = FOLDER / "peers.txt"
    if not mark.is_file() or mark.read_text() != WANTED.read_text():
        command = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"]
        subprocess.run([*command, "--require-hashes", "--upgrade", "--target", FOLDER, "-r", WANTED], check=True)
        mark.write_text(WANTED.read_text())
    return FOLDER


class Peer:
    """A process that draws lessons when it is told to, and answers with what it cost."""

    def __init__(self, postmaster: int) -> None:
        self._postmaster = postmaster

    def __enter__(self) -> Self:
        environment = os.environ | {
            "DJANGO_SETTINGS_MODULE": "tests.bench.peer_site.settings",
            "PYTHONPATH": os.pathsep.join([str(ROOT), str(installed())]),
        }
        command = [sys.executable, "-W", "ignore", "-m", "tests.bench.peer_site.draw", str(self._postmaster)]
        self._process = subprocess.Popen(
            command, cwd=ROOT, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        return self

    def __exit__(self, *_: Any) -> None:
        try:
            self._process.communicate(timeout=300)  # an end of its input ends it
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def build(self, course: int, lessons: int) -> float:
        """Seconds of CPU a lesson, for static pages of the first `lessons` lessons of a course (a page id)."""
        return float(self._ask(act="build", course=course, lessons=lessons))

    def read(self, course: int, lessons: int) -> float:
        """Seconds of CPU a lesson, for API v2's detail of each with all fields, without the cost of HTTP itself."""
        return float(self._ask(act="read", course=course, lessons=lessons))

    def _ask(self, **question: Any) -> Any:
        assert self._process.stdin
        assert self._process.stdout
        try:
            self._process.stdin.write(json.dumps(question) + "\n")
            self._process.stdin.flush()
            answer = self._process.stdout.readline()
        except BrokenPipeError:
            answer = ""
        if not answer:
            raise RuntimeError("The peer's process ended; its error stands above.")
        return json.loads(answer)
