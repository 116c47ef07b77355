"""What a direct publish makes: a release of what is live in the editor, without an approval of its own."""

from django.db import transaction

from content.models import Course
from content.privacy import private_above
from pipeline import approval, outbox
from pipeline.candidate import freeze
from pipeline.errors import AuthorError
from pipeline.frozen import FrozenCourse
from pipeline.lease import Lease
from pipeline.models import ChangeEvent, Publication, Release
from pipeline.plan import DIRECT


def release(lease: Lease, publication: Publication) -> Release | None:
    """A release of what is live in the editor, if that differs from what readers have. None if it does not.

    Of uploads and instructors that readers have already it holds what they have, except of those that were edited by
    somebody who may publish: a direct publish speaks of pages, and such an edit of what its event names. Raises
    AuthorError if readers have lessons and none is live any more.
    """
    course = Course.objects.filter(uuid=lease.course).first()
    if course is None or not course.live or private_above(course):
        return None
    had = publication.live_release
    unbuilt = ChangeEvent.objects.filter(course=lease.course, id__gt=publication.built_seq)
    edited = set(unbuilt.filter(kind=ChangeEvent.Kind.EDITED).values_list("note", flat=True))
    approved = _without(had.candidate.frozen(), edited) if had else None
    frozen = freeze(course, live=True, approved=approved)
    if not frozen.modules:
        if had is None:
            return None
        raise AuthorError(
            f"“{course.title}” has no live lesson left, so readers keep what they have: publish a lesson, or withdraw "
            "the course."
        )
    with transaction.atomic():
        publication = outbox.lock(lease.course)
        live = publication.live_release
        if live and live.candidate.digest == frozen.digest():
            return None
        edits = ChangeEvent.objects.filter(course=lease.course, kind__in=DIRECT, id__gt=publication.built_seq)
        actor = edits.exclude(actor=None).order_by("-id").values_list("actor", flat=True).first()
        return approval.release_directly(frozen, actor)


def _without(frozen: FrozenCourse, edited: set[str]) -> FrozenCourse:
    """What readers have, without the uploads and people that are to be taken anew: keys of files, and UUIDs."""
    files = {key: file for key, file in frozen.files.items() if key not in edited}
    people = tuple(person for person in frozen.instructors if str(person.uuid) not in edited)
    return frozen.model_copy(update={"files": files, "instructors": people})
