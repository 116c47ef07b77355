"""Which paths of the site are a course's: held by one course at a time, and left without a trace."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from pipeline.documents import OutlineDocument
from pipeline.errors import AuthorError, StoreError
from pipeline.frozen import FrozenCourse, FrozenPage
from pipeline.html_views import course_path, lesson_path
from pipeline.models import Release
from pipeline.store.base import checked


def pages(outline: OutlineDocument) -> set[str]:
    """The path of the course's page and of each lesson's page."""
    lessons = {lesson_path(outline.slug, lesson.slug) for lesson in outline.lessons()}
    return {f"{path}index.html" for path in {course_path(outline.slug), *lessons}}


def refuse_unwritable(frozen: FrozenCourse) -> None:
    """Raises AuthorError, naming the page, if a page of the course would have an address that no store can hold.

    Before anything is written: a release whose pointer has moved must not fail at its pages, over and over.
    """
    _refuse_unwritable(frozen.page, course_path(frozen.page.slug))
    for module in frozen.modules:
        for lesson in module.lessons:
            _refuse_unwritable(lesson, lesson_path(frozen.page.slug, lesson.slug))


def _refuse_unwritable(page: FrozenPage, path: str) -> None:
    try:
        checked(f"{path}index.html")
    except StoreError:
        raise AuthorError(
            f"The address “{page.slug}” of “{page.title}” cannot be published: use only English letters, digits, "
            "hyphens and underscores, at most 200 of them."
        ) from None


def refuse_taken(course: UUID, slug: str) -> None:
    """Raises AuthorError while another course has pages at this address: two courses would overwrite each other.

    A course that is being renamed leaves its address with its own next release; the one that waits is tried again.
    """
    holder = _on_the_store().exclude(course=course).filter(slug=slug).select_related("candidate").first()
    if holder:
        title = holder.candidate.title
        raise AuthorError(
            f"The address “{slug}” still belongs to “{title}”: publish that course at its new address, or choose "
            "another one here."
        )


def left_over(course: UUID, live: int | None, kept: Mapping[str, Any]) -> set[str]:
    """Paths where earlier releases of the course may have put a page, and that are not among those `kept`.

    `live` is the id of the release that readers have had. Releases that a worker began to ship or to put
    back, and never finished, count too.
    """
    began = _on_the_store().filter(Q(pk=live) | Q(state=Release.State.WAITING), course=course)
    outlines = [release.read_outline() for release in began]
    return {path for outline in outlines for path in pages(outline)} - kept.keys()


def _on_the_store() -> "QuerySet[Release]":
    """Releases that may have pages on the store. A release has its outline before its first page is written."""
    return Release.objects.filter(state__in=(Release.State.LIVE, Release.State.WAITING), outline__isnull=False)
