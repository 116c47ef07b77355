"""What live pages say and nobody was told of is found, released and said; what is as it was decided is left alone."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.cache import cache
from django.db import connection
from django.db.models import F
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from huey.contrib.djhuey import HUEY
from pytest_django import Settings
from treebeard.mp_tree import MP_Node
from wagtail.models import Page

from content.models import Course, Lesson, Module
from pipeline import approval, drift, outbox, rollback, worker
from pipeline.keys import public_key
from pipeline.models import Candidate, ChangeEvent, Publication, Release
from pipeline.reconcile import reconcile
from pipeline.store.disk import DiskStore
from pipeline.verify import verify
from tests.pipeline import course_factory as school

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def cdn(settings: Settings, tmp_path: Path) -> Iterator[Path]:
    settings.LECTERN_STORE = tmp_path / "cdn"
    HUEY.flush()
    cache.clear()
    yield tmp_path / "cdn"
    HUEY.flush()


@pytest.fixture
def course(cdn: Path) -> Course:
    course = school.make_course(lessons=2, modules=2)
    school.release(course)
    return course


def repaired(course: Course, cdn: Path, told: str) -> Release:
    """The reconciler says exactly this, the worker comes, and all is well; the release that it made."""
    assert reconcile() == [f"Statistics: {told}; asked for a release of it."]
    worker.drain()
    assert reconcile() == []
    assert verify(DiskStore(cdn), public_key()).faults == []
    made = Release.objects.get(course=course.uuid, number=school.pointer(cdn, course).release)
    assert made.candidate.kind == Candidate.Kind.DIRECT
    return made


def test_words_that_were_changed_in_the_database(course: Course, cdn: Path) -> None:
    Lesson.objects.filter(title="Lesson 1.2").update(summary="By hand.")
    made = repaired(course, cdn, "“Lesson 1.2” says something else in the editor than released")
    assert made.candidate.frozen().modules[0].lessons[1].fields["summary"] == "By hand."


def test_a_page_that_was_saved_and_not_published(course: Course, cdn: Path) -> None:
    lesson = Lesson.objects.get(title="Lesson 2.1")
    lesson.slug = "renamed"
    lesson.save()
    repaired(course, cdn, "“Lesson 2.1” says something else in the editor than released")
    assert (cdn / "courses/statistics/renamed/index.html").is_file()


def test_a_lesson_that_was_taken_down_in_the_database(course: Course, cdn: Path) -> None:
    Lesson.objects.filter(title="Lesson 1.2").update(live=False)
    repaired(course, cdn, "“Lesson 1.2” is released and not live in the editor")


def test_a_lesson_that_a_fixture_made(course: Course, cdn: Path) -> None:
    module = Module.objects.descendant_of(course).first()
    lesson = school.add_lesson(module, "Lesson 1.3")
    assert reconcile() == [], "a draft is nobody's to publish"
    Lesson.objects.filter(pk=lesson.pk).update(live=True)
    repaired(course, cdn, "“Lesson 1.3” is live in the editor and not released")


def test_a_move_that_was_not_heard_of(course: Course, cdn: Path) -> None:
    lesson, module = Lesson.objects.get(title="Lesson 1.2"), Module.objects.get(title="Module 2")
    MP_Node.move(lesson, module, "last-child")  # as treebeard moves, below Wagtail: no signal
    repaired(course, cdn, "“Lesson 1.2” lies in another module than released")


def test_a_course_that_was_never_told_of(cdn: Path) -> None:
    course = school.make_course(lessons=1)
    assert reconcile() == []
    Page.objects.descendant_of(course, inclusive=True).update(live=True)
    repaired(course, cdn, "it is live in the editor and was never released")


def test_a_lesson_that_it_links_to_has_moved(course: Course, cdn: Path) -> None:
    other = school.make_course("Algebra", lessons=1)
    school.release(other)
    target, lesson = school.lessons(other)[0], school.lessons(course)[0]
    link = f'See <a linktype="page" id="{target.pk}">there</a>.'
    school.rewrite(lesson, link)
    school.release(course)
    assert reconcile() == []
    Lesson.objects.filter(pk=target.pk).update(slug="elsewhere")
    told = reconcile()
    assert sorted(told) == [
        "Algebra: “Lesson 1.1” says something else in the editor than released; asked for a release of it.",
        "Statistics: a course or lesson that it names was renamed, moved or deleted; asked for a release of it.",
    ]
    worker.drain()
    assert reconcile() == []
    assert "/elsewhere/" in (cdn / "courses/statistics/lesson-1-1/index.html").read_text()


def test_many_differences_are_counted(course: Course) -> None:
    Lesson.objects.all().update(minutes=7)
    (told,) = reconcile()
    assert told == (
        "Statistics: “Lesson 1.1” says something else in the editor than released; “Lesson 1.2” says something else in "
        "the editor than released; “Lesson 2.1” says something else in the editor than released; and 1 more; asked "
        "for a release of it."
    )


# --- what is as it was decided ------------------------------------------------------------------------------------


def draft(course: Course) -> None:
    school.rewrite(school.lessons(course)[0], "A draft.")
    school.add_lesson(Module.objects.descendant_of(course).first(), "A new lesson")


def under_review(course: Course) -> None:
    draft(course)
    school.submit(course)


def sent_back(course: Course) -> None:
    under_review(course)
    approval.request_changes(Candidate.objects.get(state=Candidate.State.IN_REVIEW), None, "No.")


def edited_after_approval(course: Course) -> None:
    draft(course)
    made = school.approve(course)
    school.rewrite(school.lessons(course)[0], "A later draft.")
    worker.drain()
    made.refresh_from_db()
    assert made.state == Release.State.LIVE


def published_directly(course: Course) -> None:
    school.publish(school.lessons(course)[0], title="Published")
    worker.drain()


def put_back(course: Course) -> None:
    """Live pages say what release 2 said, and readers have release 1: an editor's decision."""
    edited_after_approval(course)
    rollback.roll_back(course.uuid, 1, None)
    worker.drain()


