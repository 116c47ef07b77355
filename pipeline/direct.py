"""What a direct publish makes: a release of what is live in the editor, without an approval of its own."""

from collections.abc import Sequence
from uuid import UUID

from django.db import transaction

from content.models import Course
from content.privacy import private_above
from pipeline import approval, frozen_parts, outbox
from pipeline.candidate import freeze
from pipeline.errors import AuthorError
from pipeline.frozen import FrozenCourse
from pipeline.frozen_tree import split
from pipeline.lease import Lease
from pipeline.models import ChangeEvent, Publication, Release
from pipeline.plan import DIRECT, REBUILD
from pipeline.touched import Made, touched

Kind = ChangeEvent.Kind
# The changes that leave everything but the words of the pages they name as it is.
WORDS = {Kind.PUBLISHED, *REBUILD} - {Kind.PURGED}


def release(lease: Lease, publication: Publication, unbuilt: Sequence[ChangeEvent]) -> Release | None:
    """A release of what is live in the editor, if that differs from what readers have. None if it does not.

    `unbuilt` are the course's changes that are not built, oldest first. One that comes meanwhile is the next call's.
    Of uploads and instructors that readers have already it holds what they have, except of those that were edited by
    somebody who may publish: a direct publish speaks of pages, and such an edit of what its event names. Where only
    words of lessons changed, only these lessons are read. Raises AuthorError if readers have lessons and none is live
    any more.
    """
    course = Course.objects.filter(uuid=lease.course).only("path", "depth", "slug", "title", "live", "uuid").first()
    if course is None or not course.live:
        return None
    had = publication.live_release
    made = touched(course, had, _published(unbuilt)) if had else None
    if made is None:
        if private_above(course):
            return None
        made = _everything(course, had, {event.note for event in unbuilt if event.kind == Kind.EDITED})
    if made is None:
        return None
    tree, parts = made
    with transaction.atomic():
        publication = outbox.lock(lease.course)
        live = had if had and had.pk == publication.live_release_id else publication.live_release
        if live and live.candidate.digest == tree.digest():
            return None
        frozen_parts.keep_parts(tree.course, parts)
        actors = [event.actor_id for event in unbuilt if event.kind in DIRECT and event.actor_id]
        return approval.release_directly(tree, actors[-1] if actors else None)


def _published(unbuilt: Sequence[ChangeEvent]) -> set[UUID]:
    """The pages whose words are all that these changes are about; none if anything else changed."""
    if not all(event.kind in WORDS for event in unbuilt):
        return set()
    pages = {event.page for event in unbuilt if event.kind == Kind.PUBLISHED}
    return {page for page in pages if page} if None not in pages else set()


def _everything(course: Course, had: Release | None, edited: set[str]) -> Made | None:
    """The whole course as it is live. None if there is nothing of it, and readers have nothing."""
    frozen = freeze(course, live=True, approved=_without(had.candidate.frozen(), edited) if had else None)
    if frozen.modules:
        return split(frozen)
    if had is None:
        return None
    raise AuthorError(
        f"“{course.title}” has no live lesson left, so readers keep what they have: publish a lesson, or withdraw "
        "the course."
    )


def _without(frozen: FrozenCourse, edited: set[str]) -> FrozenCourse:
    """What readers have, without the uploads and people that are to be taken anew: keys of files, and UUIDs."""
    files = {key: file for key, file in frozen.files.items() if key not in edited}
    people = tuple(person for person in frozen.instructors if str(person.uuid) not in edited)
    return frozen.model_copy(update={"files": files, "instructors": people})
