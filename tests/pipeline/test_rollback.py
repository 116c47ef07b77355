"""An older release is live again at one instant, under a higher generation; or not at all."""

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import Settings
from wagtail.models import PageViewRestriction

from content.models import Course
from pipeline import release, rollback, worker
from pipeline.errors import AuthorError
from pipeline.keys import public_key
from pipeline.models import ChangeEvent, Publication, Release
from pipeline.released import released_course
from pipeline.store.disk import DiskStore
from pipeline.verify import verify
from tests.pipeline import course_factory as school

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def cdn(settings: Settings, tmp_path: Path) -> Path:
    settings.LECTERN_STORE = tmp_path / "cdn"
    return tmp_path / "cdn"


@pytest.fixture
def course(cdn: Path) -> Course:
    """Two releases: the second says other words in lesson 1, has lost lesson 2, and has another address."""
    course = school.make_course()
    school.release(course)
    first, second, _ = school.lessons(course)
    school.rewrite(first, "The second release.")
    school.edit(second, held_back=True)
    school.edit(course, slug="numbers")
    school.release(course)
    return course


def back_to(course: Course, number: int) -> Publication:
    rollback.roll_back(course.uuid, number, school.person("Edna"))
    worker.drain()
    return Publication.objects.select_related("live_release").get(course=course.uuid)


def test_a_rollback_brings_the_old_release_back_whole(course: Course, cdn: Path) -> None:
    old = Release.objects.get(number=1)
    built = old.built_at
    objects = {key for key in school.files(cdn) if key.startswith("o/")}
    row = back_to(course, 1)
    pointer = school.pointer(cdn, course)
    assert (pointer.release, pointer.manifest, pointer.generation) == (1, old.manifest, 3)
    assert (row.live_release, row.generation) == (old, 3)
    assert b"Lesson 1.1 says little." in (cdn / "courses/statistics/lesson-1-1/index.html").read_bytes()
    assert (cdn / "courses/statistics/lesson-1-2/index.html").exists()
    assert school.notice(cdn, "courses/numbers/") == ("redirect", "courses/statistics/")
    assert school.notice(cdn, "courses/numbers/lesson-1-1/") == ("redirect", "courses/statistics/lesson-1-1/")
    assert {key for key in school.files(cdn) if key.startswith("o/")} == objects, "nothing is drawn again"
    assert dict(Release.objects.values_list("number", "state")) == {1: "live", 2: "past"}
    assert Release.objects.get(number=1).built_at == built, "it was built when it was built"
    assert len((released_course(course.uuid) or pytest.fail("nothing is live")).outline.lessons()) == 3
    assert verify(DiskStore(cdn), public_key()).faults == []


def test_back_and_forth_the_generation_only_grows(course: Course, cdn: Path) -> None:
    generations = [school.pointer(cdn, course).generation]
    for number in (1, 2, 1):
        back_to(course, number)
        generations.append(school.pointer(cdn, course).generation)
    assert generations == [2, 3, 4, 5]
    school.release(course)
    assert (school.pointer(cdn, course).generation, school.pointer(cdn, course).release) == (6, 3)
    assert verify(DiskStore(cdn), public_key()).faults == []


@pytest.mark.parametrize("damage", ["document", "page", "outline", "flipped byte", "manifest"])
def test_a_rollback_refuses_when_anything_is_missing(course: Course, cdn: Path, damage: str) -> None:
    old = Release.objects.get(number=1)
    manifest = release.read_manifest(DiskStore(cdn), old.manifest)
    lesson = cdn / f"o/{manifest.documents[str(school.lessons(course)[1].uuid)].object}"
    path = {
        "document": lesson,
        "page": cdn / f"o/{manifest.pages['courses/statistics/lesson-1-2/index.html'].object}.html",
        "outline": cdn / f"o/{manifest.outline}",
        "flipped byte": lesson,
        "manifest": cdn / f"o/{old.manifest}",
    }[damage]
    data = path.read_bytes()
    path.unlink()
    if damage == "flipped byte":
        path.write_bytes(data[:-1] + b"!")
    before = school.files(cdn)
    row = back_to(course, 1)
    assert row.live_release is not None
    assert (row.live_release.number, row.generation) == (2, 2)
    assert "missing" in row.last_error or "cannot be put back" in row.last_error
    assert school.files(cdn) == before, "readers keep what they have"


def test_a_rollback_to_an_address_that_is_another_courses_by_now_is_refused(course: Course, cdn: Path) -> None:
    heir = school.make_course("Heir")
    school.edit(heir, slug="statistics")
    school.release(heir)
    before = school.files(cdn)
    row = back_to(course, 1)
    assert "“statistics” still belongs to “Heir”" in row.last_error
    assert school.files(cdn) == before


def test_what_cannot_be_put_back_is_said_at_once(course: Course) -> None:
    with pytest.raises(AuthorError, match="is live already"):
        rollback.roll_back(course.uuid, 2, None)
    waiting = school.approve(course)
    for number, words in ((9, "has no release 9"), (waiting.number, "was never built")):
        with pytest.raises(AuthorError, match=words):
            rollback.roll_back(course.uuid, number, None)
    assert not ChangeEvent.objects.filter(kind="rolled_back").exists()


