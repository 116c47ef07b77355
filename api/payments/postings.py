"""What each thing that happens to money comes to in the ledger. Pure: facts in, balanced lines out.

Debits are above zero, credits below. Amounts of a line are taken apart cumulatively (`money.taken`), so however a line
is refunded, in whatever pieces, all that was booked when it was sold is booked back when all of it is refunded.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from api.payments.accounts import BANK, DISPUTED, EXCHANGE, FEES, ROUNDING, STRIPE, TAX, Account
from api.payments.facts import Bought, Disputed, Kept, PaidPeriod, Refunded, RefundFailed, SoldLine, SubscriptionEnded
from api.payments.money import WHOLE, Money, split, taken


class Unbalanced(ValueError):
    """Lines that do not sum to zero, or a refund of more than was paid: a fault of ours, or of the wire."""


@dataclass(frozen=True)
class Source:
    """What is posted once: ("refund", "re_1", "refund")."""

    type: str
    id: str
    kind: str


@dataclass(frozen=True)
class Line:
    account: Account
    money: Money
    line: UUID | None = None


@dataclass(frozen=True)
class Posting:
    """Raises Unbalanced unless `lines` sum to zero in each currency. `user` is whose access `fact` is about."""

    source: Source
    at: datetime
    lines: tuple[Line, ...]
    user: int | None = None
    fact: Kept | None = None

    def __post_init__(self) -> None:
        sums: dict[str, int] = {}
        for line in self.lines:
            sums[line.money.currency] = sums.get(line.money.currency, 0) + line.money.minor
        if any(sums.values()):
            raise Unbalanced(f"{self.source} does not sum to zero: {sums}.")


def _lines(currency: str, *booked: tuple[Account, int, UUID | None]) -> tuple[Line, ...]:
    return tuple(Line(account, Money(minor, currency), line) for account, minor, line in booked if minor)


# --- sales --------------------------------------------------------------------------------------------------------


def sale(fact: Bought, user: int, at: datetime) -> Posting:
    """An order was paid. What costs nothing (a coupon of 100 %) has no lines, and its fact all the same."""
    return Posting(Source("order", str(fact.order), "sale"), at, _sold(fact), user, fact)


def period(fact: PaidPeriod, invoice: str, user: int, at: datetime) -> Posting:
    """An invoice of a subscription was paid, or its trial began (nothing is paid)."""
    return Posting(Source("invoice", invoice, "period"), at, _sold(fact), user, fact)


def ended(subscription: str, user: int, at: datetime) -> Posting:
    """A subscription ended. No money moves."""
    fact = SubscriptionEnded(subscription=subscription, at=at)
    return Posting(Source("subscription", subscription, "ended"), at, (), user, fact)


def _sold(fact: Bought | PaidPeriod) -> tuple[Line, ...]:
    booked: list[tuple[Account, int, UUID | None]] = []
    for line in fact.lines:
        booked += [(STRIPE, line.gross, line.line), *_parts(line, 0, line.gross, Account("sales", line.course), -1)]
    return _lines(fact.currency, *booked)


def _parts(
    line: SoldLine, before: int, after: int, revenue: Account, sign: int
) -> list[tuple[Account, int, UUID | None]]:
    """Revenue, tax and instructors' shares of a line while what was moved of it goes from `before` to `after`.

    What the shares come to together may be more than the whole units of each: the rest is named, on `rounding`.
    """

    def moved(of: int) -> int:
        return taken(of, after, line.gross) - taken(of, before, line.gross)

    due, tax = moved(share_due(line)), moved(line.tax)
    shares = [(Account("payable", person=share.person), moved(share_of(line, share.parts))) for share in line.shares]
    return [
        (revenue, sign * (after - before - tax), line.line),
        (TAX, sign * tax, line.line),
        (Account("shares", line.course), -sign * due, line.line),
        *((account, sign * minor, line.line) for account, minor in shares),
        (ROUNDING, sign * (due - sum(minor for _, minor in shares)), line.line),
    ]


def share_of(line: SoldLine, parts: int) -> int:
    """What `parts` of 10 000 of a line come to, in whole units."""
    return line.net * parts // WHOLE


def share_due(line: SoldLine) -> int:
    """What all shares of a line come to together. Raises Unbalanced if that is more than the line."""
    parts = sum(share.parts for share in line.shares)
    if parts > WHOLE:
        raise Unbalanced(f"The shares of line {line.line} come to more than all of it.")
    return share_of(line, parts)


def fee(charge: str, amount: Money, at: datetime) -> Posting:
    """What Stripe took for a charge. It is not given back with a refund."""
    lines = _lines(amount.currency, (FEES, amount.minor, None), (STRIPE, -amount.minor, None))
    return Posting(Source("charge", charge, "fee"), at, lines)


def converted(charge: str, paid: Money, settled: Money, at: datetime) -> Posting:
    """Stripe turned what was paid into the currency in which it keeps the school's balance."""
    lines = (
        *_lines(paid.currency, (EXCHANGE, paid.minor, None), (STRIPE, -paid.minor, None)),
        *_lines(settled.currency, (STRIPE, settled.minor, None), (EXCHANGE, -settled.minor, None)),
    )
    return Posting(Source("charge", charge, "exchange"), at, lines)


# --- refunds and disputes -----------------------------------------------------------------------------------------

Amounts = Mapping[UUID, int]  # minor units by line, tax included


def left(sold: Bought | PaidPeriod, before: Amounts) -> dict[UUID, int]:
    """What of each line has not been given back yet: a whole refund is all of it."""
    return {line.line: line.gross - before.get(line.line, 0) for line in sold.lines}


