"""Taking a submission back, and what publishing does to one that waits."""

import pytest
from django.test import Client
from django.urls import reverse

from content.models import Course
from pipeline.models import Candidate, Release
from tests.cms import cast


@pytest.fixture
def candidate(as_ada: Client, course: Course) -> Candidate:
    as_ada.post(reverse("cms_check", args=[course.pk]))
    return Candidate.objects.get()


def state(candidate: Candidate) -> str:
    return Candidate.objects.get(pk=candidate.pk).state


def test_the_author_takes_it_back_and_submits_again(as_ada: Client, candidate: Candidate, course: Course) -> None:
    assert "Withdraw it" in as_ada.get(reverse("cms_review", args=[candidate.pk])).content.decode()
    response = as_ada.post(reverse("cms_review_withdraw", args=[candidate.pk]), follow=True)
    assert "is no longer under review" in response.content.decode()
    assert state(candidate) == "withdrawn"
    assert not Course.objects.get(pk=course.pk).workflow_in_progress
    as_ada.post(reverse("cms_check", args=[course.pk]))
    assert Candidate.objects.filter(state="in_review").count() == 1


def test_nobody_else_takes_it_back(as_edna: Client, as_bo: Client, candidate: Candidate) -> None:
    for client in (as_edna, as_bo):
        client.post(reverse("cms_review_withdraw", args=[candidate.pk]))
    assert state(candidate) == "in_review"


def test_a_decided_candidate_stays_decided(as_ada: Client, as_edna: Client, candidate: Candidate) -> None:
    as_edna.post(reverse("cms_review_approve", args=[candidate.pk]))
    as_ada.post(reverse("cms_review_withdraw", args=[candidate.pk]))
    assert state(candidate) == "approved"
    assert Release.objects.count() == 1


def test_wagtails_cancel_button_is_the_same_act(as_ada: Client, candidate: Candidate, course: Course) -> None:
    url = reverse("wagtailadmin_pages:edit", args=[course.pk])
    as_ada.post(url, cast.course_form(course) | {"action-cancel-workflow": "1"})
    assert state(candidate) == "withdrawn"


def test_an_editor_who_publishes_the_course_page_over_it_ends_the_review(
    as_edna: Client, candidate: Candidate, course: Course
) -> None:
    url = reverse("wagtailadmin_pages:edit", args=[course.pk])
    as_edna.post(url, cast.course_form(course) | {"action-publish": "1"})
    assert Course.objects.get(pk=course.pk).live
    assert state(candidate) == "withdrawn"
    assert not Release.objects.exists()
