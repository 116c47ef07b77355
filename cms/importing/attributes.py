"""Attributes in braces, as Pandoc writes them: `{.python highlight="2,4-6" alt='A \\[plot\\]'}`."""

import re
from dataclasses import dataclass, field

_BLOCK = re.compile(r"""\{(?:[^{}"'\n]|"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')*\}""", re.DOTALL)
_PART = re.compile(
    r"""\s*(?:\.(?P<class>[\w+-]+)|\#(?P<id>[\w:.-]+)|(?P<name>[\w:-]+)=(?:"(?P<double>(?:[^"\\]|\\.)*)"
    |'(?P<single>(?:[^'\\]|\\.)*)'|(?P<bare>[^\s,}"']+))|(?P<word>[^\s{}]+))""",
    re.VERBOSE | re.DOTALL,
)
_ESCAPED = re.compile(r"\\([!-/:-@\[-`{-~])")


@dataclass(frozen=True)
class Attributes:
    classes: tuple[str, ...] = ()
    values: dict[str, str] = field(default_factory=dict)
    words: tuple[str, ...] = ()


def block_at(text: str, start: int) -> int:
    """Where the attributes that begin at `start` of `text` end; `start` if there are none."""
    match = _BLOCK.match(text, start)
    return match.end() if match else start


def attributes(text: str) -> Attributes:
    """Read `{...}`, or what would stand in it. Backslash escapes of Markdown are undone."""
    classes: list[str] = []
    words: list[str] = []
    values: dict[str, str] = {}
    for match in _PART.finditer(text.strip().removeprefix("{").removesuffix("}")):
        if match["class"]:
            classes.append(match["class"])
        elif match["name"]:
            value = next(part for part in (match["double"], match["single"], match["bare"], "") if part is not None)
            values[match["name"]] = unescaped(value)
        elif match["word"]:
            words.append(match["word"].strip(","))
    return Attributes(tuple(classes), values, tuple(words))


def unescaped(text: str) -> str:
    return _ESCAPED.sub(r"\1", text)
