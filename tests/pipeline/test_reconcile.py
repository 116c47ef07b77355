"""What a lost bell, a dead worker or a foreign hand leaves behind is found, said and put right."""

import os
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from huey.contrib.djhuey import HUEY
from pytest_django import Settings

from content.models import Course
from pipeline import rollback, worker
from pipeline.keys import public_key, signing_key
from pipeline.manifest import sign
from pipeline.models import Publication, Rendition
from pipeline.reconcile import reconcile
from pipeline.store.disk import DiskStore
from pipeline.verify import verify
from tests.pipeline import course_factory as school

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def cdn(settings: Settings, tmp_path: Path) -> Path:
    settings.LECTERN_STORE = tmp_path / "cdn"
    HUEY.flush()
    return tmp_path / "cdn"


@pytest.fixture
def course(cdn: Path) -> Course:
    course = school.make_course()
    school.release(course)
    HUEY.flush()
    return course


def answer_the_bells() -> None:
    while task := HUEY.dequeue():
        HUEY.execute(task)


def test_all_is_well(course: Course) -> None:
    assert reconcile() == []
    assert HUEY.pending_count() == 0


def test_a_lost_bell(course: Course, cdn: Path) -> None:
    school.approve(course)
    HUEY.flush()
    assert reconcile() == ["Statistics: was not built up to its last change; rang a worker."]
    answer_the_bells()
    assert school.pointer(cdn, course).release == 2
    worker.drain()  # the catalogue's bell rings at a commit, and a test's transaction has none
    assert reconcile() == []


def test_a_dead_worker_is_waited_for_until_its_lease_runs_out(course: Course, cdn: Path) -> None:
    school.approve(course)
    assert worker.Lease.take(course.uuid) is not None
    assert reconcile() == []
    Publication.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    assert len(reconcile()) == 1
    answer_the_bells()
    assert school.pointer(cdn, course).release == 2


def test_a_failed_course_is_left_until_its_next_try(course: Course) -> None:
    school.approve(course)
    Publication.objects.update(next_try_at=timezone.now() + timedelta(minutes=1))
    assert reconcile() == []
    Publication.objects.update(next_try_at=timezone.now())
    assert len(reconcile()) == 1


def test_a_course_that_waits_for_a_video_is_looked_at_but_needs_no_hand(course: Course) -> None:
    school.approve(course)
    Publication.objects.filter(course=course.uuid).update(waiting_for="1 video is being prepared.")
    assert reconcile() == []
    answer_the_bells()
    assert Publication.objects.get(course=course.uuid).waiting_for == ""


def test_a_rendition_that_nobody_makes(course: Course) -> None:
    Rendition.objects.create(kind="image", original="0" * 64, recipe="1", name="a.png")
    Rendition.objects.create(
        kind="image",
        original="1" * 64,
        recipe="1",
        name="resting.png",
        lease_until=timezone.now() + timedelta(minutes=1),
    )
    assert reconcile() == ["1 rendition was not being made; rang a worker."]
    assert HUEY.pending_count() == 1


def gone(course: Course, path: Path, _cdn: Path) -> None:
    path.unlink()


def forged(course: Course, path: Path, _cdn: Path) -> None:
    path.write_bytes(path.read_bytes().replace(b'"release":2', b'"release":9'))


def older(course: Course, path: Path, cdn: Path) -> None:
    """Somebody with the bucket's keys put yesterday's pointer back: its signature is good."""
    pointer = school.pointer(cdn, course)
    path.write_bytes(sign(pointer.model_copy(update={"generation": 1}), signing_key()).to_bytes())


def other_manifest(course: Course, path: Path, cdn: Path) -> None:
    pointer = school.pointer(cdn, course)
    path.write_bytes(sign(pointer.model_copy(update={"manifest": "0" * 64}), signing_key()).to_bytes())


def of_another_course(course: Course, path: Path, cdn: Path) -> None:
    other = school.make_course("Algebra")
    school.release(other)
    path.write_bytes((cdn / f"c/{other.uuid}/current.json").read_bytes())


def without_its_manifest(course: Course, _path: Path, cdn: Path) -> None:
    (cdn / f"o/{school.pointer(cdn, course).manifest}").unlink()


@pytest.mark.parametrize(
    ("damage", "told", "generation"),
    [
        (gone, "its pointer is gone from the store", 3),
        (forged, "its pointer's signature does not hold", 3),
        (older, "its pointer is an older one than the database knows", 3),
        (other_manifest, "its pointer names another manifest than the database", 3),
        (of_another_course, "its pointer is another course's", 3),
        (without_its_manifest, "its manifest is gone from the store", 3),
    ],
)
def test_a_pointer_that_says_something_else_than_the_database(
    course: Course, cdn: Path, damage: Callable[[Course, Path, Path], None], told: str, generation: int
) -> None:
    school.release(course)
    damage(course, cdn / f"c/{course.uuid}/current.json", cdn)
    HUEY.flush()
    assert reconcile() == [f"Statistics: {told}; asked for a rebuild."]
    assert reconcile() == ["Statistics: was not built up to its last change; rang a worker."]
    answer_the_bells()
    pointer = school.pointer(cdn, course)
    assert (pointer.release, pointer.generation) == (2, generation)
    worker.drain()
    assert reconcile() == []
    assert verify(DiskStore(cdn), public_key()).faults == []


def test_a_release_put_back_is_not_taken_for_a_fault(course: Course) -> None:
    school.release(course)
    rollback.roll_back(course.uuid, 1, None)
    worker.drain()
    assert reconcile() == []


def test_half_written_files_of_yesterday_are_removed(course: Course, cdn: Path) -> None:
    left = cdn / ".half" / "1"
    left.write_bytes(b"half")
    assert reconcile() == []
    yesterday = time.time() - 25 * 3600
    os.utime(left, (yesterday, yesterday))
    assert reconcile() == ["Removed 1 half-written files from the store."]
    assert not left.exists()


def test_an_authors_new_order_of_lessons_is_not_published_behind_their_back(course: Course, cdn: Path) -> None:
    first, second, _ = school.lessons(course)
    before = school.files(cdn)
    second.move(first, "left")
    worker.Publication.objects.filter(course=course.uuid).update(wanted_seq=1, built_seq=1)
    assert reconcile() == []
    assert school.written(before, cdn) == set()


def test_one_round_asks_as_often_for_three_courses_as_for_one(
    course: Course, django_assert_num_queries: object
) -> None:
    for courses in (("Algebra",), ("Biology", "Chemistry")):
        for title in courses:
            school.release(school.make_course(title))
        with django_assert_num_queries(3):  # type: ignore[operator]
            reconcile()


def test_half_copied_originals_of_yesterday_are_removed(course: Course, settings: Settings, tmp_path: Path) -> None:
    settings.LECTERN_ORIGINALS = tmp_path / "originals"
    assert reconcile() == [], "a school without uploads has no such folder"
    settings.LECTERN_ORIGINALS.mkdir()
    left = settings.LECTERN_ORIGINALS / ".incoming-1"
    left.write_bytes(b"half")
    assert reconcile() == []
    yesterday = time.time() - 25 * 3600
    os.utime(left, (yesterday, yesterday))
    assert reconcile() == ["Removed 1 half-copied files from the originals."]
    assert not left.exists()
