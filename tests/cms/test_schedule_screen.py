"""Approve for a time, see when, cancel: on the review screen, with the workflow finished and each right checked."""

from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from wagtail.models import GroupApprovalTask, Page, WorkflowState, WorkflowTask
from wagtail.users.models import UserProfile

from api.models import User
from content.models import Course
from pipeline import schedule
from pipeline.approval import submit
from pipeline.models import Candidate, Release, ScheduledRelease, ScheduleFault
from tests.cms import cast

WHEN = {"date": "2050-06-01", "time": "09:00"}
State = ScheduledRelease.State


@pytest.fixture
def course(ada: User) -> Course:
    made = cast.make_course(ada)
    Course.objects.filter(pk=made.pk).update(time_zone="Europe/Berlin")
    cast.edit(made, ada, time_zone="Europe/Berlin")
    return Course.objects.get(pk=made.pk)


@pytest.fixture
def candidate(as_ada: Client, course: Course) -> Candidate:
    as_ada.post(reverse("cms_check", args=[course.pk]))
    return Candidate.objects.get()


def at(candidate: Candidate) -> str:
    return reverse("cms_review_schedule", args=[candidate.pk])


def off(candidate: Candidate) -> str:
    return reverse("cms_review_unschedule", args=[candidate.pk])


def seen(client: Client, candidate: Candidate) -> str:
    return " ".join(client.get(reverse("cms_review", args=[candidate.pk])).content.decode().split())


@pytest.fixture
def planned(as_edna: Client, candidate: Candidate) -> ScheduledRelease:
    as_edna.post(at(candidate), WHEN)
    return ScheduledRelease.objects.get()


def test_the_form_names_the_zone_and_the_button_leads_to_it(as_edna: Client, candidate: Candidate) -> None:
    assert at(candidate) in seen(as_edna, candidate)
    page = as_edna.get(at(candidate)).content.decode()
    assert "Clocks in <strong>Europe/Berlin</strong>" in page
    assert not ScheduledRelease.objects.exists()


def test_approving_for_a_time_ends_the_workflow_and_touches_no_page(
    as_edna: Client, edna: User, candidate: Candidate, course: Course
) -> None:
    answer = as_edna.post(at(candidate), WHEN, follow=True)
    assert "is released on 1 June 2050, 09:00 (CEST, Europe/Berlin)" in answer.content.decode()
    made = ScheduledRelease.objects.get()
    assert (made.wall, made.zone, made.scheduled_by) == ("2050-06-01T09:00", "Europe/Berlin", edna)
    candidate.refresh_from_db()
    assert (candidate.state, candidate.decided_by) == (Candidate.State.APPROVED, edna)
    state = WorkflowState.objects.get()
    assert state.status == WorkflowState.STATUS_APPROVED
    assert Course.objects.get(pk=course.pk).current_workflow_state is None
    assert not Page.objects.descendant_of(course, inclusive=True).live().exists()
    assert not Release.objects.exists()


def test_its_time_is_told_in_the_courses_zone_and_in_the_readers(
    as_edna: Client, edna: User, planned: ScheduledRelease
) -> None:
    profile = UserProfile.get_for_user(edna)
    profile.current_time_zone = "America/New_York"
    profile.save()
    page = seen(as_edna, planned.candidate)
    assert "released on <strong>1 June 2050, 09:00 (CEST, Europe/Berlin)</strong>" in page
    assert "which is 1 June 2050, 03:00 (EDT) for you" in page
    profile.current_time_zone = "Europe/Paris"
    profile.save()
    assert "for you" not in seen(as_edna, planned.candidate)
    assert "1 June 2050, 09:00" in as_edna.get(reverse("cms_reviews")).content.decode()


@pytest.mark.parametrize(
    ("when", "sentence"),
    [
        ({"date": "2020-01-01", "time": "09:00"}, "has passed: choose a later time"),
        ({"date": "2050-03-27", "time": "02:30"}, "02:30 does not come on 27 March 2050 in Europe/Berlin"),
        ({"date": "2050-10-30", "time": "02:30"}, "02:30 comes twice on 30 October 2050 in Europe/Berlin"),
        ({"date": "", "time": "09:00"}, "This field is required"),
        ({"date": "someday", "time": "late"}, "Enter a valid date"),
        ({"date": "<script>", "time": "09:00"}, "Enter a valid date"),
    ],
)
def test_a_time_that_cannot_be_is_told_in_the_form(
    as_edna: Client, candidate: Candidate, when: dict[str, str], sentence: str
) -> None:
    answer = as_edna.post(at(candidate), when)
    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert 'value="<script>' not in answer.content.decode()
    candidate.refresh_from_db()
    assert candidate.state == Candidate.State.IN_REVIEW
    assert not ScheduledRelease.objects.exists()


def test_only_a_publisher_who_did_not_submit_it(
    as_ada: Client, as_bo: Client, as_root: Client, candidate: Candidate, planned: ScheduledRelease, root: User
) -> None:
    for client in (as_ada, as_bo, Client()):
        for address in (at(candidate), off(candidate)):
            for answer in (client.get(address, follow=True), client.post(address, WHEN, follow=True)):
                # Wagtail sends whoever may not to its first page, and a stranger to the sign-in.
                assert answer.redirect_chain or answer.status_code == 403
                assert address not in answer.request["PATH_INFO"]
    planned.refresh_from_db()
    assert planned.state == State.WAITING
    assert off(candidate) not in seen(as_ada, candidate)
    assert "released on" in seen(as_ada, candidate)


