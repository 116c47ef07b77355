"""A worker's hold on one course: taken, renewed and given back by conditional updates of its publication row."""

import time
import uuid
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from pipeline.edge import Notes, the_edge
from pipeline.errors import LeaseLost
from pipeline.models import Publication

LONGEST_WAIT = timedelta(hours=1)
# Goes on while the machine sleeps, where there is such a clock: a lease runs out then, too.
CLOCK = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


class Lease:
    """Held from `take` to `done`, `wait` or `failed`. Whoever lost it is told by `LeaseLost` and must stop.

    A lease is lost when another worker takes it, which nobody can before it ran out. One that ran out and that
    nobody took is still held: a slow worker finishes what it began. What `notes` holds is told to the edge in the
    transaction that gives the lease back.
    """

    def __init__(self, course: UUID, owner: str, since: float, *, inherited: bool) -> None:
        self.course = course
        self.owner = owner
        self.notes = Notes(course, unfinished=inherited)
        self._renewed = since

    @classmethod
    def take(cls, course: UUID) -> "Lease | None":
        """The lease, if the course has unbuilt changes that are due and nobody holds it."""
        # Looked at first: whoever is stopped before the row is written must not think that it has just been written.
        since, now, owner = time.clock_gettime(CLOCK), timezone.now(), uuid.uuid4().hex
        due = (
            Publication.objects.filter(course=course, built_seq__lt=F("wanted_seq"))
            .filter(Q(lease_until=None) | Q(lease_until__lt=now))
            .filter(Q(next_try_at=None) | Q(next_try_at__lte=now))
        )
        if due.filter(lease_owner="").update(lease_owner=owner, lease_until=now + _length()):
            return cls(course, owner, since, inherited=False)
        # Who is named there still did not give it back: what they wrote until they died, nobody has told of.
        if due.exclude(lease_owner="").update(lease_owner=owner, lease_until=now + _length()):
            return cls(course, owner, since, inherited=True)
        return None

    def publication(self) -> Publication:
        return Publication.objects.select_related("live_release__candidate").get(course=self.course)

    def renew(self) -> None:
        """Push the end of the lease out. Called between steps, so that a worker that was stopped finds out."""
        since = time.clock_gettime(CLOCK)
        self._update(lease_until=timezone.now() + _length())
        self._renewed = since

    def keep(self) -> None:
        """Renew if a quarter of the lease has gone by. Called often, in loops: who was stopped for so long that
        another worker may hold the course finds out here, too.
        """
        if time.clock_gettime(CLOCK) - self._renewed > _length().total_seconds() / 4:
            self.renew()

    def done(self, **facts: Any) -> None:
        """Give the lease back with the new state of the publication. Runs inside the caller's transaction, if any."""
        self._give_back(attempts=0, next_try_at=None, last_error="", waiting_for="", **facts)

    def wait(self, sentence: str) -> None:
        """Give the lease back unbuilt: something else (a rendition) has to be finished first."""
        self._give_back(waiting_for=sentence[:255], last_error="")

    def failed(self, sentence: str) -> None:
        """Give the lease back with an error in words; the next try is later each time, up to an hour."""
        attempts = self.publication().attempts + 1
        pause = min(timedelta(seconds=2 ** min(attempts, 12)), LONGEST_WAIT)
        self._give_back(attempts=attempts, next_try_at=timezone.now() + pause, last_error=sentence, waiting_for="")

    def _give_back(self, **facts: Any) -> None:
        with transaction.atomic():
            self._update(lease_owner="", lease_until=None, **facts)
            the_edge().tell(self.notes)

    def _update(self, **facts: Any) -> None:
        if not Publication.objects.filter(course=self.course, lease_owner=self.owner).update(**facts):
            raise LeaseLost(f"The lease on {self.course} ran out, and another worker holds it now.")


def _length() -> timedelta:
    return timedelta(seconds=settings.LECTERN_LEASE_SECONDS)
