"""What belongs to no single course: the catalogue, account pages, scripts, styles, schemas and public keys."""

import base64
import json
from typing import Any
from uuid import UUID

from pipeline import html
from pipeline.digests import canonical_json
from pipeline.documents import CatalogueDocument, CatalogueEntry, CourseDocument, OutlineDocument, published_schemas
from pipeline.keys import public_key
from pipeline.manifest import key_name, public_bytes
from pipeline.models import Publication, Release
from pipeline.store.base import Store

# The publication row of the catalogue: it is claimed, built and retried like a course.
CATALOGUE = UUID(int=0)


def catalogue() -> CatalogueDocument:
    """Every open course with a live release, by title. One query."""
    open_courses = Publication.objects.filter(standing=Publication.Standing.OPEN)
    entries = [
        _entry(CourseDocument.model_validate(release.course_document), release.read_outline())
        for release in Release.objects.filter(pk__in=open_courses.values("live_release"))
    ]
    return CatalogueDocument(
        courses=tuple(sorted(entries, key=lambda entry: (entry.title.casefold(), str(entry.course))))
    )


def card(course: CourseDocument, outline: OutlineDocument) -> dict[str, Any]:
    """What the catalogue says of a release, as JSON: kept in its row, so that a list reads no document."""
    return _entry(course, outline).model_dump(mode="json")


def _entry(course: CourseDocument, outline: OutlineDocument) -> CatalogueEntry:
    return CatalogueEntry(
        **course.model_dump(include=set(CatalogueEntry.model_fields) - {"lessons", "instructors", "cover"}),
        cover=course.cover,
        lessons=len(outline.lessons()),
        instructors=tuple(person.name for person in course.instructors),
    )


def publish_assets(store: Store) -> int:
    """Scripts, styles and fonts that the store lacks; how many were written. Comes before any page that names them:

    after an upgrade of Lectern the first release, not a person, brings the new ones.
    """
    lacking = [(key, path) for key, path in html.assets().items() if store.stat(key) is None]
    return sum(store.create(key, path.read_bytes()) for key, path in lacking)


def publish_catalogue(store: Store) -> int:
    """Write catalogue.json and the front page if they changed; how many files were written.

    Reads again after writing: whoever commits last also writes last, so two workers cannot leave an old list.
    """
    written = publish_assets(store)
    while True:
        document = catalogue()
        written += store.replace("catalogue.json", document.to_bytes())
        written += store.replace("index.html", html.catalogue_page(html.site(), document))
        if catalogue() == document:
            return written


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
