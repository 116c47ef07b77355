"""What was purged is gone from every release, and nothing brings it back."""

import hashlib
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from pytest_django import Settings

from content.models import Attachment, Course, Lesson
from pipeline import originals, release, rollback, worker
from pipeline.catalogue import CATALOGUE, publish_site
from pipeline.errors import AuthorError
from pipeline.keys import public_key
from pipeline.models import AnswerKey, Candidate, ChangeEvent, Pin, Publication, Release, Tombstone
from pipeline.purge import purge
from pipeline.reconcile import reconcile
from pipeline.released import released_course
from pipeline.store.disk import DiskStore
from pipeline.verify import verify
from pipeline.withdraw import gone, reopen
from tests.pipeline import course_factory as school

pytestmark = pytest.mark.django_db

Kind = Tombstone.Kind
SECRET = b"name,address\nEdna,Elm Street 4\n"
SHA = hashlib.sha256(SECRET).hexdigest()
FIRST = "courses/statistics/lesson-1-1/index.html"


@pytest.fixture(autouse=True)
def cdn(settings: Settings, tmp_path: Path) -> Path:
    settings.LECTERN_STORE = tmp_path / "cdn"
    settings.LECTERN_ORIGINALS = tmp_path / "originals"
    settings.MEDIA_ROOT = tmp_path / "media"
    return tmp_path / "cdn"


@pytest.fixture
def course(cdn: Path) -> Course:
    """Two releases, the second without the words of the first; lesson 1 has a quiz."""
    course = school.make_course()
    publish_site(DiskStore(cdn))
    school.release(course)
    school.rewrite(school.lessons(course)[0], "The zymurgist’s second telling.")
    school.release(course)
    return course


def upload(data: bytes = SECRET, name: str = "people.csv") -> Attachment:
    return Attachment.objects.create(title="People", file=ContentFile(data, name))


def shown_in(lesson: Lesson, attachment: Attachment) -> None:
    """The lesson shows the attachment in a block, and links to it in its text."""
    block = {"type": "attachment", "id": "file-1", "value": {"attachment": attachment.pk, "title": "People"}}
    words = school.text(f'See <a linktype="document" id="{attachment.pk}">the <b>list</b></a>, please.', "link-1")
    school.edit(lesson, body=[school.text("Kept words."), block, words])


def stored(cdn: Path, words: bytes) -> list[str]:
    """Every file on the store in which these bytes stand."""
    return [key for key in school.files(cdn) if words in (cdn / key).read_bytes()]


def faults(cdn: Path) -> list[str]:
    return verify(DiskStore(cdn), public_key()).faults


def row(course: Course) -> Publication:
    return Publication.objects.select_related("live_release__candidate").get(course=course.uuid)


def purge_first(course: Course, **more: Any) -> Tombstone:
    lesson = school.lessons(course)[0]
    stone = purge(Kind.LESSON, str(lesson.uuid), school.person("Edna"), "A court order.", **more)
    worker.drain()
    stone.refresh_from_db()
    return stone


def test_a_purged_lesson_is_gone_from_every_release(course: Course, cdn: Path) -> None:
    assert stored(cdn, b"zymurgist") and stored(cdn, b"Lesson 1.1 says little") and AnswerKey.objects.count() == 1
    stone = purge_first(course)
    assert stored(cdn, b"zymurgist") == stored(cdn, b"Lesson 1.1 says little") == []
    assert "This lesson was removed" in (cdn / FIRST).read_text()
    assert "Lesson 1.2 says little" in (cdn / "courses/statistics/lesson-1-2/index.html").read_text()
    assert (school.pointer(cdn, course).release, school.pointer(cdn, course).standing) == (3, None)
    assert AnswerKey.objects.count() == 0
    live = released_course(course.uuid)
    assert live and [lesson.title for lesson in live.outline.lessons()] == ["Lesson 1.2", "Lesson 1.3"]
    assert (stone.keys, stone.title, stone.reason, stone.by) == (
        [],
        "Lesson 1.1",
        "A court order.",
        school.person("Edna"),
    )
    assert row(course).built_seq == row(course).wanted_seq
    assert Publication.objects.get(course=CATALOGUE).waiting_for == ""
    assert faults(cdn) == []
    assert reconcile() == []


def test_what_others_need_stays(course: Course, cdn: Path) -> None:
    first, *others = (str(lesson.uuid) for lesson in school.lessons(course))
    documents = school.manifest(cdn, course).documents
    purge_first(course)
    now = school.manifest(cdn, course).documents
    assert now == {item: entry for item, entry in documents.items() if item != first}
    assert all((cdn / f"o/{now[item].object}").exists() for item in others)


