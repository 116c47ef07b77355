"""Makes an uploaded SVG safe to publish: only shapes, text and styles of a closed list, canonical bytes.

What an SVG may hold that a picture needs not (scripts, event handlers, foreign HTML, addresses elsewhere,
animation, editors' own data) is left out; the picture looks the same. Source: SVG 2, W3C Candidate Recommendation.
"""

import math
import re
from dataclasses import dataclass

from lxml import etree

from pipeline import svg_links, svg_styles
from pipeline.errors import AuthorError

MAX_BYTES = 10 * 1024 * 1024
MAX_SIDE = 1e6  # CSS pixels
MAX_DRAWN = 200_000  # elements once every <use> is followed: nested uses multiply

SVG = "http://www.w3.org/2000/svg"
XLINK_HREF = "{http://www.w3.org/1999/xlink}href"
XML = "{http://www.w3.org/XML/1998/namespace}"

ELEMENTS = frozenset(
    """svg g defs symbol use path rect circle ellipse line polyline polygon text tspan textPath title desc image marker
    clipPath mask pattern linearGradient radialGradient stop style switch filter feBlend feColorMatrix
    feComponentTransfer feComposite feConvolveMatrix feDiffuseLighting feDisplacementMap feDistantLight feDropShadow
    feFlood feFuncA feFuncB feFuncG feFuncR feGaussianBlur feMerge feMergeNode feMorphology feOffset fePointLight
    feSpecularLighting feSpotLight feTile feTurbulence""".split()  # noqa: SIM905  one word after another reads better than a hundred quotes
)
UNWRAPPED = frozenset({"a"})  # a link leads out of the picture; what it shows stays

ATTRIBUTES = frozenset(
    """id class lang role version width height viewBox preserveAspectRatio x y x1 y1 x2 y2 cx cy r rx ry fx fy fr dx dy
    d points pathLength transform rotate textLength lengthAdjust startOffset method spacing offset
    gradientUnits gradientTransform spreadMethod patternUnits patternContentUnits patternTransform clipPathUnits
    maskUnits maskContentUnits markerUnits markerWidth markerHeight refX refY orient filterUnits primitiveUnits
    requiredFeatures requiredExtensions systemLanguage in in2 result type values mode operator k1 k2 k3 k4 order
    kernelMatrix divisor bias targetX targetY edgeMode preserveAlpha surfaceScale diffuseConstant specularConstant
    specularExponent kernelUnitLength scale xChannelSelector yChannelSelector azimuth elevation stdDeviation radius
    slope intercept amplitude exponent tableValues z pointsAtX pointsAtY pointsAtZ limitingConeAngle baseFrequency
    numOctaves seed stitchTiles""".split()  # noqa: SIM905  one word after another reads better than a hundred quotes
) | {f"{XML}space", f"{XML}lang"}

_UNITS = {"": 1.0, "px": 1.0, "pt": 4 / 3, "pc": 16.0, "mm": 96 / 25.4, "cm": 96 / 2.54, "in": 96.0, "em": 16.0}
_LENGTH = re.compile(r"\s*([0-9]*\.?[0-9]+(?:e[+-]?[0-9]+)?)\s*(px|pt|pc|mm|cm|in|em|)\s*", re.IGNORECASE)


@dataclass(frozen=True)
class Svg:
    """A clean SVG: canonical UTF-8 bytes and the size it shows at, in CSS pixels."""

    data: bytes
    width: int
    height: int


def clean(data: bytes, name: str) -> Svg:
    """The picture in `data`, without anything that acts or reaches elsewhere. `name` is for the sentence.

    Raises `AuthorError` when `data` is no SVG, is too large, or draws itself without end.
    """
    if len(data) > MAX_BYTES:
        raise AuthorError(too_large(name, len(data)))
    source = _parsed(data, name)
    # A tree of our own, not the uploaded one with parts cut out: what was forgotten is absent, not published.
    root = etree.Element(f"{{{SVG}}}svg", _attributes("svg", source), {None: SVG})  # type: ignore[dict-item]  # None: no prefix
    try:
        _copy(source, root)
        drawn = svg_links.drawn(root)
    except RecursionError as error:
        raise AuthorError(
            f"{name} has its parts inside each other a thousand deep; simplify the drawing, or export it as PNG."
        ) from error
    if drawn > MAX_DRAWN:
        raise AuthorError(
            f"{name} repeats its own parts so often that a browser could not draw it; simplify the drawing, "
            "or export it as PNG."
        )
    width, height = _size(root, name)
    # C14N: one order of attributes and one way of quoting, so that the same picture always has the same name.
    return Svg(etree.tostring(root, method="c14n"), max(1, round(width)), max(1, round(height)))


