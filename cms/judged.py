"""Judges an image before it becomes a row: the same sentences at the editor's forms and in an import."""

import struct
import warnings
from pathlib import Path

from django.conf import settings
from PIL import Image, UnidentifiedImageError

from pipeline import raster, svg
from pipeline.errors import AuthorError

# What Pillow raises for files that break off or contradict themselves: it has no class of its own for them.
_BROKEN = (OSError, SyntaxError, ValueError, EOFError, IndexError, TypeError, OverflowError, struct.error)


def judge_image(path: Path, name: str) -> None:
    """Raises AuthorError, with a sentence that begins with `name`, if the file at `path` cannot become an image."""
    size, most = path.stat().st_size, settings.WAGTAILIMAGES_MAX_UPLOAD_SIZE
    if size > most:
        raise AuthorError(
            f"{name} has {size / 2**20:.0f} MB, and an image at most {most // 2**20}: make it "
            f"smaller ({raster.WIDTHS[-1]} pixels wide is enough)."
        )
    extension = Path(name).suffix.lower().removeprefix(".")
    if extension not in settings.WAGTAILIMAGES_EXTENSIONS:
        raise AuthorError(
            f"{name} is not named like an image: use one of {', '.join(settings.WAGTAILIMAGES_EXTENSIONS)}."
        )
    if extension == "svg":
        _judge_drawing(path.read_bytes(), name)
    else:
        _judge_bitmap(path, name)


def _judge_drawing(data: bytes, name: str) -> None:
    svg.clean(data, name)
    if b"<!entity" in data.lower():
        # Wagtail does not open such a file: an entity may stand for any file of the machine, or for gigabytes.
        raise AuthorError(f"{name} declares entities, which are not read: export it as plain SVG, or as PNG.")


def _judge_bitmap(path: Path, name: str) -> None:
    """The checks of `pipeline.raster`, by the size a file declares first: nothing that is too large is unpacked."""
    too_large = (
        f"and at most {raster.MAX_PIXELS // 1_000_000} are published: "
        f"make it smaller ({raster.WIDTHS[-1]} pixels wide is enough)."
    )
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # judged below, in our own words
            image = Image.open(path, formats=raster.FORMATS)
    except Image.DecompressionBombError as error:
        raise AuthorError(f"{name} would unpack to more than 178 megapixels, {too_large}") from error
    except (UnidentifiedImageError, *_BROKEN) as error:
        raise AuthorError(
            f"{name} is not an image that can be read: export it as PNG, JPEG, GIF, WebP, AVIF or SVG."
        ) from error
    with image:
        pixels = image.width * image.height
        if pixels > raster.MAX_PIXELS:
            raise AuthorError(
                f"{name} is {image.width} by {image.height} pixels ({pixels / 1e6:.0f} megapixels), {too_large}"
            )
        try:
            image.load()
        except _BROKEN as error:
            raise AuthorError(f"{name} is damaged or cut short: export it again.") from error
