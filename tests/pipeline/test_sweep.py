"""What nobody needs any more is condemned, waits and is deleted; what anybody needs stays, whatever dies on the way."""

import json
import logging
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from huey.contrib.djhuey import HUEY
from pytest_django import Settings

from content.models import Course
from pipeline import approval, released, rollback, sweep, worker
from pipeline.condemned import needed, spare
from pipeline.errors import AuthorError, StoreError
from pipeline.keys import public_key
from pipeline.models import (
    Candidate,
    Condemned,
    Pin,
    Publication,
    Release,
    Rendition,
    ScheduledRelease,
)
from pipeline.release import missing, read_manifest
from pipeline.store.disk import DiskStore
from pipeline.sweep import Swept, Terms, TooMuch
from pipeline.verify import verify
from tests.pipeline import course_factory as school

pytestmark = pytest.mark.django_db
WEEK = timedelta(days=7)
NOW = timezone.now()


@pytest.fixture(autouse=True)
def cdn(settings: Settings, tmp_path: Path) -> Iterator[Path]:
    settings.LECTERN_STORE = tmp_path / "cdn"
    HUEY.flush()
    yield tmp_path / "cdn"
    HUEY.flush()


@pytest.fixture
def course(cdn: Path) -> Course:
    """Two releases: what release 1 said in lesson 1 nobody reads any more."""
    course = school.make_course()
    school.release(course)
    edited(course, "Other words.")
    return course


def edited(course: Course, words: str) -> Release:
    """One more release, in which lesson 1 says `words`."""
    school.rewrite(school.lessons(course)[0], words)
    return school.release(course)


def run(cdn: Path, *, days: float = 0, delete: bool = True, share: int = 100, releases: int = 1) -> Swept:
    """A sweep `days` from now. Only the live release is kept unless a test says otherwise."""
    terms = Terms(grace=WEEK, share=share, releases=releases, days=0)
    return sweep.sweep(DiskStore(cdn), terms, delete=delete, now=timezone.now() + timedelta(days=days))


def swept(cdn: Path, **terms: int) -> Swept:
    """Condemned, and a week later deleted."""
    run(cdn, **terms)
    return run(cdn, days=8, **terms)


def whole(cdn: Path, course: Course, number: int) -> bool:
    """Whether everything that a release needs is on the store."""
    name = Release.objects.get(course=course.uuid, number=number).manifest
    try:
        manifest = read_manifest(DiskStore(cdn), name)
    except StoreError:
        return False
    return missing(DiskStore(cdn), manifest) == []


def pages_of(cdn: Path) -> set[str]:
    return {key for key in DiskStore(cdn).keys("") if not key.startswith(("o/", "m/"))}


# --- condemn, wait, delete ----------------------------------------------------------------------------------------


def test_what_only_an_old_release_names_goes_and_nothing_else(course: Course, cdn: Path) -> None:
    # Course page, outline and the other lessons are the same bytes in both releases.
    first = read_manifest(DiskStore(cdn), Release.objects.get(number=1).manifest)
    second = read_manifest(DiskStore(cdn), Release.objects.get(number=2).manifest)
    only_old = {f"o/{Release.objects.get(number=1).manifest}", *needed(first)} - set(needed(second))
    before, mutable = set(DiskStore(cdn).keys("")), pages_of(cdn)
    told = run(cdn)
    assert (told.condemned.keys, told.deleted.keys) == (len(only_old), 0)
    assert set(DiskStore(cdn).keys("")) == before
    told = run(cdn, days=8)
    assert (told.waiting.keys, told.deleted.keys) == (0, len(only_old))
    assert before - set(DiskStore(cdn).keys("")) == only_old
    assert pages_of(cdn) == mutable
    assert not Condemned.objects.exists()
    assert verify(DiskStore(cdn), public_key()).faults == []


def test_nothing_goes_before_its_grace_is_over(course: Course, cdn: Path) -> None:
    condemned = run(cdn).condemned.keys
    told = run(cdn, days=6.9)
    assert (told.waiting.keys, told.condemned.keys, told.deleted.keys) == (condemned, 0, 0)
    assert whole(cdn, course, 1)


def test_a_dry_run_says_the_same_and_changes_nothing(course: Course, cdn: Path) -> None:
    before = school.files(cdn)
    would = run(cdn, delete=False)
    assert not Condemned.objects.exists()
    assert would == run(cdn)
    would = run(cdn, days=8, delete=False)
    assert school.written({}, cdn) == set(before)
    assert would == run(cdn, days=8)


