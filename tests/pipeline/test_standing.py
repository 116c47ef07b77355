"""Retire, withdraw, a deletion, and their undo: what readers get, at once, whatever else is on its way."""

from pathlib import Path

import pytest
from pytest_django import Settings

from content.models import Course
from pipeline import release, rollback, worker
from pipeline.catalogue import catalogue, publish_site
from pipeline.errors import AuthorError
from pipeline.keys import public_key
from pipeline.models import Address, ChangeEvent, Publication, Release
from pipeline.retire import retire
from pipeline.store.disk import DiskStore
from pipeline.verify import verify
from pipeline.withdraw import gone, reopen, withdraw
from tests.pipeline import course_factory as school

pytestmark = pytest.mark.django_db

HOME = "courses/statistics/index.html"
LESSON = "courses/statistics/lesson-1-1/index.html"


@pytest.fixture(autouse=True)
def cdn(settings: Settings, tmp_path: Path) -> Path:
    settings.LECTERN_STORE = tmp_path / "cdn"
    return tmp_path / "cdn"


@pytest.fixture
def course(cdn: Path) -> Course:
    course = school.make_course()
    publish_site(DiskStore(cdn))
    school.release(course)
    return course


def row(course: Course) -> Publication:
    return Publication.objects.select_related("live_release").get(course=course.uuid)


def page(cdn: Path, path: str = LESSON) -> str:
    return (cdn / path).read_text()


def faults(cdn: Path) -> list[str]:
    return verify(DiskStore(cdn), public_key()).faults


def test_a_retired_course_keeps_its_pages_and_offers_no_place(course: Course, cdn: Path) -> None:
    lesson, home = page(cdn), page(cdn, HOME)
    retire(course.uuid, school.person("Edna"), "Its <b>second</b> edition begins in May.")
    worker.drain()
    assert page(cdn) == lesson
    assert "takes no new learners. Its &lt;b&gt;second&lt;/b&gt; edition begins in May." in page(cdn, HOME)
    assert "data-closed" in page(cdn, HOME)
    assert "data-closed" not in home
    pointer = school.pointer(cdn, course)
    assert (pointer.standing, pointer.release, pointer.generation) == ("retired", 1, 2)
    assert row(course).generation == 2
    assert catalogue().courses == ()
    assert faults(cdn) == []
    reopen(course.uuid, school.person("Edna"))
    worker.drain()
    assert (page(cdn), page(cdn, HOME)) == (lesson, home)
    assert school.pointer(cdn, course).standing is None
    assert faults(cdn) == []


def test_every_page_of_a_withdrawn_course_says_so(course: Course, cdn: Path) -> None:
    before = {path: page(cdn, path) for path in school.manifest(cdn, course).pages}
    withdraw(course.uuid, school.person("Edna"), "A lawyer asked.")
    worker.drain()
    for path in before:
        said = page(cdn, path)
        assert "This course was withdrawn. A lawyer asked." in said
        assert '<meta name="robots" content="noindex">' in said
        assert "says little" not in said
    assert school.pointer(cdn, course).standing == "withdrawn"
    assert catalogue().courses == ()
    assert "statistics" not in (cdn / "catalogue.json").read_text()
    assert row(course).built_seq == row(course).wanted_seq
    assert faults(cdn) == []
    reopen(course.uuid, None)
    worker.drain()
    assert {path: page(cdn, path) for path in before} == before
    assert [entry.title for entry in catalogue().courses] == ["Statistics"]
    assert (school.pointer(cdn, course).standing, school.pointer(cdn, course).generation) == (None, 3)
    assert faults(cdn) == []


def test_a_withdrawal_waits_for_no_release_that_fails(course: Course, cdn: Path) -> None:
    school.edit(school.lessons(course)[0], slug="x" * 230)
    school.approve(course)
    assert worker.work(course.uuid) is False
    assert "cannot be published" in row(course).last_error
    withdraw(course.uuid, None)
    assert worker.work(course.uuid) is False
    assert "was withdrawn" in page(cdn)
    assert school.pointer(cdn, course).standing == "withdrawn"
    assert "cannot be published" in row(course).last_error, "the release is still owed"
    reopen(course.uuid, None)
    worker.drain()
    assert "says little" in page(cdn)
    assert school.pointer(cdn, course).standing is None


def test_what_is_approved_meanwhile_stays_withdrawn_until_it_is_reopened(course: Course, cdn: Path) -> None:
    withdraw(course.uuid, None)
    school.rewrite(school.lessons(course)[0], "The second release.")
    school.release(course)
    assert (school.pointer(cdn, course).release, school.pointer(cdn, course).standing) == (2, "withdrawn")
    assert "was withdrawn" in page(cdn)
    assert faults(cdn) == []
    reopen(course.uuid, None)
    worker.drain()
    assert "The second release." in page(cdn)
    assert faults(cdn) == []


def test_a_rollback_of_a_withdrawn_course_stays_withdrawn(course: Course, cdn: Path) -> None:
    school.rewrite(school.lessons(course)[0], "The second release.")
    school.release(course)
    withdraw(course.uuid, None)
    rollback.roll_back(course.uuid, 1, None)
    worker.drain()
    assert (school.pointer(cdn, course).release, school.pointer(cdn, course).standing) == (1, "withdrawn")
    assert "was withdrawn" in page(cdn)
    assert faults(cdn) == []


