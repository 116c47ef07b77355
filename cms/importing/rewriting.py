"""Rewrites running Markdown for publishing: links that will hold, no HTML, and pictures lifted out as blocks.

Only what must change is changed, at the very place where it stands; the author's own marks stay as they were typed.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser

from markdown_it.token import Token

from cms.importing import commonmark
from cms.importing.attributes import Attributes, attributes, block_at
from cms.importing.source import WEB, Raw, Source, image

# Never in a text: a file with a NUL character is refused. It marks where a picture was lifted out.
MARK = re.compile("\0(\\d+)\0")
SAME = {"em": "*", "i": "*", "strong": "**", "b": "**", "code": "`", "kbd": "`", "samp": "`", "tt": "`", "var": "*"}
SILENT = {"script", "style", "template", "noscript"}
TAGS = {
    *SAME,
    *SILENT,
    *(
        "a",
        "abbr",
        "audio",
        "big",
        "blockquote",
        "br",
        "button",
        "center",
        "cite",
        "dd",
        "del",
        "details",
        "dfn",
        "div",
    ),
    *("dl", "dt", "embed", "figcaption", "figure", "font", "form", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "iframe"),
    *("img", "input", "ins", "label", "li", "link", "main", "mark", "math", "meta", "nav", "object", "ol", "option"),
    *("p", "picture", "pre", "q", "s", "section", "select", "small", "source", "span", "strike", "sub", "summary"),
    *("sup", "svg", "table", "tbody", "td", "textarea", "tfoot", "th", "thead", "tr", "u", "ul", "video", "wbr"),
}
_TAG = re.compile(r"</?([A-Za-z][A-Za-z0-9-]*)")
_HEADING_ATTRIBUTES = re.compile(r"[ \t]*\{[.#:][^{}]*\}$")
_LIQUID = re.compile(r"\{%.*?%\}|\{\{.*?\}\}", re.DOTALL)

Edit = tuple[int, int, str]


@dataclass
class Rewritten:
    """`text` holds a mark `\\0n\\0` where `pictures[n]` stood; `after` are the blocks that follow the text."""

    text: str
    pictures: list[Raw] = field(default_factory=list)
    after: list[Raw] = field(default_factory=list)

    def without_marks(self) -> str:
        return MARK.sub("", self.text)

    @property
    def lifted(self) -> list[Raw]:
        return [*self.pictures, *self.after]


def rewritten(lines: Sequence[str], tokens: Sequence[Token], first: int, source: Source) -> Rewritten:
    """`lines`, the first of them line `first` of the file, where `tokens` are what was parsed of them."""
    text = "\n".join(lines)
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line) + 1)
    made = Rewritten("")
    edits: list[Edit] = []
    for index, token in enumerate(tokens):
        if token.map is None:
            continue
        if token.type == "inline":
            found = _edits(token, first + token.map[0], source, made)
            if tokens[index - 1].type == "heading_open" and (attribute := _HEADING_ATTRIBUTES.search(token.content)):
                found.append((attribute.start(), attribute.end(), ""))
            for start, end, replacement in found:
                span = [_place(token, offset, lines, starts) for offset in (start, end)]
                if None not in span:
                    edits.append((span[0] or 0, span[1] or 0, replacement))
        elif token.type == "html_block" and token.level:
            edits.append((starts[token.map[0]], starts[token.map[1]] - 1, _nested_html(token, first, lines, source)))
    made.text = _applied(text, edits)
    return made


def rewritten_content(token: Token, line: int, source: Source) -> Rewritten:
    """The content of one inline token that stands by itself: a paragraph, or the cell of a table."""
    made = Rewritten("")
    made.text = _applied(token.content, list(_edits(token, line, source, made)))
    return made


def rewritten_text(text: str, line: int, source: Source, what: str) -> str:
    """Markdown inside something else, where no picture can stand: a question, a transcript, a quotation."""
    made = rewritten(text.split("\n"), commonmark.parsed(text, source.references), line, source)
    for block in made.lifted:
        source.warning(
            int(block["id"]), f"No {block['type']} can stand in {what}: it is left out. Move it before or after."
        )
    return made.without_marks().strip()


# --- one run of text ------------------------------------------------------------------------------------------


def _edits(token: Token, line: int, source: Source, made: Rewritten) -> list[Edit]:
    content, edits, until = token.content, [], 0
    children = list(token.children or ())
    if source.templates and (found := _LIQUID.search("".join(c.content for c in children if c.type == "text"))):
        source.warning(line, f"“{found[0]}” is for another program and stands here as text: write what it would give.")
    for index, child in enumerate(children):
        start, end = child.meta.get("span", (0, 0))
        if not end or start < until:
            continue
        here = line + content.count("\n", 0, start)
        if child.type == "image":
            until = block_at(content, end)
            edits.append((start, until, _picture(child, attributes(content[end:until]), here, source, made)))
        elif child.type == "link_open":
            edits.extend(_link(child, content, _inside(children, index), here, source, made))
        elif child.type == "html_inline":
            partner = _partner(children[index:], child)
            cut, replacement = _tag(child, partner, here, source, made)
            edits.append((start, cut or end, replacement))
            until = cut or until
    return edits


def _picture(token: Token, given: Attributes, line: int, source: Source, made: Rewritten) -> str:
    address = str(token.attrGet("src") or "")
    said = commonmark.plain(token)
    if address.startswith(WEB):
        source.warning(line, f"The image {address} is elsewhere and becomes a link: put the file into the folder.")
        return f"[{said or address}]({address})"
    alt = " ".join(given.values.get("alt", said).split())
    title = str(token.attrGet("title") or "")
    caption = title or (said if "alt" in given.values else "")
    # An empty alt that was written out says that there is nothing to see; a forgotten one says nothing.
    decorative = "decorative" in given.classes or ("alt" in given.values and not alt)
    if not alt and not decorative:
        source.error(
            line,
            f"The image “{address}” has no text alternative: write what it shows between the brackets, "
            f"![like this]({address}), or {{.decorative}} behind it.",
        )
        decorative = True
    upload = source.upload("image", address, line)
    if upload is None:
        return ""
    caption = source.short(caption, 300, "The caption of an image", line)
    return _mark(image(line, upload, alt="" if decorative else alt, caption=caption, decorative=decorative), made)


def _mark(block: Raw, made: Rewritten) -> str:
    made.pictures.append(block)
    return f"\0{len(made.pictures) - 1}\0"


def _link(token: Token, content: str, inside: Token, line: int, source: Source, made: Rewritten) -> list[Edit]:
    (start, end), (opened, closed) = token.meta["span"], token.meta["label"]
    href, label = str(token.attrGet("href") or ""), commonmark.plain(inside)
    leads = source.leads(href, label, line)
    until = block_at(content, end) if content[end : end + 2] in {"{:", "{.", "{#", "{t"} else end
    if leads.block:
        made.after.append(leads.block)
    if leads.address is None:
        return [(start, opened, ""), (closed, until, "")]
    if all(child.type == "image" for child in inside.children or ()):
        # The picture is lifted out of the link; what the link led to stands below it.
        return [(start, opened, ""), (closed, until, f" [{label or leads.address}]({_destination(leads.address)})")]
    direct = content[closed + 1 : closed + 2] == "("
    if direct and leads.address == href and until == end:
        return []
    title = str(token.attrGet("title") or "").replace('"', "&quot;")
    return [(closed, until, f"]({_destination(leads.address)}" + (f' "{title}")' if title else ")"))]


def _destination(address: str) -> str:
    return f"<{address}>" if re.search(r"[\s()]", address) else address


def _inside(children: Sequence[Token], opening: int) -> Token:
    """What stands in the link that opens at `opening`, as one token."""
    token = Token("inline", "", 0)
    rest = children[opening + 1 :]
    end = next((index for index, child in enumerate(rest) if child.type == "link_close"), len(rest))
    token.children = list(rest[:end])
    return token


def _partner(children: Sequence[Token], opening: Token) -> int:
    """Where the tag that `opening` opens is closed; 0 if it is not."""
    name = _TAG.match(opening.content)
    for child in children[1:]:
        if name and child.type == "html_inline" and child.content.lower().startswith(f"</{name[1].lower()}"):
            return int(child.meta["span"][1])
    return 0


def _tag(token: Token, partner: int, line: int, source: Source, made: Rewritten) -> tuple[int, str]:
    """(end of what goes, or 0 for the tag alone; what takes its place)"""
    match = _TAG.match(token.content)
    name, closing = match[1].lower() if match else "!--", token.content.startswith("</")
    if name in SILENT and not closing:
        source.warning(line, f"<{name}> is not published: it and what stands in it are left out. Remove it.")
        return partner, ""
    if name == "img":
        return 0, html_image(token.content, line, source, made)
    if name in SAME and (partner or closing):
        return 0, SAME[name]
    if name not in TAGS:
        # <name of your file>: words in angle brackets are shown as they are.
        return 0, token.content if match else ""
    if not closing and name != "br":
        source.tags.setdefault(name, []).append(line)
    return 0, " " if name == "br" else ""


def html_image(html: str, line: int, source: Source, made: Rewritten) -> str:
    given = Tags.read(html)[0][1]
    token = Token("image", "img", 0, attrs={"src": given.get("src", "")})
    return _picture(token, Attributes(values={"alt": given["alt"]} if "alt" in given else {}), line, source, made)


def _nested_html(token: Token, first: int, lines: Sequence[str], source: Source) -> str:
    """HTML that begins a line inside a list or a quotation: comments go, the rest is shown as text."""
    start, end = token.map or [0, 0]
    if token.content.lstrip().startswith("<!--"):
        return ""
    source.warning(first + start, "HTML inside a list or a quotation is shown as text: write it in Markdown.")
    return "\n".join(lines[start:end])


# --- places ---------------------------------------------------------------------------------------------------


def _place(token: Token, offset: int, lines: Sequence[str], starts: Sequence[int]) -> int | None:
    """Where an offset in a token's content is in the whole text. The content lacks the marks before each line."""
    row = token.content.count("\n", 0, offset)
    column = offset - (token.content.rfind("\n", 0, offset) + 1)
    number = (token.map or [0])[0] + row
    said, line = token.content.split("\n")[row].rstrip(), lines[number].rstrip()
    base = len(line) - len(said) if line.endswith(said) else line.find(said)
    return None if base < 0 else starts[number] + base + column


def _applied(text: str, edits: Sequence[Edit]) -> str:
    for start, end, replacement in sorted(edits, key=lambda edit: edit[:2], reverse=True):
        text = text[:start] + replacement + text[end:]
    return text


class Tags(HTMLParser):
    """The opening tags in a piece of HTML, with their attributes."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, {name: value or "" for name, value in attrs}))

    @classmethod
    def read(cls, html: str) -> list[tuple[str, dict[str, str]]]:
        reader = cls()
        reader.feed(html)
        return reader.found or [("", {})]
