"""Fenced divs as callouts and solutions, nested only as deep as the editor can hold them."""

from collections.abc import Iterator, Sequence

from cms.importing import commonmark
from cms.importing.divs import Div, Node, Text
from cms.importing.markdown_blocks import blocks_of
from cms.importing.source import Raw, Source

# Directive -> (variant, title if it has none of its own).
CALLOUTS = {
    "note": ("note", ""),
    "callout": ("note", ""),
    "info": ("note", ""),
    "discussion": ("note", "Discussion"),
    "prereq": ("note", "Prerequisites"),
    "prerequisite": ("note", "Prerequisites"),
    "checklist": ("note", "Checklist"),
    "testimonial": ("note", "Testimonial"),
    "tip": ("tip", ""),
    "warning": ("warning", ""),
    "caution": ("warning", ""),
    "objectives": ("objectives", ""),
    "questions": ("questions", ""),
    "key_points": ("key_points", ""),
    "keypoints": ("key_points", ""),
    "challenge": ("challenge", ""),
}
SOLUTIONS = {"solution": "Solution", "hint": "Hint", "answer": "Answer", "spoiler": "More"}
OPEN = {"overview", "section", "figure"}  # they arrange; what stands in them stands for itself
TABS = {"tab", "group-tab", "tabset"}
NOT_FOR_LEARNERS = {"instructor"}


def lesson_body(nodes: Sequence[Node], source: Source) -> list[Raw]:
    """The raw blocks of a whole lesson."""
    body: list[Raw] = []
    for node in nodes:
        if isinstance(node, Text):
            body.extend(blocks_of(node, source))
            continue
        hoisted: list[Raw] = []
        body.extend(_top(node, source, hoisted))
        body.extend(hoisted)
    return body


def _top(div: Div, source: Source, hoisted: list[Raw]) -> Iterator[Raw]:
    if div.name in NOT_FOR_LEARNERS:
        source.warning(div.line, f"The box “{div.name}” is for teachers and is left out: learners never saw it.")
    elif div.name in OPEN | TABS:
        yield from _flat(div, source)
    elif div.name in SOLUTIONS:
        yield from _box(div, source, "solution", hoisted)
    else:
        if div.name not in CALLOUTS:
            known = ", ".join(sorted({*CALLOUTS, *SOLUTIONS}))
            source.warning(div.line, f"“{div.name}” is no box that is known; it is kept as a note. Known are: {known}.")
        yield from _box(div, source, "callout", hoisted)


def _flat(div: Div, source: Source) -> Iterator[Raw]:
    """What stands in a box that is none of ours."""
    if div.name in TABS:
        source.warning(div.line, "Tabs are shown one below the other: learners see every one of them.")
    yield from lesson_body(div.children, source)


def _box(div: Div, source: Source, kind: str, hoisted: list[Raw]) -> Iterator[Raw]:
    default = SOLUTIONS.get(div.name, "") if kind == "solution" else CALLOUTS.get(div.name, ("", ""))[1]
    title = source.short(_title(div) or default, 200, "The title of a box", div.line)
    inside = list(_inside(div, source, hoisted, solutions=kind == "callout"))
    if not inside:
        source.warning(div.line, f"The box “{div.name}” is empty and left out: write it, or remove it.")
        return
    value = {"title": title, "body": inside}
    if kind == "callout":
        value = {"variant": CALLOUTS.get(div.name, ("note", ""))[0], **value}
    yield {"type": kind, "value": value, "id": str(div.line)}


def _inside(div: Div, source: Source, hoisted: list[Raw], *, solutions: bool) -> Iterator[Raw]:
    """The blocks of a box. A box that cannot stand in it is shown as its title and its content."""
    for node in div.children:
        if isinstance(node, Text):
            for block in blocks_of(node, source):
                if block["type"] != "quiz":
                    yield block
                    continue
                source.warning(int(block["id"]), "A quiz cannot stand in a box: it follows the box.")
                hoisted.append(block)
        elif node.name in NOT_FOR_LEARNERS:
            source.warning(node.line, f"The box “{node.name}” is for teachers and is left out: learners never saw it.")
        elif node.name in OPEN | TABS:
            yield from _inside(node, source, hoisted, solutions=solutions)
        elif node.name in SOLUTIONS and solutions:
            yield from _box(node, source, "solution", hoisted)
        else:
            title = _title(node) or SOLUTIONS.get(node.name) or CALLOUTS.get(node.name, ("", ""))[1]
            source.warning(
                node.line, f"The box “{node.name}” cannot stand in “{div.name}”: it is shown there without its frame."
            )
            if title:
                yield {"type": "markdown", "value": f"**{title}**", "id": str(node.line)}
            yield from _inside(node, source, hoisted, solutions=solutions)


def _title(div: Div) -> str:
    """What the box is called: behind its name, or by the heading that it begins with, which is then no heading more."""
    if div.words:
        return commonmark.plain_words(div.words)
    first = div.children[0] if div.children else None
    if not isinstance(first, Text):
        return ""
    tokens = commonmark.parsed("\n".join(first.lines))
    if not tokens or tokens[0].type != "heading_open" or not tokens[0].map:
        return ""
    start, end = tokens[0].map
    first.lines[start:end] = [""] * (end - start)
    return commonmark.plain(tokens[1]).partition("{")[0].strip()
