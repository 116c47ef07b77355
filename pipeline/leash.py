"""Puts limits on this process, then becomes the program it was given: what `pipeline.confined` really starts.

    python leash.py PARENT MEMORY CPU FILE NICE PROGRAM [ARGUMENT...]

A program of its own and not `preexec_fn`, because Python code between fork and exec can deadlock in a worker that
runs threads. It imports nothing of Lectern, so that it starts in hundredths of a second.
"""

import contextlib
import ctypes
import os
import resource
import signal
import sys

PR_SET_PDEATHSIG = 1  # prctl(2)
CLONE_NEWUSER, CLONE_NEWNET = 0x10000000, 0x40000000  # unshare(2)


def die_with(parent: int) -> None:
    """Ask the kernel to kill this process when `parent` dies, even by SIGKILL. Linux only."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        # The parent died before the request was made; the kernel will not tell us any more.
        os._exit(1)


def leave_network() -> None:
    """Enter a network of our own with nothing in it. Where the kernel refuses, the program's own flags must do."""
    libc = ctypes.CDLL(None)
    if libc.unshare(CLONE_NEWNET) != 0:
        libc.unshare(CLONE_NEWUSER | CLONE_NEWNET)


def limit(kind: int, soft: int, hard: int | None = None) -> None:
    _, most = resource.getrlimit(kind)
    ceiling = hard or soft
    ceiling = ceiling if most == resource.RLIM_INFINITY else min(ceiling, most)
    with contextlib.suppress(ValueError, OSError):  # macOS refuses some limits
        resource.setrlimit(kind, (min(soft, ceiling), ceiling))


def main(arguments: list[str]) -> None:
    parent, memory, cpu, file, nice = map(int, arguments[:5])
    program = arguments[5:]
    if sys.platform == "linux":
        die_with(parent)
        leave_network()
    os.nice(nice)
    limit(resource.RLIMIT_CORE, 0)
    # At the soft limit the program is told by SIGXCPU, which says why it ended; SIGKILL, a little later, does not.
    limit(resource.RLIMIT_CPU, cpu, cpu + 5)
    limit(resource.RLIMIT_FSIZE, file)
    limit(resource.RLIMIT_AS, memory)
    os.execv(program[0], program)  # noqa: S606  no shell: the arguments are passed as they are


if __name__ == "__main__":
    main(sys.argv[1:])