def test_no_rebuild_rollback_or_approval_brings_it_back(course: Course, cdn: Path) -> None:
    purge_first(course)
    with pytest.raises(AuthorError, match="Release 1 holds content that was purged since"):
        rollback.roll_back(course.uuid, 1, None)
    release_of = school.release(course)
    assert "zymurgist" not in release_of.candidate.frozen().model_dump_json()
    assert stored(cdn, b"zymurgist") == []
    school.publish(Course.objects.get(pk=course.pk), summary="Another summary.")
    worker.drain()
    assert stored(cdn, b"zymurgist") == []
    assert faults(cdn) == []


def test_what_was_approved_before_and_is_built_after_comes_without_it(course: Course, cdn: Path) -> None:
    school.rewrite(school.lessons(course)[1], "The second lesson, edited.")
    school.approve(course)
    purge_first(course)
    assert stored(cdn, b"zymurgist") == []
    assert stored(cdn, b"The second lesson, edited.")
    assert row(course).built_seq == row(course).wanted_seq
    assert faults(cdn) == []


def test_a_purge_waits_for_no_release_that_fails(course: Course, cdn: Path) -> None:
    school.edit(school.lessons(course)[1], slug="x" * 230)
    school.approve(course)
    purge_first(course)
    assert stored(cdn, b"zymurgist") == []
    assert "cannot be published" in row(course).last_error
    assert Tombstone.objects.get().keys == []


def test_a_purged_file_leaves_store_originals_and_library(course: Course, cdn: Path) -> None:
    attachment = upload()
    shown_in(school.lessons(course)[1], attachment)
    school.release(course)
    media = Path(attachment.file.path)
    assert stored(cdn, SECRET) == [f"o/{SHA}.csv"]
    assert originals.path(SHA).exists() and media.exists()
    purge(Kind.FILE, SHA, None, "Somebody’s address.")
    worker.drain()
    assert stored(cdn, SECRET) == []
    assert not originals.path(SHA).exists() and not media.exists()
    assert not Attachment.objects.exists()
    page = (cdn / "courses/statistics/lesson-1-2/index.html").read_text()
    assert "Kept words." in page and "please." in page and "<strong>list</strong>" in page and SHA not in page
    assert faults(cdn) == []


def test_the_same_bytes_uploaded_again_are_refused_where_they_are_used(course: Course) -> None:
    shown_in(school.lessons(course)[1], upload())
    school.release(course)
    purge(Kind.FILE, SHA, None, "Somebody’s address.")
    worker.drain()
    shown_in(school.lessons(course)[1], upload(name="again.csv"))
    with pytest.raises(AuthorError, match=r"“Lesson 1\.2” uses again.*\.csv, which was purged"):
        school.submit(course)
    assert not originals.path(SHA).exists(), "a refusal keeps no copy"


def test_a_file_of_two_courses_goes_from_both(course: Course, cdn: Path) -> None:
    other = school.make_course("Other")
    for one in (course, other):
        shown_in(school.lessons(one)[1], upload(name=f"{one.slug}.csv"))
        school.release(one)
    purge(Kind.FILE, SHA, None, "Somebody’s address.")
    assert worker.work(course.uuid) is True
    assert worker.work(CATALOGUE) is False
    assert "waits until “Other”" in Publication.objects.get(course=CATALOGUE).waiting_for
    assert stored(cdn, SECRET), "readers of the other course still have it"
    worker.drain()
    assert stored(cdn, SECRET) == []
    assert not Attachment.objects.exists()
    assert faults(cdn) == []


def test_a_purged_course_leaves_a_notice(course: Course, cdn: Path) -> None:
    purge(Kind.COURSE, str(course.uuid), None, "Plagiarised.")
    worker.drain()
    for words in (b"zymurgist", b"says little", b"All of Statistics."):
        assert stored(cdn, words) == []
    assert "was withdrawn" in (cdn / "courses/statistics/index.html").read_text()
    assert "This lesson was removed" in (cdn / FIRST).read_text()
    assert (school.pointer(cdn, course).standing, row(course).standing) == ("withdrawn", "withdrawn")
    with pytest.raises(AuthorError, match="nothing of it is left"):
        reopen(course.uuid, None)
    assert AnswerKey.objects.count() == 0
    assert faults(cdn) == []


