"""What has a time of its own comes then: late or twice asked it comes once, and what fails stops nothing else."""

import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.utils import timezone
from wagtail.models import Page, PageLogEntry, Revision

from content.models import Course, Lesson, Module
from pipeline import approval, page_schedule, schedule, worker
from pipeline.errors import AuthorError
from pipeline.models import Candidate, ChangeEvent, Publication, Release, ScheduledRelease, ScheduleFault
from tests.copied_database import Threads
from tests.pipeline import course_factory as school

alone = pytest.mark.django_db
WALL, ZONE = "2050-06-01T09:00", "Europe/Berlin"
DUE = datetime(2050, 6, 1, 7, 0, tzinfo=UTC)
State = ScheduledRelease.State


def at(page: Any, days: float, **changes: Any) -> Revision:
    """Edna schedules the next version of a page; negative days are past, as if no scheduler had come since."""
    when = timezone.now() + timedelta(days=days)
    future = timezone.now() + timedelta(days=1)
    revision = school.edit(page, go_live_at=future, **changes)
    revision.publish(user=school.person("Edna"), skip_permission_checks=True)
    content = revision.content | {"go_live_at": when.isoformat()}
    Revision.objects.filter(pk=revision.pk).update(approved_go_live_at=when, content=content)
    return Revision.objects.get(pk=revision.pk)


def expires(page: Any, days: float) -> None:
    Page.objects.filter(pk=page.pk).update(expire_at=timezone.now() + timedelta(days=days))


def live(course: Course) -> set[str]:
    return {lesson.title for lesson in school.lessons(course) if lesson.live}


# --- pages -----------------------------------------------------------------------------------------------------


@alone
def test_a_page_goes_live_days_late_and_once() -> None:
    course = school.make_course(lessons=2)
    school.release(course)
    lesson = school.lessons(course)[0]
    at(lesson, -3, title="In time")
    at(school.lessons(course)[1], 2, title="Later")
    before = ChangeEvent.objects.count()
    assert page_schedule.publish_due() == ["“In time” went live."]
    assert live(course) == {"In time", "Lesson 1.2"}
    assert ChangeEvent.objects.count() == before + 1
    event = ChangeEvent.objects.latest("id")
    assert (event.kind, event.page, event.actor) == ("published", lesson.uuid, None)
    assert PageLogEntry.objects.filter(action="wagtail.publish.scheduled").count() == 1
    assert page_schedule.publish_due() == []
    assert ChangeEvent.objects.count() == before + 1
    worker.drain()
    row = Publication.objects.get(course=course.uuid)
    assert row.live_release
    assert "In time" in row.live_release.candidate.frozen().model_dump_json()


@alone
def test_a_page_expires() -> None:
    course = school.make_course(lessons=2)
    school.release(course)
    lesson = school.lessons(course)[0]
    expires(lesson, -3)
    assert page_schedule.publish_due() == ["“Lesson 1.1” expired."]
    lesson.refresh_from_db()
    assert (lesson.live, lesson.expired) == (False, True)
    event = ChangeEvent.objects.latest("id")
    assert (event.kind, event.page) == ("unpublished", lesson.uuid)
    assert page_schedule.publish_due() == []


@alone
def test_a_page_whose_whole_time_has_passed_ends_expired() -> None:
    course = school.make_course(lessons=2)
    lesson = school.lessons(course)[0]
    at(lesson, -3, expire_at=timezone.now() - timedelta(days=1))
    assert page_schedule.publish_due() == ["“Lesson 1.1” went live. “Lesson 1.1” expired."]
    assert live(course) == set()
    assert page_schedule.publish_due() == []


@alone
def test_times_are_carried_out_in_their_order() -> None:
    """A live page expires, and its next version goes live a day later. Stock Wagtail's expiry cancels that version."""
    course = school.make_course(lessons=2)
    school.release(course)
    lesson = school.lessons(course)[0]
    at(lesson, -1, title="Again", expire_at=None)
    expires(lesson, -2)
    assert page_schedule.publish_due() == ["“Lesson 1.1” expired.", "“Again” went live."]
    assert live(course) == {"Again", "Lesson 1.2"}


