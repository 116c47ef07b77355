"""Delete from the store what nobody needs any more: condemned first, deleted after a grace if still nobody needs it.

Only keys below `o/` and `m/` are swept. When in doubt a key stays: what leaks costs a little room, and what is missing
costs a reader the lesson. Killed anywhere, the next run goes on.
"""

import json
import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import chain

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from pipeline.condemned import spare
from pipeline.errors import PipelineError
from pipeline.kept import Kept, building
from pipeline.models import Condemned, Release
from pipeline.store.base import KEY, Store

log = logging.getLogger(__name__)

CHUNK = 100  # keys that are locked at once: a release that needs one of them waits for so many deletions
# No build takes as long. A shorter grace does not cover a build that found a key before it was condemned.
LONGEST_BUILD = timedelta(days=1)


def _nothing(_name: str) -> None:
    """Called at each named point of a sweep. Tests put a killer, or another process's act, here."""


checkpoint: Callable[[str], None] = _nothing


class TooMuch(PipelineError):
    """A larger share of the store than allowed would be condemned at once: more likely a mistake than rubbish."""


@dataclass(frozen=True)
class Terms:
    """`grace` between sentence and deletion; `share` in per cent of the store's keys, and of its bytes, that one run
    may condemn; `releases` and `days` as in `Kept`."""

    grace: timedelta
    share: int
    releases: int
    days: int

    @classmethod
    def of_settings(cls, grace: timedelta | None = None, share: int = 20) -> "Terms":
        return cls(
            grace=timedelta(days=settings.LECTERN_SWEEP_GRACE_DAYS) if grace is None else grace,
            share=share,
            releases=settings.LECTERN_SWEEP_KEEP_RELEASES,
            days=settings.LECTERN_SWEEP_KEEP_DAYS,
        )


@dataclass
class Count:
    keys: int = 0
    bytes: int = 0

    def add(self, size: int) -> None:
        self.keys, self.bytes = self.keys + 1, self.bytes + size


@dataclass
class Swept:
    """What a run did, or would do. `waiting` are keys that were condemned earlier, and stay so."""

    kept: Count = field(default_factory=Count)
    condemned: Count = field(default_factory=Count)
    waiting: Count = field(default_factory=Count)
    spared: Count = field(default_factory=Count)
    deleted: Count = field(default_factory=Count)
    notes: list[str] = field(default_factory=list)


def sweep(
    store: Store,
    terms: Terms,
    *,
    delete: bool,
    now: datetime | None = None,
    tell: Callable[[int, int], None] = lambda _done, _all: None,
) -> Swept:
    """One run. Writes nothing without `delete`; `tell` is called with the keys deleted so far and in all.

    Raises StoreError if it cannot be known what readers need, and TooMuch; nothing was changed then.
    """
    run = _Run(store, terms, now or timezone.now())
    run.judge()
    if delete:
        run.carry_out(tell)
    else:
        run.deleted = run.due()
    return run.report()


