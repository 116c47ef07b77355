"""A course that is unpublished or private in the editor is withdrawn for readers, and opened again when that ends."""

from typing import Any

from content.models import Course
from content.privacy import nothing_public
from pipeline import standing
from pipeline.models import ChangeEvent, Publication, Release
from pipeline.withdraw import reopen, withdraw

Standing = Publication.Standing
# What readers are told. A course that was withdrawn in other words is somebody's decision, and is not opened from here.
UNPUBLISHED = "It was taken out of the catalogue for now."
PRIVATE = "It is private for now."


def unpublished(course: Course, by: Any) -> None:
    """The course was unpublished in the editor."""
    _withdraw(course, by, UNPUBLISHED)


def look(course: Course, by: Any) -> None:
    """Somebody changed who may see the course, or published something of it: withdraw it, or open it again.

    Raises AuthorError if it cannot be opened again because another course is at its address by now.
    """
    if nothing_public(course):
        _withdraw(course, by, PRIVATE)
    elif Course.objects.filter(pk=course.pk, live=True).exists():
        _open(course, by)


def _withdraw(course: Course, by: Any, note: str) -> None:
    row = _publication(course)
    if row is None or row.standing not in {Standing.OPEN, Standing.RETIRED}:
        return
    if row.live_release_id:
        withdraw(course.uuid, by, note)
    elif Release.objects.filter(course=course.uuid, state=Release.State.WAITING).exists():
        # What was approved is on its way, and arrives as a notice.
        standing.change(course.uuid, Standing.WITHDRAWN, ChangeEvent.Kind.WITHDRAWN, by, note)


def _open(course: Course, by: Any) -> None:
    row = _publication(course)
    if row is None or row.standing != Standing.WITHDRAWN or row.standing_note not in {UNPUBLISHED, PRIVATE}:
        return
    if row.live_release_id:
        reopen(course.uuid, by)
    else:
        standing.change(course.uuid, Standing.OPEN, ChangeEvent.Kind.REOPENED, by)


def _publication(course: Course) -> Publication | None:
    return Publication.objects.filter(course=course.uuid).first()
