"""Find a course by what a person types: its UUID or the slug of its page."""

from uuid import UUID

from content.models import Course
from pipeline.errors import AuthorError


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
