"""What is private in the editor is not published: a static host shows everybody what it has."""

from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from wagtail.models import Page, PageViewRestriction

from api.models import User
from content.models import Course, Module
from pipeline import approval, worker
from pipeline.errors import AuthorError
from pipeline.models import ChangeEvent, Publication
from tests.cms import cast
from tests.pipeline import course_factory as school

Standing = Publication.Standing


@pytest.fixture
def released(db: None) -> Course:
    course = school.make_course(lessons=2, modules=2)
    school.release(course)
    return Course.objects.get(pk=course.pk)


def restrict(page: Page) -> PageViewRestriction:
    made: PageViewRestriction = PageViewRestriction(page_id=page.pk, restriction_type=PageViewRestriction.LOGIN)
    made.save()
    return made


def readers_get(course: Course) -> set[str]:
    row = Publication.objects.get(course=course.uuid)
    assert not row.last_error
    assert row.live_release
    return {lesson.title for module in row.live_release.candidate.frozen().modules for lesson in module.lessons}


def test_a_private_lesson_leaves_the_release_and_comes_back(released: Course) -> None:
    hidden = school.lessons(released)[1]
    restriction = restrict(hidden)
    event = ChangeEvent.objects.latest("id")
    assert (event.kind, event.course, event.page) == ("restricted", released.uuid, hidden.uuid)
    worker.drain()
    assert readers_get(released) == {"Lesson 1.1", "Lesson 2.1", "Lesson 2.2"}
    restriction.delete()
    worker.drain()
    assert "Lesson 1.2" in readers_get(released)


def test_what_lies_below_a_private_module_is_private_live_and_as_a_draft(released: Course, settings: Any) -> None:
    restrict(Module.objects.get(slug="module-1"))
    worker.drain()
    assert readers_get(released) == {"Lesson 2.1", "Lesson 2.2"}
    school.rewrite(school.lessons(released)[0], "A new draft.")
    school.release(released)
    assert readers_get(released) == {"Lesson 2.1", "Lesson 2.2"}


def test_a_private_course_is_withdrawn_and_opened_again(released: Course, settings: Any) -> None:
    restriction = restrict(released)
    row = Publication.objects.get(course=released.uuid)
    assert row.standing == Standing.WITHDRAWN
    worker.drain()
    page = (Path(settings.LECTERN_STORE) / "courses/statistics/index.html").read_text()
    assert "It is private for now." in page
    assert "All of Statistics." not in page
    restriction.delete()
    worker.drain()
    assert Publication.objects.get(course=released.uuid).standing == Standing.OPEN
    assert "All of Statistics." in (Path(settings.LECTERN_STORE) / "courses/statistics/index.html").read_text()


def test_what_is_private_above_concerns_every_course_below(released: Course) -> None:
    other = school.make_course("Algebra", lessons=1)
    school.release(other)
    draft = school.make_course("Never released", lessons=1)
    restrict(school.catalogue())
    assert {row.standing for row in Publication.objects.filter(course__in=[released.uuid, other.uuid])} == {
        Standing.WITHDRAWN
    }
    assert not Publication.objects.filter(course=draft.uuid).exists()


def test_a_course_whose_every_lesson_is_private_is_withdrawn(released: Course) -> None:
    """Nothing could be frozen, and its last release would stay."""
    first = restrict(Module.objects.get(slug="module-1"))
    restrict(Module.objects.get(slug="module-2"))
    assert Publication.objects.get(course=released.uuid).standing == Standing.WITHDRAWN
    first.delete()
    worker.drain()
    assert Publication.objects.get(course=released.uuid).standing == Standing.OPEN
    assert readers_get(released) == {"Lesson 1.1", "Lesson 1.2"}


def test_unpublished_and_private_opens_when_neither_holds(released: Course) -> None:
    restriction = restrict(released)
    released.unpublish()
    restriction.delete()
    assert Publication.objects.get(course=released.uuid).standing == Standing.WITHDRAWN
    Course.objects.get(pk=released.pk).latest_revision.publish()
    assert Publication.objects.get(course=released.uuid).standing == Standing.OPEN


def test_what_became_private_while_it_was_approved_arrives_as_a_notice(db: None, settings: Any) -> None:
    course = school.make_course(lessons=1)
    school.approve(course)
    restrict(course)
    worker.drain()
    assert "It is private for now." in (Path(settings.LECTERN_STORE) / "courses/statistics/index.html").read_text()


def test_a_private_course_is_not_submitted_nor_approved(released: Course) -> None:
    candidate = school.submit(released)
    restriction = restrict(released)
    with pytest.raises(AuthorError, match="is private, because “Statistics” is"):
        approval.approve(candidate, school.person("Edna"))
    approval.withdraw(candidate, None)
    with pytest.raises(AuthorError, match="Make it public first"):
        school.submit(released)
    restriction.delete()
    assert school.submit(released)


def test_a_lesson_that_became_private_since_the_freeze_stops_the_approval(released: Course) -> None:
    candidate = school.submit(released)
    restrict(school.lessons(released)[0])
    with pytest.raises(AuthorError, match=r"“Lesson 1\.1” was made private since this was submitted"):
        approval.approve(candidate, school.person("Edna"))


def test_a_page_that_moved_to_another_course_since_the_freeze_stops_the_approval(released: Course) -> None:
    other = school.make_course("Algebra", lessons=1)
    candidate = school.submit(released)
    school.lessons(released)[1].move(Module.objects.child_of(other).get(), pos="last-child")
    with pytest.raises(AuthorError, match=r"“Lesson 1\.2” was moved to another course"):
        approval.approve(candidate, school.person("Edna"))


def test_a_page_that_moves_while_its_release_builds_ends_in_its_new_course_alone(released: Course) -> None:
    other = school.make_course("Algebra", lessons=1)
    school.release(other)
    school.rewrite(school.lessons(released)[0], "Approved with this.")
    school.approve(released)  # frozen with the lesson in its old course, and not built yet
    moving = school.lessons(released)[1]
    moving.move(Module.objects.child_of(Course.objects.get(pk=other.pk)).get(), pos="last-child")
    worker.drain()
    assert readers_get(released) == {"Lesson 1.1", "Lesson 2.1", "Lesson 2.2"}
    assert readers_get(other) == {"Lesson 1.1", "Lesson 1.2"}


def test_the_faults_panel_says_so(ada: User, as_ada: Client, course: Course) -> None:
    restrict(cast.the_lesson("Wind"))
    page = as_ada.get(reverse("cms_check", args=[course.pk])).content.decode()
    assert "The lesson is private, so it is left out of the course" in page
    restrict(course)
    page = as_ada.get(reverse("cms_check", args=[course.pk])).content.decode()
    assert "“Weather” is private, and a published course can be read by everybody" in page
