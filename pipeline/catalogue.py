"""What belongs to no single course: the lists of courses, account pages, scripts, styles, schemas and public keys."""

import base64
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from django.db.models import Min
from django.db.models.functions import Coalesce

from pipeline import feed, html, sitemap
from pipeline.digests import canonical_json
from pipeline.digests import digest as value_digest
from pipeline.documents import CatalogueDocument, CatalogueEntry, CourseDocument, OutlineDocument, published_schemas
from pipeline.html_views import catalogue_path
from pipeline.keys import public_key
from pipeline.manifest import key_name, public_bytes
from pipeline.models import Address, Publication, Release
from pipeline.price import Price
from pipeline.store.base import Store

# The publication row of the catalogue: it is claimed, built and retried like a course.
CATALOGUE = UUID(int=0)

PAGE, PART = 24, 100  # courses on a page of the catalogue, and in a part of its JSON
FOLDERS = ("catalogue/", "sitemap/")  # nothing else lies in them
ALONE = ("feed.xml", "sitemap.xml", sitemap.FRONT, "robots.txt")


@dataclass(frozen=True)
class Listed:
    """An open course with a live release, as the site's lists show it.

    `digest` names all that they say of it: its card, the addresses of its pages, and the day of its release. `said` is
    the digest of what they said last.
    """

    publication: int
    entry: CatalogueEntry
    built_at: datetime
    digest: str
    said: str = field(compare=False)


def listing(course: UUID | None = None) -> tuple[Listed, ...]:
    """Every open course with a live release, by title; of `course` alone if it is given. One query, and no document
    is read: only of releases that were made before they had cards.
    """
    rows = Publication.objects.filter(standing=Publication.Standing.OPEN, live_release__isnull=False)
    if course:
        rows = rows.filter(course=course)
    made = Coalesce("live_release__built_at", "live_release__approved_at")
    facts = list(rows.values_list("pk", "live_release", "live_release__card", "addressed", made, "listed", "price"))
    older = _cards([release for _pk, release, found, *_rest in facts if found is None])
    listed = []
    for pk, release, found, addressed, built_at, said, price in facts:
        shown = older[release] if found is None else found
        if price:
            shown = {**shown, "price_label": Price.model_validate(price).label}
        day = built_at.astimezone(UTC).date().isoformat()
        digest = value_digest([shown, addressed, day])
        listed.append(Listed(pk, CatalogueEntry.model_validate(shown), built_at, digest, said))
    return tuple(sorted(listed, key=lambda one: (one.entry.title.casefold(), str(one.entry.course))))


def _cards(releases: list[int]) -> dict[int, dict[str, Any]]:
    if not releases:
        return {}
    return {
        release.pk: card(CourseDocument.model_validate(release.course_document), release.read_outline())
        for release in Release.objects.filter(pk__in=releases)
    }


def differs(course: UUID) -> bool:
    """Whether the lists have to say something else of a course than they do.

    Asked in the transaction that changes the course, after its publication row was written: `publish_catalogue` notes
    what it said before it looks again, so one of the two sees the other.
    """
    if found := listing(course):
        return found[0].said != found[0].digest
    return Publication.objects.filter(course=course).exclude(listed="").exists()


def catalogue() -> CatalogueDocument:
    """The whole list in one document. It is published in `parts`."""
    return CatalogueDocument(courses=tuple(one.entry for one in listing()))


def parts(listed: Sequence[Listed]) -> dict[str, CatalogueDocument]:
    """The list as it lies on the store, by key: `catalogue.json`, `catalogue/2.json` and so on."""
    some = _split(listed, PART)
    keys = [f"catalogue/{number}.json" if number > 1 else "catalogue.json" for number in range(1, len(some) + 1)]
    return {
        key: CatalogueDocument(
            courses=tuple(one.entry for one in courses),
            part=number,
            parts=len(keys),
            next=keys[number] if number < len(keys) else None,
        )
        for number, (key, courses) in enumerate(zip(keys, some, strict=True), start=1)
    }


def keys(listed: Sequence[Listed]) -> list[str]:
    """Everything that has to lie on the store besides the `parts`, but for the second file of a part of the sitemap."""
    pages = [f"{catalogue_path(number)}index.html" for number in range(1, len(_split(listed, PAGE)) + 1)]
    return [*pages, *sorted({sitemap.part_of(one.entry.course) for one in listed}), *ALONE]


def card(course: CourseDocument, outline: OutlineDocument) -> dict[str, Any]:
    """What the catalogue says of a release, as JSON: kept in its row, so that a list reads no document."""
    entry = CatalogueEntry(
        **course.model_dump(include=set(CatalogueEntry.model_fields) - {"lessons", "instructors", "cover"}),
        cover=course.cover,
        lessons=len(outline.lessons()),
        instructors=tuple(person.name for person in course.instructors),
    )
    return entry.model_dump(mode="json")


