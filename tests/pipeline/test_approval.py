"""Exactly the candidate ships; who may decide; one decision; and nothing by halves."""

import threading
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings
from wagtail.actions.publish_page_revision import PublishPageRevisionAction
from wagtail.models import Revision

from content.models import Attachment, Course, Lesson, Module
from pipeline import approval, originals, outbox
from pipeline.candidate import freeze
from pipeline.errors import AuthorError
from pipeline.frozen_tree import digest
from pipeline.models import Candidate, ChangeEvent, Publication, Release
from tests.copied_database import Threads
from tests.pipeline import course_factory as school

alone = pytest.mark.django_db


def live_text(lesson: Lesson) -> str:
    return str(Lesson.objects.get(pk=lesson.pk).body.raw_data[0]["value"])


def draft_text(lesson: Lesson) -> str:
    return str(Lesson.objects.get(pk=lesson.pk).get_latest_revision_as_object().body.raw_data[0]["value"])


# --- submit ---------------------------------------------------------------------------------------------------


@alone
def test_submitting_freezes_the_drafts() -> None:
    course = school.make_course(lessons=2)
    school.rewrite(school.lessons(course)[1], "A new draft.")
    candidate = school.submit(course)
    frozen = candidate.frozen()
    assert candidate.digest == digest(frozen) == digest(freeze(course))
    assert frozen.modules[0].lessons[1].fields["body"][0]["value"] == "<p>A new draft.</p>"
    assert not ChangeEvent.objects.exists(), "readers see nothing of a submission"


@alone
def test_a_course_is_under_review_once() -> None:
    course = school.make_course()
    candidate = school.submit(course)
    with pytest.raises(AuthorError, match="under review already: withdraw it first"):
        school.submit(course)
    approval.withdraw(candidate, school.person("Ada"))
    school.submit(course)


@alone
def test_a_course_without_lessons_is_not_submitted() -> None:
    with pytest.raises(AuthorError, match="no lesson yet"):
        school.submit(school.make_course(modules=0))
    with pytest.raises(AuthorError, match="no lesson yet"):
        school.submit(school.make_course("Empty modules", lessons=0))
    assert not Candidate.objects.exists()


@alone
def test_the_database_itself_refuses_a_second_review() -> None:
    candidate = school.submit(school.make_course())
    candidate.pk = None
    with pytest.raises(Exception, match=r"(?i)unique"):
        candidate.save()


# --- approve: exactly the candidate ---------------------------------------------------------------------------


@alone
def test_approving_makes_the_pages_live_and_numbers_a_release() -> None:
    course = school.make_course()
    release = school.approve(course)
    assert (release.number, release.state, release.approved_by) == (1, Release.State.WAITING, school.person("Edna"))
    for model in (Course, Module, Lesson):
        assert all(page.live for page in model.objects.all())
    event = ChangeEvent.objects.order_by("-id").first()
    assert event is not None
    assert (event.kind, event.release) == ("approved", release)
    assert Publication.objects.get(course=course.uuid).wanted_seq == event.pk


@alone
def test_what_is_live_after_an_approval_is_what_was_frozen() -> None:
    """Otherwise the first look for direct edits would find some, and make a release that nobody asked for."""
    course = school.make_course(modules=2)
    candidate = school.submit(course)
    approval.approve(candidate, school.person("Edna"))
    assert digest(freeze(course, live=True)) == candidate.digest
    school.rewrite(school.lessons(course)[0], "Second words.")
    school.edit(course, title="Statistics, again", hours=2.5)
    second = school.submit(course)
    school.rewrite(school.lessons(course)[0], "Words after the freeze.")
    school.edit(course, title="A title after the freeze")
    approval.approve(second, school.person("Edna"))
    assert digest(freeze(course, live=True)) == second.digest


