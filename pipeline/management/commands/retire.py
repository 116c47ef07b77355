"""Close a course to new learners."""

from typing import Any

from pipeline.management.confirmed import WithNote
from pipeline.models import Publication
from pipeline.retire import retire


class Command(WithNote):
    help = "Closes a course to new learners; whoever is in it may finish. Undone by: reopen."

    def consequences(self, publication: Publication) -> str:
        return (
            f"“{publication}” leaves the catalogue and takes no new learners. Its pages stay, and whoever is enrolled "
            "may finish it."
        )

    def act(self, publication: Publication, options: dict[str, Any]) -> None:
        retire(publication.course, None, options["note"])

    def outcome(self, publication: Publication) -> str:
        return f"“{publication}” is retired. To undo it: manage.py reopen {publication.course}"
