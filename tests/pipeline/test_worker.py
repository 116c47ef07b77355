"""Claim, plan, build, commit: what a worker does with changes, waits and failures."""

import io
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.images import ImageFile
from django.utils import timezone
from huey.contrib.djhuey import HUEY
from PIL import Image
from pytest_django import Settings

from content.models import Attachment, Course, ImageOriginal, InstructorProfile
from pipeline import outbox, release, renditions, tasks, worker
from pipeline.catalogue import CATALOGUE
from pipeline.keys import public_key
from pipeline.models import Candidate, ChangeEvent, Publication, Release, Rendition
from pipeline.store.disk import DiskStore
from pipeline.verify import verify
from tests.pipeline import course_factory as school

pytestmark = pytest.mark.django_db
Kind = ChangeEvent.Kind


@pytest.fixture(autouse=True)
def cdn(settings: Settings, tmp_path: Path) -> Path:
    settings.LECTERN_STORE = tmp_path / "cdn"
    settings.LECTERN_ORIGINALS = tmp_path / "originals"
    settings.MEDIA_ROOT = tmp_path / "media"
    HUEY.flush()
    return tmp_path / "cdn"


def publication(course: Course) -> Publication:
    return Publication.objects.select_related("live_release").get(course=course.uuid)


def give_cover(course: Course) -> None:
    picture = io.BytesIO()
    Image.new("RGB", (64, 64), "navy").save(picture, "PNG")
    cover = ImageOriginal.objects.create(title="Cover", file=ImageFile(picture, "cover.png"))
    school.edit(course, cover=cover)


# --- what is due ----------------------------------------------------------------------------------------------


def test_nothing_due_is_an_ordinary_answer() -> None:
    course = school.make_course()
    assert worker.work(course.uuid) is False
    school.release(course)
    assert worker.work(course.uuid) is False


def test_a_course_that_another_worker_holds_is_left_alone(cdn: Path) -> None:
    course = school.make_course()
    school.approve(course)
    assert worker.Lease.take(course.uuid) is not None
    assert worker.work(course.uuid) is False
    assert not cdn.exists()


def test_many_approvals_before_the_worker_came_are_one_build(cdn: Path) -> None:
    course = school.make_course()
    for words in ("One.", "Two.", "Three."):
        school.rewrite(school.lessons(course)[0], words)
        last = school.approve(course)
    worker.drain()
    assert school.pointer(cdn, course).generation == 1
    assert school.pointer(cdn, course).release == last.number == 3
    assert [one.state for one in Release.objects.order_by("number")] == ["skipped", "skipped", "live"]


def test_the_task_of_the_queue_builds_until_nothing_is_due(cdn: Path) -> None:
    course = school.make_course()
    school.approve(course)
    school.publish(school.lessons(course)[0], title="Edited after the approval")
    tasks.build.call_local(str(course.uuid))
    assert publication(course).built_seq == publication(course).wanted_seq
    assert school.pointer(cdn, course).release == 2


# --- direct edits ---------------------------------------------------------------------------------------------


def test_an_editors_direct_publish_is_a_release_of_its_course(cdn: Path) -> None:
    course = school.make_course()
    school.release(course)
    school.publish(school.lessons(course)[1], title="Put right")
    worker.drain()
    live = publication(course).live_release
    assert live is not None
    assert (live.number, live.candidate.kind, live.candidate.state) == (2, Candidate.Kind.DIRECT, "approved")
    assert b"Put right" in (cdn / "courses/statistics/index.html").read_bytes()


def test_a_direct_publish_ships_no_draft_of_another_page(cdn: Path) -> None:
    course = school.make_course()
    school.release(course)
    first, second, _third = school.lessons(course)
    school.rewrite(second, "Not approved by anybody.")
    school.publish(first, title="Put right")
    worker.drain()
    assert not any(b"Not approved" in path.read_bytes() for path in cdn.rglob("*") if path.is_file())