@alone
def test_an_edit_after_the_submission_stays_the_draft() -> None:
    course = school.make_course()
    lesson = school.lessons(course)[0]
    candidate = school.submit(course)
    school.rewrite(lesson, "Sneaked in.")
    approval.approve(candidate, school.person("Edna"))
    assert live_text(lesson) == "<p>Lesson 1.1 says little.</p>"
    assert draft_text(lesson) == "<p>Sneaked in.</p>"
    fresh = Lesson.objects.get(pk=lesson.pk)
    assert fresh.has_unpublished_changes
    assert fresh.latest_revision.user == school.person("Ada"), "the draft is still its author's"
    assert digest(freeze(course)) != candidate.digest
    assert digest(freeze(course, live=True)) == candidate.digest


@alone
def test_a_revision_overwritten_in_place_does_not_ship() -> None:
    """Autosave rewrites the latest revision's row; the frozen copy decides, not the row."""
    course = school.make_course()
    lesson = school.lessons(course)[0]
    candidate = school.submit(course)
    draft = lesson.get_latest_revision_as_object()
    draft.body = [school.text("Sneaked into the row.")]
    before = lesson.latest_revision_id
    draft.save_revision(user=school.person("Ada"), overwrite_revision=lesson.latest_revision)
    assert Lesson.objects.get(pk=lesson.pk).latest_revision_id == before
    approval.approve(candidate, school.person("Edna"))
    assert live_text(lesson) == "<p>Lesson 1.1 says little.</p>"
    assert draft_text(lesson) == "<p>Sneaked into the row.</p>"


@alone
def test_revisions_that_were_purged_do_not_matter() -> None:
    course = school.make_course()
    candidate = school.submit(course)
    school.rewrite(school.lessons(course)[0], "Later.")
    Revision.objects.filter(object_id=str(school.lessons(course)[0].pk)).exclude(
        pk=school.lessons(course)[0].latest_revision_id
    ).delete()
    approval.approve(candidate, school.person("Edna"))
    assert digest(freeze(course, live=True)) == candidate.digest


@alone
def test_an_unchanged_page_is_not_published_again() -> None:
    course = school.make_course()
    school.approve(course)
    school.rewrite(school.lessons(course)[1], "Only this.")
    before = dict(Lesson.objects.values_list("pk", "live_revision"))
    school.approve(course)
    changed = [pk for pk, revision in Lesson.objects.values_list("pk", "live_revision") if before[pk] != revision]
    assert changed == [school.lessons(course)[1].pk]


@alone
def test_one_changed_lesson_of_30_costs_as_many_questions_as_one_of_3() -> None:
    asked = []
    for title, count in (("Small", 3), ("Large", 30)):
        course = school.make_course(title, lessons=count)
        school.approve(course)
        school.rewrite(school.lessons(course)[1], "Another word.")
        candidate = school.submit(course)
        with CaptureQueriesContext(connection) as queries:
            approval.approve(candidate, school.person("Edna"))
        assert live_text(school.lessons(course)[1]) == "<p>Another word.</p>"
        asked.append(len(queries))
    assert asked[0] == asked[1], asked


@alone
def test_a_page_that_only_seems_to_be_as_approved_is_put_right() -> None:
    """Its row says it, but it is not live; or a later draft waits behind it."""
    course = school.make_course(lessons=3)
    school.approve(course)
    down, drafted, _ = school.lessons(course)
    candidate = school.submit(course)
    Lesson.objects.filter(pk=down.pk).update(live=False)
    school.rewrite(drafted, "Written since.")
    approval.approve(candidate, school.person("Edna"))
    assert Lesson.objects.get(pk=down.pk).live
    assert draft_text(drafted) == "<p>Written since.</p>"
    assert digest(freeze(course, live=True)) == candidate.digest


@alone
def test_what_the_candidate_leaves_out_is_taken_down_and_stays_a_draft() -> None:
    course = school.make_course(modules=2, lessons=2)
    school.approve(course)
    first, *_, last = school.lessons(course)
    school.edit(first, held_back=True)
    school.edit(last.get_parent().specific, held_back=True)
    Lesson.objects.filter(pk=first.pk).update(locked=True)  # Wagtail lets nobody unpublish a locked page by hand
    school.approve(course)
    assert list(Lesson.objects.live()) == [school.lessons(course)[1]]
    assert [module.title for module in Module.objects.live()] == ["Module 1"]
    assert Lesson.objects.count() == 4
    assert draft_text(first)


