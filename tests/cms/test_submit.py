"""Submitting a course: what stands in the drafts is frozen, and a course with errors is not let through."""

import pytest
from django.test import Client
from django.urls import reverse
from wagtail.models import Page

from api.models import User
from cms import workflow
from content.models import Course, Module
from pipeline.frozen import FrozenCourse
from pipeline.models import Candidate, ChangeEvent, Publication
from tests.cms import cast


def edit_url(page: Page) -> str:
    return reverse("wagtailadmin_pages:edit", args=[page.pk])


def frozen(candidate: Candidate) -> FrozenCourse:
    return candidate.frozen()


def said(response) -> str:  # type: ignore[no-untyped-def]
    return " ".join(str(message) for message in response.context["messages"])


def test_the_button_below_the_editor_freezes_what_was_just_typed(as_ada: Client, course: Course) -> None:
    form = cast.course_form(course, summary="Typed a moment ago.") | {"action-submit": "1"}
    response = as_ada.post(edit_url(course), form, follow=True)
    candidate = Candidate.objects.get()
    assert candidate.state == "in_review"
    assert candidate.submitted_by and candidate.submitted_by.email == "ada@example.org"
    assert frozen(candidate).page.fields["summary"] == "Typed a moment ago."
    assert [one.title for module in frozen(candidate).modules for one in module.lessons] == ["Wind", "Rain"]
    assert "was submitted for review" in said(response)


def test_the_check_page_submits_with_a_word_to_the_reviewer(as_ada: Client, as_edna: Client, course: Course) -> None:
    url = reverse("cms_check", args=[course.pk])
    page = as_ada.get(url)
    assert "No faults found." not in page.content.decode()  # the missing cover is a warning
    response = as_ada.post(url, {"note": "  Please look at the <wind>.  "}, follow=True)
    candidate = Candidate.objects.get()
    assert response.redirect_chain == [(reverse("cms_review", args=[candidate.pk]), 302)]
    assert candidate.review.note == "Please look at the <wind>."
    assert (
        "Please look at the &lt;wind&gt;." in as_edna.get(reverse("cms_review", args=[candidate.pk])).content.decode()
    )


def test_nothing_goes_live_and_no_reader_is_promised_anything(as_ada: Client, course: Course) -> None:
    as_ada.post(reverse("cms_check", args=[course.pk]))
    assert Candidate.objects.count() == 1
    assert not Page.objects.descendant_of(course, inclusive=True).live().exists()
    assert not ChangeEvent.objects.exists()


def test_errors_refuse_the_submission_and_keep_what_was_typed(as_ada: Client, course: Course, module: Module) -> None:
    cast.add_lesson(module, "Snow", cast.quiz(right=False))
    form = cast.course_form(course, summary="Typed and kept.") | {"action-submit": "1"}
    response = as_ada.post(edit_url(course), form, follow=True)
    assert not Candidate.objects.exists()
    assert "Snow: Question 1 of a quiz has no right answer: mark one." in said(response)
    assert cast.draft_of(course).summary == "Typed and kept."
    assert Course.objects.get(pk=course.pk).current_workflow_state is None


def test_the_check_page_names_the_errors_and_offers_no_button(as_ada: Client, course: Course, module: Module) -> None:
    cast.add_lesson(module, "Snow", cast.quiz(right=False))
    url = reverse("cms_check", args=[course.pk])
    page = as_ada.get(url).content.decode()
    assert "Question 1 of a quiz has no right answer: mark one." in page
    assert "Errors keep the course from being submitted." in page
    assert 'name="note"' not in page
    as_ada.post(url)
    assert not Candidate.objects.exists()


def test_more_than_five_errors_are_counted(as_ada: Client, course: Course, module: Module) -> None:
    for number in range(7):
        cast.add_lesson(module, f"Snow {number}", cast.quiz(right=False))
    response = as_ada.post(reverse("cms_check", args=[course.pk]), follow=True)
    assert "(and 2 more)" in said(response)


def test_what_is_left_out_for_now_is_not_submitted(as_ada: Client, ada: User, course: Course) -> None:
    cast.edit(cast.the_lesson("Rain"), ada, held_back=True, body=[])
    as_ada.post(reverse("cms_check", args=[course.pk]))
    [module] = frozen(Candidate.objects.get()).modules
    assert [lesson.title for lesson in module.lessons] == ["Wind"]


