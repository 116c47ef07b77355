"""The shape of commands that take something from readers: what will happen, a question, the act, how it ended."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from pipeline.errors import AuthorError
from pipeline.models import Publication
from pipeline.named import published_named
from pipeline.worker import drain


def agreed() -> bool:
    """Whether the person at the keyboard says yes. Raises CommandError if there is nobody."""
    try:
        return input("Go on? [y/N] ").strip().lower() in ("y", "yes")
    except EOFError:
        raise CommandError("There is nobody to ask: say --yes to do it.") from None


class Confirmed(BaseCommand):
    """`consequences` says in sentences what will happen to a course, `act` does it, `outcome` says how it ended."""

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("course", help="the course's slug or UUID")
        parser.add_argument("--yes", action="store_true", help="do not ask before doing it")

    def handle(self, *_args: Any, course: str, yes: bool, **options: Any) -> None:
        try:
            publication = published_named(course)
            self.stdout.write(self.consequences(publication))
            if not yes and not agreed():
                self.stdout.write("Nothing was changed.")
                return
            self.act(publication, options)
        except AuthorError as error:
            raise CommandError(str(error)) from error
        drain()
        publication.refresh_from_db()
        if publication.built_seq < publication.wanted_seq:
            why = publication.last_error or publication.waiting_for or "Another worker is at it."
            raise CommandError(f"It is recorded, and readers do not see it yet: {why}")
        self.stdout.write(self.outcome(publication))

    def consequences(self, publication: Publication) -> str:
        raise NotImplementedError

    def act(self, publication: Publication, options: dict[str, Any]) -> None:
        raise NotImplementedError

    def outcome(self, publication: Publication) -> str:
        raise NotImplementedError


class WithNote(Confirmed):
    """A verb whose note readers are told."""

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--note", default="", help="what readers are told, in one sentence")
