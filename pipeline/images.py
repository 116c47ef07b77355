"""Makes the published files of an uploaded image, in a child process that may fail without us."""

import json
import signal
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline import confined, image_child
from pipeline.errors import AuthorError, PipelineError

RECIPE = "image-1"  # goes up when the same original would give other bytes
# 64 megapixels with an alpha channel are 256 MB, and twice that while they are converted.
LIMITS = confined.Limits(memory=2 << 30, cpu=120, wall=240, file=256 << 20)
# How the child ends when the image asks too much of it. SIGKILL is not among them: that may be the machine's trouble.
_TOO_MUCH = (image_child.OUT_OF_MEMORY, -signal.SIGXCPU, -signal.SIGSEGV, -signal.SIGABRT, -signal.SIGBUS)


@dataclass(frozen=True)
class ImageFile:
    """One published file of an image: its name in the folder (`<sha256>.<ext>`), media type and width in pixels."""

    file: str
    media_type: str
    width: int


@dataclass(frozen=True)
class MadeImage:
    """What was made of an image. `sources` are WebP files by rising width, empty for SVG; `width` and `height` are
    those of the largest file, in CSS pixels."""

    width: int
    height: int
    sources: tuple[ImageFile, ...]
    fallback: ImageFile


def make(original: Path, name: str, folder: Path, beat: Callable[[], None] = lambda: None) -> MadeImage:
    """Write the published files of `original` into the empty `folder`. `name` is what its author calls it.

    `beat` is called at least once a second; what it raises ends the work.

    Raises `AuthorError` with a sentence that begins with `name` when the file cannot become an image.
    """
    # A name that begins with a hyphen is still only a name: the child reads its arguments by position.
    child = confined.python("pipeline.image_child", str(original), name, str(folder))
    finished = confined.run(child, LIMITS, beat=beat)
    if finished.timed_out or finished.code in _TOO_MUCH:
        raise AuthorError(
            f"{name} asks for more memory or time than an image may; make it smaller, or export it again as PNG."
        )
    if finished.code != 0:
        raise PipelineError(f"The image process ended with {finished.code}: {finished.stderr.strip()[-500:]}")
    answer: dict[str, Any] = json.loads(finished.stdout)
    if "fault" in answer:
        raise AuthorError(answer["fault"])
    made = answer["image"]
    return MadeImage(
        made["width"],
        made["height"],
        tuple(ImageFile(**source) for source in made["sources"]),
        ImageFile(**made["fallback"]),
    )
