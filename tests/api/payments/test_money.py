"""Amounts: each currency by its own rules, read and written by people, split without losing a unit."""

import ast
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.payments.money import CURRENCIES, GROUP, MOST, WHOLE, Money, NotMoney, parse, portion, split, taken

# Code, minor units of one unit, the smallest price step, the step of a payout, ten units as people see them.
# Written out by hand from Stripe's documentation, not computed from the table under test.
TWO = "AED AUD BRL CAD CHF CZK DKK EUR GBP HKD ILS INR MXN MYR NOK NZD PHP PLN RON SAR SEK SGD THB TRY USD ZAR"
NONE = "BIF CLP DJF GNF JPY KMF KRW MGA PYG RWF VND VUV XAF XOF XPF"
RULES = {
    **dict.fromkeys(TWO.split(), (100, 1, 1, "10.00")),
    **dict.fromkeys(NONE.split(), (1, 1, 1, "10")),
    **dict.fromkeys(["BHD", "JOD", "KWD", "OMR", "TND"], (1000, 10, 1, "10.000")),
    "ISK": (100, 100, 1, "10"),
    "UGX": (100, 100, 1, "10"),
    "HUF": (100, 1, 100, "10.00"),
    "TWD": (100, 1, 100, "10.00"),
}


def test_the_table_is_known_whole() -> None:
    assert set(CURRENCIES) == set(RULES)


@pytest.mark.parametrize("code", sorted(RULES))
def test_each_currency_by_its_rules(code: str) -> None:
    unit, step, payout_step, shown = RULES[code]
    known = CURRENCIES[code]
    assert (known.step, known.payout_step) == (step, payout_step)
    assert parse(f"10 {code}") == parse(f"{code.lower()}10") == Money(10 * unit, code)
    assert str(Money(10 * unit, code)) == f"{shown} {code}"
    assert parse(str(Money(10 * unit + step, code))) == Money(10 * unit + step, code)
    assert portion(Money(10 * unit + step, code), 3333).minor % step == 0


@pytest.mark.parametrize(
    ("text", "minor"),
    [
        ("49 EUR", 4900),
        ("49.90 EUR", 4990),
        ("49,90 EUR", 4990),
        (" eur 0.05", 5),
        ("1 250.00 EUR", 125000),
        (f"1{GROUP}250 EUR", 125000),
        ("1'250,00 EUR", 125000),
        ("49", 4900),
        ("0 EUR", 0),
    ],
)
def test_people_write_prices_in_many_ways(text: str, minor: int) -> None:
    assert parse(text, "EUR") == Money(minor, "EUR")


@pytest.mark.parametrize(
    "text",
    [
        *("", "EUR", "free", "-1 EUR", "4.9 EUR", "1.250 EUR", "1,250.00 EUR", "1.250,00 EUR", "1e3 EUR", "٤٩ EUR"),
        *("EUR 49 EUR", "49 ZZZ", "NaN EUR", "49.999 EUR", "1234567890 EUR", "5.00 ISK", "5.5 JPY", "1.234 KWD"),
        *("1.5 KWD", "4 9 €"),
    ],
)
def test_what_is_no_price_gets_a_sentence(text: str) -> None:
    with pytest.raises(NotMoney) as refused:
        parse(text, None)
    assert str(refused.value).endswith(".")


def test_a_price_without_a_currency_is_asked_for_one() -> None:
    with pytest.raises(NotMoney, match="names no currency"):
        parse("49")


def test_a_fraction_that_nobody_can_be_charged_is_shown_all_the_same() -> None:
    assert str(Money(1050, "ISK")) == "10.50 ISK"
    assert Money(-125000, "EUR").decimal == "-1250.00"
    assert str(Money(-125000, "EUR")) == f"-1{GROUP}250.00 EUR"


def test_currencies_are_not_mixed() -> None:
    with pytest.raises(NotMoney):
        Money(1, "EUR") + Money(1, "USD")
    with pytest.raises(TypeError):
        Money(1.0, "EUR")  # type: ignore[arg-type]  # whoever has no type checker does this
    with pytest.raises(NotMoney):
        Money(1, "ZZZ")


@given(st.sampled_from(sorted(CURRENCIES)), st.integers(0, MOST))
def test_what_is_written_is_read_back(code: str, minor: int) -> None:
    money = Money(minor - minor % CURRENCIES[code].step, code)
    assert parse(str(money)) == money


@given(
    st.integers(-MOST, MOST),
    st.lists(st.integers(0, WHOLE), min_size=1, max_size=9).filter(any),
    st.sampled_from([1, 10, 100]),
)
def test_a_split_loses_nothing_and_is_fair(minor: int, weights: list[int], step: int) -> None:
    shares = split(minor, weights, step)
    assert sum(shares) == minor
    assert shares == split(minor, weights, step)
    if minor % step == 0:
        assert all(share % step == 0 for share in shares)
        total = sum(weights)
        # No share is a whole step away from its exact part.
        assert all(
            abs(share * total - minor * weight) < step * total for share, weight in zip(shares, weights, strict=True)
        )
        assert all(share == 0 for share, weight in zip(shares, weights, strict=True) if weight == 0)


def test_the_largest_remainder_is_served_first() -> None:
    assert split(100, [1, 1, 1]) == [34, 33, 33]
    assert split(100, [3333, 3333, 3334]) == [33, 33, 34]
    assert split(-100, [1, 1, 1]) == [-34, -33, -33]
    with pytest.raises(ValueError, match="Weights"):
        split(1, [0, 0])


@given(st.integers(0, MOST), st.integers(0, WHOLE))
def test_a_portion_is_within_half_a_step(minor: int, parts: int) -> None:
    money = Money(minor, "EUR")
    assert abs(portion(money, parts).minor * WHOLE - minor * parts) * 2 <= WHOLE


@given(st.integers(0, MOST), st.lists(st.integers(1, 1000), min_size=1, max_size=9))
def test_what_goes_along_with_parts_is_whole_in_the_end(share: int, parts: list[int]) -> None:
    whole, gone, part = sum(parts), 0, 0
    for one in parts:
        before, part = taken(share, part, whole), part + one
        gone += taken(share, part, whole) - before
        assert 0 <= gone <= share
    assert gone == share


def test_there_is_no_floating_point_in_money() -> None:
    """A division, a float or a decimal fraction in these files is an amount that may not add up."""
    for file in sorted((Path(__file__).parents[3] / "api" / "payments").rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text())):
            assert not (isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div)), f"{file.name}:{node.lineno}"
            assert not (isinstance(node, ast.Constant) and isinstance(node.value, float)), f"{file.name}:{node.lineno}"
            assert not (isinstance(node, ast.Name) and node.id == "float"), f"{file.name}:{node.lineno}"