def test_a_direct_publish_ships_no_file_and_no_profile_that_was_replaced_in_place(cdn: Path) -> None:
    """Edna puts a title right. That somebody replaced a file since the approval, she may not even know."""
    course = school.make_course()
    notes = Attachment.objects.create(title="Notes", file=ContentFile(b"approved", "notes.txt"))
    school.rewrite(school.lessons(course)[0], f'<a linktype="document" id="{notes.pk}">notes</a>')
    ada = InstructorProfile.objects.create(name="Ada")
    draft = Course.objects.get(pk=course.pk).get_latest_revision_as_object()
    draft.instructors.create(profile=ada, sort_order=0)
    draft.save_revision()
    school.release(course)
    # As it stands after somebody replaced it who may not publish: there is no event of it.
    Attachment.objects.filter(pk=notes.pk).update(file=notes.file.storage.save("notes.txt", ContentFile(b"by nobody")))
    InstructorProfile.objects.update(name="Nobody")
    school.publish(school.lessons(course)[1])
    worker.drain()
    assert Release.objects.count() == 1, "nothing of a page was changed"
    fresh = Attachment.objects.create(title="More", file=ContentFile(b"in the edit", "more.txt"))
    link = school.text(f'<a linktype="document" id="{fresh.pk}">more</a>')
    school.publish(school.lessons(course)[1], body=[link])
    worker.drain()
    assert school.pointer(cdn, course).release == 2
    attached = {path.read_bytes() for path in (cdn / "o").glob("*.txt")}
    assert attached == {b"approved", b"in the edit"}
    assert not any(b"Nobody" in path.read_bytes() for path in cdn.rglob("*") if path.is_file())
    school.release(course)
    assert b"by nobody" in {path.read_bytes() for path in (cdn / "o").glob("*.txt")}, "an approval ships it"


def test_a_direct_unpublish_takes_the_lesson_from_the_site(cdn: Path) -> None:
    course = school.make_course()
    school.release(course)
    lesson = school.lessons(course)[1]
    lesson.unpublish()
    worker.drain()
    assert f'content="removed:{course.uuid}"' in (cdn / f"courses/statistics/{lesson.slug}/index.html").read_text()
    assert str(lesson.uuid) not in school.manifest(cdn, course).documents


def test_an_edit_that_changed_nothing_makes_no_release(cdn: Path) -> None:
    course = school.make_course()
    school.release(course)
    school.publish(school.lessons(course)[0])
    worker.drain()
    assert Release.objects.count() == 1
    assert publication(course).built_seq == publication(course).wanted_seq
    assert school.pointer(cdn, course).generation == 1


def test_a_rebuild_is_not_lost_beside_an_edit_that_changed_nothing(cdn: Path) -> None:
    course = school.make_course()
    school.release(course)
    (cdn / f"c/{course.uuid}/current.json").unlink()
    outbox.record(course.uuid, Kind.REBUILD)
    school.publish(school.lessons(course)[0])
    worker.drain()
    assert school.pointer(cdn, course).generation == 2
    assert Release.objects.count() == 1


def test_a_direct_release_that_a_killed_worker_began_is_taken_up(monkeypatch: pytest.MonkeyPatch) -> None:
    course = school.make_course()
    school.release(course)
    school.publish(school.lessons(course)[0], title="Put right")

    class Killed(BaseException):
        """Nothing of ours catches it, as nothing catches kill -9."""

    def kill(point: str) -> None:
        raise Killed(point)

    monkeypatch.setattr(release, "checkpoint", kill)
    with pytest.raises(Killed):
        worker.work(course.uuid)
    monkeypatch.undo()
    Publication.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    worker.drain()
    assert list(Release.objects.filter(course=course.uuid).values_list("number", "state")) == [(2, "live"), (1, "past")]


def test_a_course_that_is_not_live_publishes_nothing() -> None:
    course = school.make_course()
    outbox.record(course.uuid, Kind.PUBLISHED)
    worker.drain()
    assert not Release.objects.exists()
    assert publication(course).built_seq == publication(course).wanted_seq


# --- waiting --------------------------------------------------------------------------------------------------


def test_a_release_waits_for_its_renditions_and_says_so(cdn: Path) -> None:
    course = school.make_course()
    give_cover(course)
    made = school.approve(course)
    assert worker.work(course.uuid) is False, "or the queue's task would ask again and again, and make no rendition"
    row = publication(course)
    assert row.waiting_for == "1 image is being prepared."
    assert (row.last_error, row.attempts, row.lease_owner, row.live_release) == ("", 0, "", None)
    worker.drain()
    tasks.build.call_local(str(course.uuid))
    assert [renditions.make(pk) for pk in renditions.due()] == [True]
    worker.drain()
    made.refresh_from_db()
    assert made.state == Release.State.LIVE
    assert publication(course).waiting_for == ""
    assert verify(DiskStore(cdn), public_key()).faults == []


