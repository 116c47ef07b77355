"""Events as clients send them, and what they come to."""

from typing import Annotated, Literal, Self
from uuid import UUID

from ninja import Schema
from pydantic import AwareDatetime, Field, model_validator

from api.progress.rules import Event, EventKind, State
from api.progress.standing import ItemKind, done
from api.schemas import Input

MOST_EVENTS = 100
LONGEST_VIDEO = 7 * 24 * 3600.0


class SentEvent(Input):
    """`id` is the client's own: an event that is sent twice counts once. `position` in seconds into the video."""

    id: UUID
    item: UUID
    kind: EventKind
    position: Annotated[float, Field(ge=0, le=LONGEST_VIDEO)] | None = None
    at: AwareDatetime

    @model_validator(mode="after")
    def _check_position(self) -> Self:
        if (self.position is not None) != (self.kind == "position"):
            raise ValueError("A position belongs to an event of the kind position, and to no other.")
        return self

    def event(self) -> Event:
        return Event(id=self.id, item=self.item, kind=self.kind, at=self.at, position=self.position)


class Batch(Input):
    course: UUID
    events: Annotated[list[SentEvent], Field(min_length=1, max_length=MOST_EVENTS)]


class ItemState(Schema):
    """`score` of `points` is the best attempt at a quiz."""

    state: Literal["started", "completed"]
    position: float | None = None
    score: int | None = None
    points: int | None = None

    @classmethod
    def of(cls, state: State, kind: ItemKind | None) -> "ItemState":
        return cls(
            state="completed" if done(state, kind) else "started",
            position=state.position,
            score=state.score,
            points=state.points,
        )


# By UUID; as a string, because ninja's JSON encoder knows no other keys.
ItemStates = dict[str, ItemState]


class ProgressAnswer(Schema):
    """`items` holds the items that were sent, `percent` is of the course as it is live."""

    accepted: int
    duplicates: int
    percent: int
    items: ItemStates
