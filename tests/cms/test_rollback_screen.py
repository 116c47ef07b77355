"""Rolling back from the list of releases: asked first, for those who may publish, as a new event."""

import pytest
from django.test import Client
from django.urls import reverse

from api.models import User
from content.models import Course
from pipeline.models import ChangeEvent, Release
from tests.cms import cast


@pytest.fixture
def two(ada: User, edna: User, course: Course) -> Course:
    """Ada's course with releases 1 and 2; the second is live."""
    cast.release(course, ada, edna)
    cast.edit(course, ada, summary="Second.")
    cast.release(course, ada, edna)
    return course


def url(course: Course, number: int = 1) -> str:
    return reverse("cms_rollback", args=[course.uuid, number])


def rolled_back() -> list[Release]:
    return [event.release for event in ChangeEvent.objects.filter(kind="rolled_back")]


def test_an_editor_is_asked_and_then_it_is_on_its_way(as_edna: Client, edna: User, two: Course) -> None:
    assert url(two) in as_edna.get(reverse("cms_releases", args=[two.uuid])).content.decode()
    assert "Roll back to release 1" in as_edna.get(url(two)).content.decode()
    assert rolled_back() == []
    response = as_edna.post(url(two), follow=True)
    assert "Release 1 of “Weather” is on its way back to readers." in response.content.decode()
    assert rolled_back() == [Release.objects.get(number=1)]
    assert ChangeEvent.objects.get(kind="rolled_back").actor == edna


def test_the_editor_keeps_what_stands_there(as_edna: Client, two: Course) -> None:
    as_edna.post(url(two))
    assert Course.objects.get().summary == "Second."


def test_the_live_release_cannot_be_put_back(as_edna: Client, two: Course) -> None:
    response = as_edna.post(url(two, 2), follow=True)
    assert "Release 2 is live already." in response.content.decode()
    assert rolled_back() == []


def test_a_release_that_was_never_built_cannot_either(as_edna: Client, two: Course) -> None:
    Release.objects.filter(number=1).update(manifest="", built_at=None)
    response = as_edna.post(url(two), follow=True)
    assert "was never built" in response.content.decode()
    assert rolled_back() == []


def test_an_unknown_number_is_not_found(as_edna: Client, two: Course) -> None:
    assert as_edna.post(url(two, 9)).status_code == 404


def test_nobody_else_may(as_ada: Client, as_bo: Client, client: Client, sam: User, two: Course) -> None:
    for one in (as_ada, as_bo, client, cast.signed_in(sam)):
        assert one.get(url(two)).status_code == 302
        assert one.post(url(two)).status_code == 302
    assert rolled_back() == []
