"""Who may open what, judged from facts alone: each way to gain and to lose access, in any order, told any number of
times."""

import random
from datetime import timedelta
from typing import Literal
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from api.payments.entitlement import GRACE, Access, entitlements
from api.payments.facts import AnyFact, Disputed, Free, Granted, Refunded, RefundFailed, SubscriptionEnded
from tests.api.payments.school import FERNS, MOSSES, NOON, TREES, bought, later, line, period, uid

BUNDLE = bought(1, line(1, TREES, 1000, 190), line(2, FERNS, 500))


def access(course: UUID, *facts: AnyFact, at: float = 1) -> Access:
    return entitlements(facts, later(at)).of(course)


def states(course: UUID, *facts: AnyFact, at: float = 1) -> list[str]:
    return [ground.state for ground in access(course, *facts, at=at).grounds]


def refund(name: str, **amounts: int) -> Refunded:
    """l1=500: so much of line 1."""
    return Refunded(refund=name, lines=tuple((uid(int(key[1:])), amount) for key, amount in amounts.items()))


def dispute(outcome: Literal["opened", "won", "lost"], *lines: int, name: str = "dp") -> Disputed:
    return Disputed(dispute=name, outcome=outcome, lines=tuple(map(uid, lines)))


def granted(until: float | None = None, revoked: float | None = None) -> Granted:
    ends = None if until is None else later(until)
    return Granted(
        grant=uid(7), course=TREES, at=NOON, until=ends, revoked_at=None if revoked is None else later(revoked)
    )


def test_nothing_happened_nothing_is_open() -> None:
    assert access(TREES) == Access(())
    assert not access(TREES).open


def test_what_was_bought_is_open_and_nothing_else() -> None:
    assert (states(TREES, BUNDLE), states(FERNS, BUNDLE), states(MOSSES, BUNDLE)) == (["open"], ["open"], [])


def test_a_whole_refund_of_a_line_closes_that_line() -> None:
    whole = refund("re", l1=1190)
    assert (states(TREES, BUNDLE, whole), states(FERNS, BUNDLE, whole)) == (["refunded"], ["open"])


def test_a_part_given_back_keeps_access_until_all_is() -> None:
    first, second = refund("re_1", l1=1189), refund("re_2", l1=1)
    assert states(TREES, BUNDLE, first) == states(TREES, BUNDLE, first, first) == ["open"]
    assert states(TREES, BUNDLE, first, second) == ["refunded"]
    assert states(TREES, BUNDLE, first, second, RefundFailed(refund="re_2")) == ["open"]


def test_what_cost_nothing_can_be_taken_back() -> None:
    free = bought(3, line(3, TREES, 0))
    assert states(TREES, free) == ["open"]
    assert states(TREES, free, refund("re", l3=0)) == ["refunded"]


def test_bought_again_it_is_open_again() -> None:
    again = bought(2, line(9, TREES, 1000))
    assert states(TREES, BUNDLE, refund("re", l1=1190), again) == ["open", "refunded"]


def test_a_dispute_suspends_won_restores_lost_revokes() -> None:
    opened = dispute("opened", 1, 2)
    held = access(TREES, BUNDLE, opened)
    assert (held.open, held.suspended, states(FERNS, BUNDLE, opened)) == (False, True, ["suspended"])
    assert states(TREES, BUNDLE, opened, dispute("won", 1, 2)) == ["open"]
    assert states(TREES, BUNDLE, opened, dispute("lost", 1, 2)) == ["lost"]
    assert states(TREES, BUNDLE, opened, dispute("won", 1, 2), dispute("opened", 1, name="dp_2")) == ["suspended"]
    assert states(TREES, BUNDLE, opened, refund("re", l1=1190)) == ["refunded"]


def test_another_ground_holds_while_one_is_disputed() -> None:
    both = access(TREES, BUNDLE, dispute("opened", 1), granted())
    assert both.open and not both.suspended
    assert [(ground.kind, ground.state) for ground in both.grounds] == [("grant", "open"), ("bought", "suspended")]


def test_a_grant_runs_out_or_is_revoked() -> None:
    assert states(TREES, granted(), at=9999) == ["open"]
    assert (states(TREES, granted(5), at=4.9), states(TREES, granted(5), at=5)) == (["open"], ["ended"])
    assert states(TREES, granted(5, revoked=2), at=3) == ["revoked"]


def test_what_is_free_is_open() -> None:
    assert states(TREES, Free(course=TREES)) == states(TREES, Free(course=None)) == ["open"]
    assert access(TREES, Free(course=TREES, enrolled=True)).grounds[0].kind == "enrolled"
    assert states(FERNS, Free(course=TREES)) == []


# --- subscriptions ------------------------------------------------------------------------------------------------

DAYS = GRACE.days


def test_a_subscription_opens_its_courses_or_all() -> None:
    assert (states(TREES, period("sub", 1, TREES)), states(FERNS, period("sub", 1, TREES))) == (["open"], [])
    assert states(MOSSES, period("sub", 1)) == ["open"]