def test_a_second_sweep_has_nothing_left_to_do(course: Course, cdn: Path) -> None:
    swept(cdn)
    before = school.files(cdn)
    told = run(cdn, days=8)
    assert (told.condemned.keys, told.waiting.keys, told.spared.keys, told.deleted.keys) == (0, 0, 0, 0)
    assert school.written(before, cdn) == set()


def test_what_is_needed_again_is_spared(course: Course, cdn: Path) -> None:
    condemned = run(cdn).condemned.keys
    rollback.roll_back(course.uuid, 1, None)
    Condemned.objects.all().delete()  # the rollback's own part is tested below; here a sweep finds the rows
    worker.drain()
    Condemned.objects.bulk_create(
        Condemned(key=key, bytes=1, at=NOW - timedelta(days=30)) for key in needed(school.manifest(cdn, course))
    )
    told = run(cdn, days=8)
    assert told.spared.keys == len(needed(school.manifest(cdn, course))) >= condemned - 1
    assert whole(cdn, course, 1)


def test_each_act_leaves_a_line_for_whoever_asks_later(
    course: Course, cdn: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, logger="pipeline.sweep"):
        swept(cdn)
    lines = [json.loads(record.message) for record in caplog.records if record.name == "pipeline.sweep"]
    gone = {line["key"] for line in lines if line["act"] == "condemned"}
    assert gone == {line["key"] for line in lines if line["act"] == "deleted"} != set()
    assert all(line["bytes"] > 0 for line in lines)


def test_a_key_that_is_no_key_of_ours_is_left_alone(course: Course, cdn: Path) -> None:
    foreign = cdn / "o" / "notes of somebody.txt"
    foreign.write_text("kept")
    swept(cdn)
    assert foreign.read_text() == "kept"


# --- what is kept -------------------------------------------------------------------------------------------------


def test_the_newest_releases_of_each_course_are_kept(course: Course, cdn: Path) -> None:
    edited(course, "Third words.")
    swept(cdn, releases=2)
    assert [whole(cdn, course, number) for number in (1, 2, 3)] == [False, True, True]
    rollback.roll_back(course.uuid, 2, None)
    worker.drain()
    assert school.pointer(cdn, course).release == 2


def test_what_was_built_lately_is_kept(course: Course, cdn: Path) -> None:
    terms = Terms(grace=WEEK, share=100, releases=1, days=30)
    assert sweep.sweep(DiskStore(cdn), terms, delete=True).condemned.keys == 0
    Release.objects.filter(number=1).update(built_at=NOW - timedelta(days=31))
    assert sweep.sweep(DiskStore(cdn), terms, delete=True).condemned.keys > 0


def test_a_pinned_release_is_kept_until_nobody_holds_it(course: Course, cdn: Path) -> None:
    Pin.objects.create(release=Release.objects.get(number=1), holder="enrolment/1")
    swept(cdn)
    assert whole(cdn, course, 1)
    Pin.objects.all().delete()
    swept(cdn)
    assert not whole(cdn, course, 1)


def test_what_the_pointer_on_the_store_names_is_kept_whatever_the_database_says(course: Course, cdn: Path) -> None:
    """A worker was killed between pointer and row, or the database is yesterday's."""
    Publication.objects.filter(course=course.uuid).update(live_release=Release.objects.get(number=1))
    swept(cdn)
    assert whole(cdn, course, 1)
    assert whole(cdn, course, 2)


def test_a_pointer_that_somebody_else_signed_keeps_what_it_names(course: Course, cdn: Path) -> None:
    pointer = school.pointer(cdn, course)
    forged = pointer.model_copy(update={"manifest": Release.objects.get(number=1).manifest})
    (cdn / f"c/{course.uuid}/current.json").write_bytes(forged.to_bytes())
    swept(cdn)
    assert whole(cdn, course, 1)


def test_a_release_that_somebody_asked_back_is_kept(course: Course, cdn: Path) -> None:
    run(cdn)
    rollback.roll_back(course.uuid, 1, None)
    run(cdn, days=8)
    worker.drain()
    assert school.pointer(cdn, course).release == 1
    assert whole(cdn, course, 1)


def rendition(original: str, cdn: Path) -> str:
    """A finished image of `original`; the key of its one file."""
    key = f"o/{original[:2] * 32}.webp"
    DiskStore(cdn).create(key, b"picture")
    Rendition.objects.create(
        kind="image",
        original=original,
        recipe="1",
        name="a.png",
        state="ready",
        output={"files": [{"key": key, "sha256": original, "bytes": 7}]},
    )
    return key


