"""Undo retire, withdraw, and the deletion of a course."""

from typing import Any

from pipeline.management.confirmed import Confirmed
from pipeline.models import Publication
from pipeline.reopen import reopen


class Command(Confirmed):
    help = "Opens a retired, withdrawn or deleted course again: the release that was live is what readers have again."

    def consequences(self, publication: Publication) -> str:
        number = publication.live_release.number if publication.live_release else 0
        return f"Readers will have release {number} of “{publication}” again, and the catalogue lists it."

    def act(self, publication: Publication, options: dict[str, Any]) -> None:
        reopen(publication.course, None)

    def outcome(self, publication: Publication) -> str:
        return f"“{publication}” is open."
