"""kill -9 at every step of a release: the next worker finishes, and no reader ever met half a release.

Each test begins where release 1 is live and release 2 approved. Release 2 says other words in lesson 1, has lost
lesson 2 and gained lesson 4.
"""

import shutil
import signal
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.conf import settings
from django.test import override_settings

from pipeline import rollback, worker
from pipeline.keys import public_key
from pipeline.manifest import Manifest
from pipeline.models import Publication
from pipeline.release import read_manifest
from pipeline.store.disk import DiskStore
from pipeline.verify import verify
from tests.copied_database import threads_on_a_copy
from tests.faults.processes import Processes
from tests.faults.reader import Reader
from tests.journeys.school import until
from tests.pipeline import course_factory as school

POINTS = ["claimed", "half_objects", "manifest", "pointer", "half_pages", "pages"]
pytestmark = pytest.mark.slow


@dataclass(frozen=True)
class Scene:
    """A school's folder, its one course, and every page that one of the two releases has.

    `processes` run on a stage, the folder that they were told of when they began: `on_stage` copies a scene there.
    """

    folder: Path
    course: UUID
    paths: tuple[str, ...]
    processes: Processes

    @property
    def cdn(self) -> Path:
        return self.folder / "cdn"

    def copied(self, folder: Path) -> "Scene":
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(self.folder, folder, ignore=shutil.ignore_patterns("static"))  # thousands of the CMS's files
        return replace(self, folder=folder)

    def on_stage(self) -> "Scene":
        return self.copied(self.processes.folder / "stage")

    def reader(self) -> Reader:
        return Reader(self.cdn, self.course, {path: set() for path in self.paths})

    def releases(self) -> tuple[Manifest, Manifest]:
        """The manifests of release 1 and release 2, as they lie on the store in the end."""
        store = DiskStore(self.cdn)
        texts = {key: store.read(key) or b"" for key in store.keys("o/") if "." not in key}
        found = [read_manifest(store, key.removeprefix("o/")) for key, text in texts.items() if b'"parent":' in text]
        first, second = sorted(found, key=lambda manifest: manifest.release)
        return first, second

    def work(self, kill_at: str) -> int:
        """A worker of its own process, killed at that point; its exit code."""
        words = ("-m", "tests.faults.worker_to_kill", kill_at)
        return self.processes.wait(self.processes.start("worker", *words))

    def healed(self) -> bool:
        """One round of the reconciler in a process of its own, as after a restart; whether nothing is left to do.

        While the lease of the killed worker lasts, it may still be at it: the reconciler leaves that alone.
        """
        said = self.processes.manage("reconcile")
        ask = "SELECT COUNT(*) FROM pipeline_publication WHERE built_seq < wanted_seq"
        with closing(sqlite3.connect(self.folder / "lectern.sqlite3")) as database:
            ((left,),) = database.execute(ask).fetchall()
        return said == "Everything is as it should be.\n" and not left


@pytest.fixture(scope="module")
def scenes(
    django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, Scene]]:
    """`release`: release 2 is approved. `rollback`: release 2 is live, and release 1 is to be put back."""
    place = tmp_path_factory.mktemp("scene")
    stage = place / "stage"
    environment = {
        "DJANGO_SETTINGS_MODULE": "settings.cms",
        "LECTERN_VAR": str(stage),
        "LECTERN_LEASE_SECONDS": "1",
        "LECTERN_SIGNING_KEY": settings.LECTERN_SIGNING_KEY,
    }
    with (
        override_settings(LECTERN_STORE=stage / "cdn"),
        threads_on_a_copy(django_db_blocker, stage) as threads,
        Processes(place, environment) as processes,
    ):
        course = threads.one(_two_releases)
        pages = ("", "lesson-1-1/", "lesson-1-2/", "lesson-1-3/", "lesson-1-4/")
        paths = tuple(f"courses/statistics/{page}index.html" for page in pages)
        scene = Scene(stage, course, paths, processes)
        processes.manage("createcachetable")
        waiting = scene.copied(place / "waiting")
        threads.one(lambda: _go_back(course))
        yield {"release": waiting, "rollback": scene.copied(place / "back")}


