"""The door through which the API reads what is live."""

from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from pytest_django import Settings

from pipeline import worker
from pipeline.models import AnswerKey
from pipeline.released import answer_key, released_course, released_courses
from pipeline.rollback import roll_back
from tests.pipeline import course_factory as school

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def cdn(settings: Settings, tmp_path: Path) -> Path:
    settings.LECTERN_STORE = tmp_path / "cdn"
    return tmp_path / "cdn"


def test_nothing_is_told_of_what_is_not_live() -> None:
    course = school.make_course()
    school.approve(course)
    assert released_course(course.uuid) is None
    assert released_course(uuid4()) is None
    assert released_courses([]) == {}


def test_what_is_live_is_told() -> None:
    course = school.make_course()
    school.release(course)
    found = released_course(course.uuid)
    assert found is not None
    assert (found.course, found.release, found.price_label, found.cover) == (course.uuid, 1, "Free", None)
    assert [lesson.item for lesson in found.outline.lessons()] == [lesson.uuid for lesson in school.lessons(course)]
    assert [item.points for item in found.outline.lessons()[0].items] == [4]


def test_one_question_for_one_course_and_for_three(django_assert_num_queries: Any) -> None:
    courses = [school.make_course(title, lessons=1) for title in ("A", "B", "C")]
    for course in courses:
        school.release(course)
    for asked in (courses[:1], courses[1:]):
        with django_assert_num_queries(2):
            assert len(released_courses(course.uuid for course in asked)) == len(asked)
    with django_assert_num_queries(1):
        assert len(released_courses(course.uuid for course in courses)) == 3, (
            "outlines never change: they are remembered"
        )


def test_a_quiz_is_graded_by_the_release_that_the_learner_saw() -> None:
    course = school.make_course()
    school.release(course)
    item = AnswerKey.objects.get().item
    first = answer_key(course.uuid, 1, item)
    assert first is not None
    assert first.questions[3].accepted == (school.CANARIES[5],)
    changed = school.quiz()
    changed["value"]["questions"][3]["value"]["accepted"][0]["value"] = "another word"
    school.edit(school.lessons(course)[0], body=[school.text("Quiz:"), changed])
    school.release(course)
    second = answer_key(course.uuid, 2, item)
    assert second is not None
    assert second.questions[3].accepted == ("another word",)
    assert answer_key(course.uuid, 1, item) == first
    roll_back(course.uuid, 1, None)
    worker.drain()
    assert answer_key(course.uuid, 1, item) == first


def test_no_key_is_found_through_another_course_or_release() -> None:
    course, other = school.make_course(), school.make_course("Other")
    school.release(course)
    school.release(other)
    item = AnswerKey.objects.get(course=course.uuid).item
    assert answer_key(other.uuid, 1, item) is None
    assert answer_key(course.uuid, 2, item) is None
    assert answer_key(course.uuid, 1, uuid4()) is None


def test_a_copied_lessons_quiz_is_another_item() -> None:
    course, copy = school.make_course(), school.make_course("Copy")
    school.release(course)
    school.release(copy)
    assert AnswerKey.objects.values("item").distinct().count() == 2
