"""Approving ships exactly what was submitted, whatever anybody typed since, and nobody approves their own."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from wagtail.models import GroupApprovalTask, Page, Revision, WorkflowState, WorkflowTask
from wagtail.signals import page_published

from api.models import User
from content.models import Course, Lesson, Module
from pipeline.models import Candidate, ChangeEvent, Publication, Release
from tests.cms import cast


@pytest.fixture
def candidate(as_ada: Client, course: Course) -> Candidate:
    """Ada's course, submitted through the check page."""
    as_ada.post(reverse("cms_check", args=[course.pk]))
    return Candidate.objects.get()


def approve_url(candidate: Candidate) -> str:
    return reverse("cms_review_approve", args=[candidate.pk])


def workflow_url(course: Course, action: str) -> str:
    state = Course.objects.get(pk=course.pk).current_workflow_task_state
    return reverse("wagtailadmin_pages:workflow_action", args=[course.pk, action, state.pk])


def said(response: Any) -> str:
    return " ".join(str(message) for message in response.context["messages"])


def test_everything_goes_live_as_release_one(as_edna: Client, edna: User, candidate: Candidate, course: Course) -> None:
    response = as_edna.post(approve_url(candidate), follow=True)
    release = Release.objects.get()
    assert (release.number, release.candidate, release.approved_by) == (1, candidate, edna)
    assert "release 1 is on its way to readers" in said(response)
    pages = Page.objects.descendant_of(course, inclusive=True)
    assert pages.count() == 4 and not pages.not_live().exists()
    assert Course.objects.get(pk=course.pk).workflow_states.get().status == WorkflowState.STATUS_APPROVED
    candidate.refresh_from_db()
    assert (candidate.state, candidate.decided_by) == ("approved", edna)


def test_the_event_names_the_release_and_comes_last(as_edna: Client, edna: User, candidate: Candidate) -> None:
    as_edna.post(approve_url(candidate))
    event = ChangeEvent.objects.order_by("-id").first()
    assert event and (event.kind, event.release, event.actor) == ("approved", Release.objects.get(), edna)
    assert Publication.objects.get(course=candidate.course).wanted_seq == event.pk


def autosave(client: Client, lesson: Lesson, title: str) -> Any:
    """What the editor sends by itself a moment after somebody typed: it rewrites the revision in place."""
    latest = Lesson.objects.get(pk=lesson.pk).latest_revision
    form = cast.lesson_form(title, "<p>Typed since.</p>", slug=lesson.slug)
    return client.post(
        reverse("wagtailadmin_pages:edit", args=[lesson.pk]),
        form | {"overwrite_revision_id": str(latest.pk), "loaded_revision_id": str(latest.pk)},
        headers={"accept": "application/json"},
    )


def test_an_autosave_after_the_submission_does_not_ship(as_ada: Client, as_edna: Client, candidate: Candidate) -> None:
    wind = cast.the_lesson("Wind")
    submitted = wind.latest_revision_id
    answer = autosave(as_ada, wind, "Gale")
    assert answer.json()["success"] and answer.json()["revision_id"] == submitted
    assert Revision.objects.get(pk=submitted).content["title"] == "Gale"  # the row that was submitted says so now

    as_edna.post(approve_url(candidate))
    live = Lesson.objects.get(pk=wind.pk)
    assert (live.live, live.title) == (True, "Wind")
    assert live.body[0].value.source == "<p>Wind in a word.</p>"
    shipped = Release.objects.get().candidate.frozen()
    assert [one.title for one in shipped.modules[0].lessons] == ["Wind", "Rain"]

    draft = live.get_latest_revision_as_object()
    assert (draft.title, live.has_unpublished_changes) == ("Gale", True)
    assert "Typed since." in draft.body[0].value.source
    assert live.latest_revision.user.email == "ada@example.org"


def test_a_later_edit_of_the_course_page_stays_a_draft_too(
    as_ada: Client, as_edna: Client, ada: User, candidate: Candidate, course: Course
) -> None:
    as_ada.post(reverse("wagtailadmin_pages:edit", args=[course.pk]), cast.course_form(course, summary="Typed since."))
    as_edna.post(approve_url(candidate))
    live = Course.objects.get(pk=course.pk)
    assert live.summary == "About Weather."
    assert live.get_latest_revision_as_object().summary == "Typed since."


def test_a_lesson_added_since_is_not_part_of_it(as_edna: Client, candidate: Candidate, module: Module) -> None:
    hail = cast.add_lesson(module, "Hail")
    as_edna.post(approve_url(candidate))
    assert not Lesson.objects.get(pk=hail.pk).live


def test_a_lesson_deleted_since_still_ships(as_ada: Client, as_edna: Client, candidate: Candidate) -> None:
    as_ada.post(reverse("wagtailadmin_pages:delete", args=[cast.the_lesson("Rain").pk]))
    assert Lesson.objects.count() == 1
    as_edna.post(approve_url(candidate))
    shipped = Release.objects.get().candidate.frozen()
    assert [one.title for one in shipped.modules[0].lessons] == ["Wind", "Rain"]


def test_what_the_candidate_leaves_out_is_taken_down(
    as_ada: Client, as_edna: Client, ada: User, edna: User, course: Course
) -> None:
    cast.release(course, ada, edna)
    rain = cast.the_lesson("Rain")
    cast.edit(rain, ada, held_back=True)
    as_ada.post(reverse("cms_check", args=[course.pk]))
    as_edna.post(approve_url(Candidate.objects.get(state="in_review")))
    assert not Lesson.objects.get(pk=rain.pk).live
    assert Lesson.objects.get(title="Wind").live
    assert Release.objects.order_by("number").values_list("number", flat=True).last() == 2


