"""Find a course by what a person types: its UUID or the slug of its page."""

from uuid import UUID

from content.models import Course
from pipeline.errors import AuthorError
from pipeline.models import Publication


def course_named(name: str) -> Course:
    """Raises AuthorError, listing the courses there are, if `name` is none of them."""
    found: Course | None
    try:
        found = Course.objects.filter(uuid=UUID(name)).first()
    except ValueError:
        found = Course.objects.filter(slug=name).first()
    if found is None:
        known = ", ".join(Course.objects.order_by("slug").values_list("slug", flat=True)[:20]) or "none yet"
        raise AuthorError(f"No course is called {name!r}. There are: {known}.")
    return found


def published_named(name: str) -> Publication:
    """As `course_named`, but of what readers have: a course that was deleted in the editor is found by its UUID, or by
    the address it had. Raises AuthorError if there is none.
    """
    rows = Publication.objects.select_related("live_release").filter(live_release__isnull=False)
    try:
        found = rows.filter(course=UUID(name)).first()
    except ValueError:
        found = rows.filter(live_release__slug=name).first()
    if found is None:
        course = course_named(name)
        raise AuthorError(f"“{course.title}” has no release yet, so readers have nothing of it.")
    return found
