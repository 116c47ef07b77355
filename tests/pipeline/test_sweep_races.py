"""A release that needs a key again, and a sweep that deletes it, in the same moment: never a pointer into nothing.

Lesson 1 said A, then B, and is approved saying A once more: the same bytes, so the same keys, which a sweep condemned
in between. Each race is run as it stands, and once more with the guard that it proves taken out.
"""

import threading
from contextlib import nullcontext
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from django.db.models import QuerySet
from django.utils import timezone
from pytest_django import Settings

from content.models import Course
from pipeline import condemned, making, release, sweep, worker
from pipeline.manifest import assemble
from pipeline.models import Condemned, Publication, Release
from pipeline.release import missing
from pipeline.store.disk import DiskStore
from pipeline.sweep import Swept, Terms
from tests.copied_database import Threads
from tests.pipeline import course_factory as school

WEEK = timedelta(days=7)


class Race:
    """One school, and two threads that meet at named points. A point that nobody comes to ends the test."""

    def __init__(self, threads: Threads, cdn: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.threads = threads
        self.cdn = cdn
        self.monkeypatch = monkeypatch
        self.lost: list[str] = []
        self._reached: dict[str, threading.Event] = {}

    def reached(self, name: str) -> None:
        self._event(name).set()

    def wait_for(self, name: str) -> None:
        assert self._event(name).wait(30), f"nobody came to “{name}”"

    def _event(self, name: str) -> threading.Event:
        return self._reached.setdefault(name, threading.Event())

    def begin(self) -> UUID:
        """A and B released, what only A needs condemned a week ago, and A approved again."""

        def begin() -> UUID:
            course = school.make_course(lessons=1)
            for words in ("A", "B"):
                school.rewrite(school.lessons(course)[0], words)
                school.release(course)
            self.sweep(WEEK)
            assert Condemned.objects.update(at=timezone.now() - timedelta(days=8)) > 1
            return course.uuid

        return self.threads.one(begin)

    def approve(self, course: UUID) -> None:
        def approve() -> None:
            page = Course.objects.get(uuid=course)
            school.rewrite(school.lessons(page)[0], "A")
            school.approve(page)

        self.threads.one(approve)

    def sweep(self, grace: timedelta) -> Swept:
        return sweep.sweep(DiskStore(self.cdn), Terms(grace=grace, share=100, releases=1, days=0), delete=True)

    def at_release(self, name: str, *acts: Any) -> None:
        """What the worker's thread does at a checkpoint of the release."""
        self._at(release, name, acts)

    def at_sweep(self, name: str, *acts: Any) -> None:
        self._at(sweep, name, acts)

    def _at(self, module: Any, name: str, acts: Any) -> None:
        def checkpoint(here: str) -> None:
            if here == name:
                for act, *arguments in acts:
                    act(*arguments)

        self.monkeypatch.setattr(module, "checkpoint", checkpoint)

    def run(self, course: UUID, sweeper: Any) -> None:
        """The worker and the sweep at once; `lost` is what readers miss then. Then the worker until nothing is due."""
        acts = iter([lambda: worker.work(course), sweeper])
        lock = threading.Lock()

        def act(start: threading.Barrier) -> None:
            with lock:
                mine = next(acts)
            start.wait()
            mine()

        self.threads.at_once(2, act)
        self.lost = self.threads.one(lambda: self._lost(course))
        self.monkeypatch.setattr(release, "checkpoint", lambda _name: None)
        self.monkeypatch.setattr(sweep, "checkpoint", lambda _name: None)

        def again() -> None:
            Publication.objects.update(next_try_at=None)
            worker.drain()
            assert Publication.objects.get(course=course).live_release == Release.objects.get(course=course, number=3)
            assert self.lost or self._lost(course) == [], "what was whole stays whole"

        self.threads.one(again)

    def _lost(self, course: UUID) -> list[str]:
        """The keys that the pointer's manifest needs and the store lacks."""
        store = DiskStore(self.cdn)
        name = school.pointer(self.cdn, Course.objects.get(uuid=course)).manifest
        manifest, lost = assemble(name, store.read)
        return lost or (missing(store, manifest) if manifest else [f"o/{name}"])


@pytest.fixture
def race(threads: Threads, tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Race:
    settings.LECTERN_STORE = tmp_path / "cdn"
    return Race(threads, tmp_path / "cdn", monkeypatch)


def no_spare(race: Race) -> None:
    race.monkeypatch.setattr(making, "spare", lambda _keys: 0)


def meet_at_the_lock(race: Race, course: UUID, *, locked: bool = True) -> None:
    """The release has written its objects; the sweep holds the rows; now the release asks for them back."""
    real = condemned.spare

    def spare(keys: Any) -> int:
        race.reached("objects written")
        race.wait_for("rows locked")
        spared = real(keys)
        race.reached("spared")
        return spared

    race.monkeypatch.setattr(making, "spare", spare)
    if locked:
        race.at_sweep("locked", (race.reached, "rows locked"))
    else:
        race.monkeypatch.setattr(QuerySet, "select_for_update", lambda self, **_options: self)
        race.monkeypatch.setattr(sweep, "transaction", SimpleNamespace(atomic=nullcontext))
        race.at_release("manifest", (race.reached, "looked"), (race.wait_for, "swept"))
        race.at_sweep("locked", (race.reached, "rows locked"), (race.wait_for, "looked"))

    def sweeper() -> None:
        race.wait_for("objects written")
        try:
            race.sweep(WEEK)
        finally:
            race.reached("swept")

    race.run(course, sweeper)


def test_a_sweep_that_was_faster_is_noticed(race: Race) -> None:
    course = race.begin()
    race.approve(course)
    meet_at_the_lock(race, course)
    assert race.lost == []


def test_without_the_row_lock_the_release_points_into_nothing(race: Race) -> None:
    course = race.begin()
    race.approve(course)
    meet_at_the_lock(race, course, locked=False)
    assert race.lost != []


def sweep_before_the_pointer(race: Race, course: UUID) -> None:
    """The release has looked, and all was there; the whole sweep runs before the pointer moves."""
    race.at_release("manifest", (race.reached, "looked"), (race.wait_for, "swept"))

    def sweeper() -> None:
        race.wait_for("looked")
        try:
            race.sweep(WEEK)
        finally:
            race.reached("swept")

    race.run(course, sweeper)


def test_a_release_that_was_faster_is_spared(race: Race) -> None:
    course = race.begin()
    race.approve(course)
    sweep_before_the_pointer(race, course)
    assert race.lost == []


def test_without_spare_the_release_points_into_nothing(race: Race) -> None:
    course = race.begin()
    race.approve(course)
    no_spare(race)
    sweep_before_the_pointer(race, course)
    assert race.lost != []


def live_in_the_middle(race: Race, course: UUID) -> None:
    """Without a grace: the sweep judges while the release is not live, and deletes when it is."""
    race.at_release("manifest", (race.reached, "looked"), (race.wait_for, "condemned"))
    race.at_sweep("condemned", (race.reached, "condemned"), (race.wait_for, "live"))

    def sweeper() -> None:
        race.wait_for("looked")
        try:
            race.sweep(timedelta())
        finally:
            race.reached("condemned")

    work = worker.work

    def working(due: UUID) -> bool:
        try:
            return work(due)
        finally:
            race.reached("live")

    race.monkeypatch.setattr(worker, "work", working)
    race.run(course, sweeper)


def test_what_went_live_after_the_sentence_is_spared(race: Race) -> None:
    course = race.begin()
    race.approve(course)
    live_in_the_middle(race, course)
    assert race.lost == []


def test_without_the_second_look_what_went_live_is_deleted(race: Race) -> None:
    course = race.begin()
    race.approve(course)
    judge = sweep._Run.judge

    def judging(run: Any) -> None:
        judge(run)
        run.kept.look = lambda: None

    race.monkeypatch.setattr(sweep._Run, "judge", judging)
    live_in_the_middle(race, course)
    assert race.lost != []


def deleted_while_building(race: Race, course: UUID) -> None:
    """Without a grace: the whole sweep, sentence and deletion, between a release's look and its pointer."""
    race.at_release("manifest", (race.reached, "looked"), (race.wait_for, "swept"))

    def sweeper() -> None:
        race.wait_for("looked")
        try:
            race.sweep(timedelta())
        finally:
            race.reached("swept")

    race.run(course, sweeper)


def test_without_a_grace_a_build_is_waited_for(race: Race) -> None:
    course = race.begin()
    race.approve(course)
    deleted_while_building(race, course)
    assert race.lost == []


def test_without_waiting_for_a_build_its_objects_are_deleted(race: Race) -> None:
    course = race.begin()
    race.approve(course)
    race.monkeypatch.setattr(sweep, "building", lambda: False)
    deleted_while_building(race, course)
    assert race.lost != []
