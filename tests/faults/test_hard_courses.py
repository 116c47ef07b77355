"""Hard courses and hard machines: each is told of in a sentence, leaves nothing half made, and the next try heals."""

import os
import resource
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from wagtail.models import Page

from pipeline import approval, release, worker
from pipeline.errors import AuthorError
from pipeline.keys import public_key
from pipeline.models import Candidate, Publication, Release
from pipeline.store.disk import HALF, DiskStore
from pipeline.verify import verify
from tests.faults.harness import later
from tests.faults.oracle import unfinished
from tests.pipeline import course_factory as school

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("cdn")]
NOBODY = 65534


@pytest.fixture
def cdn(settings: Any) -> Iterator[Path]:
    """A store's folder that other users of this machine can reach: not below pytest's own, which keeps them out."""
    folder = Path(tempfile.mkdtemp(prefix="lectern-cdn-"))
    folder.chmod(0o755)
    settings.LECTERN_STORE = folder
    yield folder
    shutil.rmtree(folder)


def published(course: school.Course) -> Publication:
    return Publication.objects.get(course=course.uuid)


def whole(cdn: Path, course: school.Course, number: int) -> None:
    """This release is live, nothing waits, and nothing on the store is half made."""
    assert school.manifest(cdn, course).release == number
    assert verify(DiskStore(cdn), public_key()).faults == []
    assert list((cdn / HALF).glob("*")) == []
    assert unfinished() == []


def unmoved(cdn: Path, course: school.Course, number: int) -> None:
    """Readers have this release, whole, although something waits."""
    assert school.manifest(cdn, course).release == number
    assert verify(DiskStore(cdn), public_key()).faults == []
    assert list((cdn / HALF).glob("*")) == []


def try_again() -> None:
    with later(2):
        worker.drain()


# --- machines ---------------------------------------------------------------------------------------------------


