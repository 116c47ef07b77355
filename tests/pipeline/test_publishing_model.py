"""Random lives of a course against a plain model of it: what is live or pinned is whole, and says what it should.

The model knows nothing of objects: it remembers which words each release has, which one is live, who holds which,
which the sweep must have left, and which lesson was purged.
"""

import os
import shutil
import tempfile
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import transaction
from django.test import override_settings
from django.utils import timezone
from huey.contrib.djhuey import HUEY
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from content.models import Course, Lesson
from pipeline import drift, purge, released, reopen, retire, rollback, sweep, withdraw, worker
from pipeline.condemned import needed
from pipeline.documents import LessonDocument, ProseBlock
from pipeline.errors import AuthorError
from pipeline.keys import public_key
from pipeline.manifest import Manifest
from pipeline.models import Condemned, Publication, Release, Tombstone
from pipeline.reconcile import reconcile
from pipeline.release import read_manifest
from pipeline.store.disk import DiskStore
from pipeline.sweep import Terms
from pipeline.verify import verify
from tests.pipeline import course_factory as school

Words = tuple[str, ...]  # what each lesson says; nothing, where it was purged
LESSONS = 2
NEWEST = 2  # how many releases the sweep keeps for a rollback
GRACE = timedelta(days=7)
WORDS = st.sampled_from(["one", "two", "three"])  # few, so that old words come back and with them old objects


