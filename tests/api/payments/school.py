"""Who and what is sold in the tests of money: ids, lines and instants that read well."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from api.payments.facts import Bought, PaidPeriod, Share, SoldLine

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
TREES, FERNS, MOSSES = (UUID(f"c0000000-0000-4000-8000-00000000000{n}") for n in (1, 2, 3))
BUYER = 7
ADA, BO = 1, 2


def later(days: float) -> datetime:
    return NOON + timedelta(days=days)


def uid(number: int) -> UUID:
    return UUID(int=number)


def line(number: int, course: UUID | None, net: int, tax: int = 0, **shares: int) -> SoldLine:
    """`shares` by name: ada=5000."""
    people = {"ada": ADA, "bo": BO}
    each = tuple(Share(person=people[name], parts=parts) for name, parts in shares.items())
    return SoldLine(line=uid(number), course=course, net=net, tax=tax, shares=each)


def bought(order: int, *lines: SoldLine, currency: str = "EUR") -> Bought:
    return Bought(order=uid(order), currency=currency, lines=lines)


def period(subscription: str, number: int, *courses: UUID, start: datetime = NOON, days: float = 30) -> PaidPeriod:
    """Without courses: all of them."""
    return PaidPeriod(
        subscription=subscription,
        currency="EUR",
        lines=(line(number, courses[0] if len(courses) == 1 else None, 900),),
        courses=courses or None,
        start=start,
        end=start + timedelta(days=days),
    )
