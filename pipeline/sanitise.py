"""The closed allow-list of HTML that documents may hold. Whatever made a piece of HTML, it leaves through here."""

import re
from html import unescape

import nh3

from pipeline.mathml import MATHML_ATTRIBUTES, MATHML_TAGS

INLINE_TAGS = {"a", "br", "code", "del", "em", "s", "strong", "sub", "sup"} | MATHML_TAGS
TAGS = INLINE_TAGS | {
    *("blockquote", "h2", "h3", "h4", "hr", "li", "ol", "p", "pre", "ul"),
    *("table", "tbody", "td", "th", "thead", "tr"),
}
ATTRIBUTES = {"a": {"href", "title"}, "ol": {"start"}, **MATHML_ATTRIBUTES}
SCHEMES = {"http", "https", "mailto"}
# Ids that templates give themselves: a heading must not take one of them.
TAKEN = {"lessons", "main", "outcomes"}

_HEADING = re.compile(r"<(h[2-4])>(.*?)</\1>", re.DOTALL)
_TAG = re.compile(r"<[^>]+>")
_SAID = re.compile(r"(?:^|>)\s*+[^<>&\s]")  # told at the first word; what it does not find may be there all the same


# Made once: handing the lists over with every call takes longer than cleaning a paragraph.
_PROSE = nh3.Cleaner(tags=TAGS, attributes=ATTRIBUTES, url_schemes=SCHEMES, link_rel=None)
_INLINE = nh3.Cleaner(tags=INLINE_TAGS, attributes=ATTRIBUTES, url_schemes=SCHEMES, link_rel=None)


def prose(html: str) -> str:
    """Running text: paragraphs, lists, headings 2 to 4, tables, quotes, code, links and MathML. No ids, no classes."""
    return _PROSE.clean(html).strip()


def inline(html: str) -> str:
    """What may stand in one line: a choice of a quiz, a cell of a table."""
    return _INLINE.clean(html).strip()


def says_something(html: str) -> bool:
    """Whether a reader would see anything of sanitised `html`."""
    return bool(_SAID.search(html) or text(html)) or "<hr" in html


def text(html: str) -> str:
    """The text of sanitised HTML, on one line."""
    bare = _TAG.sub("", html) if "<" in html else html
    return " ".join((unescape(bare) if "&" in bare else bare).split())


class Anchors:
    """Gives headings ids that are unique in one lesson and read like the heading."""

    def __init__(self) -> None:
        self._given = set(TAKEN)

    def set(self, html: str) -> str:
        """Sanitised `html` with an id on every heading."""
        if "<h" not in html:
            return html
        return _HEADING.sub(lambda match: f'<{match[1]} id="{self._id(text(match[2]))}">{match[2]}</{match[1]}>', html)

    def _id(self, heading: str) -> str:
        wanted = re.sub(r"[^\w]+", "-", heading.casefold()).strip("-_")[:60] or "part"
        number, found = 1, wanted
        while found in self._given:
            number += 1
            found = f"{wanted}-{number}"
        self._given.add(found)
        return found
