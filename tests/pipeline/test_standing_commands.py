"""retire, withdraw and reopen on the command line: what will happen is said first, and how it ended last."""

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from content.models import Course
from pipeline.models import Publication
from pipeline.withdraw import gone
from tests.pipeline import course_factory as school

pytestmark = pytest.mark.django_db


@pytest.fixture
def course(settings: Settings, tmp_path: Path) -> Course:
    settings.LECTERN_STORE = tmp_path / "cdn"
    course = school.make_course()
    school.release(course)
    return course


def run(*words: str) -> str:
    out = StringIO()
    call_command(*words, stdout=out)
    return out.getvalue()


def standing(course: Course) -> tuple[str, str]:
    return Publication.objects.values_list("standing", "standing_note").get(course=course.uuid)


def test_each_verb_and_its_undo(course: Course, settings: Settings) -> None:
    said = run("retire", "statistics", "--yes", "--note", "The second edition begins.")
    assert "takes no new learners" in said and f"manage.py reopen {course.uuid}" in said
    assert standing(course) == ("retired", "The second edition begins.")
    assert "Each of the 4 pages of “Statistics”" in run("withdraw", str(course.uuid), "--yes")
    assert standing(course) == ("withdrawn", "")
    assert "“Statistics” is open." in run("reopen", "statistics", "--yes")
    assert standing(course) == ("open", "")
    assert "says little" in (settings.LECTERN_STORE / "courses/statistics/lesson-1-1/index.html").read_text()


@pytest.mark.parametrize(("answer", "kept"), [("n", "open"), ("", "open"), ("y", "retired")])
def test_it_asks_first(course: Course, monkeypatch: pytest.MonkeyPatch, answer: str, kept: str) -> None:
    monkeypatch.setattr("builtins.input", lambda _question: answer)
    assert ("Nothing was changed." in run("retire", "statistics")) == (kept == "open")
    assert standing(course)[0] == kept


def test_nobody_to_ask_is_no_consent(course: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    def nobody(_question: str) -> str:
        raise EOFError

    monkeypatch.setattr("builtins.input", nobody)
    with pytest.raises(CommandError, match="say --yes"):
        run("withdraw", "statistics")
    assert standing(course)[0] == "open"


def test_refusals_are_sentences(course: Course) -> None:
    school.make_course("Draft")
    for words, told in (
        (("retire", "nothing"), "No course is called 'nothing'"),
        (("withdraw", "draft", "--yes"), "has no release yet"),
        (("reopen", "statistics", "--yes"), "is open: there is nothing to undo"),
    ):
        with pytest.raises(CommandError, match=told):
            run(*words)


def test_a_deleted_course_is_still_found(course: Course) -> None:
    gone(course.uuid, None)
    Course.objects.filter(pk=course.pk).update(slug="other")
    assert "is open" in run("reopen", "statistics", "--yes")
