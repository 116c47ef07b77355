"""Pictures of people: whatever is uploaded becomes a small square WebP of our own making, named by its sha256."""

import hashlib
import io
import os
import re
import tempfile
import threading
from pathlib import Path
from typing import BinaryIO

from django.conf import settings
from django.core.files import File
from PIL import Image, ImageOps, UnidentifiedImageError

from api.accounts.models import User
from api.errors import ApiError

SIDE = 256
LARGEST_BYTES = 5 * 1024 * 1024
# 12 megapixels as telephones count them (4032 x 3024): 50 MB in memory, and up to twice that while it is made small.
LARGEST_PIXELS = 12_500_000
# One picture at a time in each process: a dozen at once would cost a gigabyte.
DECODING = threading.Lock()
PATIENCE = 10.0  # seconds that an upload waits for its turn
BUSY = "Many pictures are being prepared at the moment; please try again in a minute."
FORMATS = ("JPEG", "PNG", "WEBP")
NAME = re.compile(r"[0-9a-f]{64}")


def set_avatar(user: User, upload: "File[bytes]") -> None:
    """Re-encode `upload` and make it the picture of `user`. Raises ApiError with a sentence."""
    if upload.size > LARGEST_BYTES:
        raise ApiError(413, "too_big", "The picture is larger than 5 MB; please choose a smaller one.")
    if not DECODING.acquire(timeout=PATIENCE):
        raise ApiError(503, "busy", BUSY, {"Retry-After": "10"})
    try:
        data = encode(io.BytesIO(upload.read()))
    finally:
        DECODING.release()
    before, user.avatar = user.avatar, hashlib.sha256(data).hexdigest()
    _keep(user.avatar, data)
    user.save(update_fields=["avatar"])
    if before != user.avatar:
        _drop(before)


def remove_avatar(user: User) -> None:
    """Take the picture of `user` away, file and all; nothing to do if there is none."""
    before, user.avatar = user.avatar, ""
    user.save(update_fields=["avatar"])
    _drop(before)


def find(name: str) -> bytes | None:
    """The picture named by sha256 `name`, or None."""
    if not NAME.fullmatch(name):
        return None
    try:
        return _path(name).read_bytes()
    except FileNotFoundError:
        return None


def encode(upload: BinaryIO) -> bytes:
    """The middle square of a JPEG, PNG or WebP as a WebP of 256 x 256 pixels without metadata. Raises ApiError."""
    try:
        with Image.open(upload, formats=FORMATS) as picture:
            # The header's claim, before a pixel is decoded: a bomb is a few kilobytes that unfold to gigabytes.
            if picture.width * picture.height > LARGEST_PIXELS:
                raise ApiError(422, "picture", "The picture has more than 12 megapixels; please choose a smaller one.")
            picture.draft("RGB", (SIDE * 2, SIDE * 2))  # a JPEG is decoded at the nearest size that suffices
            has_alpha = "A" in picture.getbands() or "transparency" in picture.info
            mode = "RGBA" if has_alpha else "RGB"
            # Made small before anything else: every step at full size would hold one more copy of it.
            square = ImageOps.fit(picture if picture.mode == mode else picture.convert(mode), (SIDE, SIDE))
            square = ImageOps.exif_transpose(square)
    except (UnidentifiedImageError, Image.DecompressionBombError):
        raise ApiError(
            422, "picture", "This is not a picture we can read; please choose a JPEG, PNG or WebP."
        ) from None
    except (OSError, ValueError, SyntaxError, IndexError, TypeError, KeyError, OverflowError, EOFError):
        # Pillow has no class of its own for a file that breaks off or contradicts itself.
        raise ApiError(422, "picture", "The picture is damaged; please choose another one.") from None
    # Pasted on a fresh canvas: nothing of the upload but its pixels goes along.
    clean = Image.new(square.mode, square.size)
    clean.paste(square)
    out = io.BytesIO()
    clean.save(out, "WEBP", quality=82, method=4)
    return out.getvalue()


def _path(name: str) -> Path:
    folder: Path = settings.LECTERN_AVATARS
    return folder / f"{name}.webp"


def _keep(name: str, data: bytes) -> None:
    path = _path(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, fresh = tempfile.mkstemp(dir=path.parent)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    # In one step: nobody is served half a picture.
    Path(fresh).replace(path)


def _drop(name: str) -> None:
    """Delete the file unless somebody else shows the same picture."""
    if name and not User.objects.filter(avatar=name).exists():
        _path(name).unlink(missing_ok=True)