# --- who may not ----------------------------------------------------------------------------------------------


def test_nobody_approves_their_own(as_edna: Client, course: Course) -> None:
    as_edna.post(reverse("cms_check", args=[course.pk]))
    own = Candidate.objects.get()
    page = as_edna.get(reverse("cms_review", args=[own.pk])).content.decode()
    assert "another person approves it" in page and approve_url(own) not in page
    response = as_edna.post(approve_url(own), follow=True)
    assert "somebody else has to approve it" in said(response)
    as_edna.raise_request_exception = False
    as_edna.post(workflow_url(course, "approve"))
    form = {"action-workflow-action": "1", "workflow-action-name": "approve"}
    as_edna.post(reverse("wagtailadmin_pages:edit", args=[course.pk]), cast.course_form(course) | form)
    assert not Release.objects.exists()
    assert not Page.objects.descendant_of(course, inclusive=True).live().exists()


def test_not_even_through_the_task_of_another_course(
    as_edna: Client, as_ada: Client, ada: User, course: Course
) -> None:
    """Wagtail's address of an action takes the page and the task apart: the task decides whose candidate it is."""
    other = cast.make_course(ada, "Oceans")
    as_edna.post(reverse("cms_check", args=[course.pk]))
    as_ada.post(reverse("cms_check", args=[other.pk]))
    own_task = Course.objects.get(pk=course.pk).current_workflow_task_state
    as_edna.post(reverse("wagtailadmin_pages:workflow_action", args=[other.pk, "approve", own_task.pk]))
    as_edna.post(
        reverse("wagtailadmin_pages:workflow_action", args=[other.pk, "reject", own_task.pk]), {"comment": "No."}
    )
    assert set(Candidate.objects.values_list("state", flat=True)) == {"in_review"}


@pytest.mark.parametrize("name", ["cms_review_approve", "cms_review_changes", "cms_review_withdraw"])
def test_instructors_and_strangers_decide_nothing(
    as_ada: Client, as_bo: Client, client: Client, sam: User, candidate: Candidate, name: str
) -> None:
    clients = [as_bo, client, cast.signed_in(sam)] + ([] if name == "cms_review_withdraw" else [as_ada])
    for one in clients:
        response = one.post(reverse(name, args=[candidate.pk]), {"comment": "Mine."})
        assert response.status_code == 302 and "/review/" not in response["Location"].partition("?")[0]
    candidate.refresh_from_db()
    assert candidate.state == "in_review"
    assert not Release.objects.exists()


def test_reading_approves_nothing(as_edna: Client, candidate: Candidate) -> None:
    assert as_edna.get(approve_url(candidate)).status_code == 405
    assert not Release.objects.exists()


def test_the_second_of_two_decisions_is_told(as_edna: Client, as_root: Client, candidate: Candidate) -> None:
    as_edna.post(approve_url(candidate))
    response = as_root.post(approve_url(candidate), follow=True)
    assert "is not under review any more" in said(response)
    assert Release.objects.count() == 1


# --- Wagtail's own buttons ------------------------------------------------------------------------------------


def test_wagtails_approve_button_is_the_same_act(as_edna: Client, candidate: Candidate, course: Course) -> None:
    as_edna.post(workflow_url(course, "approve"))
    assert Release.objects.get().candidate == candidate
    assert Course.objects.get(pk=course.pk).live


def test_approving_from_the_editor_ships_the_candidate_not_the_form(
    as_edna: Client, candidate: Candidate, course: Course
) -> None:
    form = {"action-workflow-action": "1", "workflow-action-name": "approve"}
    url = reverse("wagtailadmin_pages:edit", args=[course.pk])
    as_edna.post(url, cast.course_form(course, summary="Edna's own words.") | form)
    live = Course.objects.get(pk=course.pk)
    assert Release.objects.get().candidate == candidate
    assert (live.live, live.summary) == (True, "About Weather.")
    assert live.get_latest_revision_as_object().summary == "Edna's own words."


# --- whole or not at all --------------------------------------------------------------------------------------


@pytest.fixture
def failing_receiver() -> Any:
    """Something that fails at the last of the pages that go live."""

    def fail(instance: Page, **_rest: Any) -> None:
        if instance.title == "Rain":
            raise RuntimeError("the last page failed")

    page_published.connect(fail)
    yield
    page_published.disconnect(fail)


def test_an_approval_that_fails_half_way_leaves_no_trace(
    as_edna: Client, candidate: Candidate, course: Course, failing_receiver: None
) -> None:
    as_edna.raise_request_exception = False
    revisions = Revision.objects.count()
    for url in (approve_url(candidate), workflow_url(course, "approve")):
        assert as_edna.post(url).status_code == 500
        candidate.refresh_from_db()
        assert candidate.state == "in_review"
        assert not Release.objects.exists() and not ChangeEvent.objects.exists()
        assert not Page.objects.descendant_of(course, inclusive=True).live().exists()
        assert Revision.objects.count() == revisions
        assert Course.objects.get(pk=course.pk).workflow_in_progress


def test_a_second_task_in_the_workflow_is_named(as_edna: Client, as_ada: Client, course: Course) -> None:
    task = GroupApprovalTask.objects.create(name="One more")
    WorkflowTask.objects.update(sort_order=0)
    WorkflowTask.objects.create(workflow=course.get_workflow(), task=task, sort_order=9)
    as_ada.post(reverse("cms_check", args=[course.pk]))
    candidate = Candidate.objects.get()
    answer = as_edna.post(reverse("cms_review_approve", args=[candidate.pk]), follow=True)
    assert "another task after “Course approval”" in answer.content.decode()
    candidate.refresh_from_db()
    assert candidate.state == "in_review"
    assert not Release.objects.exists()
