"""Write what belongs to no course: scripts, styles, account pages, schemas, keys and the catalogue."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from pipeline.catalogue import publish_site
from pipeline.edge import Notes, the_edge
from pipeline.errors import LecternError
from pipeline.models import ChangeEvent, Publication
from pipeline.outbox import record
from pipeline.store import the_store
from pipeline.worker import drain


class Command(BaseCommand):
    help = "Writes scripts, styles, account pages, schemas and the catalogue, then rebuilds pages that they change."

    def handle(self, *args: Any, **options: Any) -> None:
        # Whether or not a file changes: an earlier run may have been killed between writing it and telling of it.
        edge, notes = the_edge(), Notes(unfinished=True)
        try:
            written = publish_site(edge.watched(the_store(), notes))
        except LecternError as error:
            raise CommandError(str(error)) from error
        finally:
            edge.tell(notes)
        for publication in Publication.objects.filter(live_release__isnull=False):
            record(publication.course, ChangeEvent.Kind.SITE, note="the site was published")
        drain()
        edge.send()
        self.stdout.write(f"{written} files of the site were written.")