@alone
def test_topics_instructors_and_prerequisites_come_back_too() -> None:
    course, other = school.make_course(), school.make_course("Algebra")
    draft = course.get_latest_revision_as_object()
    draft.topics.add("surveys")
    draft.prerequisites.create(required=other, sort_order=0)
    draft.save_revision(user=school.person("Ada"))
    candidate = school.submit(course)
    draft = course.get_latest_revision_as_object()
    draft.topics.clear()
    draft.prerequisites = []
    draft.save_revision(user=school.person("Ada"))
    approval.approve(candidate, school.person("Edna"))
    live = Course.objects.get(pk=course.pk)
    assert sorted(topic.name for topic in live.topics.all()) == ["numbers", "surveys"]
    assert [link.required_id for link in live.prerequisites.all()] == [other.pk]
    assert digest(freeze(course, live=True)) == candidate.digest


@alone
def test_a_page_deleted_since_the_freeze_does_not_stop_the_release() -> None:
    course = school.make_course()
    candidate = school.submit(course)
    school.lessons(course)[1].delete()
    release = approval.approve(candidate, school.person("Edna"))
    assert len(release.candidate.frozen().modules[0].lessons) == 3


@alone
def test_a_course_deleted_since_the_freeze_is_not_approved() -> None:
    """Nobody would see its release: its pages say that it is gone."""
    course = school.make_course()
    candidate = school.submit(course)
    Course.objects.get(pk=course.pk).delete()
    with pytest.raises(AuthorError, match="was deleted in the editor"):
        approval.approve(candidate, school.person("Edna"))
    candidate.refresh_from_db()
    assert candidate.state == Candidate.State.IN_REVIEW
    assert not Release.objects.exists()


@alone
def test_an_address_taken_since_the_freeze_is_a_sentence_and_nothing_happened() -> None:
    course = school.make_course()
    candidate = school.submit(course)
    rival = school.make_course("Rival")
    school.edit(course, slug="moved-away")
    Course.objects.filter(pk=course.pk).update(slug="moved-away")
    school.edit(rival, slug="statistics").publish()
    with pytest.raises(AuthorError, match=r"“Statistics” cannot go live in the editor.*statistics"):
        approval.approve(candidate, school.person("Edna"))
    candidate.refresh_from_db()
    assert candidate.state == Candidate.State.IN_REVIEW
    assert not Release.objects.exists()


# --- who, once, whole -----------------------------------------------------------------------------------------


@alone
def test_nobody_approves_what_they_submitted() -> None:
    candidate = school.submit(school.make_course())
    with pytest.raises(AuthorError, match="You submitted “Statistics” yourself"):
        approval.approve(candidate, school.person("Ada"))
    candidate.refresh_from_db()
    assert candidate.state == Candidate.State.IN_REVIEW


@alone
@pytest.mark.parametrize("decide", ["approve", "request_changes", "withdraw"])
def test_a_decided_candidate_is_decided(decide: str) -> None:
    edna, candidate = school.person("Edna"), school.submit(school.make_course())
    first = {
        "approve": lambda: approval.approve(candidate, edna),
        "request_changes": lambda: approval.request_changes(candidate, edna, "Shorter."),
        "withdraw": lambda: approval.withdraw(candidate, edna),
    }
    first[decide]()
    state = candidate.state
    stale = Candidate.objects.get(pk=candidate.pk)
    stale.state = Candidate.State.IN_REVIEW  # what an editor's browser still shows
    for again in (
        lambda: approval.approve(stale, edna),
        lambda: approval.request_changes(stale, edna, "Longer."),
        lambda: approval.withdraw(stale, edna),
    ):
        with pytest.raises(AuthorError, match="not under review any more"):
            again()
    candidate.refresh_from_db()
    assert candidate.state == state
    assert Release.objects.count() == (decide == "approve")
    assert candidate.decided_by == edna
    assert candidate.decided_at is not None