def too_large(name: str, size: int) -> str:
    """The sentence for an SVG of `size` bytes, too many to parse."""
    return (
        f"{name} is an SVG of {size / 1e6:.0f} MB and at most {MAX_BYTES / 1e6:.0f} MB is published; "
        "simplify the drawing, or export it as PNG."
    )


def _parsed(data: bytes, name: str) -> etree._Element:
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True, remove_pis=True
    )
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        line = error.position[0]
        raise AuthorError(
            f"{name} is not a well-formed SVG (line {line}); export it again from the drawing program."
        ) from error
    if _kind(root) != "svg":
        raise AuthorError(
            f"{name} holds <{etree.QName(root).localname}> instead of <svg>; export it again as SVG, or as PNG."
        )
    return root


def _kind(element: etree._Element) -> str:
    """The SVG name of `element`; an empty string for other namespaces, entities and the like."""
    if not isinstance(element.tag, str):
        return ""
    tag = etree.QName(element)
    # Hand-written pictures forget the namespace, and a browser then shows nothing: they mean SVG.
    return tag.localname if tag.namespace in (SVG, None) else ""


def _copy(source: etree._Element, into: etree._Element) -> None:
    """Copy what may stay of the inside of `source` into `into`. Nothing that is not copied here is published."""
    _append_text(into, source.text)
    for child in source:
        kind = _kind(child)
        if kind in UNWRAPPED:
            _copy(child, into)
        elif kind == "style":
            rules = svg_styles.sheet("".join(map(str, child.itertext(with_tail=False))))
            if rules:
                etree.SubElement(into, f"{{{SVG}}}style").text = rules
        elif kind in ELEMENTS:
            attributes = _attributes(kind, child)
            if kind != "image" or "href" in attributes:
                _copy(child, etree.SubElement(into, f"{{{SVG}}}{kind}", attributes))
        _append_text(into, child.tail)


def _append_text(into: etree._Element, text: str | None) -> None:
    if not text:
        return
    if len(into):
        into[-1].tail = (into[-1].tail or "") + text
    else:
        into.text = (into.text or "") + text


def _attributes(kind: str, element: etree._Element) -> dict[str, str]:
    """The attributes of `element` that may stay, with their values made safe."""
    kept = {}
    for name, value in ((str(name), str(value)) for name, value in element.attrib.items()):
        if name == "style":
            safe = svg_styles.declarations(value)
        elif name in ATTRIBUTES or name.startswith("aria-"):
            safe = value if svg_styles.is_plain(value) else ""
        elif name in svg_styles.PROPERTIES:
            safe = value if svg_styles.is_safe(value) else ""
        else:
            continue
        if safe:
            kept[name] = safe
    href = svg_links.safe(kind, element.get("href") or element.get(XLINK_HREF))
    if href:
        kept["href"] = href
    return kept


def _size(root: etree._Element, name: str) -> tuple[float, float]:
    """The size in CSS pixels, said by width and height, else by viewBox. Both are written so that all readers agree."""
    box = _box(root.get("viewBox"))
    width, height = _pixels(root.get("width")), _pixels(root.get("height"))
    if box:
        ratio = box[2] / box[3]
        if width is None and height is None:
            width, height = box[2], box[3]
        width = width if width is not None else (height or 0) * ratio
        height = height if height is not None else width / ratio
    if not width or not height or max(width, height) > MAX_SIDE:
        raise AuthorError(f"{name} does not say how large it is; give its <svg> a viewBox, or export it again.")
    if not box:
        root.set("viewBox", f"0 0 {width:g} {height:g}")
    elif "viewBox" in root.attrib:
        root.set("viewBox", " ".join(f"{value:.10g}" for value in box))
    root.set("width", f"{width:.10g}")
    root.set("height", f"{height:.10g}")
    return width, height


def _pixels(value: str | None) -> float | None:
    """CSS pixels of a length; None for percentages, for nothing and for nonsense."""
    match = _LENGTH.fullmatch(value or "")
    if not match:
        return None
    pixels = float(match[1]) * _UNITS[match[2].lower()]
    return pixels if 0 < pixels <= MAX_SIDE else None


def _box(value: str | None) -> tuple[float, float, float, float] | None:
    try:
        x, y, width, height = (float(part) for part in re.split(r"[\s,]+", (value or "").strip()))
    except ValueError:
        return None
    sound = all(map(math.isfinite, (x, y))) and 0 < width < 1e9 and 0 < height < 1e9
    return (x, y, width, height) if sound else None
