"""Run one act, let the process die at every point of it, start the school again each time, and judge what came out."""

import logging
import shutil
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.core.cache import cache
from django.utils import timezone
from huey.contrib.djhuey import HUEY

from pipeline import store as stores
from pipeline import tasks, worker
from pipeline.models import Publication
from pipeline.store.base import Store
from pipeline.store.disk import DiskStore
from tests.copied_database import Threads
from tests.faults.oracle import Readers, Seen, remembered, strange, unfinished
from tests.faults.points import Camera, Disks, Point, WatchedStore

assert tasks  # its periodic tasks are what a school runs by itself
ROUNDS = 3  # hours that a school is left alone: a lease runs out in the first, a pause after an error in the second


@dataclass(frozen=True)
class Act:
    """`prepare` runs before anybody may die and answers the course. `act` is what an editor does: when it returns, it
    was acknowledged. `promised`: it was acknowledged before, as an hour that was chosen long ago is. `cron` is what
    this school runs by itself besides what every school does."""

    name: str
    prepare: Callable[[], UUID]
    act: Callable[[UUID], None]
    promised: bool = False
    cron: Callable[[], None] | None = None


@dataclass
class Outcome:
    """What became of a school that died in one state and was started again."""

    readers: Readers
    facts: dict[str, Any]
    unfinished: list[str]

    @property
    def first(self) -> Seen:
        """What readers met before anything ran."""
        return self.readers.seen[0] if self.readers.seen else {}

    @property
    def final(self) -> Seen:
        return self.readers.seen[-1] if self.readers.seen else {}


@dataclass
class Verdict:
    """`points` is how many deaths were judged, `states` how many of them left something different on the disks.

    Lost, torn and half made are counted in points: after how many deaths it came to that.
    """

    name: str
    points: int = 0
    states: int = 0
    lost: list[str] = field(default_factory=list)
    torn: list[str] = field(default_factory=list)
    half_made: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        found = f"lost {len(self.lost)}, torn {len(self.torn)}, half made {len(self.half_made)}"
        return f"{self.name}: {self.points} points, {self.states} states, {found}"