def test_the_last_lesson_withdraws_the_course(cdn: Path) -> None:
    course = school.make_course(lessons=1)
    publish_site(DiskStore(cdn))
    school.release(course)
    purge_first(course)
    assert school.pointer(cdn, course).standing == "withdrawn"
    assert stored(cdn, b"says little") == []
    assert faults(cdn) == []


def test_a_deleted_course_is_purged_where_it_lies(course: Course, cdn: Path) -> None:
    gone(course.uuid, None)
    worker.drain()
    purge_first(course)
    assert stored(cdn, b"zymurgist") == []
    assert faults(cdn) == []
    reopen(course.uuid, None)
    worker.drain()
    assert stored(cdn, b"zymurgist") == []
    assert "Lesson 1.2 says little" in (cdn / "courses/statistics/lesson-1-2/index.html").read_text()
    assert faults(cdn) == []


def test_pinned_learners_forbid_it_unless_it_is_forced(course: Course, cdn: Path) -> None:
    Pin.objects.create(release=Release.objects.get(number=1), holder="enrolment/7")
    with pytest.raises(AuthorError, match="1 learner is pinned to a release that holds"):
        purge_first(course)
    assert not Tombstone.objects.exists() and not ChangeEvent.objects.filter(kind="purged").exists()
    assert purge_first(course, force=True).forced is True
    assert stored(cdn, b"Lesson 1.1 says little") == []


def test_what_is_pointless_is_refused_in_words(course: Course) -> None:
    lesson = str(school.lessons(course)[0].uuid)
    draft = school.add_lesson(school.lessons(course)[0].get_parent(), "Draft")
    for kind, name, reason, words in (
        (Kind.LESSON, lesson, "  ", "Say why"),
        (Kind.LESSON, str(draft.uuid), "Because.", "nothing to purge"),
        (Kind.FILE, "0" * 64, "Because.", "nothing to purge"),
        (Kind.COURSE, lesson, "Because.", "nothing to purge"),
    ):
        with pytest.raises(AuthorError, match=words):
            purge(kind, name, None, reason)
    purge(Kind.LESSON, lesson, None, "Because.")
    with pytest.raises(AuthorError, match="purged already"):
        purge(Kind.LESSON, lesson, None, "Because.")


@pytest.mark.parametrize("point", ["claimed", "half_objects", "manifest", "pointer", "half_pages", "pages"])
def test_a_purge_that_failed_half_way_is_finished(
    course: Course, cdn: Path, monkeypatch: pytest.MonkeyPatch, point: str
) -> None:
    def failing(reached: str) -> None:
        if reached == point:
            raise OSError("no space left on device")

    monkeypatch.setattr(release, "checkpoint", failing)
    assert purge_first(course).keys, "still to be done"
    assert "no space left" in row(course).last_error
    monkeypatch.undo()
    Publication.objects.update(next_try_at=None)
    worker.drain()
    assert Tombstone.objects.get().keys == []
    assert stored(cdn, b"zymurgist") == []
    assert Candidate.objects.count() == 3, "the release that was begun is used again"
    assert faults(cdn) == []


def test_a_deletion_that_failed_half_way_is_finished(
    course: Course, cdn: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    deleted: list[str] = []
    delete = DiskStore.delete

    def failing(store: DiskStore, key: str) -> None:
        if len(deleted) == 2:
            raise OSError("the store is away")
        deleted.append(key)
        delete(store, key)

    monkeypatch.setattr(DiskStore, "delete", failing)
    assert purge_first(course).keys
    assert "the store is away" in Publication.objects.get(course=CATALOGUE).last_error
    monkeypatch.undo()
    Publication.objects.update(next_try_at=None)
    worker.drain()
    assert Tombstone.objects.get().keys == []
    assert stored(cdn, b"zymurgist") == []
    assert faults(cdn) == []


def test_a_purge_during_a_build_is_seen_before_the_pointer(
    course: Course, cdn: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = school.lessons(course)[0]
    school.rewrite(first, "A quixotic third telling.")
    school.approve(course)
    before = school.pointer(cdn, course)

    def purging(reached: str) -> None:
        if reached == "half_objects" and not Tombstone.objects.exists():
            purge(Kind.LESSON, str(first.uuid), None, "In this moment.")

    monkeypatch.setattr(release, "checkpoint", purging)
    assert worker.work(course.uuid) is False
    assert school.pointer(cdn, course) == before, "nobody was shown it"
    monkeypatch.undo()
    Publication.objects.update(next_try_at=None)
    worker.drain()
    assert stored(cdn, b"zymurgist") == []
    assert Tombstone.objects.get().keys == []
    assert faults(cdn) == []
