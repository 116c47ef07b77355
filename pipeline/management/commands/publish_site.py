"""Write what belongs to no course: scripts, styles, account pages, schemas, keys and the catalogue."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from pipeline.catalogue import publish_site
from pipeline.errors import LecternError
from pipeline.models import ChangeEvent, Publication
from pipeline.outbox import record
from pipeline.store import the_store
from pipeline.worker import drain


class Command(BaseCommand):
    help = "Writes scripts, styles, account pages, schemas and the catalogue, then rebuilds pages that they change."

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            written = publish_site(the_store())
        except LecternError as error:
            raise CommandError(str(error)) from error
        for publication in Publication.objects.filter(live_release__isnull=False):
            record(publication.course, ChangeEvent.Kind.REBUILD, note="the site was published")
        drain()
        self.stdout.write(f"{written} files of the site were written.")
