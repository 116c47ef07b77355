"""The line above a page's editor: where its change is, in every state that it can be in."""

import re
from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from api.models import User
from content.models import Course, Lesson
from pipeline import worker
from pipeline.models import Publication, Release, Tombstone
from pipeline.purge import purge
from pipeline.withdraw import withdraw
from tests.cms import cast
from tests.cms.test_reports import words
from tests.pipeline import course_factory as school


@pytest.fixture
def course(ada: User, edna: User) -> Course:
    return school.make_course()


def line(client: Client, page: Any) -> str:
    """What stands above the editor; and asking again says the same."""
    page = type(page).objects.get(pk=page.pk)
    found = re.search(
        r'<div id="on-site".*?</div>', client.get(f"/admin/pages/{page.pk}/edit/").content.decode(), re.DOTALL
    )
    assert found
    text = " ".join(re.sub(r"<[^>]+>", " ", found.group()).split()).replace(" .", ".")
    assert words(client, reverse("cms_on_site", args=[page.pk])).replace(" .", ".") == text
    return text


def lesson(course: Course, number: int = 0) -> Lesson:
    return school.lessons(course)[number]


def test_from_the_draft_to_the_site(course: Course, as_edna: Client) -> None:
    assert line(as_edna, lesson(course)).startswith("Not on the site yet: it goes there when")
    school.submit(course)
    assert line(as_edna, lesson(course)) == "The course is waiting for approval; Ada submitted it."
    from pipeline.approval import approve
    from pipeline.models import Candidate

    approve(Candidate.objects.get(), school.person("Edna"))
    assert line(as_edna, lesson(course)) == "On its way to the site."
    worker.drain()
    Release.objects.update(built_at=datetime(2026, 3, 4, 12, 30, tzinfo=UTC))
    for page in (course, lesson(course), lesson(course).get_parent().specific):
        assert line(as_edna, page) == "Live on the site since 4 March 2026, 12:30."


def test_a_later_draft_and_a_later_release_of_another_lesson(course: Course, as_edna: Client) -> None:
    school.release(course)
    Release.objects.update(built_at=datetime(2026, 3, 4, 12, 30, tzinfo=UTC))
    school.rewrite(lesson(course), "Another beginning.")
    assert line(as_edna, lesson(course)).endswith("since 4 March 2026, 12:30. What stands here is a later draft.")
    school.publish(lesson(course, 1), title="Published directly")
    assert line(as_edna, lesson(course, 1)) == "On its way to the site."
    assert line(as_edna, lesson(course)).startswith("Live on the site since"), "another page's way is not its own"
    worker.drain()
    assert "4 March" not in line(as_edna, lesson(course, 1))


def test_what_keeps_it_from_the_site(course: Course, as_edna: Client) -> None:
    school.edit(course, slug="x" * 230)
    school.approve(course)
    worker.drain()
    assert line(as_edna, course).startswith("Not on the site yet. The address")
    Publication.objects.filter(course=course.uuid).update(last_error="", waiting_for="film.mp4 is being prepared.")
    assert line(as_edna, course) == "On its way to the site. film.mp4 is being prepared."


def test_what_was_left_out_withdrawn_or_purged(course: Course, as_edna: Client) -> None:
    school.edit(lesson(course, 2), held_back=True)
    school.release(course)
    assert line(as_edna, lesson(course, 2)).startswith("Not on the site: it is not part of the release")
    purge(Tombstone.Kind.LESSON, str(lesson(course).uuid), None, "A court.")
    worker.drain()
    assert line(as_edna, lesson(course)).startswith("“Lesson 1.1” was purged: no release brings it back")
    withdraw(course.uuid, None)
    worker.drain()
    assert line(as_edna, lesson(course, 1)).startswith("The course is withdrawn: readers see a notice")


def test_the_line_alone_is_for_those_who_may_edit(course: Course, as_bo: Client, client: Client, sam: User) -> None:
    for one in (as_bo, client, cast.signed_in(sam)):
        assert one.get(reverse("cms_on_site", args=[lesson(course).pk])).status_code == 302
