"""Publishers are told once that a course cannot be published, and once that it is well again."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core import mail
from pytest_django import Settings

from content.models import Course
from pipeline import alerts, outbox, worker
from pipeline.models import ChangeEvent, Publication
from tests.cms import cast
from tests.pipeline import course_factory as school

pytestmark = [pytest.mark.django_db, pytest.mark.urls("settings.urls_cms")]


@pytest.fixture
def broken(settings: Settings, tmp_path: Any) -> Course:
    """A course that no store can hold, beside people of every role."""
    settings.LECTERN_STORE = tmp_path / "cdn"
    for name, role in (("Edna", "Editor"), ("Root", "Admin"), ("Bo", "Instructor"), ("Sam", None)):
        cast.person(name, role)
    course = school.make_course()
    school.edit(course, slug="x" * 230)
    school.approve(course)
    return course


@pytest.fixture
def told(django_capture_on_commit_callbacks: Any) -> Callable[[], list[tuple[str, str]]]:
    """One round: whom it told, and of what."""

    def one_round() -> list[tuple[str, str]]:
        mail.outbox.clear()
        with django_capture_on_commit_callbacks(execute=True):
            alerts.tell()
        return sorted((message.to[0], message.subject) for message in mail.outbox)

    return one_round


def fail(course: Course, times: int) -> None:
    for _ in range(times):
        Publication.objects.filter(course=course.uuid).update(next_try_at=None)
        assert worker.work(course.uuid) is False


TROUBLE = [(f"{name}@example.org", "“Statistics” cannot be published") for name in ("edna", "root")]
WELL = [(f"{name}@example.org", "“Statistics” is published again") for name in ("edna", "root")]


def test_once_when_it_fails_and_once_when_it_is_well(broken: Course, told: Any) -> None:
    fail(broken, alerts.TRIES - 1)
    assert told() == [], "it may put itself right"
    fail(broken, 1)
    assert told() == TROUBLE
    body = mail.outbox[0].body
    assert "in 5 tries" in body and "cannot be published: use only English letters" in body
    assert f"/admin/releases/{broken.uuid}/" in body
    fail(broken, 1)
    assert told() == [], "once is enough"
    school.edit(broken, slug="statistics")
    school.release(broken)
    assert told() == WELL
    assert told() == []


def test_a_poisoned_course_keeps_nobody_waiting(broken: Course, told: Any) -> None:
    fail(broken, alerts.TRIES)
    other = school.make_course("Other")
    school.release(other)
    row = Publication.objects.get(course=broken.uuid)
    assert row.next_try_at is not None and row.attempts == alerts.TRIES
    assert told() == TROUBLE


def test_a_new_change_of_a_broken_course_is_no_new_trouble(broken: Course, told: Any) -> None:
    fail(broken, alerts.TRIES)
    assert told() == TROUBLE
    outbox.record(broken.uuid, ChangeEvent.Kind.REBUILD)
    fail(broken, alerts.TRIES)
    assert told() == []


def test_a_mail_that_could_not_be_sent_is_sent_by_the_next_round(broken: Course, told: Any, settings: Settings) -> None:
    fail(broken, alerts.TRIES)
    good, settings.LECTERN_ALERT = settings.LECTERN_ALERT, "tests.pipeline.test_alerts.away"
    assert told() == []
    settings.LECTERN_ALERT = good
    assert told() == TROUBLE


def away(*_rest: Any, **_more: Any) -> None:
    raise OSError("the mail server is away")
