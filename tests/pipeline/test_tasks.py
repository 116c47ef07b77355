"""A worker of the queue lives for weeks: what a task does with the connection that it was left."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.db import connection
from huey.contrib.djhuey import HUEY
from pytest_django import Settings

from pipeline import tasks, worker
from tests.copied_database import Threads

TASKS: dict[str, Callable[[], object]] = {
    "build": lambda: HUEY.execute(tasks.build.s(str(uuid4()))),
    "make_rendition": lambda: HUEY.execute(tasks.make_rendition.s(0)),
    "reconcile": lambda: HUEY.execute(tasks.reconcile.s()),
    "invalidate": lambda: HUEY.execute(tasks.invalidate.s()),
    "after_a_restart": tasks.after_a_restart,
}


@pytest.mark.parametrize("task", TASKS.values(), ids=TASKS.keys())
def test_every_task_gives_back_a_connection_that_is_past_its_time(threads: Threads, task: Callable[[], object]) -> None:
    def still_used() -> bool:
        connection.ensure_connection()
        old, connection.close_at = connection.connection, 0
        task()
        return connection.connection is old

    assert threads.one(still_used) is False


def test_a_worker_whose_database_is_away_does_not_raise(threads: Threads) -> None:
    def work() -> bool:
        connection.ensure_connection()
        connection.connection.close()
        return worker.work(uuid4())

    assert threads.one(work) is False


@pytest.mark.django_db
def test_a_message_about_what_is_gone_is_an_ordinary_one() -> None:
    HUEY.flush()
    tasks.build.call_local(str(uuid4()))
    tasks.make_rendition.call_local(0)
    assert HUEY.pending_count() == 0


@pytest.mark.django_db
def test_after_a_restart_a_look_is_planned_for_when_the_dead_workers_lease_is_over(settings: Settings) -> None:
    HUEY.flush()
    settings.LECTERN_LEASE_SECONDS = 7
    now = datetime.now(UTC).replace(tzinfo=None)
    tasks.after_a_restart()
    (planned,) = HUEY.pending()
    assert planned.name == "reconcile"
    assert now + timedelta(seconds=8) <= planned.eta <= now + timedelta(seconds=60)
    HUEY.flush()
