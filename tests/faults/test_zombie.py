"""A worker that is stopped at any write of a release, for longer than its lease, and goes on when others have come by.

Meanwhile another worker finished its release, and a newer one is live. It must not win that back.
"""

import os
import signal
from collections.abc import Callable
from itertools import takewhile
from uuid import UUID

import pytest
from pytest_django import Settings

from pipeline import worker
from pipeline.models import Publication
from tests.faults import acts
from tests.faults.forked import Forking
from tests.faults.harness import School, later, left_alone
from tests.faults.oracle import Readers, remembered, unfinished
from tests.faults.points import stops
from tests.pipeline import course_factory

pytestmark = pytest.mark.slow


def test_a_worker_that_goes_on_after_its_lease_changes_nothing(
    school: School, forking: Forking, settings: Settings, record_property: Callable[[str, object], None]
) -> None:
    stale = places = 0
    settings.LECTERN_LEASE_SECONDS = 0  # it has run out by its own clock, too, whenever it goes on
    with school.prepared(acts.WORK) as (course, start):
        camera, _whole = school.watched(acts.WORK, course, start)
        worked = takewhile(lambda point: point.moment != "acknowledged", camera.points)
        for place, stop in enumerate(stops(worked)):
            school.disks.become(start)
            zombie, status = forking.at(signal.SIGSTOP, acts.WORK, course, place, alone=False)
            assert os.WIFSTOPPED(status)
            readers = Readers(school.disks.cdn, course)
            row, facts = school.threads.one(lambda: others_come_by(course))
            readers.look()
            assert forking.goes_on(zombie) == 0
            readers.look()
            assert school.threads.one(lambda: standing(course)) == row, stop
            assert readers.seen[0]["pointer"] == readers.seen[1]["pointer"], stop
            places, stale = places + 1, stale + (readers.seen[0] != readers.seen[1])
            school.threads.one(left_alone)
            readers.look()
            assert readers.faults == [], stop
            assert readers.seen[2] == readers.seen[0], stop
            assert school.threads.one(lambda: (remembered(), unfinished())) == (facts, []), stop
    record_property(
        "figures", f"zombies: {places}, pointers moved 0, rows moved 0, old pages put back and mended {stale}"
    )
    assert places > 15


def others_come_by(course: UUID) -> tuple[object, object]:
    """An hour later: its release is finished, and another one approved and made."""
    with later(1):
        worker.drain()
        page = course_factory.Course.objects.get(uuid=course)
        course_factory.rewrite(course_factory.lessons(page)[0], "The newest words.")
        course_factory.release(page)
        worker.drain()
    return standing(course), remembered()


def standing(course: UUID) -> tuple[object, ...]:
    fields = ("generation", "live_release", "built_seq")
    return Publication.objects.values_list(*fields).get(course=course)
