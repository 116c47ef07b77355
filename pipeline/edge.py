"""What a CDN's edges have to forget: noted while it is written, kept as rows, asked for until the CDN has taken it.

A row is written in the transaction that ends the work it is about. A worker that died left none; so whoever takes its
course over asks for everything that the course can have anywhere.
"""

import logging
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Protocol, cast
from urllib.parse import quote, urlsplit
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from pipeline.edge_paths import merged, paths_of
from pipeline.errors import StoreError
from pipeline.models import Address, Invalidation
from pipeline.store.base import Store
from pipeline.store.headers import IMMUTABLE

if TYPE_CHECKING:
    from pipeline.store.cloudfront import Distribution

log = logging.getLogger(__name__)

LONGEST_WAIT = timedelta(hours=1)
OVERDUE = timedelta(minutes=1)  # a row that is younger may be on its way at this moment
KEPT = timedelta(days=7)  # for whoever asks what was sent
AT_ONCE = 5  # rows that are sent one by one; more become one
ALARMING = 6  # attempts


@dataclass
class Notes:
    """The keys that one piece of work changed, or `folder/*`.

    `unfinished`: an earlier try may have died, and nobody knows what it had changed by then. So each write counts,
    whether or not it changed anything, and so does every path of `course` and each folder that is listed.
    """

    course: UUID | None = None
    unfinished: bool = False
    keys: set[str] = field(default_factory=set)


class Edge(Protocol):
    """What stands between the store and its readers."""

    def watched(self, store: Store, notes: Notes) -> Store:
        """The same store; what is replaced and deleted through it stands in `notes`."""

    def tell(self, notes: Notes) -> None:
        """Write down what the edges have to forget, inside the caller's transaction, and ring once it has committed."""

    def send(self, now: datetime | None = None) -> None:
        """Ask for what is due. Never raises for a CDN that does not take it: the row says why and when it is next."""

    def overdue(self, now: datetime) -> list[str]:
        """Ring for what is due, and say in sentences what has waited for longer than it should."""


def the_edge() -> Edge:
    """The edge of this installation, as the setting CLOUDFRONT_DISTRIBUTION_ID says."""
    distribution = the_distribution()
    return CloudFront(distribution) if distribution else NoEdge()


def the_distribution() -> "Distribution | None":
    """The distribution before this installation's store, or None."""
    if not settings.CLOUDFRONT_DISTRIBUTION_ID:
        return None
    # Whoever has none need not wait for boto3 to load.
    from pipeline.store.cloudfront import Distribution

    # With an endpoint of its own the bucket is another house's, and so are its keys.
    keys = ("", "") if settings.S3_ENDPOINT_URL else (settings.S3_ACCESS_KEY_ID, settings.S3_SECRET_ACCESS_KEY)
    return Distribution(settings.CLOUDFRONT_DISTRIBUTION_ID, *keys)


class NoEdge:
    """Nothing is kept on the way to readers, so nobody has to forget."""

    def watched(self, store: Store, _notes: Notes) -> Store:
        return store

    def tell(self, _notes: Notes) -> None:
        return

    def send(self, _now: datetime | None = None) -> None:
        return

    def overdue(self, _now: datetime) -> list[str]:
        return []