def test_nothing_is_encoded_again(cdn: Path) -> None:
    course = school.make_course()
    give_cover(course)
    school.approve(course)
    worker.drain()
    for pk in renditions.due():
        renditions.make(pk)
    worker.drain()
    before, files = list(Rendition.objects.values()), school.files(cdn)
    assert len(before) == 1
    school.rewrite(school.lessons(course)[0], "Other words.")
    school.release(course)
    assert list(Rendition.objects.values()) == before
    assert renditions.due() == []
    assert not any(key.endswith((".webp", ".avif", ".png", ".jpg")) for key in school.written(files, cdn))


# --- failing --------------------------------------------------------------------------------------------------


def failing(_point: str) -> None:
    raise OSError("no space left on device")


def test_a_failure_becomes_words_and_a_later_try(monkeypatch: pytest.MonkeyPatch) -> None:
    course = school.make_course()
    made = school.approve(course)
    monkeypatch.setattr(release, "checkpoint", failing)
    assert worker.work(course.uuid) is False
    row = publication(course)
    assert row.last_error == "Publishing failed (OSError: no space left on device). It is tried again by itself."
    assert (row.attempts, row.lease_owner) == (1, "")
    assert row.next_try_at is not None
    assert row.next_try_at > timezone.now()
    monkeypatch.undo()
    assert worker.work(course.uuid) is False, "its next try has not come"
    Publication.objects.update(next_try_at=timezone.now())
    assert worker.work(course.uuid) is True
    made.refresh_from_db()
    assert made.state == Release.State.LIVE
    assert (publication(course).last_error, publication(course).attempts) == ("", 0)


def test_an_authors_error_is_shown_as_it_is() -> None:
    course = school.make_course()
    give_cover(course)
    school.approve(course)
    worker.drain()
    Rendition.objects.update(state=Rendition.State.FAILED, error="cover.png is broken: upload it again.")
    assert worker.work(course.uuid) is False
    assert publication(course).last_error == "cover.png is broken: upload it again."


@pytest.fixture
def stuck() -> Course:
    """Release 1 is live; release 2 is approved, and its cover cannot be used."""
    course = school.make_course()
    school.release(course)
    give_cover(course)
    school.approve(course)
    worker.drain()
    Rendition.objects.update(state=Rendition.State.FAILED, error="cover.png is broken: choose another.")
    worker.drain()
    assert "is broken" in publication(course).last_error
    return course


def states() -> dict[int, str]:
    return dict(Release.objects.values_list("number", "state"))


def test_a_direct_edit_that_puts_a_failed_approval_right_is_published(stuck: Course, cdn: Path) -> None:
    school.publish(stuck, cover=None, title="Put right")
    worker.drain()
    row = publication(stuck)
    assert (row.built_seq, row.last_error) == (row.wanted_seq, "")
    assert states() == {1: "past", 2: "skipped", 3: "live"}
    assert b"Put right" in (cdn / "courses/statistics/index.html").read_bytes()
    assert verify(DiskStore(cdn), public_key()).faults == []


def test_a_direct_edit_that_undoes_a_failed_approval_leaves_nothing_to_build(stuck: Course, cdn: Path) -> None:
    before = school.files(cdn)
    school.publish(stuck, cover=None)
    worker.drain()
    row = publication(stuck)
    assert (row.built_seq, row.last_error) == (row.wanted_seq, "")
    assert states() == {1: "live", 2: "skipped"}
    assert school.files(cdn) == before


def test_a_direct_edit_of_something_else_does_not_hide_a_failed_approval(stuck: Course) -> None:
    school.publish(school.lessons(stuck)[1], title="Something else")
    worker.drain()
    row = publication(stuck)
    assert row.built_seq < row.wanted_seq
    assert row.last_error == "cover.png is broken: choose another."
    assert Release.objects.get(state="live").number == 1


