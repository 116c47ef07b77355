"""Which pages of a course are private in the editor: a static host cannot keep them so, and they are not published."""

from collections.abc import Iterable

from wagtail.models import Page, PageViewRestriction

from content.models import Course, Lesson


def private_paths(course: Course) -> tuple[str, ...]:
    """Tree paths of the private pages below `course`; whatever lies below such a page is private with it. One query."""
    restrictions = PageViewRestriction.objects.filter(page__path__startswith=course.path).exclude(page=course.pk)
    return tuple(sorted(set(restrictions.values_list("page__path", flat=True))))


def private_above(course: Course) -> Page | None:
    """The page that makes `course` private as a whole: itself, or one that it lies below. One query."""
    paths = [course.path[:end] for end in range(Page.steplen, len(course.path) + 1, Page.steplen)]
    found = PageViewRestriction.objects.filter(page__path__in=paths).select_related("page").order_by("-page__path")
    restriction = found.first()
    return restriction.page if restriction else None


def any_private(paths: Iterable[str]) -> bool:
    """Whether any of the pages with these tree paths, or a page that one of them lies below, is private. One query."""
    above = {path[:end] for path in paths for end in range(Page.steplen, len(path) + 1, Page.steplen)}
    return bool(PageViewRestriction.objects.filter(page__path__in=above).exists())


def nothing_public(course: Course) -> bool:
    """Whether `course`, or each of its live lessons, is private."""
    if private_above(course):
        return True
    private = private_paths(course)
    lessons = Lesson.objects.descendant_of(course).live().values_list("path", flat=True) if private else ()
    return bool(private) and all(path.startswith(private) for path in lessons)
