"""Who is told by mail: reviewers that a course waits, its author how that ended."""

from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse
from wagtail.users.models import UserProfile

from api.models import User
from content.models import Course
from pipeline.models import Candidate


@pytest.fixture
def submitted(
    as_ada: Client, course: Course, edna: User, root: User, bo: User, django_capture_on_commit_callbacks: Any
) -> Candidate:
    mail.outbox.clear()
    with django_capture_on_commit_callbacks(execute=True):
        as_ada.post(reverse("cms_check", args=[course.pk]), {"note": "Look at <Wind>."})
    return Candidate.objects.get()


def test_whoever_may_decide_is_told_once_and_nobody_else(submitted: Candidate, settings: Any) -> None:
    assert sorted(to for message in mail.outbox for to in message.to) == ["edna@example.org", "root@example.org"]
    message = mail.outbox[0]
    assert message.subject == "“Weather” waits for your review"
    assert "was submitted for review by Ada:\n\nLook at <Wind>." in message.body
    assert settings.WAGTAILADMIN_BASE_URL + reverse("cms_review", args=[submitted.pk]) in message.body


def test_who_switched_such_mails_off_gets_none(
    as_ada: Client, course: Course, edna: User, django_capture_on_commit_callbacks: Any
) -> None:
    profile = UserProfile.get_for_user(edna)
    profile.submitted_notifications = False
    profile.save()
    mail.outbox.clear()
    with django_capture_on_commit_callbacks(execute=True):
        as_ada.post(reverse("cms_check", args=[course.pk]))
    assert mail.outbox == []


def test_the_author_is_told_where_readers_find_it(
    as_edna: Client, submitted: Candidate, settings: Any, django_capture_on_commit_callbacks: Any
) -> None:
    mail.outbox.clear()
    with django_capture_on_commit_callbacks(execute=True):
        as_edna.post(reverse("cms_review_approve", args=[submitted.pk]))
    (message,) = mail.outbox
    assert (message.to, message.subject) == (["ada@example.org"], "“Weather” was approved")
    assert "Hello Ada," in message.body
    assert f"{settings.SITE_URL}/courses/weather/" in message.body
    assert "None" not in message.body


def test_the_author_is_told_what_should_change(
    as_edna: Client, submitted: Candidate, course: Course, django_capture_on_commit_callbacks: Any
) -> None:
    mail.outbox.clear()
    with django_capture_on_commit_callbacks(execute=True):
        as_edna.post(reverse("cms_review_changes", args=[submitted.pk]), {"comment": "Explain <gusts>."})
    (message,) = mail.outbox
    assert (message.to, message.subject) == (["ada@example.org"], "“Weather” needs changes")
    assert "came back to you from Edna:\n\nExplain <gusts>." in message.body
    assert reverse("wagtailadmin_pages:edit", args=[course.pk]) in message.body
