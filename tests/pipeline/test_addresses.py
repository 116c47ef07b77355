"""Old addresses lead to where a lesson is now, in its own course or in another; and are looked at when they changed."""

from pathlib import Path
from typing import Any

import pytest
from pytest_django import Settings

from content.models import Course, Lesson, Module
from pipeline import outbox, standing, worker
from pipeline.keys import public_key
from pipeline.models import Address, ChangeEvent, Publication
from pipeline.store.disk import DiskStore
from pipeline.verify import verify
from tests.pipeline import course_factory as school

pytestmark = pytest.mark.django_db
OLD, NEW = "courses/statistics/wanderer/", "courses/algebra/wanderer/"


@pytest.fixture(autouse=True)
def cdn(settings: Settings, tmp_path: Path) -> Path:
    settings.LECTERN_STORE = tmp_path / "cdn"
    return tmp_path / "cdn"


@pytest.fixture
def courses() -> tuple[Course, Course]:
    """Two live courses. The lesson "Wanderer" is in the first."""
    found = (school.make_course("Statistics"), school.make_course("Algebra"))
    school.add_lesson(Module.objects.child_of(found[0]).get(), "Wanderer")
    for one in found:
        school.release(one)
    return found


def move(to: Course) -> None:
    lesson, module = Lesson.objects.get(title="Wanderer"), Module.objects.child_of(to).get()
    lesson.move(module, pos="last-child")


def faults(cdn: Path) -> list[str]:
    return verify(DiskStore(cdn), public_key()).faults


@pytest.mark.parametrize("first", [0, 1])
def test_a_lesson_moved_to_another_course_is_led_to_whichever_is_built_first(
    courses: tuple[Course, Course], cdn: Path, first: int
) -> None:
    move(courses[1])
    for course in (courses[first], courses[1 - first]):
        school.approve(course)
    for course in (courses[first], courses[1 - first]):
        worker.work(course.uuid)
    worker.drain()
    assert school.notice(cdn, OLD) == ("redirect", NEW)
    assert school.notice(cdn, NEW) is None
    assert Address.objects.get(path=f"{OLD}index.html").kind == "redirect"
    assert faults(cdn) == []


def moved(courses: tuple[Course, Course]) -> None:
    move(courses[1])
    for course in courses:
        school.release(course)


def test_a_lesson_that_moves_on_is_led_to_at_once(courses: tuple[Course, Course], cdn: Path) -> None:
    moved(courses)
    school.edit(Lesson.objects.get(title="Wanderer"), slug="settler")
    school.release(courses[1])
    for old in (OLD, NEW):
        assert school.notice(cdn, old) == ("redirect", "courses/algebra/settler/")
    assert faults(cdn) == []


def test_a_lesson_that_comes_home_is_there(courses: tuple[Course, Course], cdn: Path) -> None:
    moved(courses)
    move(courses[0])
    for course in courses:
        school.release(course)
    assert school.notice(cdn, OLD) is None
    assert school.notice(cdn, NEW) == ("redirect", OLD)
    assert faults(cdn) == []


def test_nobody_is_led_to_a_lesson_that_is_removed_there(courses: tuple[Course, Course], cdn: Path) -> None:
    moved(courses)
    school.edit(Lesson.objects.get(title="Wanderer"), held_back=True)
    school.release(courses[1])
    assert school.notice(cdn, OLD) == ("removed", "courses/statistics/")
    assert school.notice(cdn, NEW) == ("removed", "courses/algebra/")
    assert faults(cdn) == []


def test_nobody_is_led_to_a_course_that_is_deleted(courses: tuple[Course, Course], cdn: Path) -> None:
    moved(courses)
    standing.change(courses[1].uuid, Publication.Standing.GONE, ChangeEvent.Kind.WITHDRAWN, None)
    worker.drain()
    assert school.notice(cdn, OLD) == ("removed", "courses/statistics/")
    standing.change(courses[1].uuid, Publication.Standing.OPEN, ChangeEvent.Kind.REOPENED, None, addressed="")
    worker.drain()
    assert school.notice(cdn, OLD) == ("redirect", NEW)
    assert faults(cdn) == []


def test_a_course_that_looks_before_the_other_is_in_place_is_told(
    courses: tuple[Course, Course], cdn: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Algebra has claimed its new page and not written it yet when Statistics looks where its lesson went."""
    move(courses[1])
    for course in courses:
        school.approve(course)
    replace, once = DiskStore.replace, [True]

    def slowly(self: DiskStore, key: str, data: bytes) -> bool:
        if key == f"{NEW}index.html" and once and once.pop():
            worker.work(courses[0].uuid)
            assert school.notice(cdn, OLD) == ("removed", "courses/statistics/")
        return replace(self, key, data)

    monkeypatch.setattr(DiskStore, "replace", slowly)
    worker.work(courses[1].uuid)
    worker.drain()
    assert not once
    assert school.notice(cdn, OLD) == ("redirect", NEW)
    assert faults(cdn) == []


# --- only when something changed ------------------------------------------------------------------------------


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The keys that were read of the store."""
    found, read = list[str](), DiskStore.read

    def watched(self: DiskStore, key: str) -> bytes | None:
        found.append(key)
        return read(self, key)

    monkeypatch.setattr(DiskStore, "read", watched)
    return found


def test_new_words_look_at_no_old_address(cdn: Path, reads: list[str]) -> None:
    course = school.make_course()
    school.release(course)
    lessons = school.lessons(course)
    school.edit(lessons[1], slug="elsewhere")
    school.release(course)
    old = "courses/statistics/lesson-1-2/index.html"
    assert old in reads
    reads.clear()
    school.rewrite(lessons[0], "Other words.")
    school.release(course)
    assert old not in reads
    (cdn / old).unlink()
    outbox.record(course.uuid, ChangeEvent.Kind.REBUILD)
    worker.drain()
    assert old in reads
    assert school.notice(cdn, "courses/statistics/lesson-1-2/") == ("redirect", "courses/statistics/elsewhere/")


def test_old_addresses_ask_as_much_for_three_lessons_as_for_one(cdn: Path, django_assert_max_num_queries: Any) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    counted = []
    for number, lessons in enumerate((2, 4)):
        course = school.make_course(f"Course {number}", lessons=lessons)
        school.release(course)
        for place, lesson in enumerate(school.lessons(course)[1:]):
            school.edit(lesson, slug=f"other-{place}")
        school.approve(course)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            worker.work(course.uuid)
        counted.append(len([one for one in queries if "pipeline_address" in one["sql"]]))
    assert counted[0] == counted[1] > 0
