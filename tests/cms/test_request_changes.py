"""Sending a course back: with a comment the author sees, and ready to be submitted again."""

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse
from wagtail.models import WorkflowState

from content.models import Course
from pipeline.models import Candidate, ChangeEvent, Release
from tests.cms import cast


@pytest.fixture
def candidate(as_ada: Client, course: Course) -> Candidate:
    as_ada.post(reverse("cms_check", args=[course.pk]))
    return Candidate.objects.get()


def send_back(client: Client, candidate: Candidate, comment: str = "Explain <gusts> first.") -> object:
    return client.post(reverse("cms_review_changes", args=[candidate.pk]), {"comment": comment}, follow=True)


def test_the_author_reads_the_comment_on_the_dashboard_and_the_review(
    as_edna: Client, as_ada: Client, candidate: Candidate
) -> None:
    send_back(as_edna, candidate)
    candidate.refresh_from_db()
    assert (candidate.state, candidate.comment) == ("changes_requested", "Explain <gusts> first.")
    assert candidate.decided_by and candidate.decided_by.email == "edna@example.org"
    for url in ("/admin/", reverse("cms_review", args=[candidate.pk])):
        page = as_ada.get(url).content.decode()
        assert "Changes requested" in page and "Explain &lt;gusts&gt; first." in page
    assert not Release.objects.exists() and not ChangeEvent.objects.exists()


@pytest.mark.parametrize("comment", ["", "   "])
def test_without_a_comment_nothing_happens(as_edna: Client, candidate: Candidate, comment: str) -> None:
    response = send_back(as_edna, candidate, comment)
    assert "Say what should change" in response.content.decode()  # type: ignore[attr-defined]
    candidate.refresh_from_db()
    assert candidate.state == "in_review"


def test_the_author_is_told_by_mail(
    as_edna: Client, candidate: Candidate, django_capture_on_commit_callbacks: object
) -> None:
    mail.outbox.clear()
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        send_back(as_edna, candidate)
    assert ["ada@example.org"] in [message.to for message in mail.outbox]


def test_the_course_can_be_submitted_again(
    as_edna: Client, as_ada: Client, candidate: Candidate, course: Course
) -> None:
    send_back(as_edna, candidate)
    as_ada.post(
        reverse("wagtailadmin_pages:edit", args=[course.pk]),
        cast.course_form(course, summary="With gusts.") | {"action-submit": "1"},
    )
    second = Candidate.objects.get(state="in_review")
    assert second != candidate and '"With gusts."' in second.content
    page = Course.objects.get(pk=course.pk)
    assert page.workflow_states.count() == 1  # the same workflow goes on
    assert page.current_workflow_state.status == WorkflowState.STATUS_IN_PROGRESS
    as_edna.post(reverse("cms_review_approve", args=[second.pk]))
    assert Release.objects.get().candidate == second


def test_wagtails_own_button_is_the_same_act(as_edna: Client, candidate: Candidate, course: Course) -> None:
    state = course.current_workflow_task_state
    url = reverse("wagtailadmin_pages:workflow_action", args=[course.pk, "reject", state.pk])
    as_edna.post(url, {"comment": "Shorter, please."})
    candidate.refresh_from_db()
    assert (candidate.state, candidate.comment) == ("changes_requested", "Shorter, please.")


def test_wagtails_button_needs_a_comment_too(as_edna: Client, candidate: Candidate, course: Course) -> None:
    state = course.current_workflow_task_state
    url = reverse("wagtailadmin_pages:workflow_action", args=[course.pk, "reject", state.pk])
    response = as_edna.post(url, {"comment": ""}, headers={"x-requested-with": "XMLHttpRequest"})
    assert response.json()["step"] == "success"  # the dialog closes; the message shows behind it
    candidate.refresh_from_db()
    assert candidate.state == "in_review"
    assert (
        "Say what should change" in as_edna.get(reverse("wagtailadmin_pages:edit", args=[course.pk])).content.decode()
    )