def test_who_submitted_it_is_told_so_in_words(as_root: Client, root: User, course: Course) -> None:
    as_root.post(reverse("cms_check", args=[course.pk]))
    answer = as_root.post(at(Candidate.objects.get()), WHEN)
    assert answer.status_code == 422
    assert "You submitted “Weather” yourself" in answer.content.decode()
    assert not ScheduledRelease.objects.exists()


def test_a_second_task_in_the_workflow_is_named_and_nothing_is_scheduled(
    as_edna: Client, candidate: Candidate, course: Course
) -> None:
    workflow = WorkflowState.objects.get().workflow
    task = GroupApprovalTask.objects.create(name="Second")
    WorkflowTask.objects.create(workflow=workflow, task=task, sort_order=1)
    answer = as_edna.post(at(candidate), WHEN)
    assert answer.status_code == 422
    assert "another task after “Course approval”" in answer.content.decode()
    assert not ScheduledRelease.objects.exists()


def test_cancelling_asks_first_and_the_course_can_be_submitted_again(
    as_ada: Client, as_edna: Client, planned: ScheduledRelease, candidate: Candidate, course: Course
) -> None:
    page = as_edna.get(off(candidate)).content.decode()
    assert "is not released on 1 June 2050, 09:00" in page
    planned.refresh_from_db()
    assert planned.state == State.WAITING
    answer = as_edna.post(off(candidate), follow=True)
    assert "The course can be submitted again." in answer.content.decode()
    planned.refresh_from_db()
    candidate.refresh_from_db()
    assert (planned.state, candidate.state) == (State.CANCELLED, Candidate.State.WITHDRAWN)
    assert "scheduled release was cancelled" in seen(as_ada, candidate)
    as_ada.post(reverse("cms_check", args=[course.pk]))
    assert Candidate.objects.filter(state=Candidate.State.IN_REVIEW).count() == 1


def test_cancelling_what_is_released_or_never_was_scheduled(
    as_edna: Client, planned: ScheduledRelease, candidate: Candidate, ada: User
) -> None:
    schedule.release_due(planned.due_at)
    assert as_edna.get(off(candidate)).status_code == 302
    answer = as_edna.post(off(candidate), follow=True)
    assert "was released already" in answer.content.decode()
    other = cast.make_course(ada, "Oceans")
    assert as_edna.get(off(submit(other, ada))).status_code == 404


def test_a_later_candidate_says_that_another_is_scheduled(
    as_ada: Client, as_edna: Client, planned: ScheduledRelease, course: Course, ada: User
) -> None:
    cast.edit(cast.the_lesson("Wind"), ada, title="Storm")
    assert "Storm" in seen(as_edna, planned.candidate)  # edited since, told while it waits
    as_ada.post(reverse("cms_check", args=[course.pk]))
    later = Candidate.objects.get(state=Candidate.State.IN_REVIEW)
    assert "Approving this one now does not cancel that" in seen(as_edna, later)
    answer = as_edna.post(at(later), WHEN)
    assert answer.status_code == 422
    assert "cancel that one first" in answer.content.decode()
    schedule.release_due(planned.due_at)
    later.refresh_from_db()
    assert later.state == Candidate.State.IN_REVIEW
    assert Course.objects.get(pk=course.pk).current_workflow_state is not None


def test_what_failed_at_its_time_stands_on_the_first_page(
    as_ada: Client, as_edna: Client, planned: ScheduledRelease
) -> None:
    wind = cast.the_lesson("Wind")
    wind.latest_revision.publish()
    past = timezone.now() - timedelta(days=1)
    Page.objects.filter(pk=wind.pk).update(expire_at=past)
    facts = {"title": "Wind", "error": "It could not expire at its time: <b>why</b>.", "next_try_at": past}
    ScheduleFault.objects.create(page_id=wind.pk, **facts)
    ScheduledRelease.objects.update(error="“Rain” was moved.", due_at=past, next_try_at=past)
    page = as_edna.get(reverse("wagtailadmin_home")).content.decode()
    assert "It could not expire at its time: &lt;b&gt;why&lt;/b&gt;." in page
    assert "It could not be released at its time, 1 June 2050, 09:00" in page
    assert "“Rain” was moved." in page
    assert "It could not be released: “Rain” was moved." in seen(as_edna, planned.candidate)
    assert "at its time" not in as_ada.get(reverse("wagtailadmin_home")).content.decode()


def test_the_author_is_told_when_readers_get_it(
    as_edna: Client, candidate: Candidate, django_capture_on_commit_callbacks: Any
) -> None:
    mail.outbox.clear()
    with django_capture_on_commit_callbacks(execute=True):
        as_edna.post(at(candidate), WHEN)
    (message,) = mail.outbox
    assert "It is released on 1 June 2050, 09:00 (CEST, Europe/Berlin)" in message.body
    assert "on its way" not in message.body


def test_a_course_without_a_zone_has_the_schools(as_edna: Client, as_ada: Client, ada: User) -> None:
    course = cast.make_course(ada, "Oceans")
    as_ada.post(reverse("cms_check", args=[course.pk]))
    as_edna.post(at(Candidate.objects.get()), WHEN)
    assert ScheduledRelease.objects.get().zone == "UTC"


def test_the_editor_offers_the_zone(as_ada: Client, course: Course) -> None:
    page = as_ada.get(reverse("wagtailadmin_pages:edit", args=[course.pk])).content.decode()
    assert '<option value="Europe/Berlin" selected>Europe/Berlin</option>' in page
