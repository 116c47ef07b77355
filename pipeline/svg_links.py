"""Judges the references of an SVG: within itself, or to a bitmap that it carries."""

import base64
import io
import re

from lxml import etree
from PIL import Image

from pipeline.raster import BROKEN, MAX_PIXELS

ENDLESS = 1 << 40
_PRIVATE = {"exif", "xmp", "photoshop", "comment", "XML:com.adobe.xmp", "Raw profile type exif"}
_USES = re.compile(r"url\(\s*['\"]?#([^'\")\s]+)")
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
            if image.getexif() or _PRIVATE & image.info.keys() or getattr(image, "text", None):
                data = _without_metadata(image)
    except (*BROKEN, Image.DecompressionBombError):
        return ""
    return f"data:{media_type};base64,{base64.b64encode(data).decode()}"


def _without_metadata(image: Image.Image) -> bytes:
    """The same picture encoded again: a phone's photo says where it was taken."""
    kind = image.format
    plain = image.copy()
    # What the picture needs to look the same stays: which colour is no colour, and what the numbers mean.
    plain.info = {key: plain.info[key] for key in ("transparency", "icc_profile", "gamma") if key in plain.info}
    plain.getexif().clear()
    written = io.BytesIO()
    options = {"quality": 92, "icc_profile": plain.info.get("icc_profile")} if kind == "JPEG" else {}
    plain.save(written, kind, **options)
    return written.getvalue()


def drawn(root: etree._Element) -> int:
    """How many elements a browser draws once it has followed every <use> and every pattern, mask, marker and the like.

    A circle of uses counts as endless. Raises `RecursionError` for a chain of a thousand links.
    """
    named: dict[str, etree._Element] = {}
    for element in root.iter(etree.Element):
        if name := element.get("id"):
            named.setdefault(name, element)  # of two with one name, browsers draw the first
    counted: dict[etree._Element, int] = {}
    open_now: set[etree._Element] = set()

    def count(element: etree._Element) -> int:
        if element in counted:
            return counted[element]
        if element in open_now:
            return ENDLESS
        open_now.add(element)
        total = 1 + sum(count(child) for child in element.iterchildren(etree.Element))
        for name in _references(element):
            if (target := named.get(name)) is not None:
                total += count(target)
        open_now.discard(element)
        counted[element] = min(total, ENDLESS)
        return counted[element]

    return count(root)


def _references(element: etree._Element) -> list[str]:
    """The ids of what is drawn in the course of drawing `element`."""
    found = [name for value in element.attrib.values() for name in _USES.findall(str(value))]
    if etree.QName(element).localname in ("use", "pattern"):
        found.append((element.get("href") or "").removeprefix("#"))
    return found
