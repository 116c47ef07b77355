"""What somebody who makes an offer or a coupon wrote, and what is wrong with it, in sentences. Pure."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from uuid import UUID

from api.payments.money import WHOLE, Money, NotMoney, parse


@dataclass(frozen=True)
class OfferDraft:
    kind: str
    interval: str
    everything: bool
    courses: Sequence[UUID]
    prices: Sequence[Money]
    trial_days: int


def faults(draft: OfferDraft) -> dict[str, str]:
    """What must be put right before it can be offered, by field: "courses", "prices", "interval", ..."""
    found = {}
    subscription, free = draft.kind == "subscription", draft.kind == "free"
    if draft.everything and draft.courses:
        found["courses"] = "Name courses, or offer all of them, not both."
    elif draft.everything and not (subscription or free):
        found["everything"] = "Only a subscription, or what is free, opens all courses."
    elif draft.kind == "one_time" and len(draft.courses) != 1:
        found["courses"] = "Choose the one course that is sold; several are a bundle."
    elif draft.kind == "bundle" and len(draft.courses) < 2:
        found["courses"] = "Choose two courses or more; one alone is sold as one course."
    elif not draft.everything and not draft.courses:
        found["courses"] = "Choose what it opens."
    if free and draft.prices:
        found["prices"] = "What is free has no price."
    elif not free and not draft.prices:
        found["prices"] = "Write a price, such as 49.00 EUR."
    if subscription and not draft.interval:
        found["interval"] = "Say whether it is paid each month or each year."
    elif draft.interval and not subscription:
        found["interval"] = "Only a subscription is paid again and again."
    if draft.trial_days and not subscription:
        found["trial_days"] = "Only a subscription has a trial."
    return found


def read_prices(text: str, allowed: Collection[str]) -> list[Money]:
    """Prices, one a line, at most one in each of the currencies that this school takes. Raises NotMoney."""
    found = [_price(line, allowed) for line in text.splitlines() if line.strip()]
    for price in found:
        if sum(other.currency == price.currency for other in found) > 1:
            raise NotMoney(f"There are two prices in {price.currency}: leave one of them.")
    return found


def read_off(text: str, allowed: Collection[str]) -> int | Money:
    """What a coupon takes off: "20 %" as parts of 10 000, or "5.00 EUR" as an amount. Raises NotMoney."""
    if not text.rstrip().endswith("%"):
        return _price(text, allowed)
    whole, _, rest = text.strip().rstrip("% ").replace(",", ".").partition(".")
    if not (whole + rest).isascii() or not (whole + rest).isdigit() or not whole or len(whole) > 3 or len(rest) > 2:
        raise NotMoney(f"“{text.strip()}” is no percentage: write one such as 20 % or 12.5 %.")
    parts = int(whole) * 100 + int(rest.ljust(2, "0"))
    if not 0 < parts <= WHOLE:
        raise NotMoney("A coupon takes off more than 0 % and at most 100 %.")
    return parts


def _price(text: str, allowed: Collection[str]) -> Money:
    price = parse(text)
    if price.currency not in allowed:
        raise NotMoney(f"This school takes no {price.currency}; it takes {', '.join(sorted(allowed))}.")
    if not price.minor:
        raise NotMoney("A price is above zero.")
    return price
