"""Markdown as the blocks of a lesson, in reading order: text split at headings, and every other thing a block."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from markdown_it.token import Token

from cms.importing import commonmark
from cms.importing.divs import Text
from cms.importing.fences import fence, output_kind
from cms.importing.html_pieces import pieces
from cms.importing.rewriting import MARK, Rewritten, rewritten, rewritten_content
from cms.importing.source import Raw, Source, attachment
from cms.importing.tables import CAPTION, table

_ATTRIBUTION = re.compile(r"^[ \t]*(?:—|–|―|--)[ \t]*(\S.*)$")
_LINKED = re.compile(r"^\[?(?P<name>[^\]<]*?)\]?,?[ \t]*[(<](?P<address>https?://[^)>\s]+)[)>]$")
_TEMPLATE = re.compile(r"^(?:\{%.*%\}|\{:.*\})$", re.DOTALL)


@dataclass
class _Stream:
    """The blocks so far, and the running text that will be the next one."""

    blocks: list[Raw] = field(default_factory=list)
    run: list[str] = field(default_factory=list)
    line: int = 0

    def text(self, words: str, line: int) -> None:
        words = words.strip("\n")
        if not words.strip():
            return
        self.line = self.line if self.run else line
        self.run.append(words)

    def flush(self) -> None:
        if self.run:
            self.blocks.append({"type": "markdown", "value": "\n\n".join(self.run), "id": str(self.line)})
        self.run = []

    def block(self, *blocks: Raw) -> None:
        self.flush()
        self.blocks.extend(blocks)


def blocks_of(text: Text, source: Source) -> list[Raw]:
    """The raw blocks of a piece of Markdown. The `id` of each is the line that it begins in, for now."""
    stream = _Stream()
    parts = list(_top_level(commonmark.parsed("\n".join(text.lines), source.references)))
    skip = False
    for index, tokens in enumerate(parts):
        following = parts[index + 1] if index + 1 < len(parts) else []
        if skip:
            skip = False
        elif _caption(tokens) and following and following[0].type == "table_open":
            _add_table(following, text, source, stream, _caption(tokens))
            skip = True
        elif tokens[0].type == "table_open":
            caption = _caption(following)
            skip = bool(caption)
            _add_table(tokens, text, source, stream, caption)
        else:
            _add(tokens, text, source, stream)
    stream.flush()
    return stream.blocks


def _top_level(tokens: Sequence[Token]) -> Iterator[list[Token]]:
    """The tokens of each part of a document."""
    part: list[Token] = []
    for token in tokens:
        part.append(token)
        if token.level == 0 and token.nesting <= 0:
            yield part
            part = []


def _add(tokens: list[Token], text: Text, source: Source, stream: _Stream) -> None:
    head = tokens[0]
    start, end = head.map or [0, 0]
    line = text.line + start
    if head.type in {"fence", "code_block"}:
        _add_code(head, line, source, stream)
    elif head.type == "math_block":
        stream.block({"type": "maths", "value": {"latex": head.content.strip()}, "id": str(line)})
    elif head.type == "html_block":
        words, blocks = pieces(head.content, line, source)
        for part in words:
            stream.text(part, line)
        if blocks:
            stream.block(*blocks)
    elif head.type == "paragraph_open":
        _add_paragraph(tokens[1], line, source, stream)
    elif head.type == "blockquote_open":
        _add_quote(tokens, text, source, stream)
    else:
        if head.type == "heading_open":
            stream.flush()
        _add_text(rewritten(text.lines[start:end], _shifted(tokens, start), line, source), line, source, stream)


def _shifted(tokens: Sequence[Token], start: int) -> list[Token]:
    """The same tokens, their lines counted from `start`."""
    for token in tokens:
        if token.map:
            token.map = [token.map[0] - start, token.map[1] - start]
    return list(tokens)


def _add_text(made: Rewritten, line: int, source: Source, stream: _Stream) -> None:
    for block in made.pictures:
        source.warning(
            int(block["id"]), "An image inside a list or a heading stands after it: give it a line of its own."
        )
    stream.text(made.without_marks(), line)
    if made.lifted:
        stream.block(*made.lifted)


def _add_code(token: Token, line: int, source: Source, stream: _Stream) -> None:
    kind, before = output_kind(token), stream.blocks[-1] if stream.blocks and not stream.run else None
    if kind and before and before["type"] == "code" and not before["value"]["output"] and not _is_output(before):
        if token.content.strip():
            before["value"].update(output=token.content.rstrip("\n"), output_kind=kind)
        return
    if block := fence(token, line, source):
        stream.block(block)


def _is_output(block: Raw) -> bool:
    return block["value"]["filename"] in {"Output", "Error"} and block["value"]["language"] == "text"


def _add_paragraph(token: Token, line: int, source: Source, stream: _Stream) -> None:
    content = token.content.strip()
    if _TEMPLATE.match(content) and source.templates:
        source.warning(line, f"“{content[:60]}” is for another program and is left out: write what it would give.")
        return
    made = rewritten_content(token, line, source)
    if made.after and len(made.after) == 1 and not made.pictures and _is_one_link(token):
        block = made.after[0]
        if block["type"] == "attachment":
            title = source.short(made.text.strip(), 200, "The title of an attachment", line)
            block = attachment(line, block["value"]["attachment"], commonmark.plain_words(title))
        stream.block(block)
        return
    for part in MARK.split(made.text)[::2]:
        # Of the pieces between marks, every one but the last has its picture behind it.
        stream.text(part.strip(), line)
        if made.pictures:
            stream.block(made.pictures.pop(0))
    if made.after:
        stream.block(*made.after)


def _is_one_link(token: Token) -> bool:
    children = [child for child in token.children or () if child.type != "text" or child.content.strip()]
    return (
        len(children) > 1
        and children[0].type == "link_open"
        and children[-1].type == "link_close"
        and sum(child.type == "link_open" for child in children) == 1
    )


def _add_quote(tokens: list[Token], text: Text, source: Source, stream: _Stream) -> None:
    start, end = tokens[0].map or [0, 0]
    line = text.line + start
    made = rewritten(text.lines[start:end], _shifted(tokens, start), line, source)
    lines = [re.sub(r"^ {0,3}> ?", "", one) for one in made.without_marks().rstrip().split("\n")]
    attribution = address = ""
    if match := _ATTRIBUTION.match(lines[-1]):
        attribution, lines = match[1].strip(), lines[:-1]
        if linked := _LINKED.match(attribution):
            attribution, address = linked["name"].strip(), linked["address"]
    said = "\n".join(lines).strip("\n")
    if said.strip():
        value = {
            "text": said,
            "attribution": source.short(commonmark.plain_words(attribution), 200, "The name below a quotation", line),
            "source": address,
        }
        stream.block({"type": "quote", "value": value, "id": str(line)})
    elif attribution:
        stream.text(f"— {attribution}", line)
    if made.lifted:
        stream.block(*made.lifted)


def _caption(tokens: Sequence[Token]) -> str:
    """The caption of a table, if that is what a paragraph is: `Table: …` or `: …`."""
    if len(tokens) != 3 or tokens[0].type != "paragraph_open":
        return ""
    match = CAPTION.match(tokens[1].content)
    return commonmark.plain_words(match[1].replace("\n", " ")) if match else ""


def _add_table(tokens: Sequence[Token], text: Text, source: Source, stream: _Stream, caption: str) -> None:
    block, *lifted = table(tokens, text.line, source)
    block["value"]["caption"] = block["value"]["caption"] or caption
    stream.block(block, *lifted)
