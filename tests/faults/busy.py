"""A school at work in processes of its own: CMS and workers, on a scratch database and folder."""

import os
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings
from django.db import connection, connections
from django.db.models import F
from django.test import override_settings

from pipeline.catalogue import publish_site
from pipeline.models import Publication
from pipeline.store import the_store
from pipeline.store.disk import DiskStore
from tests.copied_database import Threads, threads_on_a_copy
from tests.faults.load import Editor, Reader
from tests.faults.processes import Child, Processes
from tests.journeys.school import PASSWORD, free_port
from tests.pipeline import course_factory

EDITORS = ("edna@cms.example.org", "emil@cms.example.org")
WORKER = ("manage.py", "run_huey", "--workers", "2", "--max-delay", "1")  # as README says
PEOPLE = f"""
from django.contrib.auth.models import Group
from api.models import User
for email in {EDITORS}:
    user = User.objects.create_user(email, "{PASSWORD}", display_name=email)
    user.groups.add(Group.objects.get(name="Editor"))
"""


@dataclass
class Busy:
    """`lessons` maps each lesson's page to its slug and its module's page; `pages` a course to the paths of its pages.

    `with busy:` runs it: the CMS and `workers` workers. `loads` names a module that every process loads: a fault that
    a test plants.
    """

    folder: Path
    threads: Threads
    lessons: dict[int, tuple[str, int]]
    pages: dict[UUID, list[str]]
    workers: int = 2
    loads: str = ""
    killed: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.cms = free_port()
        self.commands = {
            "web": ("gunicorn", "--threads", "8", "--log-level", "warning", "--bind", f"localhost:{self.cms}"),
            **{f"worker-{number}": WORKER for number in range(self.workers)},
        }
        self.commands["web"] += ("settings.wsgi_cms",)
        self.running: dict[str, Child] = {}

    @property
    def cdn(self) -> Path:
        return self.folder / "cdn"

    def __enter__(self) -> "Busy":
        self._processes = Processes(self.folder, self._environment(), self.loads).__enter__()
        self._processes.manage("createcachetable")
        self._processes.manage("shell", "-c", PEOPLE)
        for name in self.commands:
            self.start(name)
        return self

    def __exit__(self, *error: Any) -> None:
        self._processes.__exit__(*error)

    def start(self, name: str) -> None:
        self.running[name] = self._processes.start(name, *self.commands[name])

    def kill(self, name: str) -> None:
        """`kill -9`, and started again at once, as a supervisor does."""
        self._processes.kill(self.running[name])
        self.killed[name.partition("-")[0]] += 1
        self.start(name)

    def manage(self, *words: str) -> str:
        return self._processes.manage(*words)

    def reader(self) -> Reader:
        return Reader(DiskStore(self.folder / "cdn"), self.pages)

    def editors(self) -> list[Editor]:
        """Each publishes every second lesson: of every course both publish some."""
        made = []
        for place, email in enumerate(EDITORS):
            own = dict(list(self.lessons.items())[place :: len(EDITORS)])
            made.append(Editor(f"http://localhost:{self.cms}", email, PASSWORD, own))
            made[-1].sign_in()
        return made

    def settled(self) -> bool:
        """Whether every course, and the catalogue, is built up to its last change."""
        return not self.threads.one(Publication.objects.exclude(built_seq=F("wanted_seq")).exists)

    def said(self, *words: str) -> list[str]:
        """The lines of all logs that hold one of these words."""
        lines = [line for log in self.folder.glob("*.log") for line in log.read_text().splitlines()]
        return [line for line in lines if any(word in line for word in words)]

    def _environment(self) -> dict[str, str]:
        found = {
            "DJANGO_SETTINGS_MODULE": "settings.cms",
            "LECTERN_VAR": str(self.folder),
            "LECTERN_LEASE_SECONDS": "3",
            "LECTERN_SIGNING_KEY": settings.LECTERN_SIGNING_KEY,
            "SECRET_KEY": settings.SECRET_KEY,
            "EMAIL_BACKEND": "django.core.mail.backends.filebased.EmailBackend",
        }
        if connection.vendor != "sqlite":
            name = str(connections.settings["default"]["NAME"])
            found["DATABASE_URL"] = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}").geturl()
        return found


@contextmanager
def busy(blocker: Any, folder: Path, titles: tuple[str, ...], lessons: int, **more: Any) -> Iterator[Busy]:
    """A school of courses with these titles, each of so many lessons, every one live; nothing runs yet."""
    with override_settings(LECTERN_STORE=folder / "cdn"), threads_on_a_copy(blocker, folder) as threads:
        yield threads.one(lambda: _made(folder, threads, titles, lessons, **more))


def _made(folder: Path, threads: Threads, titles: tuple[str, ...], lessons: int, **more: Any) -> Busy:
    found: dict[int, tuple[str, int]] = {}
    pages: dict[UUID, list[str]] = {}
    publish_site(the_store())
    for title in titles:
        course = course_factory.make_course(title, lessons=lessons)
        course_factory.release(course)
        home = f"courses/{course.slug}"
        pages[course.uuid] = [f"{home}/index.html"]
        for lesson in course_factory.lessons(course):
            found[lesson.pk] = (lesson.slug, lesson.get_parent().pk)
            pages[course.uuid].append(f"{home}/{lesson.slug}/index.html")
    return Busy(folder, threads, found, pages, **more)
