"""What money comes to in the ledger: each posting line by line, and any sequence of them balanced in the end."""

from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.payments import postings
from api.payments.accounts import ROLES, Account
from api.payments.facts import Bought, RefundFailed
from api.payments.money import Money
from api.payments.postings import Line, Posting, Source, Unbalanced
from tests.api.payments.school import ADA, BO, BUYER, FERNS, NOON, TREES, bought, later, line, period, uid

NOTHING = Money(0, "EUR")


def euro(minor: int) -> Money:
    return Money(minor, "EUR")


def booked(*made: Posting) -> dict[str, int]:
    """What stands on each account after these, by "account currency"; euros by the account alone."""
    sums: dict[str, int] = {}
    for posting in made:
        for one in posting.lines:
            name = one.account.code + ("" if one.money.currency == "EUR" else f" {one.money.currency}")
            sums[name] = sums.get(name, 0) + one.money.minor
    return {name: total for name, total in sums.items() if total}


TWO = bought(1, line(1, TREES, 10000, 1900, ada=5000), line(2, FERNS, 3333, 633, ada=3333, bo=3333))
WHOLE = {uid(1): 11900, uid(2): 3966}


def sold(fact: Bought = TWO) -> Posting:
    return postings.sale(fact, BUYER, NOON)


def test_a_sale_credits_sales_and_tax_and_owes_instructors_their_share() -> None:
    made = sold()
    assert made.source == Source("order", str(uid(1)), "sale")
    assert (made.user, made.fact) == (BUYER, TWO)
    assert booked(made) == {
        "stripe": 15866,
        f"sales/{TREES}": -10000,
        f"sales/{FERNS}": -3333,
        "tax": -2533,
        f"shares/{TREES}": 5000,
        # Two thirds of 33.33 are 22.21; each third is 11.10, and the cent between them has a name.
        f"shares/{FERNS}": 2221,
        f"payable/{ADA}": -6110,
        f"payable/{BO}": -1110,
        "rounding": -1,
    }


def test_a_sale_of_nothing_has_no_lines_and_says_what_was_bought() -> None:
    fact = bought(2, line(3, TREES, 0, ada=5000))
    made = sold(fact)
    assert (made.lines, made.fact) == ((), fact)


def test_a_fee_and_another_currency() -> None:
    yen = bought(3, line(4, TREES, 1000), currency="JPY")
    made = (
        sold(yen),
        postings.converted("ch_1", Money(1000, "JPY"), euro(610), NOON),
        postings.fee("ch_1", euro(40), NOON),
    )
    assert booked(*made) == {
        f"sales/{TREES} JPY": -1000,
        "exchange JPY": 1000,
        "exchange": -610,
        "stripe": 570,
        "fees": 40,
    }


def test_a_whole_refund_gives_all_of_it_back_but_the_fee() -> None:
    amounts = postings.left(TWO, {})
    assert amounts == WHOLE
    made = postings.refund("re_1", TWO, amounts, {}, BUYER, NOON)
    assert booked(sold(), postings.fee("ch_1", euro(40), NOON), made) == {
        "stripe": -40,
        "fees": 40,
        f"sales/{TREES}": -10000,
        f"refunds/{TREES}": 10000,
        f"sales/{FERNS}": -3333,
        f"refunds/{FERNS}": 3333,
    }


def test_a_refund_of_one_line_leaves_the_other() -> None:
    made = postings.refund("re_1", TWO, {uid(1): 11900}, {}, BUYER, NOON)
    after = booked(sold(), made)
    assert after[f"refunds/{TREES}"] == 10000
    assert f"refunds/{FERNS}" not in after
    assert (after[f"payable/{ADA}"], after["tax"], after["stripe"]) == (-1110, -633, 3966)


def test_a_partial_refund_takes_tax_and_shares_along_in_proportion() -> None:
    amounts = postings.spread(TWO, {}, 1587)
    assert sum(amounts.values()) == 1587
    after = booked(sold(), postings.refund("re_1", TWO, amounts, {}, BUYER, NOON))
    assert (after["stripe"], after["tax"], after[f"payable/{BO}"]) == (15866 - 1587, -2533 + 253, -1110 + 111)


def test_more_than_was_paid_is_not_given_back() -> None:
    for amounts, before in (
        ({uid(1): 11901}, {}),
        ({uid(1): 1}, {uid(1): 11900}),
        ({uid(1): -1}, {}),
        ({uid(9): 1}, {}),
    ):
        with pytest.raises(Unbalanced):
            postings.refund("re_1", TWO, amounts, before, BUYER, NOON)
    with pytest.raises(Unbalanced):
        postings.spread(TWO, WHOLE, 1)


def test_a_refund_that_failed_never_was() -> None:
    made = postings.refund("re_1", TWO, {uid(1): 500}, {}, BUYER, NOON)
    failed = postings.refund_failed("re_1", TWO, {uid(1): 500}, {}, BUYER, later(1))
    assert booked(sold(), made, failed) == booked(sold())
    assert failed.fact == RefundFailed(refund="re_1")


def test_a_refund_that_failed_after_another_leaves_the_other_as_if_alone() -> None:
    taxed = bought(1, line(1, TREES, 67, tax=33))
    first = postings.refund("re_1", taxed, {uid(1): 50}, {}, BUYER, NOON)
    other = postings.refund("re_2", taxed, {uid(1): 30}, {uid(1): 50}, BUYER, NOON)
    failed = postings.refund_failed("re_1", taxed, {uid(1): 50}, {uid(1): 30}, BUYER, NOON)
    alone = postings.refund("re_2", taxed, {uid(1): 30}, {}, BUYER, NOON)
    assert booked(first, other, failed) == booked(alone)
    rest = postings.refund("re_3", taxed, {uid(1): 70}, {uid(1): 30}, BUYER, NOON)
    told = booked(postings.sale(taxed, BUYER, NOON), first, other, failed, rest)
    assert told == {f"sales/{TREES}": -67, f"refunds/{TREES}": 67}


