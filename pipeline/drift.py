"""What is live in the editor and was never told to anybody: edits by code, fixtures and signals that Wagtail lost.

Live pages say what was last approved or published directly, whatever readers have been given back since. The order of
modules and lessons is not looked at: an author changes it at once, and it waits for the next release.
"""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from content.models import Course, Lesson, Module
from content.privacy import private_above
from pipeline import tombstones
from pipeline.candidate import freeze
from pipeline.frozen import FrozenCourse, FrozenPage
from pipeline.models import Candidate, Release

MOST = 3  # differences that are named


def live_courses() -> dict[UUID, str]:
    """The title of every course that is live in the editor. One query."""
    return dict(Course.objects.live().filter(alias_of=None).values_list("uuid", "title"))


def drift(course: UUID, release: Release | None) -> str:
    """How live pages of the course differ from those of the newest release and of the live one; nothing if they do not.

    `release` is the live one. A clause with its subject. The number of queries does not depend on the number of
    lessons. Raises AuthorError, naming the page, if a live page uses an upload that is gone.
    """
    page = Course.objects.filter(uuid=course, live=True).first()
    if page is None or private_above(page):
        return ""  # a direct publish makes nothing of such a course either
    # What a purge made says what readers had, less something, and nothing of what the editor says.
    told_of = Release.objects.filter(course=course).exclude(candidate__kind=Candidate.Kind.PURGED)
    newest = told_of.select_related("candidate").order_by("-number").first()
    if newest is None:
        frozen = freeze(page, live=True, keep=False)
        return "it is live in the editor and was never released" if frozen.modules else ""
    told = _difference(page, newest)
    if told and release and release.pk != newest.pk and not _difference(page, release):
        return ""  # the editor went back to what readers have, and a direct publish had nothing to do
    return told


def _difference(course: Course, release: Release) -> str:
    approved = tombstones.without(release.candidate.frozen())
    frozen = freeze(course, live=True, keep=False, approved=approved)
    if not frozen.modules:
        return ""
    before, now = _pages(approved), _pages(frozen)
    # What was deleted after its freeze ships all the same, because it was approved.
    left = before.keys() - now.keys()
    there = {*_existing(Module, left), *_existing(Lesson, left)} if left else set()
    told = [f"“{now[one][1].title}” is live in the editor and not released" for one in now.keys() - before.keys()]
    told += [f"“{before[one][1].title}” is released and not live in the editor" for one in there]
    for one in before.keys() & now.keys():
        (old_parent, old), (parent, new) = before[one], now[one]
        if _said(old) != _said(new):
            told.append(f"“{new.title}” says something else in the editor than released")
        elif old_parent != parent:
            told.append(f"“{new.title}” lies in another module than released")
    if _around(approved) != _around(frozen):
        told.append("a course or lesson that it names was renamed, moved or deleted")
    more = len(told) - MOST
    return "; ".join([*sorted(told)[:MOST], *([f"and {more} more"] if more > 0 else [])])


def _pages(frozen: FrozenCourse) -> dict[UUID, tuple[UUID | None, FrozenPage]]:
    """Each page with the module that it lies in."""
    pages: dict[UUID, tuple[UUID | None, FrozenPage]] = {frozen.page.uuid: (None, frozen.page)}
    for module in frozen.modules:
        pages[module.page.uuid] = (None, module.page)
        pages |= {lesson.uuid: (module.page.uuid, lesson) for lesson in module.lessons}
    return pages


def _said(page: FrozenPage) -> tuple[str, str, dict[str, Any]]:
    return page.slug, page.title, page.fields


def _around(frozen: FrozenCourse) -> tuple[Any, Any]:
    """What the course says of others: its prerequisites, and where its links lead."""
    links = {number: (link.course_slug, link.lesson_slug) for number, link in frozen.links.items()}
    return frozen.prerequisites, links


def _existing(model: Any, uuids: Iterable[UUID]) -> list[UUID]:
    return list(model.objects.filter(uuid__in=uuids).values_list("uuid", flat=True))