@alone
def test_an_expiry_does_not_cancel_the_next_versions_time() -> None:
    course = school.make_course(lessons=2)
    school.release(course)
    lesson = school.lessons(course)[0]
    at(lesson, 1, title="Again", expire_at=None)
    expires(lesson, -1)
    page_schedule.publish_due()
    assert Revision.objects.filter(object_id=str(lesson.pk)).exclude(approved_go_live_at=None).count() == 1


def taken_address(course: Course) -> tuple[Lesson, Lesson]:
    """Two lessons that are due; the address of the first was taken since."""
    first, second = school.lessons(course)[:2]
    at(first, -2, title="Poisoned", slug="third")
    at(second, -1, title="Healthy")
    third = school.add_lesson(Module.objects.child_of(course).get(), "Third")
    third.latest_revision.publish()
    return first, second


@alone
def test_a_page_that_cannot_go_live_says_why_keeps_its_time_and_stops_no_other() -> None:
    course = school.make_course(lessons=2)
    school.release(course)
    first, _second = taken_address(course)
    told = page_schedule.publish_due()
    assert len(told) == 2
    assert told[0].startswith("“Poisoned” could not go live at its time.")
    assert told[1] == "“Healthy” went live."
    fault = ScheduleFault.objects.get()
    assert (fault.page_id, fault.course, fault.attempts) == (first.pk, course.uuid, 1)
    assert "third" in fault.error
    assert Revision.objects.filter(object_id=str(first.pk)).exclude(approved_go_live_at=None).count() == 1
    assert "Poisoned" not in live(course)
    assert page_schedule.faults() == [fault]
    assert page_schedule.publish_due() == []  # not before its next try
    later = timezone.now() + timedelta(minutes=2)
    assert len(page_schedule.publish_due(later)) == 1
    assert ScheduleFault.objects.get().attempts == 2


@alone
def test_what_is_mended_goes_live_and_its_fault_is_gone() -> None:
    course = school.make_course(lessons=2)
    school.release(course)
    first, _second = taken_address(course)
    page_schedule.publish_due()
    school.edit(Lesson.objects.get(slug="third"), slug="elsewhere").publish()
    assert page_schedule.publish_due(timezone.now() + timedelta(minutes=2)) == ["“Poisoned” went live."]
    assert not ScheduleFault.objects.exists()
    assert Lesson.objects.get(pk=first.pk).slug == "third"


@alone
def test_a_page_that_was_edited_since_is_tried_at_once() -> None:
    course = school.make_course(lessons=2)
    school.release(course)
    first, _second = taken_address(course)
    page_schedule.publish_due()
    ScheduleFault.objects.update(next_try_at=timezone.now() + timedelta(hours=1))
    at(first, -1, title="Mended", slug="mended")
    assert page_schedule.publish_due() == ["“Mended” went live."]


@alone
def test_cancelling_in_the_editor_clears_the_fault() -> None:
    course = school.make_course(lessons=2)
    school.release(course)
    first, _second = taken_address(course)
    page_schedule.publish_due()
    revision = Revision.objects.exclude(approved_go_live_at=None).get(object_id=str(first.pk))
    revision.approved_go_live_at = None
    revision.save(update_fields=["approved_go_live_at"])  # as Wagtail's "Cancel scheduled publish" does
    assert page_schedule.faults() == []
    assert page_schedule.publish_due(timezone.now() + timedelta(hours=2)) == []
    assert not ScheduleFault.objects.exists()
    assert "Poisoned" not in live(course)


@alone
def test_the_command_is_ours_and_changes_nothing_on_a_dry_run(capsys: Any) -> None:
    course = school.make_course(lessons=1)
    candidate = school.submit(course)
    at(school.lessons(course)[0], -1, title="Due")
    made = schedule.schedule_release(candidate, school.person("Edna"), WALL, ZONE)
    ScheduledRelease.objects.update(due_at=timezone.now() - timedelta(days=1))
    call_command("publish_scheduled", "--dryrun")
    dry = capsys.readouterr().out.splitlines()
    assert dry[0] == "“Due” has to go live."
    assert dry[1].startswith("“Statistics” has to be released: 1 June 2050, 09:00")
    assert not Lesson.objects.live().exists()
    call_command("publish_scheduled")
    assert capsys.readouterr().out.splitlines()[0] == "“Due” went live."
    made.refresh_from_db()
    assert made.state == State.DONE
    call_command("publish_scheduled")
    assert capsys.readouterr().out == "Nothing is due.\n"


