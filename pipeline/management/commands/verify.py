"""Check the whole store and say, in sentences, what is wrong."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from pipeline.keys import public_key
from pipeline.store import the_store
from pipeline.verify import verify


class Command(BaseCommand):
    help = "Checks every byte of the store: signatures, names, references and pages. Ends with 1 if anything is wrong."

    def handle(self, *args: Any, **options: Any) -> None:
        report = verify(the_store(), public_key())
        for kind, count in sorted(report.counts.items()):
            self.stdout.write(f"{count:8,} {kind}")
        for sentence in report.faults:
            self.stderr.write(sentence)
        if report.faults:
            count = len(report.faults)
            raise CommandError(f"{count} fault{'s' if count > 1 else ''} in the store.")
        self.stdout.write("The store is whole.")