def _two_releases() -> UUID:
    course = school.make_course()
    school.release(course)
    one, two, three = school.lessons(course)
    school.rewrite(one, "Release two.")
    school.edit(two, held_back=True)
    school.add_lesson(three.get_parent().specific, "Lesson 1.4")
    school.approve(course)
    return course.uuid


def _go_back(course: UUID) -> None:
    worker.drain()
    assert Publication.objects.get(course=course).generation == 2
    rollback.roll_back(course, 1, None)


def facts(scene: Scene) -> tuple[int, int, int, list[str]]:
    """(release of the pointer, its generation, generation in the database, faults of the store)"""
    pointer = school.verified((scene.cdn / f"c/{scene.course}/current.json").read_bytes(), public_key())
    ask = """SELECT number, generation FROM pipeline_publication JOIN pipeline_release
             ON live_release_id = pipeline_release.id WHERE state = 'live'"""
    with closing(sqlite3.connect(scene.folder / "lectern.sqlite3")) as database:
        ((number, generation),) = database.execute(ask).fetchall()
    assert number == pointer.release
    return pointer.release, pointer.generation, generation, verify(DiskStore(scene.cdn), public_key()).faults


@pytest.mark.parametrize("point", POINTS)
def test_a_release_killed_there_is_finished_by_the_next_worker(scenes: dict[str, Scene], point: str) -> None:
    scene = scenes["release"].on_stage()
    with scene.reader() as reader:
        assert scene.work(point) == -signal.SIGKILL
        killed_at = reader.generations[-1]
        until(scene.healed, "the reconciler finds nothing left to do")
    assert reader.faults == []
    assert reader.strangers(*scene.releases()) == []
    assert killed_at == (2 if point in {"pointer", "half_pages", "pages"} else 1)
    assert reader.releases == {1, 2}
    assert reader.rounds > 20
    assert facts(scene) == (2, 2, 2, [])
    left = (scene.cdn / "courses/statistics/lesson-1-2/index.html").read_text()
    assert f'content="removed:{scene.course}"' in left


@pytest.mark.parametrize("point", ["pointer", "half_pages", "pages"])
def test_a_rollback_killed_there_is_finished_by_the_next_worker(scenes: dict[str, Scene], point: str) -> None:
    scene = scenes["rollback"].on_stage()
    with scene.reader() as reader:
        assert scene.work(point) == -signal.SIGKILL
        until(scene.healed, "the reconciler finds nothing left to do")
    assert reader.faults == []
    assert reader.strangers(*scene.releases()) == []
    assert reader.generations[0] == 2
    assert facts(scene) == (1, 3, 3, [])


def test_killed_again_and_again_at_the_next_step_each_time(scenes: dict[str, Scene]) -> None:
    scene = scenes["release"].on_stage()
    with scene.reader() as reader:
        for point in POINTS:
            until(lambda point=point: scene.work(point) == -signal.SIGKILL, f"killed at {point}")  # type: ignore[misc]
        until(scene.healed, "the reconciler finds nothing left to do")
    assert reader.faults == []
    assert reader.strangers(*scene.releases()) == []
    assert facts(scene) == (2, 2, 2, [])


def test_control_a_writer_without_the_order_is_seen(scenes: dict[str, Scene], tmp_path: Path) -> None:
    """The bytes of release 2, written over those of release 1 in place and pointer first, and killed half way."""
    scene = scenes["release"].on_stage()
    assert scene.work("") == 0
    done, scene = scene.copied(tmp_path / "done"), scenes["release"].on_stage()
    first, second = done.releases()
    reader = scene.reader()
    reader.look()
    assert reader.faults == []
    assert reader.strangers(first, second) == []
    for key in (f"c/{scene.course}/current.json", *first.pages.keys() & second.pages.keys()):
        data = (done.cdn / key).read_bytes()
        (scene.cdn / key).write_bytes(data if key.startswith("c/") else data[: len(data) // 2])
    reader.look()
    assert any("No such file" in fault for fault in reader.faults), "a pointer that leads to what is not written yet"
    assert len(reader.strangers(first, second)) == 3, "half pages"


def test_the_database_says_what_is_live(scenes: dict[str, Scene]) -> None:
    """The scene itself: release 1 is live, release 2 waits."""
    assert facts(scenes["release"].on_stage()) == (1, 1, 1, [])