@pytest.mark.parametrize("where", ["in review", "scheduled", "approved"])
def test_finished_images_of_a_candidate_without_a_manifest_are_kept(course: Course, cdn: Path, where: str) -> None:
    image, other = rendition("ab" * 32, cdn), rendition("cd" * 32, cdn)
    candidate = school.approve(course).candidate if where == "approved" else school.submit(course)
    if where == "scheduled":
        Candidate.objects.filter(pk=candidate.pk).update(state=Candidate.State.APPROVED)
        ScheduledRelease.objects.create(
            course=course.uuid, candidate=candidate, wall="2027-01-01T09:00", zone="UTC", due_at=NOW
        )
    tree = json.loads(candidate.content)
    file = {"sha256": "ab" * 32, "name": "a.png", "title": "A", "bytes": 7, "width": 1, "height": 1, "tracks": []}
    tree["files"] = {"image/1": file}
    Candidate.objects.filter(pk=candidate.pk).update(content=json.dumps(tree))
    swept(cdn)
    assert DiskStore(cdn).stat(image) is not None
    assert DiskStore(cdn).stat(other) is None
    if where == "in review":
        approval.withdraw(candidate, None)
        swept(cdn)
        assert DiskStore(cdn).stat(image) is None


# --- when in doubt ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("damage", ["pointer", "manifest gone", "manifest cut", "row's manifest gone"])
def test_what_cannot_be_known_ends_the_sweep(course: Course, cdn: Path, damage: str) -> None:
    pointer = cdn / f"c/{course.uuid}/current.json"
    manifest = cdn / f"o/{school.pointer(cdn, course).manifest}"
    run(cdn)
    before = set(DiskStore(cdn).keys("o/"))
    if damage == "pointer":
        pointer.write_bytes(b"{")
    elif damage == "manifest cut":
        cut = json.loads(manifest.read_bytes())
        cut["documents"] = {}
        manifest.write_text(json.dumps(cut))
    elif damage == "row's manifest gone":
        pointer.unlink()
        manifest.unlink()
    else:
        manifest.unlink()
    with pytest.raises(StoreError, match=r"manage\.py"):
        run(cdn, days=8)
    assert before - set(DiskStore(cdn).keys("o/")) <= {f"o/{manifest.name}"}


def test_a_kept_release_whose_manifest_is_lost_is_told(course: Course, cdn: Path) -> None:
    (cdn / f"o/{Release.objects.get(number=1).manifest}").unlink()
    told = run(cdn, releases=2)
    assert told.notes == [
        "The manifest of release 1 of “Statistics” is gone from the store: nobody knows what it needs, and it cannot "
        "be kept."
    ]


def test_too_much_at_once_is_refused(course: Course, cdn: Path) -> None:
    """A database that was restored from an old copy knows nothing of what the store holds."""
    before = set(DiskStore(cdn).keys(""))
    with pytest.raises(TooMuch, match=r"of \d+ keys .* would be condemned at once"):
        run(cdn, share=20)
    assert not Condemned.objects.exists()
    assert set(DiskStore(cdn).keys("")) == before
    for number in range(30):
        (cdn / f"o/{number:064}").write_bytes(b"")
        Condemned.objects.create(key=f"o/{number:064}", bytes=0, at=NOW)
    with pytest.raises(TooMuch):
        run(cdn, share=20)  # few keys by now, but still many bytes


def test_nothing_is_deleted_without_a_grace_while_something_is_built(course: Course, cdn: Path) -> None:
    terms = Terms(grace=timedelta(), share=100, releases=1, days=0)
    school.approve(course)
    assert worker.Lease.take(course.uuid)
    told = sweep.sweep(DiskStore(cdn), terms, delete=True)
    assert told.deleted.keys == 0
    assert "being built" in told.notes[0]
    assert whole(cdn, course, 1)
    Publication.objects.update(lease_owner="", lease_until=None)
    assert sweep.sweep(DiskStore(cdn), terms, delete=True).deleted.keys > 0


# --- killed on the way --------------------------------------------------------------------------------------------


class Killed(BaseException):
    pass


