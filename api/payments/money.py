"""Amounts of money: whole minor units of a named currency, how people read and write them, how they are split.

A minor unit is what Stripe counts in (https://docs.stripe.com/currencies#special-cases), so an amount passes between
the ledger and Stripe as it is. There is no floating-point number anywhere in money.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

# Parts of a percentage: 10 000 are the whole.
WHOLE = 10_000
GROUP = "\u202f"  # narrow no-break space: read the same in every country, unlike a point or a comma
# Stripe takes at most eight digits of an amount.
MOST = 99_999_999


class NotMoney(ValueError):
    """Something that is no amount of the currency. The message is a sentence that says what to write instead."""


@dataclass(frozen=True)
class Currency:
    """`digits`: how many of a unit's digits are minor. `step`: a price is a multiple of it. `payout_step`: so is what
    is paid out by hand."""

    code: str
    digits: int = 2
    step: int = 1
    payout_step: int = 1

    @property
    def shown(self) -> int:
        """How many digits people see after the point: none where only whole units can be charged."""
        return 0 if self.step == 10**self.digits else self.digits


def _table() -> dict[str, Currency]:
    two = "AED AUD BRL CAD CHF CZK DKK EUR GBP HKD ILS INR MXN MYR NOK NZD PHP PLN RON SAR SEK SGD THB TRY USD ZAR"
    none = "BIF CLP DJF GNF JPY KMF KRW MGA PYG RWF VND VUV XAF XOF XPF"
    three = "BHD JOD KWD OMR TND"
    special = (
        Currency("ISK", digits=2, step=100),  # has no decimals, and is still counted in hundredths
        Currency("UGX", digits=2, step=100),  # the same
        Currency("HUF", digits=2, payout_step=100),  # charged with two decimals, paid out without
        Currency("TWD", digits=2, payout_step=100),  # the same
    )
    listed = (
        *(Currency(code) for code in two.split()),
        *(Currency(code, digits=0) for code in none.split()),
        *(Currency(code, digits=3, step=10) for code in three.split()),  # the last digit is always 0
        *special,
    )
    return {currency.code: currency for currency in listed}


CURRENCIES = _table()


def currency(code: str) -> Currency:
    """The currency of a code in any case. Raises NotMoney for one that is not in the table."""
    found = CURRENCIES.get(code.strip().upper())
    if found is None:
        raise NotMoney(
            f"{code.strip() or 'Nothing'} is no currency that can be charged here: write a code such as EUR."
        )
    return found


@dataclass(frozen=True)
class Money:
    """`minor` units of `currency`; below zero where something is taken away."""

    minor: int
    currency: str

    def __post_init__(self) -> None:
        if type(self.minor) is not int:
            raise TypeError("Minor units are whole numbers.")
        if self.currency not in CURRENCIES:
            raise NotMoney(f"“{self.currency}” is no currency that can be charged.")

    def __add__(self, other: "Money") -> "Money":
        return Money(self.minor + self._same(other), self.currency)

    def __sub__(self, other: "Money") -> "Money":
        return Money(self.minor - self._same(other), self.currency)

    def __neg__(self) -> "Money":
        return Money(-self.minor, self.currency)

    def _same(self, other: "Money") -> int:
        if other.currency != self.currency:
            raise NotMoney(f"{self.currency} and {other.currency} cannot be counted together.")
        return other.minor

    @property
    def decimal(self) -> str:
        """For tables and machines: a point, no groups, as many digits as the currency has: "-1250.00"."""
        return self._written("", self.minor, CURRENCIES[self.currency].digits)

    def __str__(self) -> str:
        """For people: "1 250.00 EUR", "500 JPY", "5 ISK", with narrow spaces between thousands."""
        known = CURRENCIES[self.currency]
        minor, digits = self.minor, known.shown
        if digits != known.digits:
            minor, rest = divmod(minor, known.step)
            if rest:  # nobody can be charged it, but a fee may be it
                minor, digits = self.minor, known.digits
        return f"{self._written(GROUP, minor, digits)} {self.currency}"

    @staticmethod
    def _written(group: str, minor: int, digits: int) -> str:
        units, rest = divmod(abs(minor), 10**digits)
        sign = "-" if minor < 0 else ""
        return f"{sign}{f'{units:,}'.replace(',', group)}" + (f".{rest:0{digits}d}" if digits else "")


def parse(text: str, default: str | None = None) -> Money:
    """A price as people write it: "49 EUR", "EUR 49.90", "1 250,00 EUR"; without a code, `default` is its currency.

    One mark, a point or a comma, stands before the decimals; thousands may be set apart by spaces or apostrophes.
    Raises NotMoney, with a sentence, for anything else: "1.250" of a currency with two decimals is not guessed at.
    """
    found = re.fullmatch(r"\s*(?:([A-Za-z]{3})\s*)?(\d[\d\s'’.,]*?)\s*([A-Za-z]{3})?\s*", text)
    if found is None or (found[1] and found[3]):
        raise NotMoney(f"“{text.strip()}” is no price: write one such as 49.00 EUR.")
    code = found[1] or found[3] or default
    if code is None:
        raise NotMoney(f"“{text.strip()}” names no currency: write it with one, such as {text.strip()} EUR.")
    known = currency(code)
    number = re.fullmatch(r"(\d+)(?:[.,](\d+))?", re.sub(r"(?<=\d)[\s'’](?=\d)", "", found[2]))
    if number is None or not number[1].isascii():
        raise NotMoney(f"“{found[2]}” cannot be read: write at most one point or comma, before the decimals.")
    return _priced(known, number[1], number[2] or "")


def _priced(known: Currency, units: str, decimals: str) -> Money:
    if len(decimals) not in (0, known.shown):
        wanted = f"{known.shown} digits after the point" if known.shown else "no digits after a point"
        raise NotMoney(f"A price in {known.code} has {wanted}: write it so, or without any.")
    minor = int(units + decimals.ljust(known.digits, "0"))
    if minor > MOST:
        raise NotMoney(f"No price is above {Money(MOST - MOST % known.step, known.code)}.")
    if minor % known.step:
        nearest = Money(minor - minor % known.step, known.code)
        raise NotMoney(f"The last digit of a price in {known.code} is 0: write {nearest}.")
    return Money(minor, known.code)


def portion(whole: Money, parts: int) -> Money:
    """`parts` of 10 000 of an amount that is not below zero, to the nearest that can be charged; half goes up."""
    step = CURRENCIES[whole.currency].step
    return Money((whole.minor * parts + WHOLE * step // 2) // (WHOLE * step) * step, whole.currency)


def split(minor: int, weights: Sequence[int], step: int = 1) -> list[int]:
    """`minor` in shares as near to `weights` as can be, whose sum is exactly `minor` (largest remainder; of equal
    remainders the earlier is served first). Shares are multiples of `step` if `minor` is one.

    Raises ValueError if a weight is below zero or all are zero.
    """
    total = sum(weights)
    if total <= 0 or min(weights) < 0:
        raise ValueError("Weights are not below zero, and one of them is above it.")
    sign, (steps, odd) = (-1 if minor < 0 else 1), divmod(abs(minor), step)
    shares = [steps * weight // total for weight in weights]
    rests = [steps * weight % total for weight in weights]
    neediest = sorted(range(len(weights)), key=lambda at: (-rests[at], at))
    for at in neediest[: steps - sum(shares)]:
        shares[at] += 1
    shares = [share * step for share in shares]
    shares[weights.index(max(weights))] += odd
    return [sign * share for share in shares]


def taken(share: int, part: int, whole: int) -> int:
    """What of `share` goes along when `part` of `whole` has gone: all of it in the end, never more on the way."""
    return share * part // whole if whole else share
