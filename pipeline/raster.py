"""Makes the published files of one bitmap: right way up, in sRGB, without metadata, in widths that pages ask for.

Of an animated image the first frame is published: a figure that moves and cannot be stopped fails WCAG 2.2.2, and
moving pictures have a block of their own.
"""

import hashlib
import io
import struct
import zlib
from pathlib import Path
from typing import Any

from PIL import Image, ImageCms, ImageFile, UnidentifiedImageError

from pipeline.errors import AuthorError

WIDTHS = (480, 960, 1440, 1920)
FALLBACK_WIDTH = 1440  # the one file for readers without WebP, and for link previews
MAX_PIXELS = 64_000_000
MAX_SIDE = 16_383  # WebP has 14 bits for a side
FEW_COLOURS = 256
FORMATS = ["JPEG", "PNG", "GIF", "WEBP", "AVIF"]
_WEBP_MEMORY = ("encoding error 1", "encoding error 2")  # VP8_ENC_ERROR_OUT_OF_MEMORY and its sister
_TURNS = {  # EXIF 2.32, tag 0x0112: what the viewer must still do
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
# What Pillow's readers raise for a damaged file.
BROKEN = (
    *(OSError, SyntaxError, ValueError, EOFError, IndexError, KeyError, TypeError, OverflowError),
    *(RuntimeError, struct.error, zlib.error),
)


def make(original: Path, name: str, folder: Path) -> dict[str, object]:
    """Write the files of `original` into `folder`, named by their sha256; return the JSON of `pipeline.images`.

    Raises `AuthorError` for what is no image of `FORMATS`, is damaged, or has more than `MAX_PIXELS`.
    """
    # Judged below by the size a file declares, before one pixel is unpacked. Pillow's own limit would end without
    # saying how large the image is.
    Image.MAX_IMAGE_PIXELS = None
    ImageFile.LOAD_TRUNCATED_IMAGES = False
    try:
        image = Image.open(original, formats=FORMATS)
    except (UnidentifiedImageError, *BROKEN) as error:
        raise AuthorError(
            f"{name} is not an image that can be read; export it as PNG, JPEG, GIF, WebP, AVIF or SVG."
        ) from error
    with image:
        width, height = image.size
        if width * height > MAX_PIXELS:
            raise AuthorError(
                f"{name} is {width} by {height} pixels ({width * height / 1e6:.0f} megapixels) and at most "
                f"{MAX_PIXELS // 1_000_000} are published; make it smaller ({WIDTHS[-1]} pixels wide is enough)."
            )
        try:
            drawing = image.format in ("PNG", "GIF")
            largest = _upright_srgb(image)
        except BROKEN as error:
            raise AuthorError(
                f"{name} is damaged or cut short and cannot be shown whole; export or upload it again."
            ) from error
    return _write_all(largest, drawing, folder)


def _upright_srgb(image: Image.Image) -> Image.Image:
    """The image at the largest published size, RGB or RGBA, turned as its EXIF says, coloured as its profile says."""
    turn = _TURNS.get(image.getexif().get(0x0112, 1))
    across = image.height if turn in tuple(_TURNS.values())[3:] else image.width
    scale = min(1.0, WIDTHS[-1] / across, MAX_SIDE / max(image.size))
    size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
    profile = image.info.get("icc_profile")
    image.draft(None, (size[0] * 2, size[1] * 2))  # a huge JPEG is unpacked at a half, quarter or eighth
    image.load()
    plain = _plain_mode(image)
    if plain.size != size:
        plain = plain.resize(size, Image.Resampling.LANCZOS, reducing_gap=3.0)
    if turn is not None:
        plain = plain.transpose(turn)
    return _srgb(plain, profile)


def _plain_mode(image: Image.Image) -> Image.Image:
    """`image` as L, RGB, CMYK or RGBA: the modes that can be resized and colour-managed."""
    if image.mode.startswith(("I", "F")):
        # 16-bit greys: Pillow's own conversion to 8 bits would clip all but the darkest to white.
        return image.convert("I").point(lambda value: value / 257).convert("L")
    if image.mode in ("L", "RGB", "CMYK", "RGBA") and "transparency" not in image.info:
        return image
    if image.mode in ("LA", "PA", "La", "RGBa") or "transparency" in image.info:
        return image.convert("RGBA")
    return image.convert("L" if image.mode == "1" else "RGB")


def _srgb(image: Image.Image, profile: Any) -> Image.Image:
    """`image` in sRGB, as RGB or RGBA. A profile that cannot be used is as good as none."""
    alpha = image.getchannel("A") if image.mode == "RGBA" else None
    colours = image.convert("RGB") if alpha else image
    if profile:
        try:
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            managed = ImageCms.profileToProfile(colours, source, ImageCms.createProfile("sRGB"), outputMode="RGB")
            colours = managed or colours
        except (ImageCms.PyCMSError, OSError, ValueError):
            pass
    colours = colours.convert("RGB")
    if alpha and alpha.getextrema() != (255, 255):
        colours.putalpha(alpha)
    return colours


def _write_all(largest: Image.Image, drawing: bool, folder: Path) -> dict[str, object]:
    sources, fallback = [], None
    few_colours = largest.getcolors(FEW_COLOURS) is not None
    for width in [width for width in WIDTHS if width < largest.width] + [largest.width]:
        height = max(1, round(largest.height * width / largest.width))
        image = largest if width == largest.width else largest.resize((width, height), Image.Resampling.LANCZOS)
        image.info = {}  # nothing of the upload's metadata is carried over
        sources.append(_written(_webp(image, drawing), "webp", "image/webp", width, folder))
        if fallback is None or width <= FALLBACK_WIDTH:
            fallback = (image, width)
    image, width = fallback or (largest, largest.width)
    if image.mode == "RGBA" or few_colours:
        plain = _written(_encoded(image, "PNG", optimize=True), "png", "image/png", width, folder)
    else:
        plain = _written(
            _encoded(image, "JPEG", quality=85, optimize=True, progressive=True), "jpg", "image/jpeg", width, folder
        )
    return {"width": largest.width, "height": largest.height, "sources": sources, "fallback": plain}


def _webp(image: Image.Image, drawing: bool) -> bytes:
    """WebP bytes. A drawing or a screenshot stays exact where that costs at most a quarter more."""
    lossy = _encoded(image, "WEBP", quality=90 if drawing else 82, method=4)
    if not drawing:
        return lossy
    exact = _encoded(image, "WEBP", lossless=True, quality=75, method=4)
    return exact if len(exact) <= len(lossy) * 1.25 else lossy


def _encoded(image: Image.Image, kind: str, **options: Any) -> bytes:
    written = io.BytesIO()
    try:
        image.save(written, kind, **options)
    except ValueError as error:
        if str(error) in _WEBP_MEMORY:
            raise MemoryError from error
        raise
    return written.getvalue()


def _written(data: bytes, suffix: str, media_type: str, width: int, folder: Path) -> dict[str, object]:
    name = f"{hashlib.sha256(data).hexdigest()}.{suffix}"
    (folder / name).write_bytes(data)
    return {"file": name, "media_type": media_type, "width": width}
