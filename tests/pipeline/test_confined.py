"""A program that reads what strangers uploaded: bounded, without our secrets or network, dead when we are."""

import contextlib
import os
import selectors
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline import confined
from pipeline.confined import Limits
from tests.pipeline.media_files import FFMPEG

WIDE = Limits(memory=2 << 30, cpu=20, wall=30, file=1 << 20)


def run(script: str, limits: Limits = WIDE, **options: object) -> confined.Finished:
    return confined.run([sys.executable, "-c", script], limits, **options)  # type: ignore[arg-type]


def test_what_it_said_and_how_it_ended() -> None:
    finished = run("import sys; print('out'); print('err', file=sys.stderr); sys.exit(7)")
    assert finished == confined.Finished(7, "out\n", "err\n")


def test_it_sees_nothing_of_our_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEY", "very secret")
    said = run("import os; print(sorted(os.environ))").stdout
    assert set(eval(said)) <= {"PATH", "LANG", "LC_CTYPE"}  # noqa: S307  our own child's words


def test_it_inherits_no_open_file(tmp_path: Path) -> None:
    with (tmp_path / "secret").open("w") as secret:
        os.set_inheritable(secret.fileno(), True)
        said = run("import os; print([os.readlink(f'/proc/self/fd/{n}') for n in os.listdir('/proc/self/fd')[:-1]])")
    assert "secret" not in said.stdout


@pytest.mark.parametrize(
    ("script", "limits", "ended"),
    [
        ("bytearray(1 << 30)", Limits(memory=256 << 20, cpu=20, wall=30, file=1), 1),
        ("while True: pass", Limits(memory=2 << 30, cpu=1, wall=30, file=1), -signal.SIGXCPU),
        (
            "with open('big', 'wb') as file: file.write(bytes(4096))",
            Limits(memory=2 << 30, cpu=20, wall=30, file=1024),
            1,
        ),
    ],
)
def test_it_is_bounded(tmp_path: Path, script: str, limits: Limits, ended: int) -> None:
    finished = run(script, limits, folder=tmp_path)
    assert (finished.code, finished.timed_out) == (ended, False)
    assert all(path.stat().st_size <= 1024 for path in tmp_path.iterdir())


def test_it_is_bounded_in_time_even_when_it_only_sleeps_or_talks() -> None:
    assert run("import time; time.sleep(600)", Limits(1 << 30, 20, 0.3, 1)).timed_out
    assert run("import os\nwhile True: os.write(1, bytes(65536))").timed_out
    assert run("import os\nwhile True: os.write(1, bytes(65536))", on_line=lambda _: None).timed_out


def test_its_errors_are_kept_to_the_end_of_them() -> None:
    finished = run("import sys; sys.stderr.write('x' * 10_000_000 + 'the end')")
    assert finished.stderr.endswith("the end")
    assert len(finished.stderr) <= 128 * 1024


def test_it_reaches_no_network() -> None:
    """A server on this machine is there for us and not for the program."""
    script = (
        "import socket, sys\n"
        "try: socket.create_connection(('127.0.0.1', int(sys.argv[1])), timeout=5); print('reached')\n"
        "except OSError: print('nothing there')"
    )
    import socket

    with socket.create_server(("127.0.0.1", 0)) as server:
        command = [sys.executable, "-c", script, str(server.getsockname()[1])]
        ours = subprocess.run(command, capture_output=True, text=True, check=True, timeout=30)
        assert ours.stdout == "reached\n"
        assert confined.run(command, WIDE).stdout == "nothing there\n"


def test_lines_arrive_whole_and_what_they_raise_ends_it(tmp_path: Path) -> None:
    lines: list[str] = []
    run("import sys\nfor n in range(3): sys.stdout.write(f'{n}'); sys.stdout.flush(); print('!')", on_line=lines.append)
    assert lines == ["0!", "1!", "2!"]

    def stop(line: str) -> None:
        raise KeyboardInterrupt(line)

    script = "import os, time; print(os.getpid(), flush=True); time.sleep(600)"
    with pytest.raises(KeyboardInterrupt) as caught:
        run(script, on_line=stop)
    with pytest.raises(ProcessLookupError):
        os.kill(int(str(caught.value)), 0)


def test_the_heart_beats_while_a_program_is_silent() -> None:
    beats: list[int] = []

    def beat() -> None:
        beats.append(1)
        if len(beats) == 3:
            raise InterruptedError

    with pytest.raises(InterruptedError):
        run("import time; time.sleep(600)", beat=beat)


def test_its_own_children_end_with_it() -> None:
    script = (
        "import subprocess, sys\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'], stdout=2)\n"
        "print(child.pid, flush=True)\nimport time; time.sleep(600)"
    )
    said: list[str] = []

    def beat() -> None:
        if said:
            raise InterruptedError

    with pytest.raises(InterruptedError):
        run(script, on_line=said.append, beat=beat)
    assert gone(int(said[0]))


def gone(pid: int) -> bool:
    """Wait for the end of a process that need not be a child of ours."""
    try:
        handle = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    try:
        with selectors.DefaultSelector() as selector:
            selector.register(handle, selectors.EVENT_READ)
            return bool(selector.select(20))
    finally:
        os.close(handle)


@pytest.mark.slow
def test_a_worker_killed_by_force_takes_its_encoder_along(tmp_path: Path) -> None:
    command = [FFMPEG, "-v", "error", "-progress", "pipe:1", "-stats_period", "0.1"]
    command += ["-re", "-f", "lavfi", "-i", "testsrc2=s=64x64", "-f", "null", "-"]
    script = (
        "import os, sys; from pipeline import confined\n"
        "def tell(line): print(open(f'/proc/{os.getpid()}/task/{os.getpid()}/children').read(), flush=True)\n"
        f"confined.run({command!r}, confined.Limits(8 << 30, 60, 60, 1 << 20), on_line=tell)"
    )
    worker = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
    assert worker.stdout
    try:
        encoder = int(worker.stdout.readline())  # it has begun: it reports its progress
        assert Path(f"/proc/{encoder}/exe").resolve() == Path(FFMPEG).resolve()
    finally:
        worker.kill()
        worker.wait()
        worker.stdout.close()
    ended = gone(encoder)
    if not ended:
        with contextlib.suppress(ProcessLookupError):
            os.kill(encoder, signal.SIGKILL)
    assert ended