class CloudFront:
    """Rows, and requests to one distribution made of them.

    A row is sent under a name that it had before the first try, and its paths never change: so it may be sent again, by
    two workers at once too. Several rows become one by writing a new one in their place.
    """

    def __init__(self, distribution: "Distribution") -> None:
        self._distribution = distribution

    def watched(self, store: Store, notes: Notes) -> Store:
        return cast(Store, _Watched(store, notes))

    def tell(self, notes: Notes) -> None:
        keys = notes.keys | (_anywhere(notes.course) if notes.unfinished and notes.course else set())
        if keys:
            paths = {path for key in keys for path in paths_of(key, _base())}
            Invalidation.objects.create(paths=merged(paths, _base()))
            transaction.on_commit(ring)

    def send(self, now: datetime | None = None) -> None:
        now = now or timezone.now()
        Invalidation.objects.filter(done_at__lt=now - KEPT).delete()
        for row in self._few(now):
            try:
                self._distribution.invalidate(row.paths, _reference(row))
            except StoreError as error:
                self._failed(row, str(error), now)
            else:
                _open().filter(pk=row.pk).update(done_at=timezone.now(), last_error="", next_try_at=None)

    def overdue(self, now: datetime) -> list[str]:
        if not _due(now).exists():
            return []
        ring()
        old = _due(now).filter(created_at__lt=now - OVERDUE).order_by("-attempts")
        if not (worst := old.first()):
            return []
        count = old.count()
        why = worst.last_error or "Nobody has asked it yet."
        return [f"{count} invalidation{'s wait' if count > 1 else ' waits'} for the CDN; rang a worker. {why}"]

    def _few(self, now: datetime) -> list[Invalidation]:
        """What is due, oldest first. Many rows become one: CloudFront works on few wildcards at once."""
        with transaction.atomic():
            rows = list(_due(now).select_for_update().order_by("pk"))
            if len(rows) <= AT_ONCE:
                return rows
            whole = Invalidation.objects.create(paths=merged((path for row in rows for path in row.paths), _base()))
            Invalidation.objects.filter(pk__in=[row.pk for row in rows]).delete()
        return [whole]

    def _failed(self, row: Invalidation, sentence: str, now: datetime) -> None:
        attempts = row.attempts + 1
        pause = min(timedelta(seconds=2 ** min(attempts, 12)), LONGEST_WAIT)
        log.log(logging.ERROR if attempts >= ALARMING else logging.WARNING, "%s Try %s.", sentence, attempts)
        _open().filter(pk=row.pk).update(attempts=attempts, next_try_at=now + pause, last_error=sentence)


class _Watched:
    """A whole store. What is created only once was never anything else, so no edge has it otherwise."""

    def __init__(self, inside: Store, notes: Notes) -> None:
        self._inside = inside
        self._notes = notes

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inside, name)

    def replace(self, key: str, data: bytes) -> bool:
        # A call that fails may have written: its answer may have been lost.
        changed = True
        try:
            changed = self._inside.replace(key, data)
        finally:
            if changed or self._notes.unfinished:
                self._notes.keys.add(key)
        return changed

    def swap(self, key: str, data: bytes, expected: bytes | None) -> None:
        self._notes.keys.add(key)
        self._inside.swap(key, data, expected)

    def keys(self, prefix: str) -> Iterator[str]:
        # Whoever looks for what is left over finds nothing of what was deleted before a death.
        if self._notes.unfinished and prefix.endswith("/") and not IMMUTABLE.match(prefix):
            self._notes.keys.add(f"{prefix}*")
        return self._inside.keys(prefix)

    def delete(self, key: str) -> None:
        # What no edge asks for again is told of by whoever takes it from the edges too: a purge.
        if not IMMUTABLE.match(key):
            self._notes.keys.add(key)
        self._inside.delete(key)


def ring() -> None:
    """Wake a worker for what is due. If nobody hears the bell, the reconciler comes by."""
    # A late import: the tasks need the queue's settings, and whoever writes a row does not.
    from pipeline.tasks import invalidate

    try:
        invalidate()
    except Exception:  # the shell of a doorbell: a queue that is down must not undo what readers have already
        log.exception("The queue did not take the bell for the CDN; the reconciler will ring again.")


def _anywhere(course: UUID) -> set[str]:
    """Everything mutable that a course can have on the store: a path is written down before a page comes to it."""
    paths = set(Address.objects.filter(course=course).values_list("path", flat=True))
    return paths | {f"c/{course}/current.json"} if paths else set()


def _open() -> Any:
    return Invalidation.objects.filter(done_at=None)


def _due(now: datetime) -> Any:
    return _open().exclude(next_try_at__gt=now)


def _reference(row: Invalidation) -> str:
    """Never another row's, not even after a backup of the database was played back: then numbers come once more."""
    return f"lectern-{row.pk}-{row.created_at:%Y%m%dT%H%M%S.%f}"


def _base() -> str:
    """Where the site lives below its host: empty, or `/some/path`."""
    return quote(urlsplit(settings.SITE_URL).path.rstrip("/"), safe="/%")
