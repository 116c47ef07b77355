"""The one file that receives signals: each receiver writes a row of the outbox and nothing else.

A receiver may raise: an editor's act that could not be recorded, or that would promise what nobody does, must not
seem done. Each runs in the transaction of the act it hears of: see `cms/atomic_actions.py` and
`content/models/saved_whole.py`.
"""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from django.db.models.signals import post_delete, post_save, pre_delete
from django.dispatch import receiver
from wagtail.log_actions import get_active_log_context
from wagtail.models import Page, PageViewRestriction
from wagtail.signals import page_published, page_unpublished, post_page_move

from cms import affected, out_of_sight, workflow
from content.models import Attachment, CaptionTrack, Course, ImageOriginal, InstructorProfile, Lesson, Module, Video
from content.ownership import course_of
from pipeline import outbox
from pipeline.models import ChangeEvent, Publication, Release
from pipeline.withdraw import gone

COURSEWORK = (Course, Module, Lesson)
# What readers see of an upload. Wagtail saves its size and a hash of it by themselves, when somebody first asks.
SHOWN_OF_UPLOADS = {"file", "title", "width", "height"}
KEYS = {ImageOriginal: "image", Video: "video", Attachment: "attachment"}


# --- pages -----------------------------------------------------------------------------------------------------


@receiver(page_published)
def on_published(instance: Page, **_rest: Any) -> None:
    if _is_live(instance):  # Wagtail sends this for a page scheduled for later too, which is not live yet
        course = _record(instance, ChangeEvent.Kind.PUBLISHED)
        if course is not None and _withdrawn(course):
            out_of_sight.look(course, _actor())


@receiver(page_unpublished)
def on_unpublished(instance: Page, **_rest: Any) -> None:
    if not _is_live(instance):  # Wagtail sends this before a deletion too, which on_delete records
        course = _record(instance, ChangeEvent.Kind.UNPUBLISHED)
        if course is not None and course.pk == instance.pk:
            out_of_sight.unpublished(course, _actor())


@receiver(post_page_move)
def on_moved(instance: Page, parent_page_before: Page, parent_page_after: Page, **_rest: Any) -> None:
    """A publisher's move is an act of its own; an author's new order of lessons waits for the next release."""
    if isinstance(instance, Course) or not _is_live(instance) or not _may_publish(instance):
        return
    _record(instance, ChangeEvent.Kind.MOVED)
    before, after = course_of(parent_page_before.specific), course_of(parent_page_after.specific)
    if before and after and before.pk != after.pk:
        _record(parent_page_before.specific, ChangeEvent.Kind.MOVED, page=instance.specific.uuid)


@receiver(pre_delete, sender=Course)
@receiver(pre_delete, sender=Module)
@receiver(pre_delete, sender=Lesson)
def on_delete(instance: Page, **_rest: Any) -> None:
    if isinstance(instance, Course):
        gone(instance.uuid, _actor(), instance.title)
    elif _is_live(instance):
        _record(instance, ChangeEvent.Kind.DELETED)


@receiver(post_save, sender=PageViewRestriction)
@receiver(post_delete, sender=PageViewRestriction)
def on_restriction(instance: PageViewRestriction, **_rest: Any) -> None:
    """Wagtail's "private" on a page, or on one that courses lie below."""
    page = instance.page.specific
    course = course_of(page)
    concerned = [course] if course else list(Course.objects.descendant_of(page))
    released = Release.objects.filter(course__in=[one.uuid for one in concerned]).order_by()
    known = set(released.values_list("course", flat=True).distinct())
    for one in concerned:
        if one.uuid in known:
            uuid = page.uuid if isinstance(page, COURSEWORK) else None
            outbox.record(one.uuid, ChangeEvent.Kind.RESTRICTED, page=uuid, actor=_actor(), note=page.title)
            out_of_sight.look(one, _actor())


# --- uploads and people ----------------------------------------------------------------------------------------


@receiver(post_save, sender=ImageOriginal)
@receiver(post_save, sender=Video)
@receiver(post_save, sender=Attachment)
def on_upload_saved(
    sender: type[Any], instance: Any, created: bool, update_fields: Collection[str] | None = None, **_rest: Any
) -> None:
    if not created and (update_fields is None or SHOWN_OF_UPLOADS & set(update_fields)):
        _edited_file(f"{KEYS[sender]}/{instance.pk}")


@receiver(post_delete, sender=ImageOriginal)
@receiver(post_delete, sender=Video)
@receiver(post_delete, sender=Attachment)
def on_upload_deleted(sender: type[Any], instance: Any, **_rest: Any) -> None:
    _edited_file(f"{KEYS[sender]}/{instance.pk}")


@receiver(post_save, sender=CaptionTrack)
@receiver(post_delete, sender=CaptionTrack)
def on_captions(instance: CaptionTrack, **_rest: Any) -> None:
    _edited_file(f"video/{instance.video_id}")


@receiver(post_save, sender=InstructorProfile)
@receiver(post_delete, sender=InstructorProfile)
def on_profile(instance: InstructorProfile, **_rest: Any) -> None:
    if _may_publish_anything():
        _edited(affected.by_person(instance.uuid), str(instance.uuid))


def _edited_file(key: str) -> None:
    if _may_publish_anything():
        _edited(affected.by_file(key), key)


def _edited(courses: set[UUID], what: str) -> None:
    """`what` was edited: the note tells the direct release what to take anew. In one order, so that two editors whose
    acts concern the same courses wait for each other, and not for ever."""
    for course in sorted(courses):
        outbox.record(course, ChangeEvent.Kind.EDITED, actor=_actor(), note=what)


# --- who and what ----------------------------------------------------------------------------------------------


def _record(instance: Page, kind: ChangeEvent.Kind, page: UUID | None = None) -> Course | None:
    """Write the event down; the course it concerns, None if it concerns none."""
    page_of_course = instance.specific
    if not isinstance(page_of_course, COURSEWORK) or page_of_course.alias_of_id:
        return None
    course: Course | None = course_of(page_of_course)
    if course is not None:
        outbox.record(course.uuid, kind, page=page or page_of_course.uuid, actor=_actor())
    return course


def _withdrawn(course: Course) -> bool:
    return Publication.objects.filter(course=course.uuid, standing=Publication.Standing.WITHDRAWN).exists()


def _is_live(instance: Page) -> bool:
    """What the database says; the instance in hand may say otherwise."""
    return bool(Page.objects.filter(pk=instance.pk, live=True).exists())


def _actor() -> Any:
    return get_active_log_context().user


def _may_publish(instance: Page) -> bool:
    actor = _actor()
    return actor is None or bool(instance.specific.permissions_for_user(actor).can_publish())


def _may_publish_anything() -> bool:
    """What somebody without that right changes in an upload or a profile waits for the next approval."""
    actor = _actor()
    return actor is None or workflow.reviews(actor)