@alone
def test_a_failure_at_the_last_page_leaves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    course = school.make_course(lessons=3)
    candidate = school.submit(course)
    publish, published = PublishPageRevisionAction.execute, []

    def failing(self: PublishPageRevisionAction, *args: object, **kwargs: object) -> object:
        published.append(self.revision.pk)
        if len(published) == 5:  # course, module and two lessons are done
            raise ConnectionError("the disk is full")
        return publish(self, *args, **kwargs)

    monkeypatch.setattr(PublishPageRevisionAction, "execute", failing)
    with pytest.raises(ConnectionError):
        approval.approve(candidate, school.person("Edna"))
    assert len(published) == 5
    assert not Lesson.objects.live().exists()
    assert not Course.objects.live().exists()
    assert not Release.objects.exists()
    assert not ChangeEvent.objects.exists()
    candidate = Candidate.objects.get(pk=candidate.pk)
    assert candidate.state == Candidate.State.IN_REVIEW
    monkeypatch.undo()
    assert approval.approve(candidate, school.person("Edna")).number == 1


@alone
def test_numbers_are_counted_for_each_course() -> None:
    first, second = school.make_course(), school.make_course("Algebra")
    assert [school.approve(course).number for course in (first, second, first, first)] == [1, 1, 2, 3]


@alone
def test_a_wagtail_rule_that_fails_is_told_as_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    candidate = school.submit(school.make_course())

    def refuses(self: PublishPageRevisionAction, *args: object, **kwargs: object) -> object:
        raise ValidationError({"slug": ["The slug 'x' is already in use."]})

    monkeypatch.setattr(PublishPageRevisionAction, "execute", refuses)
    with pytest.raises(AuthorError, match="already in use"):
        approval.approve(candidate, school.person("Edna"))


# --- two editors at once --------------------------------------------------------------------------------------


def approve_at_once(candidate: int, start: threading.Barrier) -> object:
    mine, edna = Candidate.objects.get(pk=candidate), school.person("Edna")
    start.wait()
    try:
        return approval.approve(mine, edna).number
    except AuthorError as error:
        return str(error)


def approve_carelessly(candidate: int, start: threading.Barrier) -> object:
    """What approve() must not be: a look, and a write that trusts it."""
    in_review = Candidate.objects.get(pk=candidate).state == Candidate.State.IN_REVIEW
    start.wait()  # everybody has looked before anybody writes
    if in_review:
        Candidate.objects.filter(pk=candidate).update(state=Candidate.State.APPROVED)
    return in_review


def test_of_several_editors_at_once_one_decides(threads: Threads) -> None:
    candidate = threads.one(lambda: school.person("Edna") and school.submit(school.make_course()).pk)
    found = threads.at_once(4, lambda start: approve_at_once(candidate, start))
    assert found.count(1) == 1
    refused = [one for one in found if one != 1]
    assert len(refused) == 3
    assert all("not under review any more" in str(one) for one in refused)
    assert threads.one(Release.objects.count) == 1
    assert threads.one(ChangeEvent.objects.filter(kind="approved").count) == 1


def test_control_looking_before_writing_lets_several_decide(threads: Threads) -> None:
    candidate = threads.one(lambda: school.submit(school.make_course()).pk)
    assert threads.at_once(4, lambda start: approve_carelessly(candidate, start)).count(True) > 1


@alone
def test_originals_are_copied_before_the_row_is_locked(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A film of gigabytes is copied for minutes. Whoever else writes of this course must not wait for that."""
    settings.MEDIA_ROOT, settings.LECTERN_ORIGINALS = tmp_path / "media", tmp_path / "originals"
    course = school.make_course()
    notes = Attachment.objects.create(title="Notes", file=ContentFile(b"notes", "notes.txt"))
    words = f'<a linktype="document" id="{notes.pk}">notes</a>'
    school.rewrite(school.lessons(course)[0], words)
    keep, lock, told = originals.keep, outbox.lock, list[str]()

    def tell_keep(file: Any) -> str:
        told.append("copy")
        return keep(file)

    def tell_lock(course: UUID) -> Publication:
        told.append("lock")
        return lock(course)

    monkeypatch.setattr(originals, "keep", tell_keep)
    monkeypatch.setattr(outbox, "lock", tell_lock)
    school.submit(course)
    assert told == ["copy", "lock"]
