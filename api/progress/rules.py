"""What a learner's events and grades come to: pure, and the same in any order, any split and any repetition.

Every part of a `State` is the largest of what was said, by a measure that all devices agree on: the latest mark, the
latest position, the best score. Largest-of knows no order, so a phone that was off-line for a week needs no care.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from fractions import Fraction
from functools import reduce
from typing import Literal
from uuid import UUID

EventKind = Literal["viewed", "position", "completed", "reopened"]
# A slow clock may lag this far behind the enrolment before it counts as wrong.
LAG = timedelta(days=1)


@dataclass(frozen=True)
class Event:
    """One thing a learner did to one item. `position` in seconds, for the kind `position` alone."""

    id: UUID
    item: UUID
    kind: EventKind
    at: datetime
    position: float | None = None


@dataclass(frozen=True)
class Grade:
    """One graded attempt at a quiz."""

    at: datetime
    score: int
    points: int
    passed: bool


@dataclass(frozen=True)
class State:
    """`completed` is the learner's own mark, `passed` the grader's: a quiz is not done by saying so."""

    last_at: datetime
    completed: bool = False
    marked_at: datetime | None = None
    position: float | None = None
    position_at: datetime | None = None
    score: int | None = None
    points: int | None = None
    passed: bool = False


def fold(changes: Iterable[Event | Grade], state: State | None = None) -> State | None:
    """`state` after `changes`; None if there is neither."""
    return reduce(after, changes, state)


def after(state: State | None, change: Event | Grade) -> State:
    """`state` after one change."""
    before = state or State(last_at=change.at)
    now = replace(before, last_at=max(before.last_at, change.at))
    if isinstance(change, Grade):
        return _graded(now, change)
    if change.kind == "position" and change.position is not None:
        return _moved(now, change.at, change.position)
    if change.kind in ("completed", "reopened"):
        return _marked(now, change.at, change.kind == "completed")
    return now


def _marked(state: State, at: datetime, completed: bool) -> State:
    # Done and undone at the same instant counts as done.
    if state.marked_at is None or (at, completed) > (state.marked_at, state.completed):
        return replace(state, completed=completed, marked_at=at)
    return state


def _moved(state: State, at: datetime, position: float) -> State:
    if state.position_at is None or (at, position) > (state.position_at, state.position or 0.0):
        return replace(state, position=position, position_at=at)
    return state


def _graded(state: State, grade: Grade) -> State:
    """The best score stays, by its share of the points: a later release may give the quiz more of them."""
    state = replace(state, passed=state.passed or grade.passed)
    best = (-1, 0) if state.score is None else _rank(state.score, state.points or 0)
    if _rank(grade.score, grade.points) > best:
        return replace(state, score=grade.score, points=grade.points)
    return state


def _rank(score: int, points: int) -> tuple[Fraction, int]:
    return Fraction(score, points) if points else Fraction(0), points


def settle(events: Sequence[Event], enrolled_at: datetime, now: datetime) -> list[Event]:
    """`events` of one device with times that can be true: none before `enrolled_at`, none after `now`.

    A clock that is ahead of ours, or a day or more behind the enrolment, is wrong by an amount that nobody knows. The
    batch is then moved as a whole, so that its newest event happened now: order and distances stay.
    """
    if not events:
        return []
    newest, oldest = max(event.at for event in events), min(event.at for event in events)
    wrong = newest > now or oldest < enrolled_at - LAG
    return [
        replace(event, at=max(enrolled_at, now - min(newest - event.at, now - enrolled_at) if wrong else event.at))
        for event in events
    ]