def test_a_deleted_course_says_that_it_is_no_longer_offered(course: Course, cdn: Path) -> None:
    school.edit(school.lessons(course)[0], slug="renamed")
    school.release(course)
    waiting = school.approve(course)
    gone(course.uuid, school.person("Edna"), "Statistics")
    worker.drain()
    for path in (HOME, LESSON, "courses/statistics/renamed/index.html"):
        assert "This course is no longer offered." in page(cdn, path)
    waiting.refresh_from_db()
    assert waiting.state == Release.State.SKIPPED
    assert row(course).built_seq == row(course).wanted_seq
    assert school.pointer(cdn, course).standing == "gone"
    assert catalogue().courses == ()
    assert faults(cdn) == []
    gone(course.uuid, None)
    assert ChangeEvent.objects.filter(kind="withdrawn").count() == 1, "once is enough"


def test_the_address_of_a_deleted_course_is_free_and_stays_its_heirs(course: Course, cdn: Path) -> None:
    gone(course.uuid, None)
    worker.drain()
    Course.objects.filter(pk=course.pk).update(slug="deleted")  # its page is no longer in the way
    heir = school.make_course("Heir")
    school.edit(heir, slug="statistics")
    school.release(heir)
    lesson = page(cdn)
    assert "says little" in lesson
    Publication.objects.filter(course=course.uuid).update(built_seq=0)
    worker.drain()
    assert page(cdn) == lesson
    assert Address.objects.get(path=LESSON).course == heir.uuid
    assert faults(cdn) == []
    with pytest.raises(AuthorError, match="“statistics” still belongs to “Heir”"):
        reopen(course.uuid, None)
    withdraw(heir.uuid, None)
    gone(heir.uuid, None)
    worker.drain()
    reopen(course.uuid, None)
    worker.drain()
    assert "says little" in page(cdn)
    assert Address.objects.get(path=LESSON).course == course.uuid
    assert faults(cdn) == []


def test_a_course_that_readers_never_had_leaves_no_word(cdn: Path) -> None:
    course = school.make_course()
    gone(course.uuid, None)
    assert not Publication.objects.filter(course=course.uuid).exists()
    school.approve(course)
    gone(course.uuid, None)
    worker.drain()
    assert Release.objects.get().state == Release.State.SKIPPED
    assert not (cdn / HOME).exists()
    assert row(course).built_seq == row(course).wanted_seq


def test_what_is_pointless_is_refused_in_words(course: Course) -> None:
    draft = school.make_course("Draft")
    for verb in (retire, withdraw):
        with pytest.raises(AuthorError, match="Nothing of this course is live"):
            verb(draft.uuid, None)
    with pytest.raises(AuthorError, match="“Statistics” is open"):
        reopen(course.uuid, None)
    with pytest.raises(AuthorError, match="501 characters long"):
        retire(course.uuid, None, "x" * 501)
    retire(course.uuid, None)
    with pytest.raises(AuthorError, match="retired already"):
        retire(course.uuid, None)
    withdraw(course.uuid, None)
    for verb, words in ((retire, "is withdrawn"), (withdraw, "withdrawn already")):
        with pytest.raises(AuthorError, match=words):
            verb(course.uuid, None)
    gone(course.uuid, None)
    for verb in (retire, withdraw):
        with pytest.raises(AuthorError, match="was deleted"):
            verb(course.uuid, None)
    with pytest.raises(AuthorError, match="was deleted"):
        rollback.roll_back(course.uuid, 1, None)
    assert not Publication.objects.filter(course=draft.uuid).exists(), "a refusal leaves no row behind"


@pytest.mark.parametrize("point", ["pointer", "half_pages", "pages"])
def test_a_withdrawal_that_failed_half_way_is_finished(
    course: Course, cdn: Path, monkeypatch: pytest.MonkeyPatch, point: str
) -> None:
    def failing(reached: str) -> None:
        if reached == point:
            raise OSError("no space left on device")

    monkeypatch.setattr(release, "checkpoint", failing)
    withdraw(course.uuid, None)
    worker.drain()
    assert "no space left" in row(course).last_error
    monkeypatch.undo()
    Publication.objects.update(next_try_at=None)
    worker.drain()
    assert (school.pointer(cdn, course).standing, school.pointer(cdn, course).generation) == ("withdrawn", 2)
    assert "was withdrawn" in page(cdn)
    assert faults(cdn) == []


def test_who_did_it_and_why_is_written_down(course: Course) -> None:
    edna = school.person("Edna")
    retire(course.uuid, edna, "The second edition begins.")
    withdraw(course.uuid, edna, "A lawyer asked.")
    reopen(course.uuid, edna)
    told = ChangeEvent.objects.filter(course=course.uuid, actor=edna, kind__in=("retired", "withdrawn", "reopened"))
    assert list(told.order_by("id").values_list("kind", "note")) == [
        ("retired", "The second edition begins."),
        ("withdrawn", "A lawyer asked."),
        ("reopened", ""),
    ]
    assert row(course).standing_note == ""
