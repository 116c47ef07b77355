"""Fenced divs (`::: note Title` … `:::`), as Pandoc and the Carpentries write them: text and boxes in a tree."""

import re
from dataclasses import dataclass, field
from typing import Union

from cms.importing import commonmark
from cms.importing.attributes import Attributes, attributes
from cms.importing.findings import Findings

_FENCE = re.compile(r"^ {0,3}:{3,}[ \t]*(.*?)[ \t]*:*[ \t]*$")
MAX_DEPTH = 20


@dataclass
class Text:
    """Lines of Markdown; `line` is the number of the first in its file."""

    line: int
    lines: list[str] = field(default_factory=list)


@dataclass
class Div:
    """A box. `name` is the directive in lower case, `words` what stands behind it, `line` that of its fence."""

    name: str
    words: str
    attributes: Attributes
    line: int
    children: list[Union["Div", Text]] = field(default_factory=list)


Node = Div | Text


def tree(body: str, first: int, findings: Findings, file: str) -> list[Node]:
    """The boxes of `body`, whose first line is line `first` of `file`. Fences inside code and comments are not ours."""
    lines = body.split("\n")
    closed = _opaque(body, len(lines))
    root: list[Node] = []
    open_divs: list[Div] = []
    for number, line in enumerate(lines):
        match = None if number in closed else _FENCE.match(line)
        here = open_divs[-1].children if open_divs else root
        if match is None:
            if not here or not isinstance(here[-1], Text):
                here.append(Text(first + number))
            here[-1].lines.append(line)  # type: ignore[union-attr]  # made a Text above
        elif match[1]:
            div = _div(match[1], first + number)
            if len(open_divs) >= MAX_DEPTH:
                findings.error(
                    file, div.line, f"Boxes are nested more than {MAX_DEPTH} deep here: close some with :::."
                )
                return root
            here.append(div)
            open_divs.append(div)
        elif open_divs:
            open_divs.pop()
        else:
            findings.warning(file, first + number, "“:::” closes nothing here and is left out: remove it.")
    for div in open_divs:
        findings.error(file, div.line, f"The box “{div.name}” is not closed: write ::: on a line of its own after it.")
    return root


def without_fences(body: str) -> str:
    """`body` with an empty line in the place of every fence, for what holds across boxes: link definitions."""
    lines = body.split("\n")
    closed = _opaque(body, len(lines))
    return "\n".join("" if number not in closed and _FENCE.match(line) else line for number, line in enumerate(lines))


def _div(opening: str, line: int) -> Div:
    found = attributes(opening[opening.index("{") :]) if "{" in opening else Attributes()
    name, _, words = opening.split("{", maxsplit=1)[0].strip().partition(" ")
    if not name and found.classes:
        name = found.classes[0]
    return Div(name.lower(), words.strip() or found.values.get("title", ""), found, line)


def _opaque(body: str, count: int) -> set[int]:
    """Numbers of the lines inside code, formulas and comments."""
    inside: set[int] = set()
    for token in commonmark.parsed(body):
        code = token.type in {"fence", "code_block", "math_block"}
        comment = token.type == "html_block" and token.content.lstrip().startswith("<!--")
        if token.map and (code or comment):
            inside.update(range(token.map[0], min(token.map[1], count)))
    return inside
