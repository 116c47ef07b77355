"""Build and publish, in the foreground, what is due."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from pipeline import renditions
from pipeline.catalogue import CATALOGUE
from pipeline.errors import AuthorError
from pipeline.models import ChangeEvent, Publication
from pipeline.named import course_named
from pipeline.outbox import record
from pipeline.worker import drain


class Command(BaseCommand):
    help = "Builds what is due of one course, or of all, with its renditions. --again rebuilds what is live."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("course", nargs="?", help="the course's slug or UUID; all courses without it")
        parser.add_argument("--again", action="store_true", help="build the live release once more")

    def handle(self, *args: Any, course: str | None, again: bool, **options: Any) -> None:
        try:
            rows = Publication.objects.filter(course=course_named(course).uuid) if course else Publication.objects.all()
        except AuthorError as error:
            raise CommandError(str(error)) from error
        if again:
            for row in rows.filter(live_release__isnull=False):
                record(row.course, ChangeEvent.Kind.REBUILD, note="asked for by command")
        drain()
        while due := renditions.due():
            for rendition in due:
                renditions.make(rendition)
            drain()
        failed = 0
        for row in rows.select_related("live_release").order_by("title"):
            live = f"release {row.live_release.number}" if row.live_release else "nothing live"
            trouble = row.last_error or row.waiting_for
            failed += bool(row.last_error)
            if row.course == CATALOGUE and not trouble:
                continue  # its row is claimed and built like a course's, but it has no release to tell of
            self.stdout.write(f"{row}: {live}, generation {row.generation}" + (f" ({trouble})" if trouble else ""))
        if failed:
            courses = "1 course" if failed == 1 else f"{failed} courses"
            raise CommandError(f"{courses} could not be published; the reasons stand above.")
