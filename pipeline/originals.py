"""Uploaded originals, kept by the sha256 of their bytes for as long as a candidate may name them."""

import hashlib
import os
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from django.conf import settings

from pipeline.errors import PipelineError

_PIECE = 1 << 20
_STALE_SECONDS = 24 * 3600


def path(sha256: str) -> Path:
    """Where the original named `sha256` (64 lower-case hexadecimal digits) lies. It need not exist."""
    if len(sha256) != 64 or not set(sha256) <= set("0123456789abcdef"):
        raise PipelineError(f"{sha256!r} is not the name of an original: a sha256 has 64 hexadecimal digits.")
    return Path(settings.LECTERN_ORIGINALS) / sha256[:2] / sha256


def keep(file: BinaryIO | Path) -> str:
    """Copy `file` among the originals and return its sha256. The same bytes are kept once.

    A `BinaryIO` is read from its beginning where it can seek, and from where it stands where it cannot.
    """
    if isinstance(file, Path):
        with file.open("rb") as opened:
            return _keep(opened)
    if file.seekable():
        file.seek(0)
    return _keep(file)


def clear_half_copied() -> int:
    """Remove copies that a killed process began more than a day ago; how many."""
    removed = 0
    for left in Path(settings.LECTERN_ORIGINALS).glob(".incoming-*"):
        with suppress(FileNotFoundError):  # its copier finished it in this moment
            if time.time() - left.stat().st_mtime > _STALE_SECONDS:
                left.unlink()
                removed += 1
    return removed


def _keep(source: BinaryIO) -> str:
    root = Path(settings.LECTERN_ORIGINALS)
    root.mkdir(parents=True, exist_ok=True)
    digest = hashlib.sha256()
    # The copy is made beside its final place: a rename across file systems would not be atomic.
    handle, name = tempfile.mkstemp(dir=root, prefix=".incoming-")
    fresh = Path(name)
    try:
        with os.fdopen(handle, "wb") as copy:
            while piece := source.read(_PIECE):
                digest.update(piece)
                copy.write(piece)
            copy.flush()
            # Without this, a power cut after the rename leaves the right name on an empty file.
            os.fsync(copy.fileno())
        kept = path(digest.hexdigest())
        if not kept.exists():
            if not kept.parent.exists():
                kept.parent.mkdir(exist_ok=True)
                _sync_folder(root)
            fresh.chmod(0o444)
            fresh.replace(kept)
            _sync_folder(kept.parent)
    finally:
        fresh.unlink(missing_ok=True)
    return kept.name


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
