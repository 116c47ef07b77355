"""The one file that receives signals: each receiver writes a row of the outbox and nothing else.

A receiver may raise: an editor's act that could not be recorded, or that would promise what nobody does, must not
seem done.
"""

from typing import Any
from uuid import UUID

from django.db.models.signals import pre_delete
from django.dispatch import receiver
from wagtail.log_actions import get_active_log_context
from wagtail.models import Page
from wagtail.signals import page_published, page_unpublished, post_page_move

from cms import taking_away
from content.models import Course, Lesson, Module
from content.ownership import course_of
from pipeline import outbox
from pipeline.models import ChangeEvent

COURSEWORK = (Course, Module, Lesson)


@receiver(page_published)
def on_published(instance: Page, **_rest: Any) -> None:
    if _is_live(instance):  # Wagtail sends this for a page scheduled for later too, which is not live yet
        _record(instance, ChangeEvent.Kind.PUBLISHED)


@receiver(page_unpublished)
def on_unpublished(instance: Page, **_rest: Any) -> None:
    taking_away.refuse(instance)
    if not _is_live(instance):  # Wagtail sends this before a deletion too, which on_delete records
        _record(instance, ChangeEvent.Kind.UNPUBLISHED)


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
    taking_away.refuse(instance)
    if _is_live(instance):
        _record(instance, ChangeEvent.Kind.DELETED)


def _record(instance: Page, kind: ChangeEvent.Kind, page: UUID | None = None) -> None:
    page_of_course = instance.specific
    if not isinstance(page_of_course, COURSEWORK) or page_of_course.alias_of_id:
        return
    course = course_of(page_of_course)
    if course is not None:
        outbox.record(course.uuid, kind, page=page or page_of_course.uuid, actor=_actor())


def _is_live(instance: Page) -> bool:
    """What the database says; the instance in hand may say otherwise."""
    return bool(Page.objects.filter(pk=instance.pk, live=True).exists())


def _actor() -> Any:
    return get_active_log_context().user


def _may_publish(instance: Page) -> bool:
    actor = _actor()
    return actor is None or bool(instance.specific.permissions_for_user(actor).can_publish())
