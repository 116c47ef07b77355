"""Sees to it that each original is made into what pages show: once, by one worker, whatever dies on the way.

The `Rendition` row is the truth and the queue a doorbell. A worker claims a row for the length of a lease and renews
the lease every second; a row whose worker died is free again when its lease has run out. A row
that waits after a fault of ours is leased to nobody until its next try.
"""

import logging
import os
import shutil
import socket
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from pipeline import images, outbox, video
from pipeline.errors import AuthorError, LeaseLost
from pipeline.finished import store_image, store_video
from pipeline.frozen import FrozenCourse
from pipeline.models import Publication, Rendition
from pipeline.originals import path
from pipeline.released_assets import RECIPES, ReleasedAssets, originals, rows
from pipeline.store import the_store

__all__ = ["ReleasedAssets", "again", "due", "make", "pending", "ring_due", "want"]

log = logging.getLogger(__name__)

LEASE = timedelta(seconds=90)
MOST_ATTEMPTS = 5
FIRST_PAUSE = timedelta(seconds=15)  # doubled with each attempt
REPORT_SECONDS = 1.0

Kind = Rendition.Kind
State = Rendition.State


# --- what a candidate needs -----------------------------------------------------------------------------------


def want(frozen: FrozenCourse) -> None:
    """Ask for every image and video of `frozen` that nobody asked for before; ring for them after the commit."""
    named = originals(frozen)
    known = set(rows(named).values_list("kind", "original"))
    fresh = [
        Rendition(kind=kind, original=sha256, recipe=RECIPES[kind], name=name)
        for kind, group in named.items()
        for sha256, name in group.items()
        if (kind, sha256) not in known
    ]
    if not fresh:
        return
    with transaction.atomic():
        Rendition.objects.bulk_create(fresh, ignore_conflicts=True)  # another candidate may ask at this moment
        asked = {kind: {row.original for row in fresh if row.kind == kind} for kind in Kind}
        _ring_on_commit(rows(asked).values_list("pk", flat=True))


def pending(frozen: FrozenCourse) -> str | None:
    """What the release of `frozen` still waits for, as a sentence; None when all is ready.

    Raises `AuthorError`, one sentence for each file that cannot be used, with what to do about it.
    """
    waiting: dict[Kind, list[int]] = {}
    faults = []
    wanted = originals(frozen)
    known = {(row.kind, row.original): row for row in rows(wanted)}
    for kind, named in wanted.items():
        for sha256, name in named.items():
            row = known.get((kind, sha256))
            if row and row.state == State.FAILED:
                # The same bytes may have another name in the course where they failed first.
                faults.append(name + row.error.removeprefix(row.name))
            elif not row or row.state != State.READY:
                waiting.setdefault(kind, []).append(row.progress if row else 0)
    if faults:
        raise AuthorError(" ".join(faults))
    return _waiting_sentence(waiting) if waiting else None


def _waiting_sentence(waiting: dict[Kind, list[int]]) -> str:
    parts = []
    for kind, done in waiting.items():
        counted = f"{len(done)} {kind.value}{'s' if len(done) > 1 else ''}"
        parts.append(f"{counted} ({sum(done) // len(done)} %)" if kind == Kind.VIDEO else counted)
    alone = sum(map(len, waiting.values())) == 1
    return f"{' and '.join(parts)} {'is' if alone else 'are'} being prepared."


# --- the doorbell ---------------------------------------------------------------------------------------------


def due() -> list[int]:
    """Rows that a worker should take: waiting for their first or next try, or left behind by a dead worker."""
    return list(_free().order_by("pk").values_list("pk", flat=True))


def ring_due() -> int:
    """Ring for everything that is due; how many. The reconciler's answer to a lost doorbell."""
    ids = due()
    _ring(ids)
    return len(ids)


def again(rendition_id: int) -> bool:
    """Give a rendition that failed a fresh start. False if it had not failed."""
    with transaction.atomic():
        changed = Rendition.objects.filter(pk=rendition_id, state=State.FAILED).update(
            state=State.WANTED, attempts=0, progress=0, error="", lease_until=None, finished_at=None
        )
        if changed:
            _ring_on_commit([rendition_id])
    return bool(changed)


def _ring_on_commit(ids: Iterable[int]) -> None:
    found = list(ids)
    transaction.on_commit(lambda: _ring(found))


def _ring(ids: Iterable[int]) -> None:
    # A late import: the tasks import this module.
    from pipeline.tasks import make_rendition

    for rendition_id in ids:
        try:
            make_rendition(rendition_id)
        except Exception:  # the shell of a doorbell: a queue that is down must not undo an editor's change
            log.exception("The queue did not take rendition %s; the reconciler will ring again.", rendition_id)


# --- the work -------------------------------------------------------------------------------------------------


