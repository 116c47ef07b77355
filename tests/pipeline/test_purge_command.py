"""purge on the command line: what will be deleted is said first; there is no undo."""

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from content.models import Course
from pipeline.models import Pin, Release, Tombstone
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
    call_command("purge", *words, stdout=out)
    return out.getvalue()


def test_it_says_what_it_deletes_and_deletes_it(course: Course) -> None:
    lesson = str(school.lessons(course)[0].uuid)
    said = run("lesson", lesson.upper(), "--reason", "A court.", "--yes")
    assert "“Lesson 1.1” is in 1 releases of 1 courses. 2 keys of the store" in said
    assert "“Lesson 1.1” was purged." in said
    assert Tombstone.objects.get().keys == []


def test_it_asks_first(course: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("builtins.input", lambda _question: "n")
    assert "Nothing was changed." in run("course", "statistics", "--reason", "Because.")
    assert not Tombstone.objects.exists()


def test_pins_need_force(course: Course) -> None:
    Pin.objects.create(release=Release.objects.get(), holder="enrolment/7")
    words = ("course", "statistics", "--reason", "Because.", "--yes")
    with pytest.raises(CommandError, match="Force the purge"):
        run(*words)
    assert "was purged" in run(*words, "--force")


def test_refusals_are_sentences(course: Course) -> None:
    for kind, name, told in (
        ("course", "nothing", "No course is called"),
        ("file", "zz", "there is nothing to purge"),
        ("lesson", str(course.uuid), "there is nothing to purge"),
    ):
        with pytest.raises(CommandError, match=told):
            run(kind, name, "--reason", "Because.", "--yes")
    with pytest.raises(CommandError, match="Say why"):
        run("course", "statistics", "--reason", " ", "--yes")