def test_a_dispute_opened_and_won_costs_its_fee() -> None:
    opened = postings.dispute_opened("dp_1", TWO, WHOLE, euro(1500), BUYER, NOON)
    assert booked(opened) == {"disputed": 15866, "stripe": -17366, "fees": 1500}
    won = postings.dispute_won("dp_1", TWO, WHOLE, BUYER, later(9))
    assert booked(opened, won) == {"stripe": -1500, "fees": 1500}


def test_a_dispute_lost_takes_shares_and_tax_back() -> None:
    opened = postings.dispute_opened("dp_1", TWO, WHOLE, euro(1500), BUYER, NOON)
    lost = postings.dispute_lost("dp_1", TWO, WHOLE, {}, BUYER, later(9))
    assert booked(sold(), opened, lost) == {
        "stripe": -1500,
        "fees": 1500,
        f"sales/{TREES}": -10000,
        f"losses/{TREES}": 10000,
        f"sales/{FERNS}": -3333,
        f"losses/{FERNS}": 3333,
    }


def test_a_subscription_to_everything_is_nobodys_course() -> None:
    made = postings.period(period("sub_1", 5), "in_1", BUYER, NOON)
    assert booked(made) == {"stripe": 900, "sales": -900}
    assert made.source == Source("invoice", "in_1", "period")
    assert postings.ended("sub_1", BUYER, NOON).lines == ()


def test_what_a_refund_takes_after_a_payout_is_a_debt_until_it_is_settled() -> None:
    fact = bought(1, line(1, TREES, 10000, ada=5000))
    made = [
        sold(fact),
        postings.transfer("tr_1", ADA, euro(5000), NOON),
        postings.refund("re_1", fact, {uid(1): 10000}, {}, BUYER, later(1)),
        postings.reversal("trr_1", ADA, euro(2000), euro(3000), later(1)),
    ]
    after = booked(*made)
    assert f"payable/{ADA}" not in after
    assert (after[f"debts/{ADA}"], after["stripe"]) == (3000, -3000)
    made.append(sold(bought(2, line(2, TREES, 8000, ada=5000))))
    made.append(postings.debt_settled("2026-04/1", ADA, euro(3000), later(30)))
    made.append(postings.transfer("tr_2", ADA, euro(1000), later(31)))
    after = booked(*made)
    assert f"payable/{ADA}" not in after and f"debts/{ADA}" not in after
    assert booked(postings.payout("po_1", euro(100), NOON)) == {"bank": 100, "stripe": -100}


def test_what_does_not_balance_is_no_posting() -> None:
    one = Line(Account("stripe"), euro(5))
    with pytest.raises(Unbalanced):
        Posting(Source("a", "b", "c"), NOON, (one,))
    with pytest.raises(Unbalanced):  # five euros are not five dollars
        Posting(Source("a", "b", "c"), NOON, (one, Line(Account("bank"), Money(-5, "USD"))))
    with pytest.raises(Unbalanced, match="shares"):
        sold(bought(1, line(1, TREES, 100, ada=6000, bo=4001)))


def test_the_chart_says_whose_each_account_is() -> None:
    wrongs: tuple[dict[str, Any], ...] = ({"role": "petty cash"}, {"role": "tax", "course": TREES}, {"role": "payable"})
    for wrong in wrongs:
        with pytest.raises(ValueError, match="account"):
            Account(**wrong)
    assert {kind for kind, _ in ROLES.values()} == {"asset", "liability", "income", "expense"}


LINES = st.lists(
    st.builds(
        lambda net, tax, ada, bo: (net, tax, ada, bo),
        *(st.integers(0, 50_000), st.integers(0, 9_000), st.integers(0, 5_000), st.integers(0, 5_000)),
    ),
    min_size=1,
    max_size=4,
)


@given(LINES, st.lists(st.integers(0, 20_000), max_size=6), st.booleans())
def test_given_back_in_any_pieces_nothing_is_left_behind(
    lines: list[tuple[int, int, int, int]], pieces: list[int], disputed: bool
) -> None:
    fact = bought(
        1,
        *(line(n, (TREES, FERNS)[n % 2], net, tax, ada=ada, bo=bo) for n, (net, tax, ada, bo) in enumerate(lines)),
    )
    made, before = [sold(fact)], dict.fromkeys((one.line for one in fact.lines), 0)

    def give(amounts: dict[UUID, int], number: int) -> None:
        made.append(postings.refund(f"re_{number}", fact, amounts, before, BUYER, NOON))
        for id_, amount in amounts.items():
            before[id_] += amount

    for number, piece in enumerate(pieces):
        give(postings.spread(fact, before, min(piece, sum(postings.left(fact, before).values()))), number)
    rest = postings.left(fact, before)
    if disputed:
        made.append(postings.dispute_opened("dp", fact, rest, NOTHING, BUYER, NOON))
        made.append(postings.dispute_lost("dp", fact, rest, before, BUYER, NOON))
    else:
        give(rest, 99)
    after = booked(*made)
    assert not {name for name in after if name.partition("/")[0] not in ("sales", "refunds", "losses")}, after
    for course in (TREES, FERNS):
        assert sum(after.get(f"{role}/{course}", 0) for role in ("sales", "refunds", "losses")) == 0
