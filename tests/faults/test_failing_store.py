"""A store that refuses any one call of a release: the old release stays, the course says why, the next try succeeds."""

import errno
from collections.abc import Callable
from functools import partial
from itertools import cycle

import pytest

from pipeline import worker
from pipeline.errors import StoreError
from tests.faults import acts
from tests.faults.harness import School, later
from tests.faults.oracle import unfinished
from tests.faults.points import LOOKING

pytestmark = pytest.mark.slow
FAILURES = (
    StoreError("The store answered 503 to what it was asked."),
    StoreError("The store answered 403: these credentials may not write here."),
    OSError(errno.ENOSPC, "No space left on device"),
    OSError(errno.EROFS, "Read-only file system"),
    ConnectionResetError(errno.ECONNRESET, "Connection reset by peer"),
)


def test_whatever_call_fails_the_next_try_succeeds(
    school: School, record_property: Callable[[str, object], None]
) -> None:
    """Each call that changes something fails before it did so, and once it did and its answer is lost."""
    failures = cycle(FAILURES)
    silent = tried = 0
    with school.prepared(acts.WORK) as (course, start):
        _camera, whole = school.watched(acts.WORK, course, start)
        calls = school.calls(acts.WORK, course, start)
        assert {call.split()[2] for call in calls} >= {"create", "swap", "replace"}
        for place, call in enumerate(calls):
            if call.split()[2] in LOOKING and place % 5:
                continue  # reads are many and alike: every fifth
            failure = next(failures)
            school.disks.become(start)
            readers, said = school.threads.one(partial(school.failing, acts.WORK, course, place, failure))
            tried, silent = tried + 1, silent + (not said)
            assert all(str(failure) in words and "tried again" in words for words in said), (call, said)
            school.threads.one(next_try)
            readers.look()
            assert readers.faults == [], call
            assert readers.seen[-1] == whole.final, call
            assert school.threads.one(unfinished) == [], call
    record_property(
        "figures", f"failing store: {tried} calls refused, old or new release whole {tried}, next try failed 0"
    )
    assert silent == 0


def next_try() -> None:
    with later(2):
        worker.drain()
