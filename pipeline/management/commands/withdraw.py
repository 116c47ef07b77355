"""Take a course away from readers."""

from typing import Any

from pipeline.management.confirmed import WithNote
from pipeline.models import Publication
from pipeline.withdraw import withdraw


class Command(WithNote):
    help = "Puts a notice in the place of every page of a course. Undone by: reopen."

    def consequences(self, publication: Publication) -> str:
        pages = 1 + (len(publication.live_release.read_outline().lessons()) if publication.live_release else 0)
        return (
            f"Each of the {pages} pages of “{publication}” will say that the course was withdrawn, for learners too. "
            "Nothing is deleted: releases, answers and everybody's progress stay."
        )

    def act(self, publication: Publication, options: dict[str, Any]) -> None:
        withdraw(publication.course, None, options["note"])

    def outcome(self, publication: Publication) -> str:
        return f"“{publication}” is withdrawn. To undo it: manage.py reopen {publication.course}"