class School(RuleBasedStateMachine):
    releases = Bundle("releases")

    @initialize(target=releases)
    def begin(self) -> int:
        self.folder = Path(tempfile.mkdtemp(prefix="lectern-model-"))
        self.overridden = override_settings(LECTERN_STORE=self.folder)
        self.overridden.enable()
        self.undone = transaction.atomic()
        self.undone.__enter__()
        self.store = DiskStore(self.folder)
        self.days = 0.0  # since the beginning, as the sweep is told
        self.course = school.make_course(lessons=LESSONS)
        self.drafts: Words = ("one",) * LESSONS
        self.editor: Words = self.drafts  # what is live in the editor
        self.said: dict[int, Words] = {}  # by release
        self.told = 0  # the newest release that says what people decided, and not only what a purge left
        self.compared: tuple[Words, ...] = ()
        self.purged: int | None = None  # the place of the lesson
        self.since = 0  # the first release without it
        self.held: dict[str, int] = {}
        self.live = 0
        self.generation = 0
        self.standing: str | None = None  # None: open
        self.swept: set[int] = set()
        self.condemned: dict[int, float] = {}  # release to the day of its sentence
        for lesson in school.lessons(self.course):
            school.rewrite(lesson, "one")
        return self.approve()

    def teardown(self) -> None:
        if not hasattr(self, "undone"):
            return
        if self.standing is None:
            assert verify(self.store, public_key()).faults == []
        transaction.set_rollback(True)
        self.undone.__exit__(None, None, None)
        self.overridden.disable()
        shutil.rmtree(self.folder)
        HUEY.flush()

    # --- what people do ---

    @rule(lesson=st.integers(0, LESSONS - 1), words=WORDS)
    def edit(self, lesson: int, words: str) -> None:
        school.rewrite(school.lessons(self.course)[lesson], words)
        self.drafts = _with(self.drafts, lesson, words)

    @rule()
    def revert(self) -> None:
        """The drafts say what is live again."""
        for place, lesson in enumerate(school.lessons(self.course)):
            school.rewrite(lesson, self.said[self.live][place])
        self.drafts = self.said[self.live]

    @rule(target=releases)
    def approve(self) -> int:
        school.release(self.course)
        self.editor = self.drafts
        return self._new(self.drafts)

    @rule(lesson=st.integers(0, LESSONS - 1))
    def publish(self, lesson: int) -> None:
        """Directly, without a review: a release of what is live in the editor, if readers have something else."""
        school.publish(school.lessons(self.course)[lesson])
        worker.drain()
        self.editor = _with(self.editor, lesson, self.drafts[lesson])
        self._released_directly()

    @rule()
    def publish_all(self) -> None:
        """One after the other, and only then a worker comes."""
        for lesson in school.lessons(self.course):
            school.publish(lesson)
        worker.drain()
        self.editor = self.drafts
        self._released_directly()

    @precondition(lambda self: self.standing != "withdrawn")
    @rule(lesson=st.integers(0, LESSONS - 1), words=WORDS)
    def write_by_hand(self, lesson: int, words: str) -> None:
        """Into the database, so that nobody is told: the reconciler finds it, if readers have something else."""
        page = school.lessons(self.course)[lesson]
        raw = list(page.body.raw_data)
        Lesson.objects.filter(pk=page.pk).update(body=[school.text(words, raw[0]["id"]), *raw[1:]])
        self.editor = _with(self.editor, lesson, words)
        differs = self._differs()
        assert [told.endswith("asked for a release of it.") for told in reconcile()] == [True] * differs
        worker.drain()
        if differs:
            self._released_directly()

    @rule(release=releases)
    def roll_back(self, release: int) -> None:
        if release in self.swept or release == self.live or release < self.since:
            with pytest.raises(AuthorError):
                rollback.roll_back(self.course.uuid, release, None)
            return
        rollback.roll_back(self.course.uuid, release, None)
        worker.drain()
        self.live = release
        self.condemned.pop(release, None)

    @rule(release=releases, holder=st.sampled_from(["enrolment/1", "enrolment/2"]))
    def pin(self, release: int, holder: str) -> None:
        there = release not in self.swept and release not in self.condemned
        assert released.pin(self.course.uuid, release, holder) == there
        if there:
            self.held[f"{holder} {release}"] = release

    @precondition(lambda self: self.held)
    @rule(holder=st.sampled_from(["enrolment/1", "enrolment/2"]))
    def unpin(self, holder: str) -> None:
        mine = [name for name in self.held if name.startswith(f"{holder} ")]
        assert released.unpin(holder) == len(mine)
        for name in mine:
            del self.held[name]

    @precondition(lambda self: self.purged is None)
    @rule(lesson=st.integers(0, LESSONS - 1), force=st.booleans())
    def purge(self, lesson: int, force: bool) -> None:
        name = str(school.lessons(self.course)[lesson].uuid)
        if self.held and not force:
            with pytest.raises(AuthorError, match="Force the purge"):
                purge.purge(Tombstone.Kind.LESSON, name, None, "A court said so.")
            return
        purge.purge(Tombstone.Kind.LESSON, name, None, "A court said so.", force=force)
        worker.drain()
        self.purged, told = lesson, self.told
        self.since = self._new(self.said[self.live])
        self.told = told

    @precondition(lambda self: self.standing != "withdrawn")
    @rule()
    def withdraw(self) -> None:
        withdraw.withdraw(self.course.uuid, None)
        worker.drain()
        self.standing = "withdrawn"

    @precondition(lambda self: self.standing is None)
    @rule()
    def retire(self) -> None:
        retire.retire(self.course.uuid, None)
        worker.drain()
        self.standing = "retired"

    @precondition(lambda self: self.standing is not None)
    @rule()
    def reopen(self) -> None:
        reopen.reopen(self.course.uuid, None)
        worker.drain()
        self.standing = None

    # --- what the machine does ---

    @rule(days=st.sampled_from([0, 1, 8]))
    def time_goes_by(self, days: int) -> None:
        self.days += days

    @rule(at_once=st.booleans())
    def sweep(self, at_once: bool) -> None:
        grace = timedelta() if at_once else GRACE
        now = timezone.now() + timedelta(days=self.days)
        terms = Terms(grace=grace, share=100, releases=NEWEST, days=0)
        # Nothing counts as built lately: releases are built before the sweep's clock, which may be ahead of theirs.
        sweep.sweep(self.store, terms, delete=True, now=now)
        kept = self._kept()
        for release in self.said.keys() - self.swept:
            if release in kept:
                self.condemned.pop(release, None)
            elif self.condemned.setdefault(release, self.days) + grace.days <= self.days:
                self.swept.add(release)
                del self.condemned[release]
        before = set(self.store.keys(""))
        again = sweep.sweep(self.store, terms, delete=True, now=now)
        assert (again.condemned.keys, again.spared.keys, again.deleted.keys) == (0, 0, 0), "the second does nothing"
        assert set(self.store.keys("")) == before
        if at_once:
            assert not Condemned.objects.exists()

    @rule()
    def reconcile(self) -> None:
        assert reconcile() == [], "nothing ever needs a hand"

    # --- what must hold ---

    @invariant()
    def the_live_release_says_what_it_should(self) -> None:
        if not getattr(self, "live", 0):
            return
        pointer = school.pointer(self.folder, self.course)
        assert (pointer.release, pointer.standing) == (self.live, self.standing)
        assert pointer.generation >= self.generation
        self.generation = pointer.generation
        assert self._words(read_manifest(self.store, pointer.manifest)) == self._left(self.said[self.live])
        row = Publication.objects.select_related("live_release").get(course=self.course.uuid)
        assert (row.live_release and row.live_release.number, row.last_error) == (self.live, "")

    @invariant()
    def what_nobody_was_told_of_is_nothing(self) -> None:
        """Asked only where an answer may have changed: it reads the whole course."""
        if not getattr(self, "live", 0) or self.compared == (now := (self.editor, self.said[self.live], self.drafts)):
            return
        self.compared = now
        row = Publication.objects.select_related("live_release").get(course=self.course.uuid)
        assert drift.drift(self.course.uuid, row.live_release) == ""

    @invariant()
    def what_is_live_pinned_or_new_is_whole(self) -> None:
        rows = Release.objects.filter(course=self.course.uuid).exclude(manifest="") if hasattr(self, "course") else ()
        for row in rows:
            if row.number in self.swept:
                assert self.store.stat(f"o/{row.manifest}") is None
                assert row.state == Release.State.SWEPT
                continue
            manifest = read_manifest(self.store, row.manifest)
            gone = self._gone(manifest)
            assert {key for key in needed(manifest) if self.store.stat(key) is None} == gone, f"release {row.number}"
            assert not gone or row.number < self.since, f"release {row.number} has what was purged before"
            assert self._words(manifest) == self._left(self.said[row.number])

    def _kept(self) -> set[int]:
        return {self.live, *self.held.values(), *sorted(self.said)[-NEWEST:]}

    def _new(self, words: Words) -> int:
        self.live = self.told = len(self.said) + 1
        self.said[self.live] = words
        return self.live

    def _differs(self) -> bool:
        """Whether the editor says something else than both what was last decided and what readers have."""
        said = {self._left(self.said[self.told]), self._left(self.said[self.live])}
        return self._left(self.editor) not in said

    def _released_directly(self) -> None:
        if self._left(self.editor) != self._left(self.said[self.live]):
            self._new(self.editor)

    def _left(self, words: Words) -> Words:
        return words if self.purged is None else _with(words, self.purged, "")

    def _gone(self, manifest: Manifest) -> set[str]:
        """The keys of the purged lesson in a release."""
        if self.purged is None:
            return set()
        lesson = school.lessons(self.course)[self.purged]
        path = f"courses/{self.course.slug}/{lesson.slug}/index.html"
        entry, page = manifest.documents.get(str(lesson.uuid)), manifest.pages.get(path)
        return {f"o/{entry.object}" for entry in [entry] if entry} | {
            f"o/{page.object}.html" for page in [page] if page
        }

    def _words(self, manifest: Manifest) -> Words:
        said = []
        for place, lesson in enumerate(school.lessons(Course.objects.get(pk=self.course.pk))):
            if place == self.purged:
                said.append("")
                continue
            data = self.store.read(f"o/{manifest.documents[str(lesson.uuid)].object}")
            document = LessonDocument.model_validate_json(data or b"")
            block = next(block for block in document.blocks if isinstance(block, ProseBlock))
            said.append(block.html.removeprefix("<p>").removesuffix("</p>"))
        return tuple(said)


def _with(words: Words, place: int, new: str) -> Words:
    return (*words[:place], new, *words[place + 1 :])


@pytest.mark.django_db
def test_no_life_of_a_course_loses_what_is_live_or_pinned() -> None:
    run_state_machine_as_test(
        School,
        settings=settings(
            max_examples=int(os.environ.get("MODEL_EXAMPLES", "15")),
            stateful_step_count=15,
            deadline=None,
            derandomize=True,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
