"""The site's pages as search engines are told of them: sitemap.xml, its parts, and robots.txt that names it.

The form is that of https://www.sitemaps.org/protocol.html. Courses whose UUIDs begin alike share a part, so a course
that changes rewrites one of at most 256 parts, and the index.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from itertools import groupby
from uuid import UUID
from xml.sax.saxutils import escape

MOST = 50_000  # addresses in one file; the protocol's limit
FRONT = "sitemap/catalogue.xml"
NAMESPACE = "http://www.sitemaps.org/schemas/sitemap/0.9"


def part_of(course: UUID, place: int = 0) -> str:
    """The key of the part that a course stands in. `place` counts the further files of a part that is too long."""
    return f"sitemap/{course.hex[:2]}{f'-{place + 1}' if place else ''}.xml"


def parts(
    site_url: str, pages: Iterable[tuple[UUID, str]], days: Mapping[UUID, date]
) -> Iterator[tuple[str, bytes, date]]:
    """Each part's key, its bytes, and the newest day in it, in order.

    `pages` are the courses' pages, `courses/x/` below the site's root, ordered by course; `days` the day on which the
    live release of each course was made. Pages of other courses are left out.
    """
    known = ((course, path) for course, path in pages if course in days)
    for _prefix, group in groupby(known, key=lambda page: page[0].hex[:2]):
        alike = list(group)
        for place, start in enumerate(range(0, len(alike), MOST)):
            some = alike[start : start + MOST]
            rows = [_row("url", site_url, path, days[course]) for course, path in some]
            yield part_of(some[0][0], place), _file("urlset", rows), max(days[course] for course, _path in some)


def front(site_url: str, paths: Iterable[str]) -> bytes:
    """The part that holds the pages of the catalogue."""
    return _file("urlset", [_row("url", site_url, path) for path in paths])


def index(site_url: str, parts: Mapping[str, date | None]) -> bytes:
    """sitemap.xml: every part by its key, and the day on which something in it last changed."""
    return _file("sitemapindex", [_row("sitemap", site_url, key, day) for key, day in parts.items()])


def robots(site_url: str) -> bytes:
    """robots.txt. Nothing is forbidden: pages that are not for search engines say so themselves."""
    return f"User-agent: *\nDisallow:\n\nSitemap: {site_url}/sitemap.xml\n".encode()


def _row(kind: str, site_url: str, path: str, day: date | None = None) -> str:
    changed = f"<lastmod>{day.isoformat()}</lastmod>" if day else ""
    return f"<{kind}><loc>{escape(f'{site_url}/{path}')}</loc>{changed}</{kind}>\n"


def _file(kind: str, rows: Iterable[str]) -> bytes:
    text = f'<?xml version="1.0" encoding="UTF-8"?>\n<{kind} xmlns="{NAMESPACE}">\n{"".join(rows)}</{kind}>\n'
    return text.encode()
