"""From an approval to the pointer: the order of writes, the cost of a change, and what never leaves the database."""

import os
import shutil
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.base import ContentFile
from django.utils import timezone
from pytest_django import Settings

from content.models import Attachment, Course, Lesson, Module
from pipeline import frozen_parts, html, lease, release, renditions, rollback, worker
from pipeline.built import Built
from pipeline.candidate import freeze
from pipeline.documents import LessonDocument
from pipeline.errors import StoreError
from pipeline.frozen import FrozenCourse
from pipeline.keys import public_key
from pipeline.models import AnswerKey, BuiltModule, ChangeEvent, Publication, Release
from pipeline.render import RENDERER
from pipeline.render_page import quiz_item
from pipeline.store.base import Stat
from pipeline.store.disk import DiskStore
from pipeline.verify import verify
from tests.pipeline import course_factory as school
from tests.pipeline.drawn import build

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def cdn(settings: Settings, tmp_path: Path) -> Path:
    settings.LECTERN_STORE = tmp_path / "cdn"
    settings.LECTERN_ORIGINALS = tmp_path / "originals"
    return tmp_path / "cdn"


def faults(cdn: Path) -> list[str]:
    return verify(DiskStore(cdn), public_key()).faults


def drawn(frozen: FrozenCourse, cdn: Path, number: int = 1) -> Any:
    return build(frozen, number, None, renditions.ReleasedAssets(frozen, DiskStore(cdn)), html.site())


# --- a first release ------------------------------------------------------------------------------------------


def test_a_release_is_live_whole_and_in_the_database(cdn: Path) -> None:
    course = school.make_course(modules=2)
    made = school.release(course)
    pointer, manifest = school.pointer(cdn, course), school.manifest(cdn, course)
    assert (pointer.generation, pointer.release, pointer.manifest) == (1, 1, made.manifest)
    assert set(manifest.documents) == {str(course.uuid), *(str(lesson.uuid) for lesson in school.lessons(course))}
    assert len(manifest.pages) == 7
    lesson = school.lessons(course)[0]
    document = LessonDocument.model_validate_json(
        (cdn / f"o/{manifest.documents[str(lesson.uuid)].object}").read_bytes()
    )
    assert document.title == lesson.title
    assert f"<title>{lesson.title}".encode() in (cdn / f"courses/statistics/{lesson.slug}/index.html").read_bytes()
    row = Publication.objects.get(course=course.uuid)
    assert (row.live_release, row.generation, row.built_seq) == (made, 1, row.wanted_seq)
    assert (row.title, row.last_error, row.waiting_for, row.lease_owner) == ("Statistics", "", "", "")
    assert made.objects_written > 0
    assert made.bytes_written > 0
    assert made.built_at is not None
    assert made.read_outline().lessons()[0].title == "Lesson 1.1"
    assert faults(cdn) == []


