"""What an offer costs one person: coupons, what was paid before, currencies, and lines that add up."""

from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.errors import ApiError
from api.payments.money import CURRENCIES, Money
from api.payments.pricing import Discount, Kind, Quote, Terms, percent, quote
from tests.api.payments.school import FERNS, MOSSES, TREES, uid

HALF = Discount("HALF", parts=5000)


def terms(minor: int, *courses: UUID | None, currency: str = "EUR", kind: Kind | None = None, **more: Any) -> Terms:
    kind = kind or ("bundle" if len(courses) > 1 else "one_time")
    return Terms(uid(1), kind, "Trees", Money(minor, currency), courses or (TREES,), **more)


def lines(made: Quote) -> list[int]:
    return [line.amount for line in made.lines]


def test_a_price_is_a_price() -> None:
    made = quote(terms(4900))
    assert (made.price, made.discount, made.credit, made.total, made.coupon) == (4900, 0, 0, 4900, None)
    assert [(line.course, line.amount) for line in made.lines] == [(TREES, 4900)]
    assert Quote.model_validate_json(made.model_dump_json()) == made


@pytest.mark.parametrize(
    ("coupon", "total"),
    [
        (HALF, 2450),
        (Discount("X", parts=3333), 3267),
        (Discount("ALL", parts=10000), 0),
        (Discount("TEN", amount=Money(1000, "EUR")), 3900),
        (Discount("MORE", amount=Money(9900, "EUR")), 0),
        (Discount("OURS", parts=5000, courses=frozenset({TREES, MOSSES})), 2450),
    ],
)
def test_a_coupon_lessens_it(coupon: Discount, total: int) -> None:
    made = quote(terms(4900), coupon)
    assert (made.total, made.coupon, made.discount) == (total, coupon.code, 4900 - total)


def test_a_hundred_off_four_hundred_and_ninety_is_three_hundred_and_ninety() -> None:
    """Not a hundred: an amount off was once taken for what is left (Frappe)."""
    assert quote(terms(49000), Discount("C", amount=Money(10000, "EUR"))).total == 39000


def test_a_coupon_of_another_currency_or_course_is_refused() -> None:
    for coupon, code in (
        (Discount("X", amount=Money(5, "USD")), "coupon_currency"),
        (Discount("X", parts=5000, courses=frozenset({FERNS})), "coupon_elsewhere"),
    ):
        with pytest.raises(ApiError) as refused:
            quote(terms(4900), coupon)
        assert refused.value.code == code


def test_a_bundle_is_split_by_what_its_courses_cost_alone() -> None:
    made = quote(terms(9900, TREES, FERNS, weights=(10000, 5000)))
    assert lines(made) == [6600, 3300]
    assert lines(quote(terms(100, TREES, FERNS, MOSSES))) == [34, 33, 33]


def test_a_coupon_for_one_course_lessens_its_line_of_a_bundle() -> None:
    made = quote(terms(9000, TREES, FERNS, MOSSES), Discount("X", parts=5000, courses=frozenset({FERNS})))
    assert lines(made) == [3000, 1500, 3000]


def test_what_was_paid_for_a_part_counts_towards_the_whole() -> None:
    bundle = terms(9000, TREES, FERNS)
    assert quote(bundle, paid={TREES: 4900, MOSSES: 1000}).total == 4100
    assert quote(bundle, HALF, {TREES: 4900}).total == 0
    assert quote(bundle, HALF, {TREES: 4900}).credit == 4500
    assert quote(bundle, paid={TREES: -5}).total == 9000
    # Nobody upgrades to what they have, nor to a subscription.
    assert quote(terms(4900), paid={TREES: 4900}).total == 4900
    assert quote(terms(900, None, kind="subscription"), paid={TREES: 4900}).total == 900


def test_a_trial_is_told_of() -> None:
    assert quote(terms(900, None, kind="subscription", trial_days=14)).trial_days == 14


def test_percentages_for_people() -> None:
    assert [percent(parts) for parts in (2000, 1250, 1, 10000, 1010)] == ["20 %", "12.5 %", "0.01 %", "100 %", "10.1 %"]


@given(
    st.sampled_from(sorted(CURRENCIES)),
    st.integers(1, 99_999),
    st.integers(1, 3),
    st.one_of(st.none(), st.integers(1, 10_000)),
    st.integers(0, 200_000),
)
def test_lines_add_up_and_can_be_charged(code: str, steps: int, count: int, parts: int | None, paid: int) -> None:
    step = CURRENCIES[code].step
    offered = terms(steps * step, *(TREES, FERNS, MOSSES)[:count], currency=code)
    made = quote(offered, Discount("X", parts=parts) if parts else None, {TREES: paid})
    assert made.total == sum(lines(made)) == made.price - made.discount - made.credit
    assert all(amount >= 0 and amount % step == 0 for amount in lines(made))
    assert made.credit <= paid
