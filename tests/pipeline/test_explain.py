"""What would be written again, and why, in words."""

from io import StringIO
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.core.management import CommandError, call_command
from pytest_django import Settings

from content.models import Attachment, Course
from tests.pipeline import course_factory as school

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def cdn(settings: Settings, tmp_path: Path) -> Path:
    settings.LECTERN_STORE = tmp_path / "cdn"
    return tmp_path / "cdn"


@pytest.fixture
def course(cdn: Path) -> Course:
    course = school.make_course(lessons=3, modules=2)
    school.release(course)
    return course


def explained(*arguments: str) -> list[str]:
    out = StringIO()
    call_command("explain", *arguments, stdout=out)
    return out.getvalue().splitlines()


def test_nothing_changed(course: Course) -> None:
    assert explained("statistics") == ["0 of 14 would be written again, 0 removed."]
    assert explained(str(course.uuid)) == explained("statistics")


def test_before_the_first_release_everything_is_new() -> None:
    school.make_course("New", lessons=1)
    assert explained("new") == [
        "“New” is new.",
        "“New (page)” is new.",
        "“Lesson 1.1” is new.",
        "“Lesson 1.1 (page)” is new.",
        "4 of 4 would be written again, 0 removed.",
    ]


def test_a_changed_block_and_the_page_that_shows_it(course: Course) -> None:
    school.rewrite(school.lessons(course)[4], "Other words.")
    assert explained("statistics") == [
        "“Lesson 2.2”: block 1 changed.",
        "“Lesson 2.2 (page)”: the document it shows changed.",
        "2 of 14 would be written again, 0 removed.",
    ]
    assert explained("statistics", "lesson-2-2")[-1] == "2 of 2 would be written again, 0 removed."
    assert explained("statistics", "lesson-1-1") == ["0 of 2 would be written again, 0 removed."]


def test_a_removed_lesson(course: Course) -> None:
    school.edit(school.lessons(course)[1], held_back=True)
    told = explained("statistics")
    assert "“Lesson 1.2” is removed." in told
    assert "“Lesson 1.1 (page)”: the title or order of the lessons around it changed." in told
    assert told[-1].endswith("2 removed.")


def test_what_it_says_is_what_the_release_writes(course: Course, cdn: Path) -> None:
    """The prediction and the deed: the pages that explain names are those that the release writes."""
    school.edit(school.lessons(course)[2], title="Renamed")
    named = {
        told.split("”")[0].removeprefix("“").removesuffix(" (page)")
        for told in explained("statistics")[:-1]
        if "(page)" in told
    }
    before = school.files(cdn)
    school.release(course)
    pages = {key for key in school.written(before, cdn) if key.startswith("courses/")}
    slugs = {one.slug for one in school.lessons(course) if one.title in named}
    expected = {f"courses/statistics/{slug}/index.html" for slug in slugs} | {"courses/statistics/index.html"}
    assert pages == expected


def test_explaining_writes_nothing(course: Course, cdn: Path) -> None:
    school.rewrite(school.lessons(course)[0], "Other words.")
    before = school.files(cdn)
    explained("statistics")
    assert school.files(cdn) == before


def test_what_is_not_there_is_said(course: Course) -> None:
    with pytest.raises(CommandError, match=r"No course is called 'nothing'\. There are: statistics"):
        explained("nothing")
    with pytest.raises(CommandError, match="has no lesson with the slug 'nothing'"):
        explained("statistics", "nothing")


def test_explaining_keeps_no_upload(course: Course, cdn: Path, settings: Settings, tmp_path: Path) -> None:
    settings.MEDIA_ROOT, settings.LECTERN_ORIGINALS = tmp_path / "media", tmp_path / "originals"
    notes = Attachment.objects.create(title="Notes", file=ContentFile(b"notes", "notes.txt"))
    school.edit(course, description=f'<p><a linktype="document" id="{notes.pk}">Notes</a></p>')
    before = school.files(cdn)
    assert explained("statistics")[-1] == "2 of 14 would be written again, 0 removed."
    assert school.files(cdn) == before
    assert not settings.LECTERN_ORIGINALS.exists()
