"""Import a folder of Markdown as a course."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn

from api.accounts.models import User
from cms.importing import Refused, Report, import_course
from cms.importing.approving import approve as approve_imported
from pipeline.errors import AuthorError


class Command(BaseCommand):
    help = (
        "Imports a folder of Markdown as a course. A second import updates the same pages. See cms/importing/README.md."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", metavar="DIR", type=Path, help="a folder with course.md, or with episodes/")
        parser.add_argument("--approve", action="store_true", help="approve and release it, and wait until it is live")
        parser.add_argument("--author", metavar="EMAIL", help="whose course it is; without, a new course has no owner")

    def handle(self, *args: Any, folder: Path, approve: bool, author: str | None, **options: Any) -> None:
        by = self._author(author) if author else None
        try:
            report = self._import(folder, by)
        except Refused as refused:
            self._say(refused.report)
            raise CommandError(f"{folder} was not imported; the errors stand above.") from refused
        self._say(report)
        if approve:
            self._release(report, by)

    def _author(self, email: str) -> User:
        user = User.objects.filter(email__iexact=email, is_active=True).first()
        if user is None:
            raise CommandError(
                f"Nobody has the address {email}: name somebody who has an account, or leave --author out."
            )
        return user

    def _import(self, folder: Path, by: User | None) -> Report:
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
        with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
            tasks: dict[str, TaskID] = {}

            def progress(what: str, done: int, total: int) -> None:
                if what not in tasks:
                    tasks[what] = bar.add_task(what, total=total)
                bar.update(tasks[what], completed=done)

            return import_course(folder, by, progress)

    def _say(self, report: Report) -> None:
        for line in report.lines():
            self.stdout.write(line)

    def _release(self, report: Report, by: User | None) -> None:
        course = report.course
        if course is None:
            return
        try:
            release = approve_imported(course, by)
        except AuthorError as error:
            raise CommandError(f"“{course.title}” was imported, but not approved. {error}") from error
        if release is None:
            self.stdout.write("What the folder says is live already.")
        else:
            self.stdout.write(f"Approved as release {release.number}; preparing its images and videos.")
            call_command("release", str(course.uuid), stdout=self.stdout)
        self.stdout.write(f"{settings.SITE_URL}/courses/{course.slug}/")