class _Run:
    """`sizes` maps each key that nobody needs to its bytes, `fresh` are those of them that were not condemned yet."""

    def __init__(self, store: Store, terms: Terms, now: datetime) -> None:
        self.store = store
        self.terms = terms
        self.now = now
        self.kept = Kept(store, releases=terms.releases, days=terms.days, now=now)
        self.kept_keys = Count()
        self.sizes: dict[str, int] = {}
        self.fresh: list[str] = []
        self.spared: dict[str, int] = {}
        self.deleted: list[str] = []
        self.notes: list[str] = []
        self._rows = {row.key: row for row in Condemned.objects.order_by("key").iterator()}

    def judge(self) -> None:
        """Mark, list, compare. Reads only."""
        self.kept.look()
        listed = [key for key in chain(self.store.keys("o/"), self.store.keys("m/")) if KEY.fullmatch(key)]
        # Once more: a release may have gone live between the two lines above, and its objects are listed.
        self.kept.look()
        for key in listed:
            if key in self.kept.keys:
                self.kept_keys.add(self._size(key))
            else:
                self.sizes[key] = self._size(key)
        self.fresh = [key for key in self.sizes if key not in self._rows]
        for key, row in self._rows.items():
            if key in self.kept.keys:
                self.spared[key] = row.bytes
            else:
                self.sizes.setdefault(key, 0)  # deleted already: its run was killed before it could remove the row
        self._refuse_too_much()
        self.notes += [
            f"The manifest of {name} is gone from the store: nobody knows what it needs, and it cannot be kept."
            for name in sorted(self.kept.missing)
        ]

    def due(self) -> list[str]:
        """What may be deleted in this run."""
        until = self.now - self.terms.grace
        due = [key for key in self.sizes if key in self._rows and self._rows[key].at <= until]
        if not self.terms.grace:
            due += self.fresh
        return sorted(due)

    def carry_out(self, tell: Callable[[int, int], None]) -> None:
        spare(self.spared)
        _audit("spared", self.spared)
        for chunk in _chunks(self.fresh):
            sentences = [Condemned(key=key, bytes=self.sizes[key], at=self.now) for key in chunk]
            Condemned.objects.bulk_create(sentences, ignore_conflicts=True)  # another sweep may run at this moment
            _audit("condemned", {key: self.sizes[key] for key in chunk})
        checkpoint("condemned")
        due, done = self.due(), 0
        for chunk in _chunks(due):
            tell(done, len(due))
            if not self._delete(chunk):
                self.notes.append(
                    "Something is being built at this moment, which a grace of less than a day does not cover: what "
                    "is left waits for the next run."
                )
                break
            done += len(chunk)
        tell(done, len(due))

    def _delete(self, chunk: list[str]) -> bool:
        """Delete those of `chunk` that still nobody needs. False if it is not the time for it."""
        with transaction.atomic():
            # Locked until their keys are gone: whoever wants one of them back waits here, and then finds it gone.
            until = self.now - self.terms.grace
            rows = list(Condemned.objects.filter(key__in=chunk, at__lte=until).order_by("key").select_for_update())
            checkpoint("locked")
            self.kept.look()
            if self.terms.grace < LONGEST_BUILD and building():
                return False
            for row in rows:
                if row.key in self.kept.keys:
                    self.spared[row.key] = row.bytes
                    _audit("spared", {row.key: row.bytes})
                    continue
                _audit("deleted", {row.key: row.bytes})
                self.store.delete(row.key)
                self.deleted.append(row.key)
            checkpoint("deleted")
            manifests = [row.key.removeprefix("o/") for row in rows if row.key not in self.kept.keys]
            Release.objects.filter(manifest__in=manifests).update(state=Release.State.SWEPT)
            Condemned.objects.filter(pk__in=[row.pk for row in rows]).delete()
        return True

    def report(self) -> Swept:
        told = Swept(kept=self.kept_keys, notes=self.notes)
        settled = {*self.deleted, *self.spared}
        for key, size in self.sizes.items():
            if key not in self._rows:
                told.condemned.add(size)
            elif key not in settled:
                told.waiting.add(size)
        for size in self.spared.values():
            told.spared.add(size)
        for key in self.deleted:
            told.deleted.add(self.sizes[key])
        return told

    def _size(self, key: str) -> int:
        known = self._rows[key].bytes if key in self._rows else self.kept.keys.get(key)
        if known is None:
            stat = self.store.stat(key)
            return stat.bytes if stat else 0
        return known

    def _refuse_too_much(self) -> None:
        """A database that was restored from last month, or a wrong store, makes everything look like rubbish."""
        fresh = Count(len(self.fresh), sum(self.sizes[key] for key in self.fresh))
        keys = self.kept_keys.keys + len(self.sizes)
        size = self.kept_keys.bytes + sum(self.sizes.values())
        if fresh.keys * 100 > self.terms.share * keys or fresh.bytes * 100 > self.terms.share * size:
            raise TooMuch(
                f"{fresh.keys:,} of {keys:,} keys ({fresh.bytes:,} of {size:,} bytes) would be condemned at once, more "
                f"than {self.terms.share} %: nothing was changed. If database and store belong together and this is "
                "right, allow it with --share."
            )


def _chunks(keys: list[str]) -> Iterator[list[str]]:
    return (keys[place : place + CHUNK] for place in range(0, len(keys), CHUNK))


def _audit(act: str, keys: dict[str, int]) -> None:
    """One line of JSON for each key, for whoever asks later where it went."""
    for key, size in keys.items():
        log.info(json.dumps({"act": act, "key": key, "bytes": size}))
