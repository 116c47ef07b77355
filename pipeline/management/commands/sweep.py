"""Delete from the store what nobody needs any more."""

from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from rich.console import Console
from rich.progress import Progress

from pipeline.errors import PipelineError
from pipeline.store import the_store
from pipeline.sweep import Count, Swept, Terms, sweep


class Command(BaseCommand):
    help = "Says what of the store nobody needs any more. --delete condemns it, and deletes it once its grace is over."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--delete", action="store_true", help="act; without it nothing is changed")
        parser.add_argument("--grace", type=int, metavar="DAYS", help="days between sentence and deletion")
        parser.add_argument(
            "--share",
            type=int,
            default=20,
            metavar="PERCENT",
            help="give up if more than this part of the store would be condemned at once (20)",
        )

    def handle(self, *args: Any, delete: bool, grace: int | None, share: int, **options: Any) -> None:
        if not 0 <= share <= 100:
            raise CommandError(f"--share is {share}: give a number from 0 to 100.")
        if grace is not None and not 0 <= grace <= 36_500:
            raise CommandError(f"--grace is {grace}: give a number of days from 0 to 36500.")
        terms = Terms.of_settings(None if grace is None else timedelta(days=grace), share)
        console = Console(stderr=True)
        with Progress(console=console, transient=True, disable=not console.is_terminal) as progress:
            bar = progress.add_task("Deleting", total=None)
            try:
                swept = sweep(
                    the_store(),
                    terms,
                    delete=delete,
                    tell=lambda done, total: progress.update(bar, completed=done, total=total),
                )
            except PipelineError as error:
                raise CommandError(str(error)) from error
        self.stdout.write(_table(swept, terms, delete=delete))


def _table(swept: Swept, terms: Terms, *, delete: bool) -> str:
    def row(count: Count, words: str) -> str:
        return f"{count.keys:10,} keys {count.bytes:18,} bytes  {words}"

    rows = [
        row(swept.kept, "kept"),
        row(swept.condemned, "condemned now"),
        row(swept.waiting, f"condemned earlier, deleted {terms.grace.days} days after their sentence"),
        row(swept.spared, "spared: needed again"),
        row(swept.deleted, "deleted"),
        *swept.notes,
    ]
    if not delete:
        rows.append("Nothing was changed. Run it with --delete to do this.")
    return "\n".join(rows)
