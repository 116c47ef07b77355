"""One round of the reconciler, for cron and for people."""

from typing import Any

from django.core.management.base import BaseCommand

from pipeline.edge import the_edge
from pipeline.reconcile import reconcile
from pipeline.worker import drain


class Command(BaseCommand):
    help = "Finds what a lost message or a dead worker left behind, puts it right, and says what it did."

    def handle(self, *args: Any, **options: Any) -> None:
        told = reconcile()
        drain()
        the_edge().send()
        self.stdout.write("\n".join(told) or "Everything is as it should be.")
