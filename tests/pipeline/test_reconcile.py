"""What a lost bell, a dead worker or a foreign hand leaves behind is found, said and put right."""

import os
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.cache import cache
from django.core.management import call_command
from django.db import connection
from django.db.models import F
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from huey.contrib.djhuey import HUEY
from pytest_django import Settings

from content.models import Course, Lesson
from pipeline import afloat, retire, rollback, withdraw, worker
from pipeline.condemned import needed
from pipeline.errors import StoreError
from pipeline.keys import public_key, signing_key
from pipeline.manifest import sign
from pipeline.models import Candidate, Publication, Rendition
from pipeline.reconcile import last_round, reconcile
from pipeline.store.disk import DiskStore
from pipeline.verify import verify
from tests.pipeline import course_factory as school

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def cdn(settings: Settings, tmp_path: Path) -> Path:
    settings.LECTERN_STORE = tmp_path / "cdn"
    HUEY.flush()
    cache.clear()
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


def test_one_round_asks_as_often_for_three_courses_as_for_one(course: Course) -> None:
    asked = []
    for courses in (("Algebra",), ("Biology", "Chemistry")):
        for title in courses:
            school.release(school.make_course(title))
        now = timezone.now()
        assert reconcile(whole=False, now=now) == []
        with CaptureQueriesContext(connection) as queries:
            assert reconcile(whole=False, now=now) == []  # in one minute twice: it is nobody's turn
        asked.append(len(queries))
    assert asked[0] == asked[1]


# --- what lies on the store ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lost", "told"),
    [
        ("courses/statistics/lesson-1-2/index.html", "1 of its files are gone from the store, {} among them"),
        ("outline", "1 of its files are gone from the store, {} among them"),
        ("cut page", "1 of its files are gone from the store, {} among them"),
    ],
)
def test_a_file_of_a_release_that_is_gone(course: Course, cdn: Path, lost: str, told: str) -> None:
    key = f"o/{school.manifest(cdn, course).outline}" if lost == "outline" else lost
    if lost == "cut page":
        key = "courses/statistics/index.html"
        (cdn / key).write_bytes((cdn / key).read_bytes()[:-9])
    else:
        (cdn / key).unlink()
    assert reconcile() == [f"Statistics: {told.format(key)}; asked for a rebuild."]
    worker.drain()
    assert reconcile() == []
    assert verify(DiskStore(cdn), public_key()).faults == []


def test_an_object_that_is_damaged_is_told_and_heals_once_it_is_deleted(course: Course, cdn: Path) -> None:
    key = f"o/{school.manifest(cdn, course).documents[str(course.uuid)].object}"
    (cdn / key).write_bytes(b"{}")
    (told,) = reconcile()
    assert told.startswith(f"Statistics: {key} on the store: not of the size")
    assert Publication.objects.get(course=course.uuid).last_error == ""
    (cdn / key).unlink()
    assert len(reconcile()) == 1
    worker.drain()
    assert verify(DiskStore(cdn), public_key()).faults == []


@pytest.mark.parametrize("act", [withdraw.withdraw, retire.retire])
def test_notices_in_the_place_of_pages_are_no_fault(course: Course, act: Callable[[object, None], None]) -> None:
    act(course.uuid, None)
    worker.drain()
    assert reconcile() == []


def test_a_standing_that_the_pointer_does_not_tell(course: Course, cdn: Path) -> None:
    Publication.objects.filter(course=course.uuid).update(standing="withdrawn")
    assert reconcile() == [
        "Statistics: its pointer tells another standing than the database; asked for a rebuild.",
        "Catalogue: it lists something else than what is live; asked for a rebuild.",
    ]
    worker.drain()
    assert school.pointer(cdn, course).standing == "withdrawn"


