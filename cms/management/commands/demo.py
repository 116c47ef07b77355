"""A running school to look at: people, a course through every door to a release, and a student half-way through it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from cms.demo import cast, encode, film, improvement, school, student
from content.models import Course
from pipeline.catalogue import publish_site
from pipeline.errors import LecternError
from pipeline.keys import public_key
from pipeline.models import Candidate, ChangeEvent, Publication, Release
from pipeline.outbox import record
from pipeline.store import the_store
from pipeline.verify import verify

FIRST_NOTE = "The whole course for the first time. Please look at the figures above all."
APPROVAL = "Every figure has its text alternative, and the programs print what they should."
Move = Callable[[str, int, int], None]


class Command(BaseCommand):
    help = "Makes a demo school: four people, a course that was submitted, approved and released, a student in it."

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.PRODUCTION:
            raise CommandError("demo is for trying Lectern out: a production school must not have its known logins.")
        self.console = Console(highlight=False)
        try:
            with _no_mail():
                self._people()
                self._site()
                course = self._course()
                self._release(course)
                self._studies(course)
                self._second_candidate(course)
        except LecternError as error:
            raise CommandError(str(error)) from error
        self._judge()
        self._addresses()

    def _people(self) -> None:
        made = cast.welcome()
        self._say("People", f"{', '.join(made)} made" if made else "all four are here")

    def _site(self) -> None:
        with self._bar("Writing scripts, styles and account pages"):
            written = publish_site(the_store())
        for row in Publication.objects.filter(live_release__isnull=False) if written else ():
            record(row.course, ChangeEvent.Kind.SITE, note="the site was published")
        self._say("Site", f"{written} files written" if written else "nothing to write")

    def _course(self) -> Course:
        found = school.course()
        if found:
            self._say("Course", f"“{found.title}” is imported")
            return found
        if school.film_is_missing():
            with self._bar("Drawing and encoding the film") as move:
                school.make_film(lambda done: move("Drawing and encoding the film", done, encode.frame_count()))
        self._say("Film", f"{film.SECONDS} seconds, with captions in two languages")
        with self._bar("Importing the course as Ada") as move:
            said = school.bring_in(move)
        self._say("Course", said)
        made = school.course()
        if made is None:
            raise CommandError(f"The import made no course at the address “{school.SLUG}”.")
        return made

    def _release(self, course: Course) -> None:
        if not Release.objects.filter(course=course.uuid).exists():
            candidate = school.latest(course)
            if candidate is None or candidate.state != Candidate.State.IN_REVIEW:
                candidate = school.submit(course, FIRST_NOTE)
                self._say("Review", f"Ada submitted the course: “{FIRST_NOTE}”")
            school.approve(candidate, APPROVAL)
            self._say("Review", f"Edna approved it: “{APPROVAL}”")
        with self._bar("Preparing images and video") as move:
            for name, percent in school.prepare():
                move(f"Preparing {name}", percent, 100)
        with self._bar("Building documents and pages"):
            publication = school.build(course)
        release = publication.live_release
        if release:
            self._say("Release", f"number {release.number} is live")

    def _studies(self, course: Course) -> None:
        percent = student.study(cast.user(cast.SAM), course.uuid)
        self._say("Sam", f"{percent} per cent of the course done")

    def _second_candidate(self, course: Course) -> None:
        if Candidate.objects.filter(course=course.uuid).count() == 1:
            improvement.write(course, cast.user(cast.ADA))
            school.submit(Course.objects.get(pk=course.pk), improvement.NOTE)
        latest = school.latest(course)
        if latest:
            self._say("Next", f"Ada's newest candidate: {latest.get_state_display().lower()}")

    def _judge(self) -> None:
        with self._bar("Checking every byte of the store"):
            report = verify(the_store(), public_key())
        self._say("Store", ", ".join(f"{count:,} {kind}" for kind, count in sorted(report.counts.items())))
        if report.faults:
            raise CommandError("\n".join((*report.faults, f"{len(report.faults)} faults in the store.")))
        self._say("", "every byte checked: the store is whole")

    def _addresses(self) -> None:
        table = Table(show_header=False, title="The school", title_justify="left")
        for name, address in (
            ("Student site", f"{settings.SITE_URL}/"),
            ("CMS", f"{settings.CMS_URL}/admin/"),
            ("API", f"{settings.API_URL}/v1/docs"),
        ):
            table.add_row(name, address)
        table.add_section()
        for person in cast.CAST:
            table.add_row(person.email, person.does)
        table.add_section()
        table.add_row("Password of all four", cast.password())
        self.console.print(table)

    def _say(self, what: str, sentence: str) -> None:
        self.console.print(f"[bold]{what:8}[/bold] {escape(sentence)}", soft_wrap=True)

    @contextmanager
    def _bar(self, text: str) -> Iterator[Move]:
        """A bar that is gone when it is done. It runs to and fro until it hears (what, done, total)."""
        columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn())
        console = self.console
        if not console.is_terminal:
            self._say("", f"{text} ...")
        with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
            task = progress.add_task(text, total=None)

            def move(what: str, done: int, total: int) -> None:
                progress.update(task, description=what, completed=done, total=total)

            yield move


@contextmanager
def _no_mail() -> Iterator[None]:
    """Nobody reads the mail of example.org, and on a console it would bury what the command says."""
    kept, settings.EMAIL_BACKEND = settings.EMAIL_BACKEND, "django.core.mail.backends.dummy.EmailBackend"
    try:
        yield
    finally:
        settings.EMAIL_BACKEND = kept
