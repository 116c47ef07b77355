"""Undo of retire, withdraw and a deletion: the release that was live is what readers have again."""

from typing import Any
from uuid import UUID

from pipeline import addresses, standing
from pipeline.errors import AuthorError
from pipeline.models import ChangeEvent, Publication, Tombstone

Standing = Publication.Standing


def reopen(course: UUID, by: Any) -> None:
    """Open a retired, withdrawn or deleted course again. `by` is a user, or None for the command line.

    Raises AuthorError if it is open or was purged, or if another course is at its address by now.
    """

    def refuse(publication: Publication) -> None:
        if publication.standing == Standing.OPEN:
            raise AuthorError(f"“{publication}” is open: there is nothing to undo.")
        if publication.live_release is None:
            raise AuthorError(f"“{publication}” never had a release: there is nothing to open again.")
        if Tombstone.objects.filter(kind=Tombstone.Kind.COURSE, name=str(course)).exists():
            raise AuthorError(f"“{publication}” was purged: nothing of it is left to open again.")
        addresses.refuse_taken(course, publication.live_release.slug)

    # Its addresses may have been another course's in between, so all of them are looked at again.
    standing.change(course, Standing.OPEN, ChangeEvent.Kind.REOPENED, by, refuse=refuse, addressed="")