def test_objects_come_before_manifest_before_pointer_before_pages_before_row(
    cdn: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    course = school.make_course(lessons=4)
    found: dict[str, tuple[int, bool, int, bool]] = {}

    def look(point: str) -> None:
        objects = len(list((cdn / "o").glob("[0-9a-f]*"))) if (cdn / "o").exists() else 0
        pages = len(list((cdn / "courses").rglob("index.html"))) if (cdn / "courses").exists() else 0
        pointer = (cdn / f"c/{course.uuid}/current.json").exists()
        found[point] = (objects, pointer, pages, Release.objects.get().state == Release.State.LIVE)

    monkeypatch.setattr(release, "checkpoint", look)
    school.release(course)
    # 5 documents (course, 4 lessons), 5 pages, the outline in 2 objects and a shard; then the manifest.
    assert found == {
        "claimed": (0, False, 0, False),
        "half_objects": (6, False, 0, False),
        "manifest": (14, False, 0, False),
        "pointer": (14, True, 0, False),
        "half_pages": (14, True, 2, False),
        "pages": (14, True, 5, False),
    }


def test_answer_keys_are_in_the_database_before_a_reader_can_come(cdn: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    course = school.make_course()
    known: list[int] = []
    monkeypatch.setattr(
        release, "checkpoint", lambda point: known.append(AnswerKey.objects.count()) if point == "manifest" else None
    )
    school.release(course)
    assert known == [1]


def test_no_answer_is_in_any_byte_of_the_store(cdn: Path) -> None:
    course = school.make_course()
    school.release(course)
    private = str(AnswerKey.objects.get().document)
    every = b"\0".join(path.read_bytes() for path in cdn.rglob("*") if path.is_file())
    assert b"Question 1?" in every
    for word in school.CANARIES:
        assert word in private, "or this test looks for a word that nobody wrote"
        assert word.encode() not in every


def test_the_search_for_answers_can_find_one(cdn: Path) -> None:
    course = school.make_course()
    school.rewrite(school.lessons(course)[0], f"The answer is {school.CANARIES[0]}.")
    school.release(course)
    assert any(school.CANARIES[0].encode() in path.read_bytes() for path in cdn.rglob("*") if path.is_file())


# --- the cost of a change -------------------------------------------------------------------------------------


def test_one_word_in_one_of_twelve_lessons_writes_that_lesson_and_nothing_else(cdn: Path) -> None:
    course = school.make_course(lessons=6, modules=2)
    school.release(course)
    lesson = school.lessons(course)[4]
    before = school.files(cdn)
    old = school.manifest(cdn, course)
    school.rewrite(lesson, "Lesson 1.5 says much.")
    made = school.release(course)
    new = school.manifest(cdn, course)
    page = f"courses/statistics/{lesson.slug}/index.html"
    assert school.written(before, cdn) == {
        f"o/{new.documents[str(lesson.uuid)].object}",
        f"o/{new.pages[page].object}.html",
        f"o/{new.modules[0].shard}",
        page,
        f"o/{school.pointer(cdn, course).manifest}",
        f"c/{course.uuid}/current.json",
    }
    assert made.objects_written == 5, "document, page object, shard, manifest, page"
    assert new.modules[1] == old.modules[1]
    assert [item for item in new.documents if new.documents[item] != old.documents[item]] == [str(lesson.uuid)]
    assert new.parent == made.candidate.releases.model.objects.get(number=1).manifest
    assert faults(cdn) == []


def test_a_new_title_writes_the_pages_that_show_it(cdn: Path) -> None:
    course = school.make_course(lessons=4, modules=3)
    school.release(course)
    lesson = school.lessons(course)[5]
    before = school.files(cdn)
    school.edit(lesson, title="Renamed")
    school.release(course)
    pages = {key for key in school.written(before, cdn) if key.startswith("courses/")}
    module = {f"courses/statistics/lesson-2-{number}/index.html" for number in (1, 2, 3, 4)}
    assert pages == {"courses/statistics/index.html", *module}, "other modules do not show this title"


def test_approving_the_same_again_writes_a_manifest_and_a_pointer(cdn: Path) -> None:
    course = school.make_course()
    school.release(course)
    before = school.files(cdn)
    school.release(course)
    pointer = school.pointer(cdn, course)
    assert school.written(before, cdn) == {f"o/{pointer.manifest}", f"c/{course.uuid}/current.json"}
    assert (pointer.generation, pointer.release) == (2, 2)


def test_a_rebuild_of_what_is_live_writes_nothing_and_moves_no_pointer(cdn: Path) -> None:
    course = school.make_course()
    made = school.release(course)
    cost, before = (made.objects_written, made.bytes_written, made.built_at), school.files(cdn)
    for _ in range(2):
        worker.outbox.record(course.uuid, ChangeEvent.Kind.REBUILD)
        worker.drain()
    assert school.written(before, cdn) == set()
    assert school.pointer(cdn, course).generation == 1
    made.refresh_from_db()
    assert made.state == Release.State.LIVE
    assert (made.objects_written, made.bytes_written, made.built_at) == cost
    assert made.objects_written > 0


def test_a_release_of_one_course_writes_nothing_of_another(cdn: Path) -> None:
    first, second = school.make_course(), school.make_course("Algebra")
    school.release(first)
    school.release(second)
    before = school.files(cdn)
    school.rewrite(school.lessons(first)[0], "Other words.")
    school.release(first)
    assert not any("algebra" in key or str(second.uuid) in key for key in school.written(before, cdn))


# --- the same bytes -------------------------------------------------------------------------------------------

CHILD = """
import sys
import django
django.setup()
from pathlib import Path
from pipeline import html
from pipeline.frozen import FrozenCourse
from pipeline.digests import sha256
from tests.pipeline.drawn import build

class NoFiles:
    def taken(self): return (), {}

built = build(FrozenCourse.model_validate_json(sys.stdin.buffer.read()), 1, None, NoFiles(), html.site())
for name, data in sorted({**built.objects, "manifest": built.manifest.to_bytes()}.items()):
    print(name, sha256(data))
print([key.model_dump_json() for key in built.answer_keys])
"""


def test_two_processes_build_the_same_bytes() -> None:
    course = school.make_course(lessons=3, modules=2)
    content = freeze(course).model_dump_json().encode()
    told = []
    for seed, zone, language in (("1", "UTC", "C.UTF-8"), ("4711", "Asia/Tokyo", "tr_TR.UTF-8")):
        environment = os.environ | {"PYTHONHASHSEED": seed, "TZ": zone, "LANG": language}
        done = subprocess.run(
            [sys.executable, "-c", CHILD], input=content, capture_output=True, cwd=ROOT, env=environment, check=True
        )
        told.append(done.stdout)
    assert told[0] == told[1]
    assert told[0].count(b"\n") == 21, (
        "7 documents, 7 pages, 2 shards, the outline in 3, the manifest, and a line of what is private"
    )


def test_database_ids_do_not_reach_a_document(cdn: Path) -> None:
    """The same course under other page ids gives the same documents and pages."""
    frozen = freeze(school.make_course(lessons=2))
    moved = FrozenCourse.model_validate(
        frozen.model_dump()
        | {
            "page": frozen.page.model_dump() | {"page_id": 9001},
            "modules": [
                {
                    "page": module.page.model_dump() | {"page_id": 9100},
                    "lessons": [page.model_dump() | {"page_id": 9200 + n} for n, page in enumerate(module.lessons)],
                }
                for module in frozen.modules
            ],
        }
    )
    assert drawn(moved, cdn).objects == drawn(frozen, cdn).objects


# --- pages that go, and addresses that move -------------------------------------------------------------------


def test_a_removed_lesson_leaves_word_and_no_other_page_is_touched(cdn: Path) -> None:
    course = school.make_course()
    school.release(course)
    _first, second, third = school.lessons(course)
    school.edit(second, held_back=True)
    school.release(course)
    assert school.notice(cdn, f"courses/statistics/{second.slug}/") == ("removed", "courses/statistics/")
    assert school.notice(cdn, f"courses/statistics/{third.slug}/") is None
    assert str(second.uuid) not in school.manifest(cdn, course).documents
    assert faults(cdn) == []


def test_a_new_address_of_a_lesson(cdn: Path) -> None:
    course = school.make_course()
    school.release(course)
    lesson = school.lessons(course)[1]
    school.edit(lesson, slug="somewhere-else")
    school.release(course)
    there = "courses/statistics/somewhere-else/"
    assert school.notice(cdn, "courses/statistics/lesson-1-2/") == ("redirect", there)
    assert school.notice(cdn, there) is None
    assert str(lesson.uuid) in school.manifest(cdn, course).documents, "its item is the same"
    assert faults(cdn) == []


def test_a_new_address_of_a_course(cdn: Path) -> None:
    course = school.make_course()
    school.release(course)
    school.edit(course, slug="numbers")
    school.release(course)
    for name in ("", "lesson-1-1/", "lesson-1-2/", "lesson-1-3/"):
        assert school.notice(cdn, f"courses/statistics/{name}") == ("redirect", f"courses/numbers/{name}")
        assert school.notice(cdn, f"courses/numbers/{name}") is None
    assert faults(cdn) == []


def test_pages_of_a_try_that_never_finished_do_not_stay(cdn: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Release 2 wrote its pages at a new address and then failed; release 3 has another one."""
    course = school.make_course()
    school.release(course)
    school.edit(course, slug="numbers")
    second = school.approve(course)
    monkeypatch.setattr(release, "checkpoint", raising("pages"))
    worker.drain()
    monkeypatch.undo()
    assert (cdn / "courses/numbers/index.html").exists()
    assert Publication.objects.get(course=course.uuid).last_error != ""
    school.edit(course, slug="figures")
    third = school.release(course)
    for former in ("numbers", "statistics"):
        assert school.notice(cdn, f"courses/{former}/lesson-1-1/") == ("redirect", "courses/figures/lesson-1-1/")
    second.refresh_from_db()
    assert (second.state, third.number) == (Release.State.SKIPPED, 3)
    assert faults(cdn) == []


def test_an_address_that_no_store_can_hold_is_refused_before_anything_is_written(cdn: Path) -> None:
    course = school.make_course()
    school.release(course)
    before = school.files(cdn)
    for old, new, title in (("lesson-1-2", "première", "Lesson 1.2"), ("statistics", "x" * 201, "Statistics")):
        made = school.approve(course)
        content = made.candidate.frozen().model_dump_json().replace(f'"slug":"{old}"', f'"slug":"{new}"')
        assert new in content
        tree = frozen_parts.keep(FrozenCourse.model_validate_json(content))
        type(made.candidate).objects.filter(pk=made.candidate.pk).update(content=tree.to_bytes().decode())
        assert worker.work(course.uuid) is False
        assert Publication.objects.get(course=course.uuid).last_error == (
            f"The address “{new}” of “{title}” cannot be published: use only English letters, digits, hyphens and "
            "underscores, at most 200 of them."
        )
        assert school.files(cdn) == before
    school.release(course)
    assert faults(cdn) == []


def test_an_address_that_another_course_still_holds_is_waited_for(cdn: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Statistics moves away and Algebra takes its address; the worker comes to Algebra first."""
    course, rival = school.make_course(), school.make_course("Algebra")
    school.release(course)
    school.release(rival)
    school.edit(course, slug="numbers")
    school.approve(course)
    school.edit(rival, slug="statistics")
    school.approve(rival)
    before = school.files(cdn)
    assert worker.work(rival.uuid) is False
    assert "“statistics” still belongs to “Statistics”" in Publication.objects.get(course=rival.uuid).last_error
    assert school.written(before, cdn) == set()
    worker.work(course.uuid)
    Publication.objects.update(next_try_at=None)
    worker.drain()
    assert school.manifest(cdn, rival).pages.keys() == {
        "courses/statistics/index.html",
        *(f"courses/statistics/lesson-1-{number}/index.html" for number in (1, 2, 3)),
    }
    assert faults(cdn) == []


# --- failures -------------------------------------------------------------------------------------------------


def raising(point: str) -> Any:
    def fail(reached: str) -> None:
        if reached == point:
            raise OSError("no space left on device")

    return fail


@pytest.mark.parametrize("point", ["claimed", "half_objects", "manifest", "pointer", "half_pages", "pages"])
def test_after_a_failure_at_any_point_the_next_try_finishes(
    cdn: Path, monkeypatch: pytest.MonkeyPatch, point: str
) -> None:
    course = school.make_course()
    school.release(course)
    school.rewrite(school.lessons(course)[0], "Other words.")
    made = school.approve(course)
    monkeypatch.setattr(release, "checkpoint", raising(point))
    worker.drain()
    row = Publication.objects.get(course=course.uuid)
    assert "OSError: no space left on device" in row.last_error
    assert row.live_release is not None
    assert row.live_release.number == 1
    generation = school.pointer(cdn, course).generation
    monkeypatch.undo()
    Publication.objects.update(next_try_at=None)
    worker.drain()
    made.refresh_from_db()
    assert made.state == Release.State.LIVE
    assert school.pointer(cdn, course).generation == 2 >= generation
    assert Publication.objects.get(course=course.uuid).last_error == ""
    assert faults(cdn) == []


def test_a_course_that_fails_stops_no_other(cdn: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    broken, whole = school.make_course("Broken"), school.make_course("Whole")
    school.approve(broken)
    candidate = Release.objects.get(course=broken.uuid).candidate
    type(candidate).objects.filter(pk=candidate.pk).update(content="{}")
    made = school.release(whole)
    assert made.state == Release.State.LIVE
    row = Publication.objects.get(course=broken.uuid)
    assert "ValidationError" in row.last_error
    assert row.attempts == 1
    assert row.next_try_at is not None
    assert not (cdn / f"c/{broken.uuid}").exists()


def test_an_object_with_other_bytes_under_its_name_stops_the_release(cdn: Path) -> None:
    course = school.make_course()
    made = school.approve(course)
    frozen = made.candidate.frozen()
    key = next(iter(drawn(frozen, cdn).objects))
    (cdn / "o").mkdir(parents=True)
    (cdn / key).write_bytes(b"something else")
    worker.drain()
    assert "holds other bytes already" in Publication.objects.get(course=course.uuid).last_error
    assert not (cdn / f"c/{course.uuid}/current.json").exists()


@pytest.mark.parametrize("kind", ["document", "page", "outline", "manifest", "pointer", "page path"])
def test_a_store_that_lost_something_is_healed_by_a_rebuild(cdn: Path, kind: str) -> None:
    course = school.make_course()
    made = school.release(course)
    manifest = school.manifest(cdn, course)
    lost = {
        "document": f"o/{manifest.documents[str(course.uuid)].object}",
        "page": f"o/{manifest.pages['courses/statistics/index.html'].object}.html",
        "outline": f"o/{manifest.outline}",
        "manifest": f"o/{made.manifest}",
        "pointer": f"c/{course.uuid}/current.json",
        "page path": "courses/statistics/index.html",
    }[kind]
    (cdn / lost).unlink()
    assert faults(cdn)
    worker.outbox.record(course.uuid, ChangeEvent.Kind.REBUILD)
    worker.drain()
    assert faults(cdn) == []
    assert Publication.objects.get(course=course.uuid).last_error == ""


def test_a_store_that_lost_everything_is_healed_by_the_next_release(cdn: Path) -> None:
    course = school.make_course()
    school.release(course)
    cdn.rename(cdn.with_name("lost"))
    school.rewrite(school.lessons(course)[0], "Other words.")
    school.release(course)
    assert school.pointer(cdn, course).generation == 2, "readers who saw generation 1 do not refuse it"
    assert faults(cdn) == []


def test_a_release_brings_the_scripts_and_styles_that_its_pages_name(cdn: Path) -> None:
    """After an upgrade nobody has to remember `publish_site` before the first release."""
    course = school.make_course()
    school.release(course)
    shutil.rmtree(cdn / "assets")
    school.rewrite(school.lessons(course)[0], "Other words.")
    school.release(course)
    assert {f"assets/{path.name}" for path in (cdn / "assets").iterdir()} == set(html.assets())


@pytest.mark.parametrize("pointer", [b"{}", b"not json", b""])
def test_a_forged_pointer_is_replaced_by_the_next_release(cdn: Path, pointer: bytes) -> None:
    course = school.make_course()
    school.release(course)
    (cdn / f"c/{course.uuid}/current.json").write_bytes(pointer)
    school.release(course)
    assert school.pointer(cdn, course).generation == 2
    assert faults(cdn) == []


def test_missing_names_what_is_missing(cdn: Path) -> None:
    course = school.make_course()
    school.release(course)
    store, manifest = DiskStore(cdn), school.manifest(cdn, course)
    assert release.missing(store, manifest) == []
    outline = f"o/{manifest.outline}"
    (cdn / outline).write_bytes(b"x" * (cdn / outline).stat().st_size)
    page = f"o/{manifest.pages['courses/statistics/index.html'].object}.html"
    (cdn / page).unlink()
    assert set(release.missing(store, manifest)) == {outline, page}
    with pytest.raises(StoreError, match="missing from the store"):
        release.read_manifest(store, "0" * 64)


# --- the number of questions ----------------------------------------------------------------------------------


def test_freezing_asks_as_often_for_three_lessons_as_for_one(django_assert_num_queries: Any) -> None:
    small, large = school.make_course("Small", lessons=1), school.make_course("Large", lessons=3, modules=3)
    for live, queries in ((False, 7), (True, 9)):
        for course in (small, large):
            freeze(course, live=live)  # tags, content types and sites are remembered by Django
            with django_assert_num_queries(queries):
                freeze(course, live=live)


def test_building_asks_the_database_nothing(cdn: Path, django_assert_num_queries: Any) -> None:
    for title, lessons in (("Small", 1), ("Large", 3)):
        frozen = freeze(school.make_course(title, lessons=lessons))
        assets = renditions.ReleasedAssets(frozen, DiskStore(cdn))
        with django_assert_num_queries(0):
            build(frozen, 1, None, assets, html.site())


def test_every_release_says_what_it_is_made_of(cdn: Path) -> None:
    course = school.make_course(lessons=2)
    made = school.release(course)
    built = Built.of(made.built or {})
    assert (built.look, built.renderer, built.slug) == (html.digest(html.site()), RENDERER, "statistics")
    parts = {str(leaf.uuid): leaf.part for leaf in made.candidate.tree().modules}
    assert {head.uuid: head.part for head in built.modules} == parts
    row = BuiltModule.objects.get(name=built.modules[0].row)
    lesson = school.lessons(course)[0]
    assert [item for item, _part, *_ in row.lessons] == [str(one.uuid) for one in school.lessons(course)]
    assert list(row.keys) == [str(quiz_item(lesson.uuid, "quiz-1"))]


def test_a_course_that_left_the_editor_is_no_error(cdn: Path) -> None:
    worker.outbox.record(uuid4(), ChangeEvent.Kind.DELETED)
    worker.drain()
    assert Publication.objects.filter(last_error="").count() == Publication.objects.count()


def test_models_of_the_factory_are_pages_of_one_course() -> None:
    course = school.make_course(lessons=2, modules=2)
    assert Module.objects.descendant_of(course).count() == 2
    assert Lesson.objects.descendant_of(course).count() == 4
    assert Course.objects.count() == 1


# --- slow stores ----------------------------------------------------------------------------------------------


class SlowStore(DiskStore):
    """Takes ten seconds for each call, on a clock of its own, and looks whether the lease still holds then."""

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self.now = timezone.now()
        self.overdue: list[str] = []

    def seconds(self) -> float:
        return self.now.timestamp()

    def read(self, key: str) -> bytes | None:
        self.pass_time(f"read {key}")
        return super().read(key)

    def stat(self, key: str) -> Stat | None:
        if key.startswith("o/"):  # of the site's own scripts and styles there are few, however large a course is
            self.pass_time(f"stat {key}")
        return super().stat(key)

    def create(self, key: str, data: bytes | Path) -> bool:
        if key.startswith("o/"):
            self.pass_time(f"create {key}")
        return super().create(key, data)

    def pass_time(self, doing: str) -> None:
        self.now += timedelta(seconds=10)
        until = Publication.objects.filter(lease_until__isnull=False).values_list("lease_until", flat=True).first()
        if until and until < self.now:
            self.overdue.append(doing)


@pytest.fixture
def slow(cdn: Path, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SlowStore:
    """A store and a drawing of pages that take ten seconds for each thing; the lease is of sixty."""
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.LECTERN_LEASE_SECONDS = 60
    store, draw = SlowStore(cdn), html.lesson_page

    def drawn_slowly(*arguments: Any) -> bytes:
        store.pass_time("draw")
        return draw(*arguments)

    monkeypatch.setattr(html, "lesson_page", drawn_slowly)
    monkeypatch.setattr(worker, "the_store", lambda: store)
    monkeypatch.setattr(lease, "timezone", SimpleNamespace(now=lambda: store.now))
    monkeypatch.setattr(lease, "time", SimpleNamespace(clock_gettime=lambda _clock: store.seconds()))
    return store


def test_a_release_that_takes_much_longer_than_a_lease_never_lets_it_run_out(slow: SlowStore) -> None:
    course = school.make_course(lessons=20)
    notes = [
        Attachment.objects.create(title="Notes", file=ContentFile(b"%d" % number, f"{number}.txt"))
        for number in range(20)
    ]
    links = " ".join(f'<a linktype="document" id="{note.pk}">notes</a>' for note in notes)
    school.edit(school.lessons(course)[0], body=[school.text(links)])
    began = slow.now
    school.release(course)
    assert slow.now - began > timedelta(minutes=20)
    assert slow.overdue == []


def test_a_rollback_and_a_rebuild_that_take_longer_never_let_it_run_out(slow: SlowStore) -> None:
    course = school.make_course(lessons=20)
    school.release(course)
    school.release(course)
    rollback.roll_back(course.uuid, 1, None)
    worker.drain()
    worker.outbox.record(course.uuid, ChangeEvent.Kind.REBUILD)
    worker.drain()
    assert slow.overdue == []
    assert Publication.objects.get(course=course.uuid).generation == 3
