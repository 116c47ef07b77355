"""Find what a lost doorbell, a dead worker, a missed signal or a foreign hand left behind, put it right, and say so."""

import logging
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.core.cache import cache
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from pipeline import originals, outbox, renditions
from pipeline.afloat import catalogue_fault, pointer_fault, stored_fault
from pipeline.catalogue import CATALOGUE
from pipeline.drift import drift, live_courses
from pipeline.edge import the_edge
from pipeline.errors import AuthorError, StoreError
from pipeline.models import ChangeEvent, Publication
from pipeline.store import the_store
from pipeline.store.base import Store

log = logging.getLogger(__name__)

ALARMING = 6  # attempts, the last of them about a minute after the one before
ROUNDS = 60  # a course is compared in one of so many minutes
LAST, UNTIL = "reconcile:last", "reconcile:until"  # in the cache
FORGETFUL = "The cache does not answer, so no round is remembered: is REDIS_URL right, was createcachetable run?"

Kind = ChangeEvent.Kind
Standing = Publication.Standing


def reconcile(*, whole: bool = True, now: datetime | None = None) -> list[str]:
    """One round; a sentence for each thing that needed a hand.

    Unbuilt changes, renditions and pointers are looked at in every round. What a course says in the editor, and whether
    its files lie on the store, is compared of every course with `whole`, and else of those whose turn it is: each once
    an hour. A course that waits for its renditions is looked at again, but needs no hand.
    """
    now, store = now or timezone.now(), the_store()
    told = _unbuilt(now)
    if made := renditions.ring_due():
        told.append(f"{made} rendition{'s were' if made > 1 else ' was'} not being made; rang a worker.")
    turn = set(range(ROUNDS)) if whole else _turn(now)
    told += the_edge().overdue(now)
    try:
        told += _pointers(store)
        told += _compared(store, turn, whole=whole, now=now)
        told += _catalogue(store, whole=whole or 0 in turn)
        if cleared := store.clear_half_written():
            told.append(f"Removed {cleared} half-written files from the store.")
    except StoreError as error:
        log.exception("The reconciler could not ask the store.")
        told.append(f"The store could not be asked ({error}); the next round tries again.")
    if copies := originals.clear_half_copied():
        told.append(f"Removed {copies} half-copied files from the originals.")
    _remember(now, told)
    return told


def last_round() -> dict[str, Any] | None:
    """What the last round said: {"at": ISO 8601, "told": [sentences]}; None if nobody remembers one."""
    found: dict[str, Any] | None = _remembered(LAST)
    return found


def _unbuilt(now: datetime) -> list[str]:
    due = Publication.objects.filter(built_seq__lt=F("wanted_seq"))
    due = due.filter(Q(lease_until=None) | Q(lease_until__lt=now)).filter(Q(next_try_at=None) | Q(next_try_at__lte=now))
    told = []
    # Those that keep failing come last: workers take what was rung first, and nobody waits behind them.
    for publication in due.order_by("attempts", "wanted_seq"):
        outbox.ring(publication.course)
        if publication.attempts >= ALARMING:
            log.error("%s failed %s times: %s", publication, publication.attempts, publication.last_error)
        if not publication.waiting_for:
            told.append(f"{publication}: was not built up to its last change; rang a worker.")
    return told


def _pointers(store: Store) -> Iterator[str]:
    settled = Publication.objects.filter(built_seq=F("wanted_seq"), live_release__isnull=False)
    for publication in settled.select_related("live_release"):
        if fault := pointer_fault(publication, store):
            yield from _repair(publication, Kind.REBUILD, fault)


def _compared(store: Store, turn: set[int], *, whole: bool, now: datetime) -> list[str]:
    """Courses whose turn it is: their files on the store, and what is live of them in the editor."""
    told: list[str] = []
    rows = {row.course: row for row in Publication.objects.select_related("live_release__candidate")} if turn else {}
    for course, title in live_courses().items() if turn else ():
        # One that nobody ever told of: pages that a fixture made, or that were made live in the database.
        rows.setdefault(course, Publication(course=course, title=title))
    for course, publication in rows.items():
        if course.int % ROUNDS not in turn or course == CATALOGUE or publication.built_seq != publication.wanted_seq:
            continue
        try:
            told += _compare(publication, store, whole=whole, now=now)
        except StoreError:
            raise
        except AuthorError as error:
            told.append(f"{publication}: cannot be compared with the editor. {error}")
        except Exception as error:  # one course that cannot be compared must not keep the others from it
            log.exception("%s could not be compared", publication)
            told.append(f"{publication}: could not be compared ({type(error).__name__}); the log says why.")
    return told


def _compare(publication: Publication, store: Store, *, whole: bool, now: datetime) -> Iterator[str]:
    if publication.live_release:
        gone, damaged = stored_fault(publication, store, part=None if whole else _minute(now) // ROUNDS)
        if gone:
            yield from _repair(publication, Kind.REBUILD, gone)
        if damaged:
            yield f"{publication}: {damaged}."
    if publication.standing in {Standing.OPEN, Standing.RETIRED} and (
        missed := drift(publication.course, publication.live_release)
    ):
        yield from _repair(publication, Kind.PUBLISHED, missed)


def _catalogue(store: Store, *, whole: bool) -> list[str]:
    row = Publication.objects.filter(course=CATALOGUE, built_seq=F("wanted_seq")).first()
    if row and (fault := catalogue_fault(store, whole=whole)):
        return list(_repair(row, Kind.REBUILD, fault))
    return []


def _repair(publication: Publication, kind: ChangeEvent.Kind, fault: str) -> Iterator[str]:
    """Ask a worker to put it right, unless somebody changed the course in the meantime: then it is built anyway."""
    with transaction.atomic():
        if outbox.lock(publication.course).wanted_seq != publication.wanted_seq:
            return
        outbox.record(publication.course, kind, note=fault)
    done = "asked for a rebuild" if kind == Kind.REBUILD else "asked for a release of it"
    yield f"{publication}: {fault}; {done}."


def _turn(now: datetime) -> set[int]:
    """The minutes of the hour since the last round, so that no course's turn is skipped by a round that was."""
    minute, until = _minute(now), _remembered(UNTIL)
    first = minute if until is None or until > minute else max(until + 1, minute - ROUNDS + 1)
    return {one % ROUNDS for one in range(first, minute + 1)}


def _remember(now: datetime, told: list[str]) -> None:
    try:
        cache.set(UNTIL, _minute(now), timeout=None)
        cache.set(LAST, {"at": now.isoformat(timespec="seconds"), "told": told}, timeout=None)
    except Exception:  # whatever a cache backend raises when it is away: Django names no common class
        log.exception(FORGETFUL)


def _remembered(name: str) -> Any:
    try:
        return cache.get(name)
    except Exception:  # as above: what is remembered saves work, and no repair hangs on it
        log.exception(FORGETFUL)
        return None


def _minute(now: datetime) -> int:
    return int(now.timestamp()) // 60
