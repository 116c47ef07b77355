"""How far a learner is, and where they go on: counted from the live outline and nothing else."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from api.progress.rules import State
from api.progress.standing import stand
from tests.api.cast import FIRST, LESSONS, NOWHERE, QUIZ, SECOND, THIRD, lesson, outline

NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)


def done(minute: int = 0) -> State:
    return State(last_at=NOON + timedelta(minutes=minute), completed=True)


def seen(minute: int = 0, position: float | None = None) -> State:
    return State(last_at=NOON + timedelta(minutes=minute), position=position)


def passed(minute: int = 0) -> State:
    return State(last_at=NOON + timedelta(minutes=minute), passed=True, score=5, points=5)


def test_lessons_and_quizzes_count_alike() -> None:
    standing = stand(outline(*LESSONS), {FIRST: done(), QUIZ: passed(), SECOND: seen()})
    assert (standing.completed, standing.total, standing.percent) == (2, 4, 50)


def test_marks_and_passes_are_not_each_other() -> None:
    assert stand(outline(*LESSONS), {QUIZ: done(), FIRST: passed()}).completed == 0


def test_what_is_not_in_the_outline_does_not_count() -> None:
    states = {uuid4(): done() for _ in range(9)} | {FIRST: done()}
    standing = stand(outline(lesson(FIRST, "Roots")), states)
    assert (standing.completed, standing.total, standing.percent) == (1, 1, 100)


def test_a_course_of_nothing() -> None:
    standing = stand(outline(), {FIRST: done()})
    assert (standing.completed, standing.total, standing.percent, standing.resume) == (0, 0, 0, None)


@pytest.mark.parametrize(("completed", "percent"), [(0, 0), (1, 1), (150, 50), (299, 99), (300, 100)])
def test_a_hundred_is_all_and_nothing_is_none(completed: int, percent: int) -> None:
    lessons = [lesson(uuid4(), str(number)) for number in range(300)]
    states = {each.item: done() for each in lessons[:completed]}
    assert stand(outline(*lessons), states).percent == percent


@pytest.mark.parametrize(
    ("states", "slug"),
    [
        ({}, "roots"),
        ({THIRD: seen(1)}, "bark"),
        ({FIRST: done(1)}, "leaves"),
        ({SECOND: done(2)}, "leaves"),  # its quiz is left
        ({SECOND: done(1), QUIZ: passed(2)}, "bark"),
        ({THIRD: done(3)}, "roots"),  # nothing is left behind it: back to the first
        ({SECOND: seen(1), QUIZ: seen(5), FIRST: seen(3)}, "leaves"),  # the quiz was touched last
        ({NOWHERE: seen(9), SECOND: seen(1)}, "leaves"),
    ],
)
def test_where_to_go_on(states: dict[UUID, State], slug: str) -> None:
    resume = stand(outline(*LESSONS), states).resume
    assert resume and resume.lesson.slug == slug


def test_the_way_back_knows_the_place_in_the_video() -> None:
    resume = stand(outline(*LESSONS), {FIRST: seen(1, position=61.5)}).resume
    assert resume and resume.position == 61.5
