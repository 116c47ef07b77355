"""Make an older release live again."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from pipeline.errors import AuthorError
from pipeline.models import Publication
from pipeline.named import course_named
from pipeline.rollback import roll_back
from pipeline.worker import drain


class Command(BaseCommand):
    help = "Makes an older release of a course live again, as a new generation."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("course", help="the course's slug or UUID")
        parser.add_argument("number", type=int, help="the release's number")

    def handle(self, *args: Any, course: str, number: int, **options: Any) -> None:
        try:
            page = course_named(course)
            roll_back(page.uuid, number, None)
        except AuthorError as error:
            raise CommandError(str(error)) from error
        drain()
        row = Publication.objects.select_related("live_release").get(course=page.uuid)
        if row.live_release is None or row.live_release.number != number:
            raise CommandError(row.last_error or f"Release {number} is not live yet: another worker is at it.")
        self.stdout.write(f"Release {number} of “{page.title}” is live, generation {row.generation}.")