def _split(listed: Sequence[Listed], size: int) -> list[Sequence[Listed]]:
    """Runs of `size`; one empty run of nothing."""
    return [listed[start : start + size] for start in range(0, len(listed), size)] or [()]


def publish_assets(store: Store) -> int:
    """Scripts, styles and fonts that the store lacks; how many were written. Comes before any page that names them:

    after an upgrade of Lectern the first release, not a person, brings the new ones.
    """
    lacking = [(key, path) for key, path in html.assets().items() if store.stat(key) is None]
    return sum(store.create(key, path.read_bytes()) for key, path in lacking)


def publish_catalogue(store: Store, beat: Callable[[], None] = lambda: None) -> int:
    """Write the lists of all courses where they changed: catalogue, front page, feed and sitemap; how many files.

    `beat` is called before each: they may take longer than a lease. Reads again after writing: whoever commits last
    also writes last, so two workers cannot leave an old list.
    """
    written, site = publish_assets(store), html.site()
    while True:
        listed, kept = listing(), set()
        for key, data in _files(site, listed):
            beat()
            written += store.replace(key, data)
            kept.add(key)
        for left in [key for folder in FOLDERS for key in store.keys(folder) if key not in kept]:
            store.delete(left)
        _note(listed)
        if listing() == listed:
            return written


def _files(site: html.Site, listed: Sequence[Listed]) -> Iterator[tuple[str, bytes]]:
    """Every file of the lists and its key. What leads to another file comes after it."""
    for key, document in reversed(parts(listed).items()):
        yield key, document.to_bytes()
    some = _split(listed, PAGE)
    for number in range(len(some), 0, -1):
        page = CatalogueDocument(courses=tuple(one.entry for one in some[number - 1]))
        yield f"{catalogue_path(number)}index.html", html.catalogue_page(site, page, number, len(some))
    yield "feed.xml", feed.feed(site, _news(listed))
    pages = [catalogue_path(number) for number in range(1, len(some) + 1)]
    yield sitemap.FRONT, sitemap.front(site.site_url, pages)
    named: dict[str, date | None] = {sitemap.FRONT: None}
    days = {one.entry.course: one.built_at.astimezone(UTC).date() for one in listed}
    for key, data, newest in sitemap.parts(site.site_url, _pages(), days):
        named[key] = newest
        yield key, data
    yield "sitemap.xml", sitemap.index(site.site_url, named)
    yield "robots.txt", sitemap.robots(site.site_url)


def _pages() -> Iterator[tuple[UUID, str]]:
    """Every page of every course, ordered by course; read bit by bit, for there may be very many."""
    rows = Address.objects.filter(kind=Address.Kind.PAGE).order_by("course", "path").values_list("course", "path")
    return ((course, path.removesuffix("index.html")) for course, path in rows.iterator(chunk_size=5000))


def _news(listed: Sequence[Listed]) -> list[feed.News]:
    newest = sorted(listed, key=lambda one: (one.built_at, str(one.entry.course)), reverse=True)[: feed.LONGEST]
    releases = Release.objects.filter(course__in=[one.entry.course for one in newest]).values("course")
    first = dict(releases.annotate(first=Min("built_at")).order_by().values_list("course", "first"))
    return [feed.News(one.entry, first[one.entry.course] or one.built_at, one.built_at) for one in newest]


def _note(listed: Sequence[Listed]) -> None:
    """Write down what the lists say now. Row by row: nothing is held that somebody with two courses waits for."""
    for one in listed:
        if one.said != one.digest:
            Publication.objects.filter(pk=one.publication).update(listed=one.digest)
    left = Publication.objects.exclude(listed="").exclude(standing=Publication.Standing.OPEN)
    for pk in left.values_list("pk", flat=True):
        Publication.objects.filter(pk=pk).update(listed="")


def publish_site(store: Store) -> int:
    """Write everything that belongs to no course; how many files were written. Scripts before pages that name them."""
    site, written = html.site(), publish_assets(store)
    for path, page in html.fixed_pages(site).items():
        written += store.replace(path, page)
    for name, schema in published_schemas().items():
        written += store.replace(
            f"schema/v1/{name}.json", json.dumps(schema, indent=2, sort_keys=True).encode() + b"\n"
        )
    raw = base64.urlsafe_b64encode(public_bytes(public_key())).rstrip(b"=").decode()
    keys = {"schema": 1, "keys": [{"key": key_name(public_key()), "public": raw}]}
    written += store.replace("keys.json", canonical_json(keys))
    return written + publish_catalogue(store)
