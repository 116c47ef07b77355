"""Judges the styles of an SVG: declarations and simple rules stay, anything that could load or run goes."""

import re

# The presentation attributes of SVG 2 and the properties that drawing programs write beside them.
PROPERTIES = frozenset(
    """alignment-baseline baseline-shift clip clip-path clip-rule color color-interpolation color-interpolation-filters
    color-rendering direction display dominant-baseline enable-background fill fill-opacity fill-rule filter
    flood-color flood-opacity font font-family font-feature-settings font-kerning font-size font-size-adjust
    font-stretch font-style font-variant font-variant-caps font-variant-east-asian font-variant-ligatures
    font-variant-numeric font-weight glyph-orientation-horizontal glyph-orientation-vertical image-rendering
    isolation letter-spacing lighting-color line-height marker marker-end marker-mid marker-start mask mask-type
    mix-blend-mode opacity overflow paint-order pointer-events shape-rendering stop-color stop-opacity stroke
    stroke-dasharray stroke-dashoffset stroke-linecap stroke-linejoin stroke-miterlimit stroke-opacity stroke-width
    text-align text-anchor text-decoration text-indent text-orientation text-rendering transform transform-box
    transform-origin unicode-bidi vector-effect visibility white-space word-spacing writing-mode
    x y cx cy r rx ry width height d""".split()  # noqa: SIM905  one word after another reads better than a hundred quotes
)
_FUNCTIONS = frozenset(
    """rgb rgba hsl hsla hwb lab lch oklab oklch color matrix translate translatex translatey scale scalex scaley rotate
    skewx skewy calc min max clamp inset circle ellipse polygon path blur brightness contrast drop-shadow grayscale
    hue-rotate invert opacity saturate sepia""".split()  # noqa: SIM905  one word after another reads better than a hundred quotes
)
_CALL = re.compile(r"([\w-]*)\s*\(")
_FRAGMENT = re.compile(r"url\(\s*(['\"]?)#[\w.:-]+\1\s*\)", re.IGNORECASE)
_STRING = re.compile(r"\"[^\"\n]*\"|'[^'\n]*'")
_SELECTOR = re.compile(r"[\w\s.#*,>+~:()\[\]=\"'-]+")
_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)


def is_plain(value: str) -> bool:
    """Whether an attribute that is no style is free of what could be one: addresses and scripts."""
    lowered = value.lower()
    return "url(" not in lowered and "script:" not in lowered and "\\" not in value


def is_safe(value: str) -> bool:
    """Whether a property's value loads nothing: its only url() are fragments of the same picture.

    A backslash is refused outright: CSS escapes can spell any word (`\\75rl(`). So is a quote without its partner: it
    would swallow the end of its own rule.
    """
    rest = _FRAGMENT.sub(" ", value)
    if any(sign in rest for sign in ("\\", "@", "<", "{", "}", "/*")) or "script:" in rest.lower():
        return False
    if any(quote in _STRING.sub("", rest) for quote in "'\""):
        return False
    # A bracket without a word before it, as in calc((1 + 2)), is arithmetic.
    return all(not name or name.lower() in _FUNCTIONS for name in _CALL.findall(rest))


def declarations(text: str) -> str:
    """The safe declarations of a style attribute, as `name:value` joined by semicolons."""
    kept = []
    for declaration in _COMMENT.sub(" ", text).split(";"):
        name, colon, value = declaration.partition(":")
        if colon and name.strip().lower() in PROPERTIES and is_safe(value):
            kept.append(f"{name.strip().lower()}:{value.strip()}")
    return ";".join(kept)


def sheet(text: str) -> str:
    """The safe rules of a style element. At-rules are left out: they load fonts and sheets, or ask about the reader."""
    rest = _COMMENT.sub(" ", text)
    rules = []
    while rest.strip():
        head, mark, after = _split_at_first(rest, "{;")
        if mark != "{":
            rest = after  # `@import ...;` or what stands outside every rule
            continue
        body, rest = _block(after)
        selector = " ".join(head.split())
        if "{" not in body and _SELECTOR.fullmatch(selector) and is_plain(_STRING.sub("", selector)):
            kept = declarations(body)
            if kept:
                rules.append(f"{selector}{{{kept}}}")
    return "\n".join(rules)


def _split_at_first(text: str, marks: str) -> tuple[str, str, str]:
    """What stands before the first of `marks`, that mark, and what stands after it."""
    for at, character in enumerate(text):
        if character in marks:
            return text[:at], character, text[at + 1 :]
    return text, "", ""


def _block(text: str) -> tuple[str, str]:
    """The inside of a block whose opening brace was just read, and what follows its closing brace."""
    depth = 1
    for at, character in enumerate(text):
        depth += (character == "{") - (character == "}")
        if depth == 0:
            return text[:at], text[at + 1 :]
    return text, ""
