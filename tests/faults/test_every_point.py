"""Whatever write a process dies before or after: nothing acknowledged is lost, and readers meet whole releases."""

import os
import signal
from collections.abc import Callable

import pytest

from tests.faults import acts, controls
from tests.faults.forked import Forking
from tests.faults.harness import Act, School, kinds

pytestmark = pytest.mark.slow
Tell = Callable[[str, object], None]


@pytest.mark.parametrize("act", acts.ALL, ids=lambda act: act.name)
def test_nothing_acknowledged_is_lost_and_nothing_torn(school: School, act: Act, record_property: Tell) -> None:
    verdict = school.judge(act)
    record_property("figures", str(verdict))
    assert (verdict.lost, verdict.torn, verdict.half_made) == ([], [], []), (
        kinds(verdict.lost),
        kinds(verdict.torn),
        kinds(verdict.half_made),
    )
    assert verdict.points > 100


def test_a_photograph_is_what_a_process_leaves_that_is_killed_there(school: School, forking: Forking) -> None:
    """A process that sends itself `kill -9` at every fortieth point of an approval, beside the photograph of it."""
    act = acts.APPROVE
    with school.prepared(act) as (course, start):
        camera, _whole = school.watched(act, course, start)
        for place in range(10, len(camera.points), 40):
            school.disks.become(start)
            _child, status = forking.at(signal.SIGKILL, act, course, place, alone=True)
            assert os.WTERMSIG(status) == signal.SIGKILL
            dead = school.started_again(act, course, None)
            drawn = school.started_again(act, course, camera.photographs[camera.points[place].state])
            assert (dead.facts, dead.final, dead.unfinished) == (drawn.facts, drawn.final, drawn.unfinished), place


def test_control_wagtails_own_scheduler_loses(school: School, record_property: Tell) -> None:
    """The same deaths, and cron runs the same command again after each. An hour that was promised is never kept."""
    stock = School(school.disks, school.threads, school.empty, school.album, controls.stock_alone)
    verdict = stock.judge(controls.STOCK)
    record_property("figures", f"control: {verdict}")
    assert not kinds([told for told in verdict.lost if told.startswith("nobody")])
    assert len(verdict.lost) > 0


def test_control_a_store_that_writes_in_place_is_torn(school: School, record_property: Tell) -> None:
    torn = School(
        school.disks,
        school.threads,
        school.empty,
        school.album,
        wrap=lambda store, look: controls.InPlaceStore(store.root, look),
    )
    verdict = torn.judge(acts.APPROVE)
    record_property("figures", f"control, a store that writes in place: {verdict}")
    assert len(verdict.torn) > 0
