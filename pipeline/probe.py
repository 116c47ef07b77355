"""Says what an uploaded video is, before anything else touches it."""

import json
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline import confined
from pipeline.errors import AuthorError, PipelineError

LIMITS = confined.Limits(memory=3 << 30, cpu=300, wall=600, file=1 << 20)
MAX_SIDE = 8192  # pixels
MIN_SIDE = 16
MAX_SECONDS = 12 * 3600
MISSING = 0.1  # how much of what the header promises may be absent

# What the first bytes of the accepted containers say: ISO base media (12 bytes in) and Matroska (EBML).
_BOXES = (b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip")
_EBML = b"\x1a\x45\xdf\xa3"
_EXPORT = "export it as MP4 (H.264 and AAC) and upload that"

FAULTS = {
    "unreadable": f"{{name}} is damaged: it begins like a video but cannot be opened; {_EXPORT}.",
    "no pictures": f"{{name}} holds no moving pictures; {_EXPORT}.",
    "undecodable": f"{{name}} holds no picture that can be decoded; {_EXPORT}.",
}


@dataclass(frozen=True)
class Probe:
    """A video as a viewer would see it.

    `duration` and `promised` (by the header) in seconds; `width` and `height` in square pixels after rotation;
    `fps` is the mean; `steady` says that the frame rate is constant; `transfer` is ffmpeg's name of the HDR curve.
    """

    duration: float
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


def probe(original: Path, name: str) -> Probe:
    """The facts of the video at `original`, which its author calls `name`.

    Raises `AuthorError`, with a sentence that begins with `name`, for what is no video or not a whole one.
    """
    _sniff(original, name)
    # A folder of its own: a file that names its neighbours finds none.
    with tempfile.TemporaryDirectory(prefix="lectern-probe-") as empty:
        alone = Path(empty) / "original"
        alone.symlink_to(original.resolve())
        finished = confined.run(confined.python("pipeline.probe_child", str(alone)), LIMITS)
    if finished.timed_out or finished.code != 0:
        if finished.code in (-9, 0) and not finished.timed_out:
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


def _judged(facts: dict[str, Any], name: str) -> Probe:
    promised = facts.pop("promised")
    duration = facts["duration"]
    if duration <= 0 or duration > MAX_SECONDS:
        raise AuthorError(f"{name} lasts {duration / 3600:.0f} hours, which no lesson can show; {_EXPORT}.")
    if duration < promised * (1 - MISSING) - 0.5:
        raise AuthorError(
            f"{name} is cut short: it promises {promised:.0f} seconds and ends after {duration:.0f}; upload it again."
        )
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
