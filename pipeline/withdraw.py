"""Take a course away from readers; its release, its answers and every learner's records stay."""

from typing import Any
from uuid import UUID

from django.db import transaction

from pipeline import standing
from pipeline.errors import AuthorError
from pipeline.models import ChangeEvent, Publication
from pipeline.reopen import reopen

__all__ = ["gone", "reopen", "withdraw"]

Standing = Publication.Standing


def withdraw(course: UUID, by: Any, note: str = "") -> None:
    """Put a notice in the place of every page of the course, and give nothing of it out. Undone by `reopen`.

    `by` is a user, or None for the command line; `note` is told to readers. Raises AuthorError if nothing of the course
    is live, or if it is withdrawn or deleted already.
    """

    def refuse(publication: Publication) -> None:
        standing.refuse_unreleased(publication)
        if publication.standing == Standing.WITHDRAWN:
            raise AuthorError(f"“{publication}” is withdrawn already.")

    standing.change(course, Standing.WITHDRAWN, ChangeEvent.Kind.WITHDRAWN, by, note, refuse=refuse)


def gone(course: UUID, by: Any, title: str = "") -> None:
    """The course was deleted in the editor: its pages say that it is no longer offered. Called in the transaction of
    the deletion. Does nothing for a course that readers never had, and never refuses.
    """
    with transaction.atomic():
        publication = Publication.objects.select_for_update().filter(course=course).first()
        if publication is None or publication.standing == Standing.GONE:
            return
        said = f"“{title or publication}” was deleted in the editor"
        name = publication.title or title[:255]
        standing.change(course, Standing.GONE, ChangeEvent.Kind.WITHDRAWN, by, said=said, title=name)
