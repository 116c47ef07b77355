"""One worker holds a course; one that lost it writes nothing."""

import threading
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.utils import timezone
from pytest_django import Settings

from pipeline import outbox
from pipeline.errors import LeaseLost
from pipeline.lease import Lease
from pipeline.models import ChangeEvent, Publication
from tests.copied_database import Threads

COURSE = UUID("11111111-1111-4111-8111-111111111111")


def due() -> int:
    return outbox.record(COURSE, ChangeEvent.Kind.PUBLISHED).pk


def taken() -> Lease:
    lease = Lease.take(COURSE)
    assert lease is not None
    return lease


def row() -> Publication:
    return Publication.objects.get(course=COURSE)


def run_out() -> None:
    Publication.objects.update(lease_until=timezone.now() - timedelta(seconds=1))


@pytest.mark.django_db
class TestTaking:
    def test_nothing_is_due_of_an_unknown_course(self) -> None:
        assert Lease.take(COURSE) is None

    def test_it_is_held_until_it_is_given_back(self) -> None:
        seq = due()
        lease = taken()
        assert Lease.take(COURSE) is None
        lease.done(built_seq=seq)
        assert (row().built_seq, row().lease_owner, row().lease_until) == (seq, "", None)
        assert Lease.take(COURSE) is None, "nothing is due any more"
        due()
        assert Lease.take(COURSE) is not None

    def test_a_dead_workers_lease_runs_out(self) -> None:
        due()
        taken()
        run_out()
        assert Lease.take(COURSE) is not None

    def test_its_length_is_a_setting(self, settings: Settings) -> None:
        settings.LECTERN_LEASE_SECONDS = 1000
        due()
        taken()
        until = row().lease_until
        assert until is not None
        assert timedelta(seconds=990) < until - timezone.now() <= timedelta(seconds=1000)

    def test_a_failure_is_tried_again_later_each_time_up_to_an_hour(self) -> None:
        due()
        pauses = []
        for attempt in range(1, 15):
            taken().failed("The disk is full.")
            assert (row().attempts, row().last_error) == (attempt, "The disk is full.")
            assert Lease.take(COURSE) is None, "its next try has not come"
            next_try = row().next_try_at
            assert next_try is not None
            pauses.append(round((next_try - timezone.now()).total_seconds()))
            Publication.objects.update(next_try_at=timezone.now())
        assert pauses[:4] == [2, 4, 8, 16]
        assert max(pauses) == pauses[-1] == 3600
        assert pauses == sorted(pauses)

    def test_waiting_is_no_failure(self) -> None:
        due()
        taken().wait("1 video is being prepared.")
        assert (row().waiting_for, row().attempts, row().last_error) == ("1 video is being prepared.", 0, "")
        assert Lease.take(COURSE) is not None

    def test_success_forgets_what_went_wrong(self) -> None:
        due()
        taken().failed("The disk is full.")
        seq = due()
        taken().done(built_seq=seq, title="Statistics")
        assert (row().attempts, row().last_error, row().waiting_for, row().title) == (0, "", "", "Statistics")


@pytest.mark.django_db
class TestFencing:
    @pytest.mark.parametrize("act", ["renew", "done", "wait", "failed"])
    def test_who_lost_the_lease_changes_nothing(self, act: str) -> None:
        due()
        zombie = taken()
        run_out()
        taken()
        before = Publication.objects.values().get()
        calls = {
            "renew": zombie.renew,
            "done": lambda: zombie.done(built_seq=99),
            "wait": lambda: zombie.wait("x"),
            "failed": lambda: zombie.failed("x"),
        }
        with pytest.raises(LeaseLost, match="another worker holds it"):
            calls[act]()
        assert Publication.objects.values().get() == before

    def test_who_gave_it_back_has_lost_it(self) -> None:
        seq = due()
        lease = taken()
        lease.done(built_seq=seq)
        with pytest.raises(LeaseLost):
            lease.renew()

    def test_one_that_ran_out_and_nobody_took_is_still_held(self) -> None:
        """A slow worker finishes; two slow ones would else take the course from each other for ever."""
        seq = due()
        lease = taken()
        run_out()
        lease.renew()
        assert Lease.take(COURSE) is None
        lease.done(built_seq=seq)

    def test_it_is_kept_from_time_to_time(self, settings: Settings, django_assert_num_queries: Any) -> None:
        due()
        lease = taken()
        with django_assert_num_queries(0):
            lease.keep()
        settings.LECTERN_LEASE_SECONDS = 0  # a quarter of nothing has gone by
        with django_assert_num_queries(1):
            lease.keep()


def test_of_many_workers_one_takes_the_course(threads: Threads) -> None:
    for _ in range(5):
        seq = threads.one(due)
        found = threads.at_once(4, lambda start: (start.wait(), Lease.take(COURSE))[1])
        held = [lease for lease in found if lease]
        assert len(held) == 1
        threads.one(lambda lease=held[0], seq=seq: lease.done(built_seq=seq))  # type: ignore[misc]


def test_control_looking_before_taking_lets_several_hold_it(threads: Threads) -> None:
    """The same claim as a look and a write apart: what take() must not be."""
    threads.one(due)

    def careless(start: threading.Barrier) -> bool:
        free = row().lease_until is None
        start.wait()
        if free:
            Publication.objects.filter(course=COURSE).update(lease_until=timezone.now() + timedelta(minutes=1))
        return free

    assert threads.at_once(4, careless).count(True) > 1
