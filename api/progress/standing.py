"""How far a learner is in the live release of a course, and where they go on: pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from api.progress.rules import State
from pipeline.documents import OutlineDocument, OutlineLesson

ItemKind = Literal["lesson", "quiz"]


@dataclass(frozen=True)
class Resume:
    """The lesson to go on with. `position` in seconds into its video, None if it was not played."""

    lesson: OutlineLesson
    position: float | None


@dataclass(frozen=True)
class Standing:
    """`last_at` is when the learner last did something in this course, None if never."""

    completed: int
    total: int
    resume: Resume | None
    last_at: datetime | None

    @property
    def percent(self) -> int:
        """0 to 100. 100 only when nothing is left, at least 1 when something is done."""
        if not self.completed:
            return 0
        return max(1, self.completed * 100 // self.total)


def kinds(outline: OutlineDocument) -> dict[UUID, ItemKind]:
    """Every item of the outline, in reading order."""
    found: dict[UUID, ItemKind] = {}
    for lesson in outline.lessons():
        found[lesson.item] = "lesson"
        found.update({item.item: item.kind for item in lesson.items})
    return found


def done(state: State | None, kind: ItemKind | None) -> bool:
    """Whether an item is completed. `kind` is None for an item that the live release does not have."""
    if state is None:
        return False
    if kind == "quiz":
        return state.passed
    return state.completed or (kind is None and state.passed)


def stand(outline: OutlineDocument, states: Mapping[UUID, State]) -> Standing:
    """Count what is done among the items of `outline`, and of nothing else: the share cannot pass the whole."""
    items = kinds(outline)
    return Standing(
        completed=sum(done(states.get(item), kind) for item, kind in items.items()),
        total=len(items),
        resume=_resume(outline.lessons(), states),
        last_at=max((state.last_at for state in states.values()), default=None),
    )


def _resume(lessons: tuple[OutlineLesson, ...], states: Mapping[UUID, State]) -> Resume | None:
    """The lesson last worked in if something in it is left, else the next such lesson, else the first one."""
    visits = [(at, number) for number, lesson in enumerate(lessons) if (at := _last_at(lesson, states))]
    here = max(visits)[1] if visits else 0
    for lesson in (*lessons[here:], *lessons[:here]):
        if not _finished(lesson, states):
            state = states.get(lesson.item)
            return Resume(lesson, state.position if state else None)
    return None


def _last_at(lesson: OutlineLesson, states: Mapping[UUID, State]) -> datetime | None:
    ids = (lesson.item, *(item.item for item in lesson.items))
    return max((states[item].last_at for item in ids if item in states), default=None)


def _finished(lesson: OutlineLesson, states: Mapping[UUID, State]) -> bool:
    return done(states.get(lesson.item), "lesson") and all(done(states.get(i.item), i.kind) for i in lesson.items)
