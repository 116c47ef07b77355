"""What search engines are told: every public page once, and of a change no more than its own part."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from itertools import count
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from lxml import etree
from pytest_django import Settings

from pipeline import catalogue, sitemap, withdraw, worker
from pipeline.models import Release
from pipeline.store.disk import DiskStore
from tests.pipeline import course_factory as school

SITE = "https://learn.example.org/school"
NAMES = {"s": sitemap.NAMESPACE}
# The two forms of https://www.sitemaps.org/protocol.html, as far as they are used.
FORM = etree.XMLSchema(
    etree.fromstring(
        f"""<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns="{sitemap.NAMESPACE}"
  targetNamespace="{sitemap.NAMESPACE}" elementFormDefault="qualified">
  <xs:complexType name="place"><xs:sequence>
    <xs:element name="loc"><xs:simpleType><xs:restriction base="xs:anyURI">
      <xs:minLength value="12"/><xs:maxLength value="2048"/></xs:restriction></xs:simpleType></xs:element>
    <xs:element name="lastmod" type="xs:date" minOccurs="0"/>
  </xs:sequence></xs:complexType>
  <xs:element name="urlset"><xs:complexType><xs:sequence>
    <xs:element name="url" type="place" maxOccurs="50000"/></xs:sequence></xs:complexType></xs:element>
  <xs:element name="sitemapindex"><xs:complexType><xs:sequence>
    <xs:element name="sitemap" type="place" maxOccurs="50000"/></xs:sequence></xs:complexType></xs:element>
</xs:schema>"""
    )
)


def addresses(data: bytes) -> list[str]:
    """What stands in a file of the sitemap, which must have the form of one."""
    tree = etree.fromstring(data)
    FORM.assertValid(tree)
    return [str(found) for found in tree.xpath("//s:loc/text()", namespaces=NAMES)]


def course(first: str, number: int = 0) -> UUID:
    return UUID(f"{first}{number:030x}")


def test_courses_whose_uuids_begin_alike_share_a_part() -> None:
    alike, other = [course("3f", 1), course("3f", 2)], course("a0")
    pages = [(one, f"courses/{one.hex}/{name}") for one in (*alike, other) for name in ("", "lesson/")]
    days = {alike[0]: date(2026, 11, 1), alike[1]: date(2026, 11, 3), other: date(2026, 11, 2)}
    made = list(sitemap.parts(SITE, pages, days))
    assert [(key, newest) for key, _data, newest in made] == [
        ("sitemap/3f.xml", date(2026, 11, 3)),
        ("sitemap/a0.xml", date(2026, 11, 2)),
    ]
    found = [address for _key, data, _newest in made for address in addresses(data)]
    assert found == [f"{SITE}/{path}" for _course, path in pages]


def test_a_part_that_is_too_long_has_further_files(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sitemap, "MOST", 3)
    one = course("3f")
    pages = [(one, f"courses/x/{number}/") for number in range(7)]
    made = {key: addresses(data) for key, data, _day in sitemap.parts(SITE, pages, {one: date(2026, 11, 1)})}
    assert {key: len(found) for key, found in made.items()} == {
        "sitemap/3f.xml": 3,
        "sitemap/3f-2.xml": 3,
        "sitemap/3f-3.xml": 1,
    }
    assert [address for found in made.values() for address in found] == [f"{SITE}/{path}" for _course, path in pages]


def test_pages_of_courses_that_are_not_listed_are_left_out() -> None:
    assert list(sitemap.parts(SITE, [(course("3f"), "courses/x/")], {})) == []


def test_an_address_is_escaped() -> None:
    assert addresses(sitemap.front("https://example.org/a&b", [""])) == ["https://example.org/a&b/"]


# --- on the store ---------------------------------------------------------------------------------------------


@pytest.fixture
def cdn(settings: Settings, tmp_path: Path, db: None) -> Iterator[Path]:
    settings.LECTERN_STORE = tmp_path / "cdn"
    settings.SITE_URL = SITE
    yield tmp_path / "cdn"


def every_address(cdn: Path) -> list[str]:
    """All that the index leads to. Every part of it must be there, and no other."""
    index = etree.fromstring((cdn / "sitemap.xml").read_bytes())
    FORM.assertValid(index)
    keys = [text.removeprefix(f"{SITE}/") for text in index.xpath("//s:loc/text()", namespaces=NAMES)]
    assert sorted(keys) == sorted(DiskStore(cdn).keys("sitemap/"))
    return sorted(address for key in keys for address in addresses((cdn / key).read_bytes()))


def test_the_sitemap_holds_the_public_pages_and_no_others(cdn: Path) -> None:
    open_one, closed = school.make_course("Open"), school.make_course("Closed")
    for one in (open_one, closed):
        school.release(one)
    school.edit(school.lessons(open_one)[1], slug="moved")
    school.edit(school.lessons(open_one)[2], held_back=True)
    school.release(open_one)
    withdraw.withdraw(closed.uuid, None)
    worker.drain()
    catalogue.publish_site(DiskStore(cdn))
    wanted = ["", "courses/open/", "courses/open/lesson-1-1/", "courses/open/moved/"]
    assert every_address(cdn) == [f"{SITE}/{path}" for path in wanted]
    for path in wanted:
        page = (cdn / path / "index.html").read_text()
        assert f'<link rel="canonical" href="{SITE}/{path}">' in page
        assert "noindex" not in page
    drawn = {path for path in DiskStore(cdn).keys("") if path.endswith(".html") and not path.startswith("o/")}
    for path in drawn - {f"{path}index.html" for path in wanted}:
        page = (cdn / path).read_text()
        assert '<meta name="robots" content="noindex">' in page, path
        assert "ld+json" not in page and "og:title" not in page, path
    assert (cdn / "robots.txt").read_text() == f"User-agent: *\nDisallow:\n\nSitemap: {SITE}/sitemap.xml\n"


def test_a_course_that_changes_rewrites_its_own_part(cdn: Path) -> None:
    first = school.make_course("First")
    others = (school.make_course(f"Second {number}") for number in count())
    second = next(one for one in others if sitemap.part_of(one.uuid) != sitemap.part_of(first.uuid))
    for one in (first, second):
        school.release(one)
    before = school.files(cdn)
    school.edit(school.lessons(second)[1], slug="elsewhere")
    school.release(second)
    written = {key for key in school.written(before, cdn) if key.startswith("sitemap/")}
    assert written == {sitemap.part_of(second.uuid)}
    Release.objects.filter(course=first.uuid).update(built_at=datetime(2020, 2, 3, 23, 59, tzinfo=UTC))
    catalogue.publish_catalogue(DiskStore(cdn))
    for key in (sitemap.part_of(first.uuid), "sitemap.xml"):
        assert b"<lastmod>2020-02-03</lastmod>" in (cdn / key).read_bytes()


def test_the_lists_ask_as_much_for_three_courses_as_for_one(cdn: Path, django_assert_num_queries: Any) -> None:
    """The list, first releases, pages, whom it no longer names, the list again; and a line for each that changed."""
    for new in (("A",), ("B", "C")):
        for title in new:
            school.release(school.make_course(title, lessons=1))
        catalogue.publish_catalogue(DiskStore(cdn))
        with django_assert_num_queries(5):
            assert catalogue.publish_catalogue(DiskStore(cdn)) == 0
