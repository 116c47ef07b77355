"""What belongs to no course: the list of courses, the front page, scripts, schemas and keys."""

import base64
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from django.core.management import call_command
from django.db import connection
from lxml import html as lxml_html
from pytest_django import Settings

from pipeline import afloat, catalogue, withdraw, worker
from pipeline.documents import CatalogueDocument
from pipeline.errors import StoreError
from pipeline.html_views import catalogue_path, page_links
from pipeline.keys import public_key
from pipeline.manifest import verified
from pipeline.models import ChangeEvent, Publication, Release
from pipeline.rollback import roll_back
from pipeline.store.disk import DiskStore
from pipeline.verify import verify
from tests.pipeline import course_factory as school

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def cdn(settings: Settings, tmp_path: Path) -> Path:
    settings.LECTERN_STORE = tmp_path / "cdn"
    return tmp_path / "cdn"


def titles(cdn: Path) -> list[str]:
    document = CatalogueDocument.model_validate_json((cdn / "catalogue.json").read_bytes())
    return [entry.title for entry in document.courses]


def test_courses_stand_by_title_whatever_order_they_came_in(cdn: Path) -> None:
    for title in ("beta", "Gamma", "Alpha"):
        school.release(school.make_course(title))
    assert titles(cdn) == ["Alpha", "beta", "Gamma"]
    page = (cdn / "index.html").read_text()
    assert page.index("Alpha") < page.index("beta") < page.index("Gamma")
    entry = json.loads((cdn / "catalogue.json").read_text())["courses"][0]
    assert entry["lessons"] == 3
    assert "blocks" not in entry


def test_a_course_that_is_not_released_is_not_listed(cdn: Path) -> None:
    school.release(school.make_course("Live"))
    school.approve(school.make_course("Waiting"))
    school.make_course("Draft")
    catalogue.publish_catalogue(DiskStore(cdn))
    assert titles(cdn) == ["Live"]


def test_a_lessons_new_words_do_not_rewrite_the_catalogue(cdn: Path) -> None:
    course = school.make_course()
    school.release(course)
    before = school.files(cdn)
    school.rewrite(school.lessons(course)[0], "Other words.")
    school.release(course)
    assert not {"catalogue.json", "index.html"} & school.written(before, cdn)
    school.edit(course, title="Renamed")
    school.release(course)
    assert {"catalogue.json", "index.html"} <= school.written(before, cdn)
    row = Publication.objects.get(course=catalogue.CATALOGUE)
    assert (row.built_seq, row.title) == (row.wanted_seq, "Catalogue")


def test_the_list_is_one_question_for_one_course_and_for_three(django_assert_num_queries: Any) -> None:
    for new in (("A",), ("B", "C")):
        for title in new:
            school.release(school.make_course(title, lessons=1))
        with django_assert_num_queries(1):
            catalogue.catalogue()


