"""Which paths of the site are a course's: held by one course at a time, and left without a trace."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from pipeline.documents import OutlineDocument
from pipeline.errors import AuthorError
from pipeline.html_views import course_path, lesson_path
from pipeline.models import Release


def pages(outline: OutlineDocument) -> set[str]:
    """The path of the course's page and of each lesson's page."""
    lessons = {lesson_path(outline.slug, lesson.slug) for lesson in outline.lessons()}
    return {f"{path}index.html" for path in {course_path(outline.slug), *lessons}}


def refuse_taken(course: UUID, slug: str) -> None:
    """Raises AuthorError while another course has pages at this address: two courses would overwrite each other.

    A course that is being renamed leaves its address with its own next release; the one that waits is tried again.
    """
    holder = _on_the_store().exclude(course=course).filter(outline__slug=slug).select_related("candidate").first()
    if holder:
        title = holder.candidate.title
        raise AuthorError(
            f"The address “{slug}” still belongs to “{title}”: publish that course at its new address, or choose "
            "another one here."
        )


def left_over(course: UUID, live: int | None, kept: Mapping[str, Any]) -> set[str]:
    """Paths where earlier releases of the course may have put a page, and that are not among those `kept`.

    `live` is the id of the release that readers have had. Releases that a worker began and never finished count too.
    """
    began = _on_the_store().filter(Q(pk=live) | Q(state=Release.State.WAITING), course=course)
    outlines = [OutlineDocument.model_validate(release.outline) for release in began]
    return {path for outline in outlines for path in pages(outline)} - kept.keys()


def _on_the_store() -> "QuerySet[Release]":
    """Releases that may have pages on the store. A release has its outline before its first page is written."""
    return Release.objects.filter(state__in=(Release.State.LIVE, Release.State.WAITING), outline__isnull=False)
