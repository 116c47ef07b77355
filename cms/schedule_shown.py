"""Scheduled releases as people see them: when, in the course's time and in their own, and what went wrong."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import QuerySet
from django.utils import timezone

from content.models import Course
from pipeline.models import Candidate, ScheduledRelease
from pipeline.schedule import spoken, waiting

State = ScheduledRelease.State


@dataclass(frozen=True)
class Planned:
    """What is scheduled beside one candidate. `own` is its own schedule, `other` that of another one of the course."""

    own: ScheduledRelease | None
    other: ScheduledRelease | None
    may_cancel: bool

    @property
    def waiting(self) -> bool:
        return bool(self.own and self.own.state == State.WAITING)

    @property
    def cancelled(self) -> bool:
        return bool(self.own and self.own.state == State.CANCELLED)

    @property
    def when(self) -> str:
        """In the course's own time."""
        return spoken(self.own) if self.own else ""

    @property
    def for_you(self) -> datetime | None:
        """In the time of whoever looks, where their clock shows another one."""
        if self.own is None:
            return None
        mine = timezone.localtime(self.own.due_at)
        return mine if mine.utcoffset() != self.own.due_at.astimezone(ZoneInfo(self.own.zone)).utcoffset() else None

    @property
    def other_when(self) -> str:
        return spoken(self.other) if self.other else ""


def planned_for(candidate: Candidate, course: Course | None, user: Any) -> Planned:
    """What is scheduled of this candidate, or beside it while it is under review."""
    own = ScheduledRelease.objects.filter(candidate=candidate).order_by("-pk").first()
    other = waiting(candidate.course) if candidate.state == Candidate.State.IN_REVIEW else None
    may = bool(course and course.permissions_for_user(user).can_publish())
    return Planned(own, other, may_cancel=may)


def all_planned(candidates: QuerySet[Candidate]) -> list[tuple[ScheduledRelease, str]]:
    """Those of `candidates` that wait for their time, and when that is."""
    return _listed(ScheduledRelease.objects.filter(state=State.WAITING, candidate__in=candidates.values("pk")))


def failed() -> list[tuple[ScheduledRelease, str]]:
    """What could not be released at its time, and when that was."""
    return _listed(ScheduledRelease.objects.filter(state=State.WAITING).exclude(error=""))


def _listed(rows: QuerySet[ScheduledRelease]) -> list[tuple[ScheduledRelease, str]]:
    found = rows.select_related("candidate").defer("candidate__content").order_by("due_at", "pk")
    return [(row, spoken(row)) for row in found]