def stopped(course: Course) -> None:
    """An approval that was stopped before it was built by putting back what is live."""
    draft(course)
    school.approve(course)
    rollback.roll_back(course.uuid, 1, None)
    worker.drain()
    assert Release.objects.get(course=course.uuid, number=2).state == Release.State.SKIPPED


def back_to_what_readers_have(course: Course) -> None:
    """Release 2 was put back to 1; then somebody publishes directly what release 1 says: nothing to release."""
    lesson = school.lessons(course)[0]
    school.publish(lesson, title="Published")
    worker.drain()
    rollback.roll_back(course.uuid, 1, None)
    worker.drain()
    school.publish(lesson, title="Lesson 1.1")
    worker.drain()
    assert Publication.objects.get(course=course.uuid).live_release.number == 1


def another_order(course: Course) -> None:
    first, second, *_ = school.lessons(course)
    second.move(first, "left")
    Publication.objects.filter(course=course.uuid).update(wanted_seq=1, built_seq=1)


def deleted_since_the_freeze(course: Course) -> None:
    lesson = school.add_lesson(Module.objects.descendant_of(course).first(), "A new lesson")
    candidate = school.submit(course)
    lesson.delete()
    approval.approve(candidate, school.person("Edna"))
    worker.drain()


def held_back(course: Course) -> None:
    school.edit(school.lessons(course)[1], held_back=True)
    school.release(course)


@pytest.mark.parametrize(
    "act",
    [
        draft,
        under_review,
        sent_back,
        edited_after_approval,
        published_directly,
        put_back,
        stopped,
        back_to_what_readers_have,
        another_order,
        deleted_since_the_freeze,
        held_back,
    ],
)
def test_what_was_decided_is_left_alone(course: Course, act: Callable[[Course], None]) -> None:
    act(course)
    assert reconcile() == []


def test_a_change_that_comes_in_between_is_not_told_twice(course: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    def drifted(_course: object, _release: object) -> str:
        outbox.record(course.uuid, ChangeEvent.Kind.PUBLISHED)
        return "it differs"

    Lesson.objects.filter(title="Lesson 1.2").update(summary="By hand.")
    monkeypatch.setattr("pipeline.reconcile.drift", drifted)
    assert reconcile() == []


# --- what a round costs -------------------------------------------------------------------------------------------


def test_a_course_costs_the_same_questions_however_many_lessons(course: Course) -> None:
    asked = []
    for _ in range(2):
        with CaptureQueriesContext(connection) as queries:
            assert drift.drift(course.uuid, Publication.objects.get(course=course.uuid).live_release) == ""
        # `freeze` has Wagtail ask for the comments of each live page; the rest is asked for all pages at once.
        asked.append(sum("wagtailcore_comment" not in query["sql"] for query in queries))
        module = Module.objects.descendant_of(course).first()
        for number in range(3):
            school.add_lesson(module, f"More {len(asked)} {number}")
        school.release(course)
    assert asked[0] == asked[1]


def test_every_course_has_its_turn_within_the_hour_and_no_other(course: Course) -> None:
    Lesson.objects.filter(title="Lesson 1.2").update(summary="By hand.")
    begin, turns = timezone.now().replace(second=0), []
    for minute in range(60):
        if reconcile(whole=False, now=begin + timedelta(minutes=minute)):
            turns.append(minute)
            Publication.objects.update(built_seq=F("wanted_seq"))  # nobody repairs it
    assert len(turns) == 1
    assert (begin + timedelta(minutes=turns[0])).minute == course.uuid.int % 60


def test_rounds_that_were_missed_are_made_up_for(course: Course) -> None:
    Lesson.objects.filter(title="Lesson 1.2").update(summary="By hand.")
    turn = timezone.now().replace(minute=course.uuid.int % 60, second=0)
    assert reconcile(whole=False, now=turn - timedelta(minutes=5)) == []
    assert len(reconcile(whole=False, now=turn + timedelta(minutes=5))) == 1