@contextmanager
def full_disk(cdn: Path) -> Iterator[None]:
    """The kernel takes the beginning of a larger file and refuses the rest, as a full disk does."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (30_000, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@contextmanager
def read_only(cdn: Path) -> Iterator[None]:
    """Nobody may write into any folder of the store. Root may always: it becomes somebody else for the time."""
    folders = [cdn, *(path for path in cdn.rglob("*") if path.is_dir())]
    modes = {folder: folder.stat().st_mode for folder in folders}
    for folder in folders:
        folder.chmod(0o555)
    user = os.geteuid()
    try:
        if user == 0:
            os.seteuid(NOBODY)
        yield
    finally:
        if user == 0:
            os.seteuid(user)
        for folder, mode in modes.items():
            folder.chmod(mode)


REFUSALS = {
    full_disk: "The disk is full, or its quota is: make room on it.",
    read_only: "This process may not write there: let it, or choose another folder.",
}


@pytest.mark.parametrize("refusing", REFUSALS, ids=lambda refusing: refusing.__name__)
def test_a_folder_that_takes_nothing(cdn: Path, refusing: Callable[[Path], Any]) -> None:
    course = school.make_course(lessons=2)
    school.release(course)
    school.rewrite(school.lessons(course)[0], "Long. " * 10_000)
    school.approve(course)
    with refusing(cdn):
        worker.drain()
    assert published(course).last_error.startswith("Publishing failed (")
    assert REFUSALS[refusing] in published(course).last_error
    assert published(course).last_error.endswith("It is tried again by itself.")
    unmoved(cdn, course, 1)
    try_again()
    whole(cdn, course, 2)


def approved() -> school.Course:
    """A course with a live release, and one that was approved and waits to be built."""
    course = school.make_course(lessons=2)
    school.release(course)
    school.rewrite(school.lessons(course)[0], "Other words.")
    school.approve(course)
    return course


@pytest.mark.parametrize(("first", "second"), [(0, 1), (-1, 0)])
def test_a_worker_whose_clock_is_ahead_takes_over_and_the_other_writes_nothing_more(
    cdn: Path, monkeypatch: pytest.MonkeyPatch, first: int, second: int
) -> None:
    """The two clocks are an hour apart: by the second a lease that was taken a moment ago ran out long ago."""
    course = approved()
    pointers = []

    def meanwhile(point: str) -> None:
        if point == "half_objects" and not pointers:
            pointers.append(school.pointer(cdn, course))
            with later(second - first):
                assert worker.work(course.uuid) is True
            pointers.append(school.pointer(cdn, course))

    monkeypatch.setattr(release, "checkpoint", meanwhile)
    with later(first):
        assert worker.work(course.uuid) is False
    assert [pointer.generation for pointer in [*pointers, school.pointer(cdn, course)]] == [1, 2, 2]
    try_again()
    assert [one.number for one in Release.objects.all()] == [2, 1]
    whole(cdn, course, 2)


@pytest.mark.parametrize(("first", "second"), [(0, -1), (1, 0)])
def test_a_worker_whose_clock_is_behind_waits(
    cdn: Path, monkeypatch: pytest.MonkeyPatch, first: int, second: int
) -> None:
    course = approved()
    taken = []

    def meanwhile(point: str) -> None:
        if point == "half_objects":
            with later(second - first):
                taken.append(worker.work(course.uuid))

    monkeypatch.setattr(release, "checkpoint", meanwhile)
    with later(first):
        assert worker.work(course.uuid) is True
    assert taken == [False]
    worker.drain()
    whole(cdn, course, 2)


# --- courses ----------------------------------------------------------------------------------------------------


def test_a_course_without_lessons(cdn: Path) -> None:
    course = school.make_course(lessons=0)
    with pytest.raises(AuthorError, match="“Statistics” has no lesson yet: write one"):
        school.submit(course)
    school.publish(course)
    worker.drain()
    assert (Candidate.objects.count(), Release.objects.count(), unfinished()) == (0, 0, [])
    assert list(DiskStore(cdn).keys("c/")) == list(DiskStore(cdn).keys("courses/")) == []
    school.add_lesson(course.get_children().get().specific, "Lesson 1.1")
    school.release(course)
    whole(cdn, course, 1)


def test_a_slug_in_arabic(cdn: Path) -> None:
    """No draft that Wagtail judges may have one; one that it did not judge can be submitted and cannot go live."""
    course = school.make_course(lessons=2)
    school.release(course)
    lesson = school.lessons(course)[0]
    with pytest.raises(ValidationError, match="only English letters"):
        school.edit(lesson, title="مقدمة في الإحصاء", slug="مقدمة-في-الإحصاء")
    draft = lesson.get_latest_revision_as_object()
    draft.title, draft.slug = "مقدمة في الإحصاء", "مقدمة-في-الإحصاء"
    draft.save_revision(user=school.person("Ada"), clean=False)
    candidate = school.submit(course)
    with pytest.raises(AuthorError, match=r"“مقدمة في الإحصاء” cannot go live .* only English letters"):
        approval.approve(candidate, school.person("Edna"))
    worker.drain()
    assert Release.objects.count() == 1
    whole(cdn, course, 1)
    approval.withdraw(candidate, school.person("Ada"))
    school.edit(lesson, slug="introduction")
    school.release(course)
    whole(cdn, course, 2)
    assert "مقدمة في الإحصاء" in (cdn / "courses/statistics/introduction/index.html").read_text()


@pytest.mark.parametrize("whose", ["course", "lesson"])
def test_a_title_of_ten_kilobytes(cdn: Path, whose: str) -> None:
    """No draft that Wagtail judges may have one; one that it did not judge can be submitted and cannot go live."""
    course = school.make_course(lessons=2)
    school.release(course)
    page = course if whose == "course" else school.lessons(course)[0]
    with pytest.raises(ValidationError, match="at most 255 characters"):
        school.edit(page, title="Title " * 1700)
    draft = page.get_latest_revision_as_object()
    draft.title = "Title " * 1700
    draft.save_revision(user=school.person("Ada"), clean=False)
    candidate = school.submit(course)
    with pytest.raises(AuthorError, match=r"cannot go live in the editor .*at most 255 characters"):
        approval.approve(candidate, school.person("Edna"))
    worker.drain()
    assert Release.objects.count() == 1
    whole(cdn, course, 1)
    approval.withdraw(candidate, school.person("Ada"))
    Page.objects.filter(pk=page.pk).update(draft_title="A title")  # SQLite kept what the page's own field cannot hold
    school.edit(type(page).objects.get(pk=page.pk), title="A title")
    school.release(course)
    whole(cdn, course, 2)


@pytest.mark.parametrize("point", ["claimed", "half_objects", "manifest", "pointer", "half_pages", "pages"])
def test_a_lesson_moved_to_another_course_while_its_release_builds(
    cdn: Path, monkeypatch: pytest.MonkeyPatch, point: str
) -> None:
    home, other = school.make_course(lessons=3), school.make_course("Algebra", lessons=1)
    for course in (home, other):
        school.release(course)
    lesson = school.lessons(home)[1]
    school.rewrite(lesson, "Moving words.")
    school.approve(home)
    moved = []

    def meanwhile(reached: str) -> None:
        if reached == point and not moved:
            moved.append(school.lessons(other)[0].get_parent())
            school.Lesson.objects.get(pk=lesson.pk).move(moved[0], pos="last-child")

    monkeypatch.setattr(release, "checkpoint", meanwhile)
    worker.drain()
    try_again()
    assert moved
    item = str(lesson.uuid)
    assert (item in school.manifest(cdn, home).documents, item in school.manifest(cdn, other).documents) == (
        False,
        True,
    )
    assert "Moving words." in (cdn / f"courses/algebra/{lesson.slug}/index.html").read_text()
    assert school.notice(cdn, f"courses/statistics/{lesson.slug}/") is not None
    assert verify(DiskStore(cdn), public_key()).faults == []
    assert unfinished() == []