def test_a_course_under_review_cannot_be_submitted_again(as_ada: Client, course: Course) -> None:
    url = reverse("cms_check", args=[course.pk])
    as_ada.post(url)
    response = as_ada.post(url, follow=True)
    assert Candidate.objects.count() == 1
    assert "is under review already: withdraw it first" in said(response)
    assert "This course is under review already." in as_ada.get(url).content.decode()


@pytest.mark.parametrize("form", [{"action-submit": "1"}, {"action-restart-workflow": "1"}])
def test_neither_can_it_from_the_editor(as_ada: Client, course: Course, form: dict[str, str]) -> None:
    as_ada.post(reverse("cms_check", args=[course.pk]))
    as_ada.post(edit_url(course), cast.course_form(course) | form)
    assert Candidate.objects.filter(state="in_review").count() == 1
    assert Candidate.objects.count() == 1


def test_an_older_version_can_be_submitted_from_its_own_editor(as_ada: Client, ada: User, course: Course) -> None:
    older = course.latest_revision
    cast.edit(course, ada, summary="Newer.")
    url = reverse("wagtailadmin_pages:revisions_revert", args=[course.pk, older.pk])
    as_ada.post(url, cast.course_form(course, summary="As it was.") | {"action-submit": "1"})
    assert frozen(Candidate.objects.get()).page.fields["summary"] == "As it was."


def test_refused_from_there_it_keeps_what_was_typed_too(as_ada: Client, course: Course, module: Module) -> None:
    cast.add_lesson(module, "Snow", cast.quiz(right=False))
    url = reverse("wagtailadmin_pages:revisions_revert", args=[course.pk, course.latest_revision_id])
    as_ada.post(url, cast.course_form(course, summary="As it was.") | {"action-submit": "1"})
    assert not Candidate.objects.exists()
    assert cast.draft_of(course).summary == "As it was."


def test_an_editor_may_submit_too(as_edna: Client, course: Course) -> None:
    as_edna.post(reverse("cms_check", args=[course.pk]))
    assert Candidate.objects.get().submitted_by.email == "edna@example.org"


def test_another_instructor_may_not_even_look(as_bo: Client, course: Course) -> None:
    url = reverse("cms_check", args=[course.pk])
    for response in (as_bo.get(url), as_bo.post(url), as_bo.post(edit_url(course), {"action-submit": "1"})):
        assert response.status_code == 302
        assert "Weather" not in response.content.decode()
    assert not Candidate.objects.exists()


def test_lessons_and_modules_have_no_submit_button(as_ada: Client, course: Course, module: Module) -> None:
    for page in (cast.the_lesson("Wind"), module):
        assert "action-submit" not in as_ada.get(edit_url(page)).content.decode()
        assert page.get_workflow() is None
    assert "action-submit" in as_ada.get(edit_url(course)).content.decode()


def test_a_lesson_posted_with_a_submit_action_is_only_saved(as_ada: Client, course: Course) -> None:
    wind = cast.the_lesson("Wind")
    as_ada.post(edit_url(wind), cast.lesson_form("Wind") | {"action-submit": "1"})
    assert "Said in the editor." in cast.draft_of(wind).body[0].value.source
    assert not Candidate.objects.exists()
    assert wind.workflow_states.count() == 0


def test_a_course_without_lessons_says_so(as_ada: Client, ada: User) -> None:
    empty = cast.make_course(ada, "Empty", lessons=())
    response = as_ada.post(reverse("cms_check", args=[empty.pk]), follow=True)
    assert "has no lesson yet" in said(response)
    assert not Candidate.objects.exists()
    assert not Publication.objects.exists()


def test_an_instance_from_before_the_last_draft_overwrites_nothing(ada: User, course: Course) -> None:
    stale = Course.objects.get(pk=course.pk)
    Course.objects.filter(pk=course.pk).update(latest_revision=None)
    stale.refresh_from_db()
    cast.edit(course, ada, summary="Written later.")
    candidate = workflow.submit_course(stale, by=ada)
    assert "Written later." in candidate.content
    assert cast.draft_of(course).summary == "Written later."
