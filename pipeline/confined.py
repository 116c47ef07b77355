"""Runs a program that reads what strangers uploaded: bounded in memory, time and output, dead when we are."""

import contextlib
import os
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

_LEASH = Path(__file__).with_name("leash.py")
_ROOM = Path(__file__).resolve().parent.parent
_KEPT = 64 * 1024  # bytes of standard error worth keeping: the end says what went wrong
_ANSWER = 4 * 1024 * 1024  # bytes of standard output a program may say


@dataclass(frozen=True)
class Limits:
    """`memory` in bytes of address space, `cpu` and `wall` in seconds, `file` in bytes of any one file written."""

    memory: int
    cpu: int
    wall: float
    file: int
    nice: int = 5


@dataclass(frozen=True)
class Finished:
    """How a program ended: `code` as `subprocess` gives it (negative for a signal), and what it said."""

    code: int
    stdout: str
    stderr: str
    timed_out: bool = False


def python(module: str, *arguments: str) -> list[str]:
    """The command that runs `module` of this project in a process of its own."""
    return [sys.executable, "-m", module, *arguments]


def run(
    command: list[str],
    limits: Limits,
    *,
    folder: Path = _ROOM,
    on_line: Callable[[str], None] | None = None,
    beat: Callable[[], None] = lambda: None,
) -> Finished:
    """Run `command` in `folder` and wait for it. `on_line` is called with each line of its standard output.

    `beat` is called at least once a second, so that whoever waits can show that they are alive. An exception out of
    either ends the program and is raised. The program sees no variable of our environment
    but the path and the locale, so that no secret of ours can reach it.
    """
    values = (os.getpid(), limits.memory, limits.cpu, limits.file, limits.nice)
    process = subprocess.Popen(  # noqa: S603  a list, no shell
        [sys.executable, "-I", "-S", str(_LEASH), *map(str, values), *command],
        cwd=folder,
        env={"PATH": os.environ.get("PATH", os.defpath), "LANG": "C.UTF-8"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    try:
        return _listen(process, time.monotonic() + limits.wall, on_line, beat)
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        for pipe in (process.stdout, process.stderr):
            if pipe:
                pipe.close()


def _listen(
    process: "subprocess.Popen[bytes]",
    deadline: float,
    on_line: Callable[[str], None] | None,
    beat: Callable[[], None],
) -> Finished:
    assert process.stdout and process.stderr  # noqa: S101  both are pipes
    said, errors, unread = bytearray(), bytearray(), bytearray()
    with selectors.DefaultSelector() as selector:
        selector.register(process.stdout, selectors.EVENT_READ, said)
        selector.register(process.stderr, selectors.EVENT_READ, errors)
        while selector.get_map():
            left = deadline - time.monotonic()
            if left <= 0 or len(said) + len(unread) > _ANSWER:
                return Finished(-signal.SIGKILL, "", errors.decode(errors="replace"), timed_out=True)
            beat()
            for key, _ in selector.select(min(left, 1.0)):
                piece = os.read(key.fd, 65536)
                if not piece:
                    selector.unregister(key.fileobj)
                    continue
                key.data.extend(piece)
                if key.data is errors:
                    del errors[:-_KEPT]
                elif on_line:
                    unread.extend(piece)
                    *lines, rest = bytes(unread).split(b"\n")
                    unread[:] = rest
                    said.clear()  # it went to `on_line`; hours of progress must not pile up here
                    for line in lines:
                        on_line(line.decode(errors="replace"))
    try:
        code = process.wait(max(deadline - time.monotonic(), 0))
    except subprocess.TimeoutExpired:
        return Finished(-signal.SIGKILL, "", errors.decode(errors="replace"), timed_out=True)
    return Finished(code, said.decode(errors="replace"), errors.decode(errors="replace"))
