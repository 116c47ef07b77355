"""Releases at a time: an approved candidate waits for its hour, and becomes a release in one transaction then."""

import logging
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from content.models import Course
from pipeline import approval, outbox
from pipeline.errors import AuthorError
from pipeline.lease import LONGEST_WAIT
from pipeline.models import Candidate, ScheduledRelease
from pipeline.wall_clock import instant

log = logging.getLogger(__name__)

State = ScheduledRelease.State


def schedule_release(candidate: Candidate, by: Any, wall: str, zone: str) -> ScheduledRelease:
    """Approve exactly this candidate now, to become a release when clocks in `zone` show `wall` ("2026-12-01T09:00").

    Until then no page changes, in the editor or for readers. Raises AuthorError as `approval.approve` and
    `wall_clock.instant` do, if the time has passed, or if another release of the course is scheduled.
    """
    due = instant(wall, zone)
    if due <= timezone.now():
        raise AuthorError(f"{_spoken(wall)} in {zone} has passed: choose a later time, or approve without one.")
    with transaction.atomic():
        outbox.lock(candidate.course)
        if other := waiting(candidate.course):
            raise AuthorError(
                f"A release of “{candidate.title}” is scheduled for {spoken(other)} already: cancel that one first."
            )
        approval.approve_for_later(candidate, by)
        return ScheduledRelease.objects.create(
            course=candidate.course, candidate=candidate, wall=wall, zone=zone, due_at=due, scheduled_by=by
        )


def cancel(schedule: ScheduledRelease, by: Any) -> None:
    """Call a scheduled release off. Its candidate counts as withdrawn, so that the course can be submitted again.

    Raises AuthorError if it was released or cancelled already.
    """
    with transaction.atomic():
        outbox.lock(schedule.course)
        now = timezone.now()
        if not _settle(schedule.pk, State.CANCELLED, error=""):
            schedule.refresh_from_db()
            done = "was released" if schedule.state == State.DONE else "was cancelled"
            raise AuthorError(f"The release of “{schedule.candidate.title}” {done} already.")
        Candidate.objects.filter(pk=schedule.candidate_id).update(
            state=Candidate.State.WITHDRAWN, decided_by=by, decided_at=now
        )


def release_due(now: datetime | None = None) -> list[str]:
    """Carry out what is due by `now`, oldest first; a sentence for each.

    Late is as good as in time, twice is once. One that cannot be released says why on its row, is tried again later,
    and keeps no other waiting.
    """
    now = now or timezone.now()
    due = ScheduledRelease.objects.filter(_due(now)).order_by("due_at", "pk")
    told = [_attempt(pk, now) for pk in list(due.values_list("pk", flat=True))]
    return [sentence for sentence in told if sentence]


def waiting(course: Any) -> ScheduledRelease | None:
    """The scheduled release of the course with this UUID, without its candidate's content."""
    rows = ScheduledRelease.objects.filter(course=course, state=State.WAITING)
    return rows.select_related("candidate", "scheduled_by").defer("candidate__content").first()


def spoken(schedule: ScheduledRelease) -> str:
    """When, in the course's own time: "1 December 2026, 09:00 (CET, Europe/Berlin)"."""
    shown = schedule.due_at.astimezone(ZoneInfo(schedule.zone))
    return f"{_spoken(schedule.wall)} ({shown:%Z}, {schedule.zone})"


def _spoken(wall: str) -> str:
    at = datetime.fromisoformat(wall)
    return f"{at.day} {at:%B %Y, %H:%M}"


def _due(now: datetime) -> Q:
    return Q(state=State.WAITING, due_at__lte=now) & (Q(next_try_at=None) | Q(next_try_at__lte=now))


def _attempt(pk: int, now: datetime) -> str:
    """What was done, as a sentence; empty if another scheduler or an editor was faster. Never raises."""
    try:
        try:
            return _carry_out(pk, now)
        except AuthorError as error:
            return _failed(pk, now, str(error))
        except Exception as error:  # the shell of a task: recorded, shown to editors, and tried again later
            log.exception("The scheduled release %s failed", pk)
            return _failed(pk, now, f"Releasing failed ({type(error).__name__}: {error}). It is tried again by itself.")
    except Exception:  # the shell of the shell: the database is away, so nothing can be written down
        log.exception("Nothing can be said of the scheduled release %s; the next round comes by.", pk)
        return f"Scheduled release {pk} failed, and that could not be written down."


def _carry_out(pk: int, now: datetime) -> str:
    with transaction.atomic():
        outbox.lock(ScheduledRelease.objects.values_list("course", flat=True).get(pk=pk))
        # Looked up again with the course locked: of two schedulers, or a scheduler and a cancelling editor, one acts.
        row = ScheduledRelease.objects.filter(_due(now), pk=pk).select_related("candidate", "scheduled_by").first()
        if row is None:
            return ""
        if not Course.objects.filter(uuid=row.course).exists():
            _settle(pk, State.CANCELLED, error="The course was deleted, so there was nothing to release.")
            return f"“{row.candidate.title}” was deleted, so its scheduled release is cancelled."
        release = approval.carry_out(row.candidate, row.scheduled_by, keep_review=True)
        _settle(pk, State.DONE, error="")
        return f"“{row.candidate.title}”: release {release.number}, scheduled for {spoken(row)}, is on its way."


def _settle(pk: int, state: ScheduledRelease.State, error: str) -> int:
    waiting = ScheduledRelease.objects.filter(pk=pk, state=State.WAITING)
    return waiting.update(state=state, error=error, next_try_at=None, settled_at=timezone.now())


def _failed(pk: int, now: datetime, sentence: str) -> str:
    row = ScheduledRelease.objects.select_related("candidate").defer("candidate__content").get(pk=pk)
    attempts = row.attempts + 1
    pause = min(timedelta(seconds=2 ** min(attempts, 12)), LONGEST_WAIT)
    ScheduledRelease.objects.filter(pk=pk, state=State.WAITING).update(
        attempts=attempts, next_try_at=now + pause, error=sentence
    )
    return f"“{row.candidate.title}” could not be released at its time. {sentence}"
