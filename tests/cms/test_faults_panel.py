"""Faults beside the editor, on the dashboard's way there, and on the check page: the drafts', not the live pages'."""

from django.test import Client
from django.urls import reverse

from api.models import User
from cms.faults import draft_faults
from content.models import CaptionTrack, Course, CoursePrerequisite, Module
from tests.cms import cast, files


def sentences(course: Course) -> list[str]:
    return [one.fault.sentence for one in draft_faults(Course.objects.get(pk=course.pk))]


def edit_page(client: Client, page: object) -> str:
    return client.get(reverse("wagtailadmin_pages:edit", args=[page.pk])).content.decode()  # type: ignore[attr-defined]


def test_the_side_panel_of_a_course_lists_the_faults_of_all_its_lessons(
    as_ada: Client, course: Course, module: Module
) -> None:
    snow = cast.add_lesson(module, "Snow", cast.quiz(right=False))
    page = edit_page(as_ada, course)
    assert 'data-side-panel="faults"' in page
    assert "Question 1 of a quiz has no right answer: mark one." in page
    assert reverse("wagtailadmin_pages:edit", args=[snow.pk]) + "#block-quiz-1-section" in page
    assert 'data-side-panel="faults"' not in edit_page(as_ada, snow)


def test_errors_come_before_warnings(course: Course, module: Module) -> None:
    cast.add_lesson(module, "Snow", cast.quiz(right=False))
    severities = [one.fault.severity for one in draft_faults(course)]
    assert severities == sorted(severities)


def test_the_latest_drafts_are_judged_not_the_live_pages(ada: User, edna: User, course: Course) -> None:
    cast.release(course, ada, edna)
    cast.edit(cast.the_lesson("Wind"), ada, body=[])
    assert any("The lesson is empty" in sentence for sentence in sentences(course))


def test_what_is_left_out_is_not_judged(ada: User, course: Course, module: Module) -> None:
    snow = cast.add_lesson(module, "Snow", cast.quiz(right=False))
    assert any("quiz" in sentence for sentence in sentences(course))
    cast.edit(snow, ada, held_back=True)
    assert not any("quiz" in sentence for sentence in sentences(course))


def test_a_module_left_out_takes_its_lessons_along(ada: User, course: Course, module: Module) -> None:
    cast.edit(module, ada, held_back=True)
    assert any("has no lessons" in sentence for sentence in sentences(course))


def test_a_link_to_a_page_that_is_gone(course: Course, module: Module) -> None:
    gone = cast.add_lesson(module, "Gone")
    cast.add_lesson(module, "Snow", cast.text(f'<p><a linktype="page" id="{gone.pk}">the other lesson</a></p>'))
    assert not any("is gone" in sentence for sentence in sentences(course))
    gone.delete()
    assert any("“the other lesson” leads to a page that is gone" in sentence for sentence in sentences(course))


def test_a_video_without_captions_is_named(ada: User, course: Course, module: Module) -> None:
    film = files.video(ada)
    value = {"video": film.pk, "title": "", "transcript": ""}
    cast.add_lesson(module, "Snow", {"type": "video", "value": value, "id": "v-1"})
    assert any("“Storm” has no captions" in sentence for sentence in sentences(course))
    CaptionTrack.objects.create(video=film, file="captions/storm.vtt")
    assert not any("captions" in sentence for sentence in sentences(course))


def test_prerequisites_that_lead_in_a_circle(ada: User, course: Course) -> None:
    other = cast.make_course(ada, "Oceans", lessons=("Tides",))
    CoursePrerequisite.objects.create(course=other, required=course)
    CoursePrerequisite.objects.create(course=course, required=other)
    assert any("lead in a circle (Weather → Oceans → Weather)" in sentence for sentence in sentences(course))
