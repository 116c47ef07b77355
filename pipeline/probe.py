"""Says what an uploaded video is, before anything else touches it."""

import json
import signal
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from pipeline import confined
from pipeline.errors import AuthorError, PipelineError

LIMITS = confined.Limits(memory=3 << 30, cpu=300, wall=600, file=1 << 20)
MAX_SIDE = 8192  # pixels
MIN_SIDE = 16
MAX_SECONDS = 12 * 3600
MISSING = 0.02  # how much of what the header promises may be absent
STILL = 0.5  # seconds that the sound may go on after the last picture before the picture is held for it

# What the first bytes of the accepted containers say: ISO base media (12 bytes in) and Matroska (EBML).
_BOXES = (b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip")
_MEDIA = (b"moov", b"moof", b"mdat")
_EBML = b"\x1a\x45\xdf\xa3"
_EXPORT = "export it as MP4 (H.264 and AAC) and upload that"

FAULTS = {
    "unreadable": f"{{name}} is damaged: it begins like a video but cannot be opened; {_EXPORT}.",
    "no pictures": f"{{name}} holds no moving pictures; {_EXPORT}.",
    "no sound": f"{{name}} has sound that cannot be decoded; {_EXPORT}.",
    "undecodable": f"{{name}} holds no picture that can be decoded; {_EXPORT}.",
}


@dataclass(frozen=True)
class Probe:
    """A video as a viewer would see it.

    `duration` in seconds, of pictures and sound together; `still` are the seconds of it after the last picture;
    `width` and `height` in square pixels after rotation; `fps` is the frame rate where it is `steady`, else the
    mean; `transfer` is ffmpeg's name of the HDR curve. `audio` says that there is sound.
    """

    duration: float
    still: float
    codec: str
    pixel_format: str
    width: int
    height: int
    rotation: int
    fps: float
    steady: bool
    hdr: bool
    transfer: str
    audio: bool
    channels: int


def probe(original: Path, name: str, beat: Callable[[], None] = lambda: None) -> Probe:
    """The facts of the video at `original`, which its author calls `name`. `beat` is called once a second.

    Raises `AuthorError`, with a sentence that begins with `name`, for what is no video or not a whole one.
    """
    _sniff(original, name)
    # A folder of its own: a file that names its neighbours finds none.
    with tempfile.TemporaryDirectory(prefix="lectern-probe-") as empty:
        alone = Path(empty) / "original"
        alone.symlink_to(original.resolve())
        finished = confined.run(confined.python("pipeline.probe_child", str(alone)), LIMITS, beat=beat)
    if finished.timed_out or finished.code != 0:
        if finished.code == -signal.SIGKILL and not finished.timed_out:
            raise PipelineError(f"The probe of a video was killed: {finished.stderr.strip()[-300:]}")
        raise AuthorError(FAULTS["unreadable"].format(name=name))
    facts: dict[str, Any] = json.loads(finished.stdout)
    if "fault" in facts:
        raise AuthorError(FAULTS[facts["fault"]].format(name=name))
    return _judged(facts, name)


def _sniff(original: Path, name: str) -> None:
    with original.open("rb") as file:
        head = file.read(16)
    if not head:
        raise AuthorError(f"{name} is empty (0 bytes); upload it again from where it was made.")
    if not (head.startswith(_EBML) or head[4:8] in _BOXES):
        raise AuthorError(f"{name} is not a video, whatever its name says; {_EXPORT}.")
    with original.open("rb") as file:
        if not _is_whole(file, original.stat().st_size):
            raise AuthorError(f"{name} is cut short: its end is missing; upload it again, or {_EXPORT}.")


def _is_whole(file: BinaryIO, size: int) -> bool:
    """Whether no box of media at the top of an ISO file (ISO/IEC 14496-12, 4.2) ends beyond the end of the file."""
    at = 0
    while at + 16 <= size:
        file.seek(at)
        head = file.read(16)
        length, kind = int.from_bytes(head[:4], "big"), head[4:8]
        if length == 1:
            length = int.from_bytes(head[8:16], "big")
        if length < 8:
            break  # 0: the rest of the file; otherwise no box
        at += length
        if at > size and kind in _MEDIA:
            return False
    return True


def _judged(facts: dict[str, Any], name: str) -> Probe:
    promised = facts.pop("promised")
    duration = facts["duration"]
    if duration > MAX_SECONDS:
        raise AuthorError(f"{name} lasts {duration / 3600:.0f} hours; cut it into parts of at most 12 hours.")
    if duration < promised * (1 - MISSING) - 1:
        raise AuthorError(
            f"{name} is cut short: it promises {promised:.0f} seconds and ends after {duration:.0f}; upload it again, "
            f"or {_EXPORT}."
        )
    facts["still"] = facts["still"] if facts["still"] > STILL else 0.0
    width, height = round(facts["width"] * facts.pop("sample_ratio")), facts["height"]
    if facts["rotation"] in (90, 270):
        width, height = height, width
    if max(width, height) > MAX_SIDE:
        raise AuthorError(f"{name} is {width} by {height} pixels; export it at 1920 by 1080 and upload that.")
    if min(width, height) < MIN_SIDE:
        raise AuthorError(
            f"{name} is {width} by {height} pixels, too small to show; export it at {MIN_SIDE} pixels or more a side."
        )
    return Probe(**{**facts, "width": width, "height": height})
