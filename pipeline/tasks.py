"""What the queue runs. A message carries one id, because the row it names is the truth.

A worker lives for weeks: each task gives back a database connection that died, or the next would die of it too.
"""

from uuid import UUID

from django.conf import settings
from django.db import close_old_connections
from huey import crontab
from huey.contrib.djhuey import db_periodic_task, db_task, on_startup

from pipeline import alerts, edge, page_schedule, renditions, schedule, worker
from pipeline import reconcile as reconciler


@db_task()
def build(course: str) -> None:
    """Build a course until nothing of it is due."""
    while worker.work(UUID(course)):
        pass


@db_task()
def make_rendition(rendition: int) -> None:
    renditions.make(rendition)


@db_task()
def invalidate() -> None:
    """Ask the CDN for everything that is due."""
    edge.the_edge().send()


@db_periodic_task(crontab(minute="*"))
def publish_scheduled() -> None:
    page_schedule.publish_due()
    schedule.release_due()


@db_periodic_task(crontab(minute="*"))
def reconcile() -> None:
    reconciler.reconcile(whole=False)


@db_periodic_task(crontab(minute="*"))
def alert() -> None:
    alerts.tell()


@on_startup()
def after_a_restart() -> None:
    """A worker that died lost its messages: look at once for what it left."""
    try:
        reconciler.reconcile(whole=False)
        # What the dead worker held is free when its lease has run out, and need not wait for the next minute.
        reconcile.schedule(delay=settings.LECTERN_LEASE_SECONDS + 1)
    finally:
        close_old_connections()
