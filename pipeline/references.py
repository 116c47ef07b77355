"""What raw block values refer to: originals, attachments and pages, found in one pass over plain JSON."""

from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any, NamedTuple

# The block types whose value names an upload, and the field that holds its id.
CHOOSERS = {"image": "image", "video": "video", "attachment": "attachment"}
# What Wagtail calls the end of a link in rich text (`<a linktype="page" id="3">`), and the kind of reference it is.
LINKS = {"page": "page", "document": "attachment"}


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
        links = _Links()
        links.feed(value)
        yield from links.found


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