def test_a_large_course_is_looked_through_in_parts(course: Course, cdn: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(afloat, "SAMPLE", 3)
    (cdn / "courses/statistics/lesson-1-2/index.html").unlink()
    row = Publication.objects.select_related("live_release").get(course=course.uuid)
    found = [bool(afloat.stored_fault(row, DiskStore(cdn), part=part)[0]) for part in range(10)]
    manifest = school.manifest(cdn, course)
    parts = -(-(len(needed(manifest)) + len(manifest.pages)) // 3)
    assert parts > 2
    assert sum(found[:parts]) == 1
    assert found[parts:] == found[: 10 - parts]


@pytest.mark.parametrize("text", [None, b"{}"])
def test_a_catalogue_that_is_gone_or_lists_something_else(course: Course, cdn: Path, text: bytes | None) -> None:
    if text is None:
        (cdn / "catalogue.json").unlink()
    else:
        (cdn / "catalogue.json").write_bytes(text)
    (told,) = reconcile()
    assert told.startswith("Catalogue: it ")
    worker.drain()
    assert reconcile() == []
    assert verify(DiskStore(cdn), public_key()).faults == []


# --- one that cannot be helped ------------------------------------------------------------------------------------


def test_a_poisoned_course_keeps_nobody_waiting_and_comes_back_later(course: Course, cdn: Path) -> None:
    healthy = [school.make_course(title) for title in ("Algebra", "Biology", "Chemistry")]
    poisoned = school.make_course("Poison")
    school.release(poisoned)
    page = cdn / "courses/poison/lesson-1-1/index.html"
    page.unlink()
    page.mkdir()  # nothing can be written here
    school.rewrite(school.lessons(poisoned)[0], "More.")
    for one in (poisoned, *healthy):
        school.approve(one)
    HUEY.flush()
    reconcile()
    answer_the_bells()
    row = Publication.objects.get(course=poisoned.uuid)
    assert (row.attempts, row.next_try_at is not None) == (1, True)
    assert row.last_error.startswith("Publishing failed")
    assert [school.pointer(cdn, one).release for one in healthy] == [1, 1, 1]
    worker.drain()
    HUEY.flush()
    assert reconcile() == [], "its next try is not due"
    Publication.objects.filter(course=poisoned.uuid).update(next_try_at=timezone.now(), attempts=9)
    school.approve(course)
    HUEY.flush()
    assert [told.partition(":")[0] for told in reconcile()] == ["Statistics", "Poison"], "it comes last"


def test_a_course_that_cannot_be_compared_keeps_no_other_from_it(
    course: Course, cdn: Path, caplog: pytest.LogCaptureFixture
) -> None:
    other = school.make_course("Algebra")
    school.release(other)
    Candidate.objects.filter(course=course.uuid).update(content="{")
    Lesson.objects.descendant_of(other).filter(title="Lesson 1.2").update(summary="By hand.")
    told = sorted(reconcile())
    assert [sentence.partition(":")[0] for sentence in told] == ["Algebra", "Statistics"]
    assert "could not be compared (ValidationError)" in told[1]
    assert "asked for a release of it" in told[0]


def test_a_store_that_does_not_answer_ends_no_round(course: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(_store: DiskStore, _key: str) -> bytes:
        raise StoreError("the bucket is away")

    school.approve(course)
    with monkeypatch.context() as patched:
        patched.setattr(DiskStore, "read", away)
        Publication.objects.filter(course=course.uuid).update(built_seq=F("wanted_seq"))
        assert reconcile() == ["The store could not be asked (the bucket is away); the next round tries again."]


def test_a_cache_without_its_table_keeps_no_round_from_repairing(
    course: Course, cdn: Path, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    settings.CACHES = {
        "default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "nobody_made_it"}
    }
    (cdn / f"c/{course.uuid}/current.json").unlink()
    call_command("reconcile", verbosity=0)
    assert school.pointer(cdn, course).release == 1
    assert reconcile(whole=False) == []
    assert last_round() is None
    assert "createcachetable" in caplog.text


def test_the_last_round_is_remembered(course: Course, cdn: Path) -> None:
    (cdn / "catalogue.json").unlink()
    now = timezone.now()
    told = reconcile(now=now)
    assert last_round() == {"at": now.isoformat(timespec="seconds"), "told": told}


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
