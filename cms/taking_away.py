"""A course that learners read is not taken away by the way: its release would stay, and nobody has decided it."""

from collections.abc import Iterable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from wagtail.admin import messages
from wagtail.models import Page

from content.models import Course
from pipeline.errors import AuthorError
from pipeline.models import Publication


def refuse(page: Page) -> None:
    """Raises AuthorError if `page` is a course with a live release. Modules and lessons pass."""
    course = page.specific
    if not isinstance(course, Course):
        return
    if Publication.objects.filter(course=course.uuid, live_release__isnull=False).exists():
        raise AuthorError(
            f"“{course.title}” has a release that learners read, and it would stay. Leave out its lessons one by one "
            "instead, and submit the course; what is left out is no longer found."
        )


def in_bulk(request: HttpRequest, action_type: str, objects: Iterable[Any], _action: Any) -> HttpResponse | None:
    """The same for Wagtail's bulk actions, which know no sentence of ours: the message shows on the list."""
    if action_type not in {"delete", "unpublish"}:
        return None
    try:
        for page in objects:
            if isinstance(page, Page):
                refuse(page)
    except AuthorError as error:
        messages.error(request, str(error))
        return redirect("wagtailadmin_explore_root")
    return None