# --- releases --------------------------------------------------------------------------------------------------


def planned(course: Course, wall: str = WALL, zone: str = ZONE) -> ScheduledRelease:
    return schedule.schedule_release(school.submit(course), school.person("Edna"), wall, zone)


@alone
def test_a_scheduled_release_touches_nothing_before_its_time() -> None:
    course = school.make_course()
    made = planned(course)
    assert (made.due_at, made.state, made.scheduled_by) == (DUE, State.WAITING, school.person("Edna"))
    assert schedule.spoken(made) == "1 June 2050, 09:00 (CEST, Europe/Berlin)"
    assert Candidate.objects.get().state == Candidate.State.APPROVED
    assert schedule.release_due(DUE - timedelta(seconds=1)) == []
    assert not Page.objects.descendant_of(course, inclusive=True).live().exists()
    assert not Release.objects.exists()
    assert not ChangeEvent.objects.exists()


@alone
def test_at_its_time_or_days_late_it_becomes_a_release_once() -> None:
    course = school.make_course()
    made = planned(course)
    told = schedule.release_due(DUE + timedelta(days=3))
    assert told == ["“Statistics”: release 1, scheduled for 1 June 2050, 09:00 (CEST, Europe/Berlin), is on its way."]
    assert schedule.release_due(DUE + timedelta(days=3)) == []
    made.refresh_from_db()
    assert (made.state, made.error) == (State.DONE, "")
    release = Release.objects.get()
    assert (release.candidate, release.approved_by) == (made.candidate, school.person("Edna"))
    event = ChangeEvent.objects.latest("id")
    assert (event.kind, event.release, event.actor) == ("approved", release, school.person("Edna"))
    assert Lesson.objects.live().count() == 3
    worker.drain()
    release.refresh_from_db()
    assert release.state == Release.State.LIVE


@alone
def test_what_was_written_since_stays_a_draft_and_a_review_in_progress_goes_on() -> None:
    course = school.make_course()
    planned(course)
    school.rewrite(school.lessons(course)[0], "Written later.")
    later = school.submit(course)  # submitting goes on while a release is scheduled
    schedule.release_due(DUE)
    lesson = school.lessons(course)[0]
    assert "Written later." not in str(lesson.body.raw_data)
    assert "Written later." in str(lesson.get_latest_revision_as_object().body.raw_data)
    later.refresh_from_db()
    assert later.state == Candidate.State.IN_REVIEW
    assert approval.approve(later, school.person("Edna")).number == 2


@alone
def test_approving_another_one_meanwhile_cancels_nothing() -> None:
    course = school.make_course()
    made = planned(course)
    school.rewrite(school.lessons(course)[0], "Approved for now.")
    assert school.approve(course).number == 1
    made.refresh_from_db()
    assert made.state == State.WAITING
    schedule.release_due(DUE)
    assert Release.objects.get(candidate=made.candidate).number == 2
    assert "Approved for now." in str(school.lessons(course)[0].get_latest_revision_as_object().body.raw_data)


@alone
def test_one_release_of_a_course_is_scheduled_at_a_time() -> None:
    course = school.make_course()
    planned(course)
    with pytest.raises(AuthorError, match=r"is scheduled for 1 June 2050, 09:00 \(CEST, Europe/Berlin\) already"):
        planned(course, "2051-06-01T09:00")
    assert Candidate.objects.filter(state=Candidate.State.IN_REVIEW).count() == 1


@alone
def test_who_submitted_it_cannot_schedule_it_and_the_past_cannot_be_chosen() -> None:
    candidate = school.submit(school.make_course())
    edna = school.person("Edna")
    with pytest.raises(AuthorError, match="You submitted “Statistics” yourself"):
        schedule.schedule_release(candidate, school.person("Ada"), WALL, ZONE)
    with pytest.raises(AuthorError, match="1 June 2020, 09:00 in Europe/Berlin has passed"):
        schedule.schedule_release(candidate, edna, "2020-06-01T09:00", ZONE)
    with pytest.raises(AuthorError, match="does not come on"):
        schedule.schedule_release(candidate, edna, "2050-03-27T02:30", ZONE)
    candidate.refresh_from_db()
    assert candidate.state == Candidate.State.IN_REVIEW
    assert not ScheduledRelease.objects.exists()


