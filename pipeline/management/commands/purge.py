"""Remove a lesson, a file or a whole course for good."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from pipeline.catalogue import CATALOGUE
from pipeline.doomed import doomed
from pipeline.errors import AuthorError
from pipeline.management.confirmed import agreed
from pipeline.models import Publication, Tombstone
from pipeline.named import published_named
from pipeline.purge import purge
from pipeline.store import the_store
from pipeline.worker import drain


class Command(BaseCommand):
    help = (
        "Deletes a lesson, a file or a course from every release, for good: nothing brings it back. There is no undo."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("kind", choices=Tombstone.Kind.values)
        parser.add_argument("name", help="a course's slug or UUID, a lesson's UUID, the sha256 of a file's original")
        parser.add_argument("--reason", required=True, help="why; it is kept with what was done")
        parser.add_argument("--force", action="store_true", help="also while learners are pinned to a release with it")
        parser.add_argument("--yes", action="store_true", help="do not ask before doing it")

    def handle(self, *args: Any, kind: str, name: str, reason: str, force: bool, yes: bool, **options: Any) -> None:
        try:
            name = str(published_named(name).course) if kind == Tombstone.Kind.COURSE else name.lower()
            found = doomed(the_store(), kind, name)
            if found.courses:
                self.stdout.write(
                    f"“{found.title}” is in {len(found.releases)} releases of {len(found.courses)} courses. "
                    f"{len(found.keys)} keys of the store and {len(found.originals)} originals will be deleted. "
                    "There is no undo."
                )
                if not yes and not agreed():
                    self.stdout.write("Nothing was changed.")
                    return
            stone = purge(Tombstone.Kind(kind), name, None, reason, force=force)
        except AuthorError as error:
            raise CommandError(str(error)) from error
        drain()
        stone.refresh_from_db()
        if stone.keys:
            row = Publication.objects.get(course=CATALOGUE)
            raise CommandError(
                f"It is recorded and not finished yet: {row.waiting_for or row.last_error or 'it goes on.'}"
            )
        self.stdout.write(f"“{stone.title}” was purged.")
