"""Markdown as the editor's rich text, for the one field that is not a stream: a course's description."""

from collections.abc import Sequence

import nh3
from markdown_it import MarkdownIt
from markdown_it.token import Token

from cms.importing.divs import Div, Node, Text
from cms.importing.markdown_blocks import blocks_of
from cms.importing.source import Raw, Source

TAGS = {"a", "b", "br", "code", "h2", "h3", "h4", "hr", "i", "li", "ol", "p", "sub", "sup", "ul"}
# What stands in a description is no block: what these hold is kept as text, and what others hold is not.
_EDITORS = {"strong": "b", "em": "i", "h1": "h2", "h5": "h4", "h6": "h4"}


def description(nodes: Sequence[Node], source: Source) -> str:
    """Rich text with the features that the description's field has."""
    return "".join(_blocks(nodes, source))


def short_rich_text(text: str) -> str:
    """One paragraph, or several, of somebody's own words."""
    return _html(text)


def _blocks(nodes: Sequence[Node], source: Source) -> list[str]:
    html = []
    for node in nodes:
        if isinstance(node, Div):
            html += [_html(f"### {node.words}")] if node.words else []
            html += _blocks(node.children, source)
        elif isinstance(node, Text):
            html += [_block(block, source) for block in blocks_of(node, source)]
    return html


def _block(block: Raw, source: Source) -> str:
    kind, value = block["type"], block["value"]
    if kind == "markdown":
        return _html(value)
    if kind == "quote":
        return _html(value["text"] + (f" — {value['attribution']}" if value["attribution"] else ""))
    if kind == "code":
        lines = [f"<code>{nh3.clean_text(line)}</code>" for line in value["code"].splitlines() if line.strip()]
        return f"<p>{'<br/>'.join(lines)}</p>"
    names = {"image": "image", "table": "table", "maths": "formula", "quiz": "quiz", "video": "video"}
    source.warning(
        int(block["id"]),
        f"No {names.get(kind, kind)} can stand in the description of a course, so this one is left out: "
        "put it into a lesson.",
    )
    return ""


def _html(markdown: str) -> str:
    tokens = _MARKDOWN.parse(markdown)
    _translate(tokens)
    html: str = _MARKDOWN.renderer.render(tokens, _MARKDOWN.options, {})
    return nh3.clean(html, tags=TAGS, attributes={"a": {"href"}}, link_rel=None).replace("<br>", "<br/>").strip()


def _translate(tokens: Sequence[Token]) -> None:
    for token in tokens:
        token.tag = _EDITORS.get(token.tag, token.tag)
        _translate(token.children or ())


_MARKDOWN = MarkdownIt("commonmark", {"html": False})