def test_draining_comes_to_every_course_although_the_first_fails_and_the_next_waits(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A generator in place of the loop would stop at the first course that was built."""
    courses = [school.make_course(title) for title in ("One", "Two", "Three", "Four")]
    give_cover(courses[1])
    for course in courses:
        school.approve(course)
    Candidate.objects.filter(course=courses[0].uuid).update(content="{}")
    worker.drain()
    assert [bool(publication(course).live_release) for course in courses] == [False, False, True, True]
    assert publication(courses[0]).last_error
    assert publication(courses[1]).waiting_for
    catalogue = Publication.objects.get(course=CATALOGUE)
    assert catalogue.built_seq == catalogue.wanted_seq


# --- zombies --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("point", ["claimed", "half_objects", "manifest", "pointer", "half_pages", "pages"])
def test_a_worker_that_was_stopped_at_any_point_does_not_undo_its_successor(
    cdn: Path, monkeypatch: pytest.MonkeyPatch, settings: Settings, point: str
) -> None:
    """Release 2's worker is stopped there; its lease runs out; another worker ships release 3; the first wakes up."""
    course = school.make_course()
    school.release(course)
    school.rewrite(school.lessons(course)[0], "Release two.")
    second = school.approve(course)
    nested: list[str] = []

    def stopped(reached: str) -> None:
        if reached == point and not nested:
            nested.append(reached)
            Publication.objects.filter(course=course.uuid).update(lease_until=timezone.now() - timedelta(seconds=1))
            settings.LECTERN_LEASE_SECONDS = 0  # by the clock of the one that was stopped, too
            school.rewrite(school.lessons(course)[0], "Release three.")
            school.release(course)

    monkeypatch.setattr(release, "checkpoint", stopped)
    assert worker.work(course.uuid) is False
    assert nested == [point]
    third = Release.objects.get(number=3)
    pointer = school.pointer(cdn, course)
    assert (pointer.release, pointer.manifest) == (3, third.manifest)
    assert publication(course).live_release == third
    second.refresh_from_db()
    assert (second.state, second.manifest) == (Release.State.SKIPPED, "")
    assert b"Release three." in (cdn / "courses/statistics/lesson-1-1/index.html").read_bytes()
    worker.drain()
    assert school.pointer(cdn, course).release == 3
    assert verify(DiskStore(cdn), public_key()).faults == []


def test_a_page_that_a_zombie_wrote_between_its_look_and_its_write_is_put_right(
    cdn: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No store can fence a page. The zombie finds out at its next step, and asks for a rebuild."""
    course = school.make_course()
    school.release(course)
    school.rewrite(school.lessons(course)[0], "Release two.")
    school.approve(course)
    replace, nested = DiskStore.replace, list[str]()

    def late(self: DiskStore, key: str, data: bytes) -> bool:
        if key.endswith("lesson-1-1/index.html") and not nested:
            nested.append(key)
            Publication.objects.filter(course=course.uuid).update(lease_until=timezone.now() - timedelta(seconds=1))
            school.rewrite(school.lessons(course)[0], "Release three.")
            school.release(course)
        return replace(self, key, data)

    monkeypatch.setattr(DiskStore, "replace", late)
    assert worker.work(course.uuid) is False
    page = cdn / "courses/statistics/lesson-1-1/index.html"
    assert b"Release two." in page.read_bytes(), "the accident itself"
    worker.drain()
    assert b"Release three." in page.read_bytes()
    assert verify(DiskStore(cdn), public_key()).faults == []
    assert ChangeEvent.objects.filter(kind=Kind.REBUILD, course=course.uuid).count() == 1


def test_a_lost_lease_while_writing_down_an_error_is_no_crash(monkeypatch: pytest.MonkeyPatch) -> None:
    course = school.make_course()
    school.approve(course)

    def taken_and_failing(_point: str) -> None:
        Publication.objects.filter(course=course.uuid).update(lease_owner="another")
        raise OSError("no space left on device")

    monkeypatch.setattr(release, "checkpoint", taken_and_failing)
    assert worker.work(course.uuid) is False
    assert publication(course).last_error == ""


def carry_out(message: Any) -> None:
    """What a consumer does with a message, but for giving the connection back: it is this test's, in a transaction."""
    named = {task.task_class.__name__: task for task in (tasks.build, tasks.make_rendition)}
    named[message.name].call_local(*message.args, **message.kwargs)


def test_the_queue_holds_ids_and_the_periodic_task_is_the_reconciler(django_capture_on_commit_callbacks: Any) -> None:
    course = school.make_course()
    with django_capture_on_commit_callbacks(execute=True):
        school.approve(course)
    (message,) = HUEY.pending()
    assert message.args == (str(course.uuid),)
    carry_out(HUEY.dequeue())
    assert publication(course).live_release is not None
    school.publish(school.lessons(course)[0], title="Its bell was lost")
    HUEY.flush()
    tasks.reconcile.call_local()
    while task := HUEY.dequeue():
        carry_out(task)
    assert publication(course).built_seq == publication(course).wanted_seq


def test_a_course_whose_last_lesson_was_unpublished_says_that_readers_keep_it(cdn: Path) -> None:
    course = school.make_course(lessons=1)
    school.release(course)
    school.lessons(course)[0].unpublish()
    worker.drain()
    assert "has no live lesson left" in publication(course).last_error
    assert school.pointer(cdn, course).release == 1
    school.publish(school.lessons(course)[0])
    Publication.objects.update(next_try_at=None)
    worker.drain()
    assert publication(course).last_error == ""
