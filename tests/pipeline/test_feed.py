"""The feed is Atom as RFC 4287 wants it, whatever stands in a title, and keeps its ids."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from uuid import uuid4

import pytest
from lxml import etree
from pytest_django import Settings

from pipeline import catalogue, feed
from pipeline.documents import CatalogueEntry
from pipeline.feed import News
from pipeline.models import Release
from pipeline.store.disk import DiskStore
from tests.pipeline import course_factory as school
from tests.pipeline import html_example as example
from tests.pipeline.test_html import SITE

A = f"{{{feed.ATOM}}}"
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")  # one form of RFC 3339
NOON = datetime(2026, 11, 28, 12, 0, 0, 999, tzinfo=UTC)


def entry(**changes: object) -> CatalogueEntry:
    return example.CATALOGUE.courses[0].model_copy(update=changes)


def valid(data: bytes) -> "etree._Element":
    """The feed, once it has all that RFC 4287 (4.1.1 and 4.1.2) asks for, once each, and in no other shape."""
    root = etree.fromstring(data)
    assert root.tag == f"{A}feed"
    once = ("id", "title", "updated")
    for element in (root, *root.iter(f"{A}entry")):
        for name in once:
            assert len(element.findall(f"{A}{name}")) == 1, name
            assert element.findtext(f"{A}{name}")
        assert len(element.findall(f"{A}published")) <= 1
        assert len(element.findall(f"{A}summary")) <= 1
        for name in ("updated", "published"):
            assert all(TIME.fullmatch(found.text or "") for found in element.findall(f"{A}{name}"))
        links = [(link.get("rel"), link.get("type"), link.get("hreflang")) for link in element.findall(f"{A}link")]
        assert len(links) == len(set(links))
        assert all((link.get("href") or "").startswith("https://") for link in element.findall(f"{A}link"))
        assert re.fullmatch(r"urn:uuid:[0-9a-f-]{36}", element.findtext(f"{A}id") or "")
    ids = [found.text for found in root.iter(f"{A}id")]
    assert len(ids) == len(set(ids))
    assert root.findtext(f"{A}author/{A}name"), "an entry without an author is the feed's author's"
    assert all(person.findtext(f"{A}name") for person in root.iter(f"{A}author"))
    assert all(category.get("term") for category in root.iter(f"{A}category"))
    known = ["id", "title", "updated", "published", "link", "author", "name", "category", "summary", "entry", "feed"]
    assert {str(element.tag) for element in root.iter()} <= {f"{A}{name}" for name in known}
    return root


def titles(root: "etree._Element") -> Sequence[str | None]:
    return [found.findtext(f"{A}title") for found in root.iter(f"{A}entry")]


def test_the_newest_course_comes_first_and_the_feed_is_as_new() -> None:
    news = [News(entry(course=uuid4(), title=str(n)), NOON, NOON + timedelta(hours=n)) for n in (1, 3, 2)]
    root = valid(feed.feed(SITE, news))
    assert titles(root) == ["3", "2", "1"]
    assert root.findtext(f"{A}updated") == "2026-11-28T15:00:00Z"
    assert root.findtext(f"{A}entry/{A}published") == "2026-11-28T12:00:00Z"


def test_only_the_newest_are_in_it() -> None:
    news = [News(entry(course=uuid4(), title=str(n)), NOON, NOON + timedelta(hours=n)) for n in range(40)]
    assert titles(valid(feed.feed(SITE, news))) == [str(n) for n in range(39, 9, -1)]


def test_a_school_without_courses_has_a_feed_too() -> None:
    assert titles(valid(feed.feed(SITE, []))) == []


def test_times_are_told_in_one_zone() -> None:
    there = NOON.astimezone(timezone(timedelta(hours=5, minutes=30)))
    root = valid(feed.feed(SITE, [News(entry(), there, there)]))
    assert root.findtext(f"{A}updated") == "2026-11-28T12:00:00Z"


@pytest.mark.parametrize("title", ["<script>&]]>", "a\x0bb\x00c\ufffe", "\U0001f4da \u2028 نجوم"])
def test_whatever_stands_in_a_title_the_feed_is_well_formed(title: str) -> None:
    hostile = entry(title=title, summary=title, topics=(title,), instructors=(title,), language=title)
    root = valid(feed.feed(SITE, [News(hostile, NOON, NOON)]))
    assert titles(root) == [re.sub("[\x00\x0b\ufffe]", "", title)]


@pytest.mark.django_db
def test_a_course_keeps_its_id_and_the_day_of_its_first_release(settings: Settings, tmp_path: Path) -> None:
    settings.LECTERN_STORE, settings.SITE_URL = tmp_path, SITE.site_url
    course = school.make_course()
    school.release(course)
    Release.objects.update(built_at=NOON)
    school.edit(course, title="Renewed", slug="renewed")
    school.release(course)
    Release.objects.filter(number=2).update(built_at=NOON + timedelta(days=2))
    catalogue.publish_catalogue(DiskStore(tmp_path))
    (found,) = valid((tmp_path / "feed.xml").read_bytes()).iter(f"{A}entry")
    assert found.findtext(f"{A}id") == f"urn:uuid:{course.uuid}"
    assert found.findtext(f"{A}title") == "Renewed"
    assert [found.findtext(f"{A}{name}") for name in ("published", "updated")] == [
        "2026-11-28T12:00:00Z",
        "2026-11-30T12:00:00Z",
    ]
    (link,) = found.findall(f"{A}link")
    assert link.get("href") == f"{SITE.site_url}/courses/renewed/"
