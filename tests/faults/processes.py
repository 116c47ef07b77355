"""Processes forked from one that has loaded Django and opened nothing: `python -m tests.faults.processes`.

Each runs the very command that it would be started with by hand. Started from nothing it would load Django for
seconds, and whoever is killed often would be killed while it loads and hardly ever while it works.
"""

import json
import os
import runpy
import signal
import subprocess
import sys
import threading
import traceback
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Child:
    """A running process, the first of a group of its own. `words` is the command: `manage.py ...`, `gunicorn ...` or
    `-m <module> ...`."""

    pid: int
    words: tuple[str, ...]
    log: Path


class Processes:
    """`with Processes(folder, environment) as processes:` ends whatever still runs at the end.

    `folder` holds what they say, a file for each name. Every call may be made from several threads.
    """

    def __init__(self, folder: Path, environment: Mapping[str, str], loads: str = "") -> None:
        self.folder = folder
        self._lock = threading.Lock()
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(("LECTERN_", "PYTEST_"))}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.processes", loads],
            cwd=ROOT,
            env={**inherited, **environment},
            text=True,
            stdin=-1,
            stdout=-1,
            start_new_session=True,  # a Ctrl-C is for the test, which then ends this one in order
        )

    def start(self, name: str, *words: str) -> Child:
        """Start a command; what it says is added to `<name>.log`."""
        log = self.folder / f"{name}.log"
        return Child(self._ask(start=words, log=str(log)), words, log)

    def kill(self, child: Child) -> None:
        """`kill -9` of a whole group. Raises AssertionError if it had ended by itself before."""
        code = self._ask(kill=child.pid)
        assert code == -signal.SIGKILL, f"{' '.join(child.words)} ended by itself with {code}:\n{child.log.read_text()}"

    def wait(self, child: Child) -> int:
        """Until it has ended by itself; its exit code, negative the signal that it died of."""
        return self._ask(wait=child.pid)

    def manage(self, *words: str) -> str:
        """Run a management command to its end; what it said. Raises AssertionError if it failed."""
        log = self.folder / f"manage-{words[0]}.log"
        log.unlink(missing_ok=True)
        code = self._ask(wait=self._ask(start=("manage.py", *words), log=str(log)))
        assert code == 0, log.read_text()
        return log.read_text()

    def _ask(self, **question: Any) -> int:
        assert self._process.stdin
        assert self._process.stdout
        with self._lock:
            self._process.stdin.write(json.dumps(question) + "\n")
            self._process.stdin.flush()
            return int(json.loads(self._process.stdout.readline()))

    def __enter__(self) -> "Processes":
        return self

    def __exit__(self, *_error: object) -> None:
        self._process.communicate()


def main(loads: str) -> None:
    import importlib

    import django
    from django.core.management import call_command

    django.setup()
    # Before the CMS is loaded, which remembers what it finds.
    call_command("collectstatic", interactive=False, verbosity=0)
    importlib.import_module("settings.wsgi_cms")
    if loads:  # a fault that a test plants in every process
        importlib.import_module(loads)
    children: set[int] = set()
    try:
        for line in sys.stdin:
            print(_answer(json.loads(line), children), flush=True)
    finally:
        for pid in children:
            with suppress(ProcessLookupError):  # it ended by itself, as its log says
                os.killpg(pid, signal.SIGKILL)


def _answer(question: dict[str, Any], children: set[int]) -> int:
    if words := question.get("start"):
        pid = os.fork() or _become(words, Path(question["log"]))
        with suppress(PermissionError):  # it did so itself, and is further than that
            os.setpgid(pid, pid)  # here too: it may be killed before it came to do so
        children.add(pid)
        return pid
    pid = question.get("wait") or question["kill"]
    children.discard(pid)
    ended, status = (0, 0) if "wait" in question else os.waitpid(pid, os.WNOHANG)
    if not ended:
        if "kill" in question:
            os.killpg(pid, signal.SIGKILL)
        status = os.waitpid(pid, 0)[1]
    return os.waitstatus_to_exitcode(status)


def _become(words: list[str], log: Path) -> int:
    """In the child: run the command, and end with it."""
    os.setpgid(0, 0)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    said = os.open(log, os.O_APPEND | os.O_CREAT | os.O_WRONLY)
    for stream in (1, 2):
        os.dup2(said, stream)
    code = 1
    try:
        sys.argv = words
        if words[0] == "gunicorn":
            from gunicorn.app.wsgiapp import run

            run()
        elif words[0] == "-m":
            sys.argv = words[1:]
            runpy.run_module(words[1], run_name="__main__")
        else:
            from django.core.management import execute_from_command_line

            execute_from_command_line(words)
        code = 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:  # the end of a process: its log says why
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


if __name__ == "__main__":
    main(sys.argv[1])