def test_what_is_live_can_be_put_back_while_a_newer_approval_waits(course: Course, cdn: Path) -> None:
    """It is how a wrong approval is stopped."""
    live = Release.objects.get(number=2)
    school.rewrite(school.lessons(course)[0], "Approved by mistake.")
    wrong = school.approve(course)
    before = school.files(cdn)
    row = back_to(course, 2)
    wrong.refresh_from_db()
    assert (row.live_release, row.generation, row.built_seq) == (live, 2, row.wanted_seq)
    assert wrong.state == Release.State.SKIPPED
    assert school.files(cdn) == before
    with pytest.raises(AuthorError, match="is live already"):
        rollback.roll_back(course.uuid, 2, None)


def test_a_rollback_overtakes_an_approval_that_was_not_built_yet(course: Course, cdn: Path) -> None:
    waiting = school.approve(course)
    back_to(course, 1)
    waiting.refresh_from_db()
    assert waiting.state == Release.State.SKIPPED
    assert school.pointer(cdn, course).release == 1


@pytest.mark.parametrize("point", ["pointer", "half_pages", "pages"])
def test_a_rollback_that_failed_half_way_is_finished(
    course: Course, cdn: Path, monkeypatch: pytest.MonkeyPatch, point: str
) -> None:
    def failing(reached: str) -> None:
        if reached == point:
            raise OSError("no space left on device")

    monkeypatch.setattr(release, "checkpoint", failing)
    assert "no space left" in back_to(course, 1).last_error
    monkeypatch.undo()
    Publication.objects.update(next_try_at=None)
    worker.drain()
    pointer = school.pointer(cdn, course)
    assert (pointer.release, pointer.generation) == (1, 3)
    assert verify(DiskStore(cdn), public_key()).faults == []


class Killed(BaseException):
    """Nothing of ours catches it, as nothing catches kill -9."""


@pytest.fixture
def half_way_back(course: Course, cdn: Path, monkeypatch: pytest.MonkeyPatch) -> Course:
    """A worker was killed when it had written half of the pages of release 1, at the address "statistics"."""

    def kill(reached: str) -> None:
        if reached == "half_pages":
            raise Killed

    monkeypatch.setattr(release, "checkpoint", kill)
    rollback.roll_back(course.uuid, 1, None)
    with pytest.raises(Killed):
        worker.work(course.uuid)
    monkeypatch.undo()
    Publication.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    assert (cdn / "courses/statistics/lesson-1-2/index.html").exists()
    return course


def test_pages_of_a_rollback_that_was_killed_and_overtaken_do_not_stay(half_way_back: Course, cdn: Path) -> None:
    school.rewrite(school.lessons(half_way_back)[0], "The third release.")
    school.release(half_way_back)
    assert school.notice(cdn, "courses/statistics/") == ("redirect", "courses/numbers/")
    assert school.notice(cdn, "courses/statistics/lesson-1-2/") == ("removed", "courses/numbers/")
    assert verify(DiskStore(cdn), public_key()).faults == []
    assert dict(Release.objects.values_list("number", "state")) == {1: "past", 2: "past", 3: "live"}


def test_an_address_where_a_rollback_was_killed_is_not_free(half_way_back: Course) -> None:
    heir = school.make_course("Heir")
    school.edit(heir, slug="statistics")
    school.approve(heir)
    assert worker.work(heir.uuid) is False
    assert "still belongs to “Statistics”" in Publication.objects.get(course=heir.uuid).last_error
    worker.drain()
    assert Release.objects.get(course=half_way_back.uuid, number=1).state == Release.State.LIVE


def test_a_rollback_that_was_refused_takes_nothing_from_the_address_s_new_owner(course: Course, cdn: Path) -> None:
    heir = school.make_course("Heir")
    school.edit(heir, slug="statistics")
    school.release(heir)
    assert back_to(course, 1).last_error
    school.release(heir)
    school.release(course)
    assert (cdn / "courses/statistics/lesson-1-2/index.html").exists()
    assert verify(DiskStore(cdn), public_key()).faults == []


@pytest.mark.parametrize("above", [0, 1, 2])
def test_what_was_made_private_since_is_not_put_back(course: Course, above: int) -> None:
    school.rewrite(school.lessons(course)[0], "The third release.")
    school.release(course)
    page: Any = school.lessons(course)[1]
    for _ in range(above):
        page = page.get_parent()
    restriction = PageViewRestriction.objects.create(page=page, restriction_type=PageViewRestriction.LOGIN)
    told = {
        0: "“Lesson 1.2” was made private since release 1 was frozen, so it cannot be put back: make it public first.",
        1: "“Module 1” was made private since release 1 was frozen, so it cannot be put back: make it public first.",
        2: "is private, because",
    }
    with pytest.raises(AuthorError, match=re.escape(told[above])):
        rollback.roll_back(course.uuid, 1, None)
    restriction.delete()
    rollback.roll_back(course.uuid, 1, None)
