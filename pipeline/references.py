"""What raw block values refer to: originals, attachments and pages, found in one pass over plain JSON."""

import re
from collections.abc import Iterable, Iterator
from html.parser import HTMLParser
from typing import Any, NamedTuple

# The block types whose value names an upload, and the field that holds its id.
CHOOSERS = {"image": "image", "video": "video", "attachment": "attachment"}
# What Wagtail calls the end of a link in rich text (`<a linktype="page" id="3">`), and the kind of reference it is.
LINKS = {"page": "page", "document": "attachment"}

# A link as Wagtail writes it, and rich text of nothing but tags whose attributes stand in double quotes. In that a
# parser finds the same links, and takes many times as long.
PLAIN_LINK = re.compile(r'<a (?:linktype="(\w+)" id="(\d+)"|id="(\d+)" linktype="(\w+)")>', re.ASCII)
PLAIN = re.compile(r"""[^<]*+(?:</?[a-z][^<>"']*+(?:"[^"<>]*+"[^<>"']*+)*+>[^<]*+)*+""")
RAW = re.compile(r"<(?:script|style|textarea|title|iframe|noembed|noframes|noscript|xmp|plaintext)")


class Reference(NamedTuple):
    """`kind` is image, video, attachment or page; `key` of an upload is `<kind>/<id>` among a candidate's files."""

    kind: str
    id: int

    @property
    def key(self) -> str:
        return f"{self.kind}/{self.id}"


def references(value: Any) -> Iterator[Reference]:
    """Every reference in a page's frozen fields: chooser blocks at any depth, and links in rich text."""
    if isinstance(value, dict):
        kind, inner = value.get("type"), value.get("value")
        if kind in CHOOSERS and isinstance(inner, dict) and isinstance(inner.get(CHOOSERS[kind]), int):
            yield Reference(kind, inner[CHOOSERS[kind]])
        for part in value.values():
            yield from references(part)
    elif isinstance(value, list):
        for part in value:
            yield from references(part)
    elif isinstance(value, str) and "linktype" in value:
        yield from _links(value)


def _links(html: str) -> Iterable[Reference]:
    found = PLAIN_LINK.findall(html)
    if len(found) == html.count("linktype") and PLAIN.fullmatch(html) and not RAW.search(html):
        pairs = [(first or last, number or other) for first, number, other, last in found]
        return [Reference(LINKS[kind], int(number)) for kind, number in pairs if kind in LINKS]
    links = _Links()
    links.feed(html)
    return links.found


class _Links(HTMLParser):
    """The links in one piece of rich text."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[Reference] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        kind, number = LINKS.get(given.get("linktype") or ""), given.get("id") or ""
        if tag == "a" and kind and number.isdecimal():
            self.found.append(Reference(kind, int(number)))