@pytest.mark.parametrize(
    ("day", "state"), [(29.9, "open"), (30, "grace"), (30 + DAYS - 0.1, "grace"), (30 + DAYS, "ended")]
)
def test_past_due_there_is_grace(day: float, state: str) -> None:
    assert states(TREES, period("sub", 1), at=day) == [state]


def test_paid_late_it_goes_on() -> None:
    paid = period("sub", 1), period("sub", 2, start=later(30))
    assert states(TREES, *paid, at=45) == ["open"]
    assert access(TREES, *paid, at=45).grounds[0].until == later(60)


@pytest.mark.parametrize(
    ("ended", "day", "state"),
    [(30, 29, "open"), (30, 30, "ended"), (10, 11, "ended"), (33, 32, "grace"), (33, 33, "ended")],
)
def test_ended_it_is_over_without_grace(ended: float, day: float, state: str) -> None:
    assert states(TREES, period("sub", 1), SubscriptionEnded(subscription="sub", at=later(ended)), at=day) == [state]


def test_another_subscription_is_another_ground() -> None:
    over = SubscriptionEnded(subscription="sub", at=later(10))
    assert states(TREES, period("sub", 1), over, period("again", 2, start=later(20)), at=25) == ["open", "ended"]


def test_a_period_that_has_not_begun_opens_nothing() -> None:
    assert states(TREES, period("sub", 1, start=later(5)), at=1) == []


def test_a_course_that_left_the_plan_has_no_grace() -> None:
    paid = period("sub", 1, TREES, FERNS), period("sub", 2, FERNS, start=later(30))
    assert (states(TREES, *paid, at=31), states(FERNS, *paid, at=31)) == (["ended"], ["open"])


def test_a_refunded_period_is_none_and_a_disputed_one_suspends() -> None:
    assert states(TREES, period("sub", 1), refund("re", l1=900)) == ["refunded"]
    assert states(TREES, period("sub", 1), dispute("opened", 1)) == ["suspended"]
    assert states(TREES, period("sub", 1), dispute("opened", 1), dispute("lost", 1)) == ["lost"]
    two = period("sub", 1), period("sub", 2, start=later(30))
    assert states(TREES, *two, refund("re", l2=900), at=31) == ["grace"]


# --- any order, any number of times -------------------------------------------------------------------------------

LINES = {1: 1190, 2: 500, 3: 0, 11: 900, 12: 900, 13: 900}
SOLD = [
    BUNDLE,
    bought(2, line(3, TREES, 0)),
    period("sub", 11, TREES, FERNS),
    period("sub", 12, start=later(30)),
    period("other", 13, MOSSES, days=365),
]
FACTS = st.one_of(
    st.sampled_from(SOLD),
    st.builds(
        lambda number, id_, share: Refunded(refund=f"re_{id_}", lines=((uid(number), LINES[number] * share // 2),)),
        st.sampled_from(sorted(LINES)),
        st.integers(0, 20),
        st.integers(0, 2),
    ),
    st.builds(lambda id_: RefundFailed(refund=f"re_{id_}"), st.integers(0, 20)),
    st.builds(
        lambda outcome, id_: dispute(outcome, *((1, 2) if id_ == 0 else (11,)), name=f"dp_{id_}"),
        st.sampled_from(["opened", "won", "lost"]),
        st.integers(0, 1),
    ),
    st.builds(lambda day: SubscriptionEnded(subscription="sub", at=later(day)), st.integers(1, 80)),
    st.sampled_from([granted(), granted(20), Free(course=FERNS), Free(course=MOSSES, enrolled=True)]),
)


def once(facts: list[AnyFact]) -> list[AnyFact]:
    """One refund has one content, one subscription ends once, one grant is in one state: ids are Stripe's and ours."""
    seen: dict[object, AnyFact] = {}
    for fact in facts:
        names = ("refund", "subscription", "grant")
        name = next((getattr(fact, one) for one in names if hasattr(fact, one)), None)
        key = fact if name is None or fact.kind == "period" else (fact.kind, name)
        seen.setdefault(key, fact)
    return list(seen.values())


@settings(max_examples=600, deadline=None)
@given(st.lists(FACTS, max_size=14).map(once), st.randoms(use_true_random=False), st.integers(0, 80))
def test_order_and_repetition_change_nothing(facts: list[AnyFact], chance: random.Random, day: int) -> None:
    expected = entitlements(facts, later(day))
    told = facts + chance.choices(facts, k=len(facts)) if facts else []
    chance.shuffle(told)
    assert entitlements(told, later(day)) == expected
    for course in (TREES, FERNS, MOSSES):
        assert expected.of(course).open == any(ground.open for ground in expected.of(course).grounds)


@settings(max_examples=150, deadline=None)
@given(st.lists(FACTS, max_size=10).map(once), st.integers(0, 80))
def test_a_grant_can_only_add(facts: list[AnyFact], day: int) -> None:
    """The union of grounds: whatever else is taken away, what was given stands."""
    more = Granted(grant=uid(8), course=TREES, at=NOON - timedelta(days=1))
    assert entitlements([*facts, more], later(day)).of(TREES).open
    for course in (FERNS, MOSSES):
        assert entitlements([*facts, more], later(day)).of(course) == entitlements(facts, later(day)).of(course)