@pytest.mark.parametrize("point", ["condemned", "locked", "deleted"])
def test_killed_anywhere_the_next_run_goes_on(
    course: Course, cdn: Path, point: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def kill(name: str) -> None:
        if name == point:
            raise Killed

    if point != "condemned":
        run(cdn)
    monkeypatch.setattr(sweep, "checkpoint", kill)
    with pytest.raises(Killed):
        run(cdn, days=8)
    monkeypatch.undo()
    condemned = Condemned.objects.count()
    assert condemned > 0, "rows are removed after their keys, never before"
    told = run(cdn, days=16)
    assert told.deleted.keys == condemned
    assert not Condemned.objects.exists()
    assert not whole(cdn, course, 1)
    assert verify(DiskStore(cdn), public_key()).faults == []


# --- whoever needs a key again ------------------------------------------------------------------------------------


def test_spare_takes_the_sentence_back_from_these_keys_only() -> None:
    assert spare(["o/1"]) == 0
    Condemned.objects.bulk_create(Condemned(key=f"o/{number}", at=NOW) for number in range(1200))
    assert spare(f"o/{number}" for number in range(1, 2000)) == 1199
    assert list(Condemned.objects.values_list("key", flat=True)) == ["o/0"]


def test_a_release_of_old_words_takes_its_objects_back(course: Course, cdn: Path) -> None:
    edited(course, "Old words.")
    old = school.manifest(cdn, course).documents[str(school.lessons(course)[0].uuid)].object
    edited(course, "New words.")
    run(cdn)
    assert Condemned.objects.filter(key=f"o/{old}").exists()
    edited(course, "Old words.")
    assert school.manifest(cdn, course).documents[str(school.lessons(course)[0].uuid)].object == old
    assert not Condemned.objects.filter(key=f"o/{old}").exists()


def test_a_rollback_takes_its_objects_back(course: Course, cdn: Path) -> None:
    run(cdn)
    rollback.roll_back(course.uuid, 1, None)
    worker.drain()
    live = school.pointer(cdn, course).manifest
    assert not Condemned.objects.filter(key__in=[f"o/{live}", *needed(school.manifest(cdn, course))]).exists()


def test_a_rollback_to_a_release_that_was_swept_is_refused_in_words(course: Course, cdn: Path) -> None:
    run(cdn)
    assert list(Release.objects.values_list("state", flat=True)) == ["live", "past"]
    run(cdn, days=8)
    assert list(Release.objects.values_list("state", flat=True)) == ["live", "swept"]
    with pytest.raises(AuthorError, match="no longer on the store"):
        rollback.roll_back(course.uuid, 1, None)


def test_a_release_is_pinned_while_it_is_there(course: Course, cdn: Path) -> None:
    assert released.pin(course.uuid, 1, "enrolment/1")
    assert released.pin(course.uuid, 1, "enrolment/1"), "twice is once"
    assert released.pin(course.uuid, 2, "enrolment/1")
    assert Pin.objects.count() == 2
    assert not released.pin(course.uuid, 3, "enrolment/1"), "there is none"
    swept(cdn)
    assert whole(cdn, course, 1)
    assert released.unpin("enrolment/1") == 2
    assert released.unpin("enrolment/1") == 0
    run(cdn)
    assert not released.pin(course.uuid, 1, "enrolment/2"), "it is condemned"
    run(cdn, days=8)
    assert not released.pin(course.uuid, 1, "enrolment/2"), "it is gone"
    assert released.pin(course.uuid, 2, "enrolment/2")
    assert list(Pin.objects.values_list("holder", "release__number")) == [("enrolment/2", 2)]


# --- the command --------------------------------------------------------------------------------------------------


def test_the_command_changes_nothing_unless_told_to(
    course: Course, cdn: Path, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    settings.LECTERN_SWEEP_KEEP_RELEASES, settings.LECTERN_SWEEP_KEEP_DAYS = 1, 0
    call_command("sweep", "--share", "100")
    told = capsys.readouterr().out
    assert "condemned now" in told
    assert "Nothing was changed." in told
    assert not Condemned.objects.exists()
    call_command("sweep", "--delete", "--share", "100")
    assert "Nothing was changed." not in capsys.readouterr().out
    assert Condemned.objects.exists()
    assert whole(cdn, course, 1)
    call_command("sweep", "--delete", "--grace", "0", "--share", "100")
    assert not Condemned.objects.exists()
    assert not whole(cdn, course, 1)


@pytest.mark.parametrize("wrong", [["--share", "101"], ["--share", "-1"], ["--grace", "-1"], ["--grace", "99999999"]])
def test_the_command_refuses_numbers_that_mean_nothing(wrong: list[str]) -> None:
    with pytest.raises(CommandError, match=wrong[0]):
        call_command("sweep", *wrong)


def test_the_command_gives_up_in_words(course: Course, settings: Settings) -> None:
    settings.LECTERN_SWEEP_KEEP_RELEASES, settings.LECTERN_SWEEP_KEEP_DAYS = 1, 0
    with pytest.raises(CommandError, match="--share"):
        call_command("sweep", "--delete")


def test_as_many_questions_for_five_old_releases_as_for_one(course: Course, cdn: Path) -> None:
    asked = []
    for _ in range(2):
        run(cdn)
        with CaptureQueriesContext(connection) as queries:
            run(cdn, days=3)
        asked.append(len(queries))
        for number in range(3):
            edited(course, f"Words {number}.")
    assert asked[0] == asked[1]
