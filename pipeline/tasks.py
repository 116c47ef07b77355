"""What the queue runs. A message carries one id, because the row it names is the truth."""

from uuid import UUID

from huey import crontab
from huey.contrib.djhuey import on_startup, periodic_task, task

from pipeline import reconcile as reconciler
from pipeline import renditions, worker


@task()
def build(course: str) -> None:
    """Build a course until nothing of it is due."""
    while worker.work(UUID(course)):
        pass


@task()
def make_rendition(rendition: int) -> None:
    renditions.make(rendition)


@periodic_task(crontab(minute="*"))
def reconcile() -> None:
    reconciler.reconcile()


@on_startup()
def after_a_restart() -> None:
    """A worker that died lost its messages: look at once for what it left."""
    reconciler.reconcile()