@alone
def test_a_cancelled_release_never_comes_and_the_course_can_be_submitted_again() -> None:
    course = school.make_course()
    made = planned(course)
    schedule.cancel(made, school.person("Edna"))
    made.refresh_from_db()
    assert made.state == State.CANCELLED
    assert Candidate.objects.get().state == Candidate.State.WITHDRAWN
    assert schedule.release_due(DUE) == []
    assert not Release.objects.exists()
    with pytest.raises(AuthorError, match="was cancelled already"):
        schedule.cancel(made, school.person("Edna"))
    assert planned(course).state == State.WAITING


@alone
def test_what_was_released_cannot_be_cancelled() -> None:
    made = planned(school.make_course())
    schedule.release_due(DUE)
    with pytest.raises(AuthorError, match="was released already"):
        schedule.cancel(made, school.person("Edna"))
    assert Candidate.objects.get().state == Candidate.State.APPROVED


@alone
def test_one_that_cannot_be_released_says_why_and_stops_no_other() -> None:
    first, second = school.make_course(), school.make_course("Algebra")
    made = planned(first)
    planned(second)
    elsewhere = school.make_course("Logic", lessons=1)
    school.lessons(first)[2].move(Module.objects.child_of(elsewhere).get(), pos="last-child")
    told = schedule.release_due(DUE)
    assert told[0].startswith("“Statistics” could not be released at its time. “Lesson 1.3” was moved")
    assert told[1].startswith("“Algebra”: release 1")
    made.refresh_from_db()
    assert (made.state, made.attempts) == (State.WAITING, 1)
    assert "was moved to another course" in made.error
    assert not Release.objects.filter(course=first.uuid).exists()
    assert schedule.release_due(DUE) == []  # not before its next try
    school.lessons(elsewhere)[1].move(Module.objects.child_of(Course.objects.get(pk=first.pk)).get(), pos="last-child")
    assert len(schedule.release_due(DUE + timedelta(minutes=1))) == 1
    made.refresh_from_db()
    assert (made.state, made.error) == (State.DONE, "")


@alone
def test_a_course_that_was_deleted_is_not_brought_back() -> None:
    course = school.make_course()
    made = planned(course)
    Course.objects.get(pk=course.pk).delete()
    assert schedule.release_due(DUE) == ["“Statistics” was deleted, so its scheduled release is cancelled."]
    made.refresh_from_db()
    assert made.state == State.CANCELLED
    assert not Release.objects.exists()


# --- two schedulers at once ------------------------------------------------------------------------------------


def release_at_once(start: threading.Barrier) -> int:
    start.wait()
    return len(schedule.release_due(DUE))


def publish_at_once(start: threading.Barrier) -> int:
    start.wait()
    return len(page_schedule.publish_due())


def test_four_schedulers_release_once(threads: Threads) -> None:
    threads.one(lambda: planned(school.make_course()))
    assert sorted(threads.at_once(4, release_at_once)) == [0, 0, 0, 1]
    assert threads.one(Release.objects.count) == 1


def test_four_schedulers_publish_a_page_once(threads: Threads) -> None:
    def prepare() -> None:
        at(school.lessons(school.make_course(lessons=1))[0], -1)

    threads.one(prepare)
    assert sorted(threads.at_once(4, publish_at_once)) == [0, 0, 0, 1]
    logged = PageLogEntry.objects.filter(action="wagtail.publish.scheduled")
    assert threads.one(logged.count) == 1


def test_control_a_look_before_the_lock_releases_more_than_once(threads: Threads) -> None:
    """What `release_due` must not be: a look, and an act that trusts it."""
    made = threads.one(lambda: planned(school.make_course()).pk)

    def carelessly(start: threading.Barrier) -> int:
        row = ScheduledRelease.objects.get(pk=made, state=State.WAITING)
        start.wait()
        return approval.carry_out(Candidate.objects.get(pk=row.candidate_id), None).number

    assert sorted(threads.at_once(3, carelessly)) == [1, 2, 3]
