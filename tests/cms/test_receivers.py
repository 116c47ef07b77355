"""What the receivers write down, and what they leave alone."""

from datetime import timedelta

from django.utils import timezone
from wagtail.models import Page

from api.models import User
from content.models import Course, Lesson, Module
from pipeline.approval import approve, submit
from pipeline.catalogue import CATALOGUE
from pipeline.models import ChangeEvent, Publication
from tests.cms import cast


def events() -> list[tuple[str, object]]:
    return list(ChangeEvent.objects.order_by("id").values_list("kind", "page"))


def test_publishing_from_code_is_recorded_without_an_actor(course: Course) -> None:
    wind = cast.the_lesson("Wind")
    wind.latest_revision.publish()
    assert events() == [("published", wind.uuid)]
    assert ChangeEvent.objects.get().actor is None


def test_a_page_that_is_scheduled_for_later_is_not_live_yet(course: Course) -> None:
    """Wagtail sends `page_published` for it all the same."""
    wind = cast.the_lesson("Wind")
    draft = wind.get_latest_revision_as_object()
    draft.go_live_at = timezone.now() + timedelta(days=1)
    draft.save_revision().publish()
    assert not Lesson.objects.get(pk=wind.pk).live
    assert events() == []


def test_a_deletion_is_one_event_though_wagtail_says_unpublished_first(ada: User, edna: User, course: Course) -> None:
    cast.release(course, ada, edna)
    ChangeEvent.objects.all().delete()
    wind = cast.the_lesson("Wind")
    wind.delete()
    assert events() == [("deleted", wind.uuid)]


def test_a_deleted_course_names_itself(ada: User, edna: User, course: Course) -> None:
    """Also one whose approved release is not out yet."""
    approve(submit(course, ada), edna)
    ChangeEvent.objects.all().delete()
    Course.objects.get().delete()
    assert Publication.objects.get(course=course.uuid).standing == Publication.Standing.GONE
    gone = ChangeEvent.objects.get(kind="withdrawn")
    assert (gone.course, gone.note) == (course.uuid, "“Weather” was deleted in the editor")
    assert set(ChangeEvent.objects.values_list("course", flat=True)) == {course.uuid, CATALOGUE}


def test_the_catalogue_and_other_pages_concern_no_course(course: Course) -> None:
    catalogue = course.get_parent().specific
    catalogue.save_revision().publish()
    catalogue.unpublish()
    assert events() == []
    assert not Publication.objects.exists()


def test_a_draft_that_moves_concerns_nobody(ada: User, course: Course) -> None:
    second = course.add_child(instance=Module(title="More", slug="more", owner=ada, live=False))
    cast.the_lesson("Wind").move(Module.objects.get(pk=second.pk), pos="last-child")
    assert events() == []


def test_a_live_page_that_moves_is_an_event_on_the_command_line(ada: User, edna: User, course: Course) -> None:
    second = course.add_child(instance=Module(title="More", slug="more", owner=ada, live=False))
    cast.release(course, ada, edna)
    ChangeEvent.objects.all().delete()
    wind = cast.the_lesson("Wind")
    Page.objects.get(pk=wind.pk).move(Page.objects.get(pk=second.pk), pos="last-child")
    assert events() == [("moved", wind.uuid)]
