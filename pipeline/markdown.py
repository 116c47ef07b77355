"""Markdown as authors write it in a block: CommonMark with tables and dollar maths, and no HTML of their own."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from mdit_py_plugins.dollarmath import dollarmath_plugin

from pipeline import mathml, sanitise
from pipeline.remembered import remembered


@dataclass(frozen=True)
class Text:
    """Running text, sanitised."""

    html: str


@dataclass(frozen=True)
class Code:
    """A fenced or indented piece of code; `info` stands behind the fence."""

    code: str
    info: str


@dataclass(frozen=True)
class Maths:
    latex: str


@dataclass(frozen=True)
class Table:
    """Cells are sanitised inline HTML."""

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


Part = Text | Code | Maths | Table


def parts(source: str) -> Iterator[Part]:
    """Markdown in reading order. Code, formulas and tables that stand by themselves are parts of their own."""
    run: list[Token] = []
    tokens = iter(_MARKDOWN.parse(source))
    for token in tokens:
        alone = token.level == 0 and token.type in {"fence", "code_block", "math_block", "table_open"}
        if not alone:
            run.append(token)
            continue
        yield from _text(run)
        run = []
        if token.type == "table_open":
            yield _table(_until(tokens, "table_close"))
        elif token.type == "math_block":
            yield Maths(token.content.strip())
        else:
            yield Code(token.content.rstrip("\n"), token.info.strip())
    yield from _text(run)


@remembered
def prose(source: str) -> str:
    """All of `source` as one piece of running text, sanitised: an explanation, a quotation, a transcript."""
    return sanitise.prose(_MARKDOWN.render(source)) if source else ""


@remembered
def inline(source: str) -> str:
    """One line of Markdown, sanitised: a choice of a quiz, a cell of a table."""
    return sanitise.inline(_MARKDOWN.renderInline(source))


def _text(run: Sequence[Token]) -> Iterator[Text]:
    html = sanitise.prose(_drawn(run)) if run else ""
    if sanitise.says_something(html):
        yield Text(html)


def _drawn(tokens: Sequence[Token]) -> str:
    html: str = _MARKDOWN.renderer.render(tokens, _MARKDOWN.options, {})
    return html


def _until(tokens: Iterator[Token], end: str) -> list[Token]:
    found = []
    for token in tokens:
        if token.type == end:
            break
        found.append(token)
    return found


def _table(tokens: Sequence[Token]) -> Table:
    header: list[str] = []
    rows: list[list[str]] = []
    cells = header
    for token in tokens:
        if token.type == "tbody_open":
            cells = []
        elif token.type == "tr_open" and cells is not header:
            cells = []
            rows.append(cells)
        elif token.type == "inline":
            cells.append(sanitise.inline(_drawn([token])))
    return Table(tuple(header) if any(header) else (), tuple(tuple(row) for row in rows))


def _heading(_self: RendererHTML, tokens: Sequence[Token], index: int, _options: Any, _env: Any) -> str:
    """The page's title is heading 1: `#` and `##` both make a heading 2."""
    level = min(max(int(tokens[index].tag[1]), 2), 4)
    return f"<h{level}>" if tokens[index].nesting > 0 else f"</h{level}>\n"


def _image(_self: RendererHTML, tokens: Sequence[Token], index: int, _options: Any, _env: Any) -> str:
    """A picture elsewhere is a link: pages load nothing from strangers, and ours have blocks of their own."""
    token = tokens[index]
    address, alt = str(token.attrGet("src") or ""), escape(token.content)
    if not address.startswith(("https://", "http://")):
        return alt
    return f'<a href="{escape(address)}">{alt or escape(address)}</a>'


def _markdown() -> MarkdownIt:
    made = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])
    made.use(
        dollarmath_plugin,
        allow_space=False,
        allow_digits=False,  # "from $5 to $6" is a price, not a formula
        allow_labels=False,
        double_inline=True,
        renderer=lambda latex, options: mathml.shown(latex, display=bool(options.get("display_mode"))),
    )
    for name in ("heading_open", "heading_close"):
        made.add_render_rule(name, _heading)
    made.add_render_rule("image", _image)
    return made


_MARKDOWN = _markdown()
