"""Judges the references of an SVG: within itself, or to a bitmap that it carries."""

import base64
import binascii
import io
import re

from lxml import etree
from PIL import Image

MAX_PIXELS = 64_000_000
ENDLESS = 1 << 40
_FRAGMENT = re.compile(r"#[^\s\"'<>()\\]+")
_BITMAP = re.compile(r"data:image/(png|jpe?g);base64,(.*)", re.IGNORECASE | re.DOTALL)


def safe(kind: str, href: str | None) -> str:
    """`href` of an element `kind` if it may stay, otherwise an empty string."""
    href = (href or "").strip()
    if kind != "image":
        return href if _FRAGMENT.fullmatch(href) else ""
    match = _BITMAP.fullmatch(href)
    return _bitmap(match[2]) if match else ""


def _bitmap(encoded: str) -> str:
    """The embedded PNG or JPEG as a data address without its metadata; an empty string if it is neither."""
    try:
        data = base64.b64decode(re.sub(r"\s+|%0[ad]", "", encoded, flags=re.IGNORECASE), validate=True)
        with Image.open(io.BytesIO(data), formats=["PNG", "JPEG"]) as image:
            media_type = "image/png" if image.format == "PNG" else "image/jpeg"
            if image.width * image.height > MAX_PIXELS:
                return ""
            if image.getexif():
                data = _without_metadata(image)
    except (binascii.Error, OSError, SyntaxError, ValueError, Image.DecompressionBombError):
        return ""
    return f"data:{media_type};base64,{base64.b64encode(data).decode()}"


def _without_metadata(image: Image.Image) -> bytes:
    """The same picture encoded again: a phone's photo says where it was taken."""
    kind = image.format
    plain = image.copy()
    plain.info = {}
    plain.getexif().clear()
    written = io.BytesIO()
    plain.save(written, kind, **({"quality": 92} if kind == "JPEG" else {}))
    return written.getvalue()


def drawn(root: etree._Element) -> int:
    """How many elements a browser draws once it has followed every <use>. A circle of uses counts as endless."""
    named = {name: element for element in root.iter(etree.Element) if (name := element.get("id"))}
    counted: dict[etree._Element, int] = {}
    open_now: set[etree._Element] = set()

    def count(element: etree._Element) -> int:
        if element in counted:
            return counted[element]
        if element in open_now:
            return ENDLESS
        open_now.add(element)
        total = 1 + sum(count(child) for child in element.iterchildren(etree.Element))
        target = named.get((element.get("href") or "").removeprefix("#"))
        if etree.QName(element).localname == "use" and target is not None:
            total += count(target)
        open_now.discard(element)
        counted[element] = min(total, ENDLESS)
        return counted[element]

    try:
        return count(root)
    except RecursionError:
        # A chain of uses a thousand links long: no drawing program writes one.
        return ENDLESS