def make(rendition_id: int) -> bool:
    """Claim the rendition, do the work, keep the result in the store and finish the row.

    True when the row was finished here, ready or failed. False when there was nothing to claim, when the lease was
    lost, or when a fault of ours sent the row back to wait for its next try.
    """
    lease = _claim(rendition_id)
    if lease is None:
        return False
    try:
        finished = _finish(lease)
    except LeaseLost:
        log.warning("%s was taken over by another worker.", lease.row)
        return False
    if finished:
        _ring_publications()
    return finished


def _finish(lease: "Lease") -> bool:
    """Do the work and write down how it ended. False when it has to be tried again."""
    try:
        if lease.row.attempts > MOST_ATTEMPTS:
            raise AuthorError(_gave_up(lease.row))
        with _workshop(lease) as folder:
            output = _MAKERS[Kind(lease.row.kind)](lease, folder)
        lease.finish(state=State.READY, output=output, progress=100, error="")
    except AuthorError as fault:
        lease.finish(state=State.FAILED, error=str(fault))
    except LeaseLost:
        raise
    except Exception as error:  # the shell of a task: recorded on the row, tried again, then shown to people
        log.exception("%s could not be made (attempt %s).", lease.row, lease.row.attempts)
        return lease.give_back(error)
    return True


def _make_image(lease: "Lease", folder: Path) -> dict[str, object]:
    made = images.make(path(lease.row.original), lease.row.name, folder, lambda: lease.report(0))
    return store_image(made, folder, the_store())


def _make_video(lease: "Lease", folder: Path) -> dict[str, object]:
    made = video.make(path(lease.row.original), lease.row.name, folder, lease.report)
    return store_video(made, folder / "out", the_store(), lease.renew)


_MAKERS = {Kind.IMAGE: _make_image, Kind.VIDEO: _make_video}


def _free() -> QuerySet[Rendition]:
    now = timezone.now()
    rested = Q(lease_until=None) | Q(lease_until__lt=now)
    return Rendition.objects.filter(rested, state__in=(State.WANTED, State.WORKING))


def _claim(rendition_id: int) -> "Lease | None":
    owner = f"{socket.gethostname()[:24]}:{os.getpid()}:{uuid4().hex[:12]}"
    # One conditional UPDATE: of two workers that hear the same bell, one changes a row and one changes none.
    claimed = (
        _free()
        .filter(pk=rendition_id)
        .update(
            state=State.WORKING,
            progress=0,
            attempts=F("attempts") + 1,  # counted at the start, so that a file that kills its worker is given up too
            lease_owner=owner,
            lease_until=timezone.now() + LEASE,
        )
    )
    if not claimed:
        return None
    row = Rendition.objects.get(pk=rendition_id)
    return Lease(row, owner)


@dataclass
class Lease:
    """The right of this worker, and no other, to work on `row`, for `LEASE` from the last renewal."""

    row: Rendition
    owner: str
    _reported: float = field(default=0.0)

    def renew(self, **changes: object) -> None:
        """Hold the row for another `LEASE`. Raises `LeaseLost` when somebody else holds it."""
        self._write(lease_until=timezone.now() + LEASE, **changes)

    def report(self, progress: int) -> None:
        """Renew, and show `progress` in per cent. Writes at most once in `REPORT_SECONDS`."""
        if time.monotonic() - self._reported >= REPORT_SECONDS:
            self.renew(progress=progress)
            self._reported = time.monotonic()

    def finish(self, **changes: object) -> None:
        self._write(lease_owner="", lease_until=None, finished_at=timezone.now(), **changes)

    def give_back(self, error: Exception) -> bool:
        """After a fault of ours: wait for another try, or fail for good. Whether it failed for good."""
        attempts = self.row.attempts
        if attempts >= MOST_ATTEMPTS:
            self.finish(state=State.FAILED, error=_gave_up(self.row))
            return True
        pause = FIRST_PAUSE * 2 ** (attempts - 1)
        self._write(
            state=State.WANTED, lease_owner="", lease_until=timezone.now() + pause, progress=0, error=str(error)[:2000]
        )
        return False

    def _write(self, **changes: object) -> None:
        if not Rendition.objects.filter(pk=self.row.pk, lease_owner=self.owner).update(**changes):
            raise LeaseLost(f"The lease of {self.row} was lost.")


def _gave_up(row: Rendition) -> str:
    return (
        f"{row.name} could not be prepared in {MOST_ATTEMPTS} attempts; ask an administrator to read the log and start "
        "it again, or upload it in another format."
    )


@contextmanager
def _workshop(lease: Lease) -> Iterator[Path]:
    """An empty folder for this attempt. What a killed worker left of an earlier one is removed first."""
    root = Path(settings.VAR_DIR) / "renditions"
    for left in root.glob(f"{lease.row.pk}-*"):
        shutil.rmtree(left, ignore_errors=True)
    folder = root / f"{lease.row.pk}-{lease.owner.rpartition(':')[2]}"
    folder.mkdir(parents=True)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _ring_publications() -> None:
    """Wake every course that is behind: it may have waited for this."""
    behind = Publication.objects.filter(Q(built_seq__lt=F("wanted_seq")) | ~Q(waiting_for=""))
    for course in behind.values_list("course", flat=True):
        outbox.ring(course)
