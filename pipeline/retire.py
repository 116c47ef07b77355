"""Close a course to new learners; whoever is in it may finish, and its pages stay."""

from typing import Any
from uuid import UUID

from pipeline import standing
from pipeline.errors import AuthorError
from pipeline.models import ChangeEvent, Publication
from pipeline.reopen import reopen

__all__ = ["reopen", "retire"]

Standing = Publication.Standing


def retire(course: UUID, by: Any, note: str = "") -> None:
    """Take no new enrolments from now on; the course leaves the catalogue, and its page says so. Undone by `reopen`.

    `by` is a user, or None for the command line; `note` is told to readers. Raises AuthorError if nothing of the course
    is live, or if it is retired, withdrawn or deleted already.
    """

    def refuse(publication: Publication) -> None:
        standing.refuse_unreleased(publication)
        if publication.standing == Standing.RETIRED:
            raise AuthorError(f"“{publication}” is retired already.")
        if publication.standing != Standing.OPEN:
            raise AuthorError(f"“{publication}” is withdrawn, so nobody can enrol as it is. Reopen it first.")

    standing.change(course, Standing.RETIRED, ChangeEvent.Kind.RETIRED, by, note, refuse=refuse)