def spread(sold: Bought | PaidPeriod, before: Amounts, minor: int) -> dict[UUID, int]:
    """A refund that names no lines, over what is left of all of them. Raises Unbalanced if less is left."""
    rest = left(sold, before)
    if minor > sum(rest.values()):
        raise Unbalanced(f"{minor} are given back, and {sum(rest.values())} are left of the payment.")
    if not minor:
        return dict.fromkeys(rest, 0)
    return dict(zip(rest, split(minor, list(rest.values())), strict=True))


def refund(
    refund: str, sold: Bought | PaidPeriod, amounts: Amounts, before: Amounts, user: int, at: datetime
) -> Posting:
    """`amounts` were given back. `before` is what had been, by refunds that stand and disputes that were lost."""
    booked = _back(sold, amounts, before, "refunds", STRIPE)
    fact = Refunded(refund=refund, lines=tuple(sorted(amounts.items())))
    return Posting(Source("refund", refund, "refund"), at, _lines(sold.currency, *booked), user, fact)


def refund_failed(
    refund: str, sold: Bought | PaidPeriod, amounts: Amounts, before: Amounts, user: int, at: datetime
) -> Posting:
    """The bank would not take a refund of `amounts`: they are booked back.

    `before` is what others gave back, also those that came after it: what stays booked is theirs to the unit. To book
    back the refund's own lines would leave those of a later one, which were rounded on top of them.
    """
    booked = ((account, -minor, line) for account, minor, line in _back(sold, amounts, before, "refunds", STRIPE))
    fact = RefundFailed(refund=refund)
    return Posting(Source("refund", refund, "refund_failed"), at, _lines(sold.currency, *booked), user, fact)


def dispute_opened(
    dispute: str, sold: Bought | PaidPeriod, amounts: Amounts, fee: Money, user: int, at: datetime
) -> Posting:
    """Stripe took the disputed amounts until it is decided, and a fee that stays taken."""
    taken_now = sum(amounts.values())
    lines = (
        *_lines(sold.currency, (DISPUTED, taken_now, None), (STRIPE, -taken_now, None)),
        *_lines(fee.currency, (FEES, fee.minor, None), (STRIPE, -fee.minor, None)),
    )
    return Posting(*_of(dispute, "opened", at), lines, user, _disputed(dispute, "opened", amounts))


def dispute_won(dispute: str, sold: Bought | PaidPeriod, amounts: Amounts, user: int, at: datetime) -> Posting:
    """What was taken came back."""
    back = sum(amounts.values())
    lines = _lines(sold.currency, (STRIPE, back, None), (DISPUTED, -back, None))
    return Posting(*_of(dispute, "won", at), lines, user, _disputed(dispute, "won", amounts))


def dispute_lost(
    dispute: str, sold: Bought | PaidPeriod, amounts: Amounts, before: Amounts, user: int, at: datetime
) -> Posting:
    """What was taken stays with the buyer: revenue, tax and shares go the way of a refund."""
    lines = _lines(sold.currency, *_back(sold, amounts, before, "losses", DISPUTED))
    return Posting(*_of(dispute, "lost", at), lines, user, _disputed(dispute, "lost", amounts))


def _of(dispute: str, kind: str, at: datetime) -> tuple[Source, datetime]:
    return Source("dispute", dispute, kind), at


def _disputed(dispute: str, outcome: str, amounts: Amounts) -> Disputed:
    return Disputed.model_validate({"dispute": dispute, "outcome": outcome, "lines": sorted(amounts)})


def _back(
    sold: Bought | PaidPeriod, amounts: Amounts, before: Amounts, role: str, out_of: Account
) -> Iterable[tuple[Account, int, UUID | None]]:
    """Raises Unbalanced for a line that was not sold, and for more than is left of one."""
    rest, by_id = left(sold, before), {line.line: line for line in sold.lines}
    for id_, amount in sorted(amounts.items()):
        if id_ not in by_id or not 0 <= amount <= rest[id_]:
            raise Unbalanced(f"{amount} of line {id_} cannot be given back: {rest.get(id_, 0)} are left of it.")
        line, gone = by_id[id_], before.get(id_, 0)
        yield out_of, -amount, id_
        yield from _parts(line, gone, gone + amount, Account(role, line.course), +1)


# --- instructors and the bank -------------------------------------------------------------------------------------


def transfer(transfer: str, person: int, amount: Money, at: datetime) -> Posting:
    """An instructor was paid what they were owed."""
    owed = Account("payable", person=person)
    lines = _lines(amount.currency, (owed, amount.minor, None), (STRIPE, -amount.minor, None))
    return Posting(Source("transfer", transfer, "transfer"), at, lines)


def reversal(reversal: str, person: int, returned: Money, short: Money, at: datetime) -> Posting:
    """`returned` of a transfer came back after a refund. `short`, which did not, is the instructor's debt."""
    owed, debts = Account("payable", person=person), Account("debts", person=person)
    lines = (
        *_lines(returned.currency, (STRIPE, returned.minor, None), (owed, -returned.minor, None)),
        *_lines(short.currency, (debts, short.minor, None), (owed, -short.minor, None)),
    )
    return Posting(Source("reversal", reversal, "reversal"), at, lines)


def debt_settled(settlement: str, person: int, amount: Money, at: datetime) -> Posting:
    """A debt was kept back from what an instructor is owed."""
    owed, debts = Account("payable", person=person), Account("debts", person=person)
    lines = _lines(amount.currency, (owed, amount.minor, None), (debts, -amount.minor, None))
    return Posting(Source("settlement", settlement, "settlement"), at, lines)


def payout(payout: str, amount: Money, at: datetime) -> Posting:
    """Stripe paid out to the school's bank."""
    lines = _lines(amount.currency, (BANK, amount.minor, None), (STRIPE, -amount.minor, None))
    return Posting(Source("payout", payout, "payout"), at, lines)
