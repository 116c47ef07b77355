"""What an offer costs one person: its price, less a coupon, less what they paid for a part of it. Pure.

What comes out is frozen when a checkout begins: a price that changes meanwhile does not change what was agreed.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from api.errors import ApiError
from api.payments.money import CURRENCIES, WHOLE, Money, portion, split

Kind = Literal["one_time", "bundle", "subscription", "free"]


@dataclass(frozen=True)
class Terms:
    """An offer in one currency. `courses` are what it opens, (None,) for all there are; `weights`, by course, what each
    counts in a bundle (its own price, where it has one), all the same without."""

    offer: UUID
    kind: Kind
    name: str
    price: Money
    courses: tuple[UUID | None, ...]
    weights: tuple[int, ...] = ()
    trial_days: int = 0


@dataclass(frozen=True)
class Discount:
    """A coupon: `parts` of 10 000 or an `amount` off; off the lines of `courses` alone, if it names any."""

    code: str
    parts: int | None = None
    amount: Money | None = None
    courses: frozenset[UUID] = frozenset()


class Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class QuotedLine(Frozen):
    """`amount` is what is paid for the course, in minor units, before any tax that is added."""

    course: UUID | None
    amount: int


class Quote(Frozen):
    """`total` = `price` - `discount` - `credit`, and is the sum of the lines. `trial_days`: nothing is paid until then.

    A coupon lessens the first period of a subscription.
    """

    offer: UUID
    kind: Kind
    name: str
    currency: str
    price: int
    discount: int
    credit: int
    total: int
    coupon: str | None
    trial_days: int
    lines: tuple[QuotedLine, ...]


def quote(terms: Terms, coupon: Discount | None = None, paid: Mapping[UUID, int] | None = None) -> Quote:
    """The price of `terms` for somebody who holds `coupon`, and paid `paid` for courses that the offer opens too.

    `paid` is by course, in the same currency, what was refunded taken off. The coupon counts first, then what was paid.

    Raises ApiError 409 for a coupon of another currency, or for other courses.
    """
    step = CURRENCIES[terms.price.currency].step
    lines = split(terms.price.minor, terms.weights or [1] * len(terms.courses), step)
    discount = _discount(terms, lines, coupon) if coupon else [0] * len(lines)
    lines = [line - off for line, off in zip(lines, discount, strict=True)]
    credit = _credit(terms, sum(lines), paid or {}, step)
    if credit:
        lines = [line - off for line, off in zip(lines, split(credit, lines, step), strict=True)]
    return Quote(
        offer=terms.offer,
        kind=terms.kind,
        name=terms.name,
        currency=terms.price.currency,
        price=terms.price.minor,
        discount=sum(discount),
        credit=credit,
        total=sum(lines),
        coupon=coupon.code if coupon else None,
        trial_days=terms.trial_days,
        lines=tuple(QuotedLine(course=course, amount=line) for course, line in zip(terms.courses, lines, strict=True)),
    )


def _discount(terms: Terms, lines: list[int], coupon: Discount) -> list[int]:
    """What the coupon takes off each line. A subscription to everything is lessened by coupons for everything."""
    meant = [
        line if not coupon.courses or course in coupon.courses else 0
        for course, line in zip(terms.courses, lines, strict=True)
    ]
    if not any(meant):
        raise ApiError(409, "coupon_elsewhere", f"The coupon {coupon.code} is not for this offer.")
    whole = Money(sum(meant), terms.price.currency)
    off = portion(whole, coupon.parts or 0)
    if coupon.amount is not None:
        if coupon.amount.currency != whole.currency:
            sentence = f"The coupon {coupon.code} is for prices in {coupon.amount.currency}; choose that currency."
            raise ApiError(409, "coupon_currency", sentence)
        off = min(coupon.amount, whole, key=lambda money: money.minor)
    return split(off.minor, meant, CURRENCIES[whole.currency].step)


def _credit(terms: Terms, rest: int, paid: Mapping[UUID, int], step: int) -> int:
    """A bundle takes in what was paid for its courses, never more than it costs. Nothing else does."""
    if terms.kind != "bundle":
        return 0
    credit = min(rest, sum(max(0, paid.get(course, 0)) for course in terms.courses if course))
    return credit - credit % step


def percent(parts: int) -> str:
    """Parts of 10 000 as people read them: "20 %", "12.5 %"."""
    whole, rest = divmod(parts, WHOLE // 100)
    return f"{whole}.{rest:02d}".rstrip("0").rstrip(".") + " %"
