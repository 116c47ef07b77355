"""The feed of new and renewed courses, as Atom (RFC 4287). The same courses and times give the same bytes."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import NAMESPACE_URL, uuid5
from xml.etree.ElementTree import Element, SubElement, tostring

from pipeline.documents import CatalogueEntry
from pipeline.html_site import Site
from pipeline.html_views import course_path

LONGEST = 30  # courses in the feed
ATOM = "http://www.w3.org/2005/Atom"
BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)  # a feed must say a time even when nothing is in it
# What no XML 1.0 document may hold, escaped or not.
FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True)
class News:
    """A course in the feed: when its first release was made, and when its live one was."""

    entry: CatalogueEntry
    published: datetime
    updated: datetime


def feed(site: Site, news: Iterable[News]) -> bytes:
    """feed.xml: the `LONGEST` courses that were released last, newest first."""
    newest = sorted(news, key=lambda one: (one.updated, str(one.entry.course)), reverse=True)[:LONGEST]
    root = Element("feed", {"xmlns": ATOM, "xml:lang": "en"})
    address = f"{site.site_url}/feed.xml"
    _text(root, "id", uuid5(NAMESPACE_URL, address).urn)
    _text(root, "title", f"Courses of {site.name}")
    _text(root, "updated", _time(max((one.updated for one in newest), default=BEGINNING)))
    SubElement(root, "link", {"rel": "self", "type": "application/atom+xml", "href": address})
    SubElement(root, "link", {"rel": "alternate", "type": "text/html", "href": f"{site.site_url}/"})
    _text(SubElement(root, "author"), "name", site.name)
    for one in newest:
        _entry(SubElement(root, "entry", {"xml:lang": _clean(one.entry.language)}), site, one)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{tostring(root, encoding="unicode")}\n'.encode()


def _entry(element: Element, site: Site, news: News) -> None:
    entry = news.entry
    _text(element, "id", entry.course.urn)
    _text(element, "title", entry.title)
    _text(element, "published", _time(news.published))
    _text(element, "updated", _time(news.updated))
    address = f"{site.site_url}/{course_path(entry.slug)}"
    SubElement(element, "link", {"rel": "alternate", "type": "text/html", "href": address})
    for person in entry.instructors:
        _text(SubElement(element, "author"), "name", person)
    for topic in entry.topics:
        SubElement(element, "category", {"term": _clean(topic)})
    if entry.summary:
        _text(element, "summary", entry.summary)


def _text(parent: Element, tag: str, text: str) -> None:
    SubElement(parent, tag).text = _clean(text)


def _clean(text: str) -> str:
    return FORBIDDEN.sub("", text)


def _time(moment: datetime) -> str:
    """RFC 3339, to the second."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
