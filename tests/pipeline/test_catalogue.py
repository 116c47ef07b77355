"""What belongs to no course: the list of courses, the front page, scripts, schemas and keys."""

import base64
import json
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from django.core.management import call_command
from pytest_django import Settings

from pipeline import catalogue, worker
from pipeline.documents import CatalogueDocument
from pipeline.manifest import verified
from pipeline.models import Publication
from pipeline.store.disk import DiskStore
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


def test_publishing_the_site_writes_all_that_pages_need_and_a_second_time_nothing(cdn: Path) -> None:
    course = school.make_course()
    school.release(course)
    call_command("publish_site", verbosity=0)
    manifest = json.loads((cdn / "keys.json").read_text())
    raw = base64.urlsafe_b64decode(manifest["keys"][0]["public"] + "=")
    key = Ed25519PublicKey.from_public_bytes(raw)
    assert verified((cdn / f"c/{course.uuid}/current.json").read_bytes(), key).release == 1
    assert {path.stem for path in (cdn / "schema/v1").iterdir()} == {"lesson", "course", "outline", "catalogue"}
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