def test_a_course_released_while_the_list_is_written_is_in_it(cdn: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    school.release(school.make_course("First"))
    second = school.make_course("Second")
    replace, once = DiskStore.replace, [True]

    def slowly(self: DiskStore, key: str, data: bytes) -> bool:
        if key == "catalogue.json" and once and once.pop():
            worker_of_another_course(second)
        return replace(self, key, data)

    def worker_of_another_course(course: Any) -> None:
        school.approve(course)
        worker.work(course.uuid)

    monkeypatch.setattr(DiskStore, "replace", slowly)
    catalogue.publish_catalogue(DiskStore(cdn))
    assert titles(cdn) == ["First", "Second"]


# --- pages and parts ------------------------------------------------------------------------------------------


def whole(cdn: Path) -> list[CatalogueDocument]:
    """Every part of the list, as a client follows it."""
    found, key = [], "catalogue.json"
    while key:
        found.append(CatalogueDocument.model_validate_json((cdn / key).read_bytes()))
        key = found[-1].next or ""
    assert [(one.part, one.parts) for one in found] == [(n, len(found)) for n in range(1, len(found) + 1)]
    return found


def pages(cdn: Path) -> list[list[str]]:
    """The titles on each page of the catalogue, as a reader walks it; each page says where it is."""
    found, path = [], ""
    while True:
        tree = lxml_html.fromstring((cdn / path / "index.html").read_text())
        found.append(tree.xpath("//h2/a/text()"))
        assert tree.xpath("//link[@rel='canonical']/@href") == [f"http://localhost:8002/{path}"]
        current = tree.xpath("//nav[@class='pages']//a[@aria-current='page']/text()")
        assert current in ([str(len(found))], [])
        back = tree.xpath("//nav[@class='pages']/a[@rel='prev']/@href")
        assert back == ([f"/{catalogue_path(len(found) - 1)}"] if len(found) > 1 else [])
        steps = tree.xpath("//nav[@class='pages']/a[@rel='next']/@href")
        if not steps:
            return found
        path = steps[0].removeprefix("/")


def test_a_longer_list_comes_in_parts_and_pages_and_a_shorter_one_takes_them_away(
    cdn: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(catalogue, "PAGE", 2)
    monkeypatch.setattr(catalogue, "PART", 3)
    courses = {title: school.make_course(title, lessons=1) for title in "EDCBA"}
    for course in courses.values():
        school.release(course)
    assert [[entry.title for entry in part.courses] for part in whole(cdn)] == [["A", "B", "C"], ["D", "E"]]
    assert pages(cdn) == [["A", "B"], ["C", "D"], ["E"]]
    assert verify(DiskStore(cdn), public_key()).faults == []
    assert afloat.catalogue_fault(DiskStore(cdn), whole=True) == ""
    before = school.files(cdn)
    school.edit(courses["D"], title="Dee")
    school.release(courses["D"])
    lists = {key for key in school.written(before, cdn) if key.startswith(("catalogue", "index"))}
    assert lists == {"catalogue/2.json", "catalogue/2/index.html"}
    for title in "ABD":
        withdraw.withdraw(courses[title].uuid, None)
    worker.drain()
    assert [[entry.title for entry in part.courses] for part in whole(cdn)] == [["C", "E"]]
    assert pages(cdn) == [["C", "E"]]
    assert list(DiskStore(cdn).keys("catalogue/")) == []
    assert verify(DiskStore(cdn), public_key()).faults == []


def test_what_a_page_leads_to_is_there_before_it(cdn: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalogue, "PAGE", 1)
    monkeypatch.setattr(catalogue, "PART", 1)
    for title in "AB":
        school.approve(school.make_course(title, lessons=1))
    keys, replace = list[str](), DiskStore.replace

    def watched(self: DiskStore, key: str, data: bytes) -> bool:
        keys.append(key)
        return replace(self, key, data)

    monkeypatch.setattr(DiskStore, "replace", watched)
    worker.drain()
    assert keys.index("catalogue/2/index.html") < keys.index("index.html")
    assert keys.index("catalogue/2.json") < keys.index("catalogue.json")
    assert keys.index("sitemap/catalogue.xml") < keys.index("sitemap.xml")


@pytest.mark.parametrize(
    ("number", "count", "shown"),
    [
        (1, 1, []),
        (1, 2, [1, 2]),
        (2, 5, [1, 2, 3, 4, 5]),
        (1, 9, [1, 2, 0, 9]),
        (4, 9, [1, 2, 3, 4, 5, 0, 9]),
        (5, 9, [1, 0, 4, 5, 6, 0, 9]),
        (9, 9, [1, 0, 8, 9]),
    ],
)
def test_the_row_of_numbers_stays_short(number: int, count: int, shown: list[int]) -> None:
    links = page_links(number, count)
    assert [link.number for link in links] == shown
    assert [link.number for link in links if link.current] == ([number] if shown else [])


def test_a_part_that_is_missing_or_damaged_is_a_fault(cdn: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalogue, "PART", 1)
    for title in "ABC":
        school.release(school.make_course(title, lessons=1))
    store = DiskStore(cdn)
    second = (cdn / "catalogue/2.json").read_bytes()
    (cdn / "catalogue/2.json").unlink()
    assert "catalogue/2.json is missing." in verify(store, public_key()).faults
    assert afloat.catalogue_fault(store, whole=True) == "its part catalogue/2.json is gone from the store"
    (cdn / "catalogue/2.json").write_bytes((cdn / "catalogue.json").read_bytes())
    assert "catalogue/2.json is part 1 of the catalogue, and stands where part 2 does." in (
        verify(store, public_key()).faults
    )
    assert afloat.catalogue_fault(store, whole=True) == "it lists something else than what is live"
    (cdn / "catalogue/2.json").write_bytes(second)
    assert verify(store, public_key()).faults == []
    for key in ("feed.xml", "sitemap.xml", "robots.txt", "index.html"):
        data = (cdn / key).read_bytes()
        (cdn / key).unlink()
        assert afloat.catalogue_fault(store, whole=True) == f"1 of its files are gone from the store, {key} among them"
        (cdn / key).write_bytes(data)
    assert afloat.catalogue_fault(store, whole=True) == ""


# --- only when something differs ------------------------------------------------------------------------------


def asked() -> int:
    return ChangeEvent.objects.filter(course=catalogue.CATALOGUE).count()


def test_a_lessons_new_words_ask_for_the_list_on_another_day_only(cdn: Path) -> None:
    course = school.make_course()
    first, before = school.release(course), asked()
    school.rewrite(school.lessons(course)[0], "Other words.")
    second = school.release(course)
    assert first.built_at and second.built_at
    assert asked() - before == (first.built_at.date() != second.built_at.date())
    Release.objects.filter(pk=second.pk).update(built_at=second.built_at - timedelta(days=3))
    assert catalogue.differs(course.uuid), "the sitemap says the day of the last release"


@pytest.mark.parametrize("change", [{"title": "Renamed"}, {"slug": "renamed"}, {"summary": "Other."}])
def test_another_card_asks_for_the_list(cdn: Path, change: dict[str, str]) -> None:
    course = school.make_course()
    school.release(course)
    assert not catalogue.differs(course.uuid)
    before = asked()
    school.edit(course, **change)
    school.approve(course)
    worker.work(course.uuid)
    assert asked() == before + 1
    assert catalogue.differs(course.uuid), "until it is written"
    worker.drain()
    assert not catalogue.differs(course.uuid)


def test_another_address_of_a_lesson_asks_for_the_list(cdn: Path) -> None:
    """The card is the same; the sitemap is not."""
    course = school.make_course()
    school.release(course)
    before = asked()
    school.edit(school.lessons(course)[1], slug="elsewhere")
    school.release(course)
    assert asked() == before + 1


def test_a_course_that_left_the_list_and_was_never_in_it_differs_not(cdn: Path) -> None:
    course = school.make_course()
    assert not catalogue.differs(course.uuid)
    school.release(course)
    withdraw.withdraw(course.uuid, None)
    assert catalogue.differs(course.uuid)
    worker.drain()
    assert not catalogue.differs(course.uuid)
    assert Publication.objects.get(course=course.uuid).listed == ""


def test_a_change_and_its_undoing_while_the_list_is_written_are_not_lost(cdn: Path) -> None:
    """The list is written with the new title, and the old one comes back in the moment before that is noted. What is
    noted is the old title still, so the undoing asks for nothing: the writer has to see it after its note."""
    course = school.make_course("Old")
    school.release(course)
    school.edit(course, title="New")
    school.approve(course)
    worker.work(course.uuid)
    once = [True]

    def undone(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if sql.startswith('UPDATE "pipeline_publication" SET "listed"') and once and once.pop():
            assert titles(cdn) == ["New"]
            roll_back(course.uuid, 1, None)
            before = asked()
            worker.work(course.uuid)
            assert asked() == before, "the trap"
        return execute(sql, params, many, context)

    with connection.execute_wrapper(undone):
        worker.work(catalogue.CATALOGUE)
    assert not once
    assert titles(cdn) == ["Old"]
    assert not catalogue.differs(course.uuid)


def test_a_writer_that_dies_has_noted_nothing(cdn: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    course = school.make_course("Old")
    school.release(course)
    school.edit(course, title="New")
    school.approve(course)
    worker.work(course.uuid)

    def away(self: DiskStore, key: str, data: bytes) -> bool:
        raise StoreError("The store is away.")

    with monkeypatch.context() as patch:
        patch.setattr(DiskStore, "replace", away)
        worker.work(catalogue.CATALOGUE)
    assert catalogue.differs(course.uuid)
    assert titles(cdn) == ["Old"]
    Publication.objects.update(next_try_at=None)
    worker.drain()
    assert titles(cdn) == ["New"]


def test_a_release_from_before_there_were_cards_is_listed_all_the_same(cdn: Path) -> None:
    course = school.make_course("Older")
    school.release(course)
    listed = catalogue.catalogue()
    Release.objects.update(card=None)
    Publication.objects.update(listed="")
    assert catalogue.catalogue() == listed
    assert catalogue.differs(course.uuid)
    catalogue.publish_catalogue(DiskStore(cdn))
    assert not catalogue.differs(course.uuid)


def test_publishing_the_site_writes_all_that_pages_need_and_a_second_time_nothing(cdn: Path) -> None:
    course = school.make_course()
    school.release(course)
    call_command("publish_site", verbosity=0)
    manifest = json.loads((cdn / "keys.json").read_text())
    raw = base64.urlsafe_b64decode(manifest["keys"][0]["public"] + "=")
    key = Ed25519PublicKey.from_public_bytes(raw)
    assert verified((cdn / f"c/{course.uuid}/current.json").read_bytes(), key).release == 1
    assert {path.stem for path in (cdn / "schema/v1").iterdir()} == {
        "lesson",
        "course",
        "outline",
        "module",
        "catalogue",
    }
    assert list((cdn / "assets").glob("*.js"))
    assert (cdn / "account/sign-in/index.html").exists()
    before = school.files(cdn)
    call_command("publish_site", verbosity=0)
    assert school.written(before, cdn) == set()


def test_a_new_name_of_the_school_rewrites_every_page_and_no_document(cdn: Path, settings: Settings) -> None:
    course = school.make_course()
    school.release(course)
    documents = school.manifest(cdn, course).documents
    before = school.files(cdn)
    settings.SCHOOL_NAME = "Another school"
    call_command("publish_site", verbosity=0)
    assert set(school.manifest(cdn, course).pages) <= school.written(before, cdn)
    assert school.manifest(cdn, course).documents == documents
    assert (school.pointer(cdn, course).release, school.pointer(cdn, course).generation) == (1, 2)
    worker.drain()