class School:
    """One school on a copied database, that can be put back into any state that it ever was in.

    `empty` is the state before anything was done, `alone` what it does by itself, and `wrap` what stands between it and
    its store.
    """

    def __init__(
        self,
        disks: Disks,
        threads: Threads,
        empty: Disks,
        album: Path,
        alone: Callable[[], None] | None = None,
        wrap: Callable[[Store, Callable[[], None]], Store] = lambda store, _look: store,
    ) -> None:
        self.disks = disks
        self.threads = threads
        self.alone = alone or left_alone
        self.album = album
        self._wrap = wrap
        self.empty = empty

    def judge(self, act: Act) -> Verdict:
        """Every point of `act`: before and after each write to the database and each call of the store."""
        with self.prepared(act) as (course, start):
            before = self.started_again(act, course, start)
            camera, whole = self.watched(act, course, start)
            outcomes = {
                state: self.started_again(act, course, photograph) for state, photograph in camera.photographs.items()
            }
        verdict = Verdict(act.name, len(camera.points), len(outcomes))
        for point in camera.points:
            self._judge(verdict, point, outcomes[point.state], before, whole)
        verdict.torn += [f"nobody died: {fault}" for fault in whole.readers.faults]
        verdict.half_made += [f"nobody died: {told}" for told in whole.unfinished]
        return verdict

    @contextmanager
    def prepared(self, act: Act) -> Iterator[tuple[UUID, Disks]]:
        """The course that `act` is about, and the state that it begins in."""
        self.disks.become(self.empty)
        course = self.threads.one(act.prepare)
        try:
            yield course, self.disks.copy_to(self.album / "start")
        finally:
            shutil.rmtree(self.album)
            self.album.mkdir()

    def watched(self, act: Act, course: UUID, start: Disks, kind: type[Camera] = Camera) -> tuple[Camera, Outcome]:
        """The act and what follows it, with nobody dying. `kind` may be a camera that does more than photographs."""
        self.disks.become(start)
        return self.acted(act, course, kind)

    def acted(self, act: Act, course: UUID, kind: type[Camera]) -> tuple[Camera, Outcome]:
        """The same from where the school lies now."""
        return self.threads.one(lambda: self._watched(act, course, kind))

    def _watched(self, act: Act, course: UUID, kind: type[Camera]) -> tuple[Camera, Outcome]:
        readers = Readers(self.disks.cdn, course)
        camera = kind(self.disks, self.album)
        camera.acknowledged = act.promised
        readers.look()

        def around(moment: str, changing: bool) -> None:
            camera.point(moment, changing)
            if changing:
                readers.look()

        try:
            with (
                self._store(WatchedStore(self._wrap(DiskStore(self.disks.cdn), readers.look), around)),
                camera.on_sql(),
            ):
                act.act(course)
                camera.acknowledged = True
                camera.point("acknowledged", changing=True)
                self._alone(act)
                readers.look()
            return camera, Outcome(readers, remembered() | {"objects": readers.objects}, unfinished())
        finally:
            camera.close()

    def started_again(self, act: Act, course: UUID, state: Disks | None) -> Outcome:
        """What becomes of the school from `state` on, or from where it lies now."""
        if state is not None:
            self.disks.become(state)
        return self.threads.one(lambda: self._started_again(act, course))

    def _started_again(self, act: Act, course: UUID) -> Outcome:
        cache.clear()
        readers = Readers(self.disks.cdn, course)
        readers.look()

        def around(_moment: str, changing: bool) -> None:
            if changing:
                readers.look()

        with self._store(WatchedStore(self._wrap(DiskStore(self.disks.cdn), readers.look), around)):
            self._alone(act)
        readers.look()
        return Outcome(readers, remembered() | {"objects": readers.objects}, unfinished())

    def calls(self, act: Act, course: UUID, start: Disks) -> list[str]:
        """Every call of the store that `act` makes: `before store <call> <key>`, and `after` for each."""
        self.disks.become(start)
        made: list[str] = []

        def run() -> None:
            with self._store(WatchedStore(DiskStore(self.disks.cdn), lambda moment, _changing: made.append(moment))):
                act.act(course)

        self.threads.one(run)
        return made

    def failing(self, act: Act, course: UUID, place: int, failure: Exception) -> tuple[Readers, list[str]]:
        """`act` with one of its `calls` failing; what readers met, and what the courses say of it. In a thread."""
        readers = Readers(self.disks.cdn, course)
        readers.look()
        made = count()

        def around(_moment: str, changing: bool) -> None:
            if changing:
                readers.look()
            if next(made) == place:
                raise failure

        with self._store(WatchedStore(DiskStore(self.disks.cdn), around)):
            act.act(course)
        readers.look()
        said = Publication.objects.exclude(last_error="").values_list("last_error", flat=True)
        return readers, list(said)

    def _alone(self, act: Act) -> None:
        self.alone()
        if act.cron:
            act.cron()
            self.alone()

    @staticmethod
    def _judge(verdict: Verdict, point: Point, outcome: Outcome, before: Outcome, whole: Outcome) -> None:
        done = (outcome.final, outcome.facts) == (whole.final, whole.facts)
        absent = (outcome.final, outcome.facts) == (before.final, before.facts)
        if point.acknowledged and not done:
            verdict.lost.append(f"{point.moment}: {difference(outcome, whole)}")
        elif outcome.unfinished or not (done or absent):
            verdict.half_made.append(f"{point.moment}: {difference(outcome, whole)} {outcome.unfinished or ''}")
        faults = outcome.readers.faults + strange(outcome.readers.seen, before.first, whole.final)
        if faults:
            verdict.torn.append(f"{point.moment}: {'; '.join(faults)}")

    @staticmethod
    @contextmanager
    def _store(store: Any) -> Iterator[None]:
        """`store` is the school's, for every module that asks for it."""
        asked = stores.the_store
        with pytest.MonkeyPatch.context() as patch:
            for name, module in list(sys.modules.items()):
                if name.startswith(("pipeline", "cms")) and getattr(module, "the_store", None) is asked:
                    patch.setattr(module, "the_store", lambda: store)
            yield


@contextmanager
def later(hours: float) -> Iterator[None]:
    """The clock of the whole school, so many hours on."""
    now = timezone.now
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(timezone, "now", lambda: now() + timedelta(hours=hours))
        yield


def left_alone(by_the_clock: Callable[[], None] | None = None) -> None:
    """Some hours of a school in which no person does anything: its periodic tasks, and the doorbells they ring.

    `by_the_clock` stands for the periodic tasks of another school.
    """
    for hour in range(1, ROUNDS + 1):
        with later(2 * hour):
            (by_the_clock or _periodic_tasks)()
            worker.drain()


def _periodic_tasks() -> None:
    for task in HUEY._registry.periodic_tasks:
        task.execute()


def difference(one: Outcome, other: Outcome) -> str:
    """What differs, shortly."""
    told = [key for key in one.facts if one.facts[key] != other.facts.get(key)]
    told += [path for path in one.final.keys() | other.final.keys() if one.final.get(path) != other.final.get(path)]
    return ", ".join(told) or "nothing"


def kinds(told: list[str]) -> Counter[str]:
    """The same sentence about many points, counted once, for a failed test's last words."""
    return Counter(one.partition(": ")[2] for one in told)


logging.getLogger("huey").setLevel(logging.WARNING)
