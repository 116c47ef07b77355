"""A worker's hold on one course: taken, renewed and given back by conditional updates of its publication row."""

import uuid
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import F, Q
from django.utils import timezone

from pipeline.errors import LeaseLost
from pipeline.models import Publication

LONGEST_WAIT = timedelta(hours=1)


class Lease:
    """Held from `take` to `done`, `give_back` or `failed`. Whoever lost it is told by `LeaseLost` and must stop."""

    def __init__(self, course: UUID, owner: str) -> None:
        self.course = course
        self.owner = owner

    @classmethod
    def take(cls, course: UUID) -> "Lease | None":
        """The lease, if the course has unbuilt changes that are due and nobody holds it."""
        now, owner = timezone.now(), uuid.uuid4().hex
        taken = (
            Publication.objects.filter(course=course, built_seq__lt=F("wanted_seq"))
            .filter(Q(lease_until=None) | Q(lease_until__lt=now))
            .filter(Q(next_try_at=None) | Q(next_try_at__lte=now))
            .update(lease_owner=owner, lease_until=now + _length())
        )
        return cls(course, owner) if taken else None

    def publication(self) -> Publication:
        return Publication.objects.select_related("live_release__candidate").get(course=self.course)

    def renew(self) -> None:
        """Push the end of the lease out. Called between steps, so that a worker that was stopped finds out."""
        self._update(lease_until=timezone.now() + _length())

    def done(self, **facts: Any) -> None:
        """Give the lease back with the new state of the publication. Runs inside the caller's transaction."""
        self._update(lease_owner="", lease_until=None, attempts=0, next_try_at=None, last_error="", **facts)

    def wait(self, sentence: str) -> None:
        """Give the lease back unbuilt: something else (a rendition) has to be finished first."""
        self._update(lease_owner="", lease_until=None, waiting_for=sentence[:255], last_error="")

    def failed(self, sentence: str) -> None:
        """Give the lease back with an error in words; the next try is later each time, up to an hour."""
        attempts = self.publication().attempts + 1
        pause = min(timedelta(seconds=2 ** min(attempts, 12)), LONGEST_WAIT)
        self._update(
            lease_owner="",
            lease_until=None,
            attempts=attempts,
            next_try_at=timezone.now() + pause,
            last_error=sentence,
            waiting_for="",
        )

    def _update(self, **facts: Any) -> None:
        held = Publication.objects.filter(course=self.course, lease_owner=self.owner, lease_until__gt=timezone.now())
        if not held.update(**facts):
            raise LeaseLost(f"The lease on {self.course} ran out: another worker may hold it now.")


def _length() -> timedelta:
    return timedelta(seconds=settings.LECTERN_LEASE_SECONDS)
