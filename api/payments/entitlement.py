"""Who may open what: a pure function of what happened. The order in which it is told, and how often, changes nothing.

Access to a course is the union of its grounds. A ground that falls away (refunded, ended, revoked) takes no other
with it. A dispute suspends what it is about until it is decided.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

from api.payments.facts import (
    AnyFact,
    Bought,
    Disputed,
    Free,
    Granted,
    PaidPeriod,
    Refunded,
    RefundFailed,
    SoldLine,
    SubscriptionEnded,
)

Kind = Literal["free", "enrolled", "bought", "subscription", "grant"]
State = Literal["open", "grace", "suspended", "refunded", "lost", "ended", "revoked"]
OPEN: tuple[State, ...] = ("open", "grace")
# How long a subscription whose renewal was not paid in time stays open.
GRACE = timedelta(days=7)


@dataclass(frozen=True, order=True)
class Ground:
    """One reason for access. `id` names the order line, subscription or grant; `until` is when it runs out."""

    kind: Kind
    id: str
    state: State
    until: datetime | None = None

    @property
    def open(self) -> bool:
        return self.state in OPEN


@dataclass(frozen=True)
class Access:
    """What somebody has of one course. `grounds`: all there ever were, those that are open first."""

    grounds: tuple[Ground, ...]

    @property
    def open(self) -> bool:
        return any(ground.open for ground in self.grounds)

    @property
    def suspended(self) -> bool:
        """Whether it would be open, were it not for a dispute."""
        return not self.open and any(ground.state == "suspended" for ground in self.grounds)


@dataclass(frozen=True)
class Entitlements:
    """By course; None holds what opens every course."""

    grounds: dict[UUID | None, frozenset[Ground]]

    def of(self, course: UUID) -> Access:
        found = self.grounds.get(course, frozenset()) | self.grounds.get(None, frozenset())
        return Access(tuple(sorted(found, key=lambda one: (not one.open, one.kind, one.id))))


def entitlements(facts: Iterable[AnyFact], now: datetime) -> Entitlements:
    """What the one whom `facts` are about may open at `now`, and on which grounds."""
    told = list(facts)
    gone = _Gone(told)
    found: dict[UUID | None, set[Ground]] = defaultdict(set)
    periods: dict[str, list[PaidPeriod]] = defaultdict(list)
    for fact in told:
        if isinstance(fact, Bought):
            for line in fact.lines:
                found[line.course].add(Ground("bought", str(line.line), gone.state(line)))
        elif isinstance(fact, PaidPeriod):
            periods[fact.subscription].append(fact)
        elif isinstance(fact, Granted):
            found[fact.course].add(Ground("grant", str(fact.grant), _granted(fact, now), fact.until))
        elif isinstance(fact, Free):
            found[fact.course].add(Ground("enrolled" if fact.enrolled else "free", "", "open"))
    for subscription, paid in periods.items():
        ends = [one.at for one in told if isinstance(one, SubscriptionEnded) and one.subscription == subscription]
        for course, ground in _subscribed(subscription, paid, min(ends, default=None), gone, now):
            found[course].add(ground)
    return Entitlements({course: frozenset(grounds) for course, grounds in found.items()})


class _Gone:
    """What was taken back of each line, by refunds that stand and by disputes."""

    def __init__(self, told: Sequence[AnyFact]) -> None:
        failed = {fact.refund for fact in told if isinstance(fact, RefundFailed)}
        refunds = {fact.refund: fact for fact in told if isinstance(fact, Refunded) and fact.refund not in failed}
        self.back: dict[UUID, int] = defaultdict(int)
        for refund in refunds.values():
            for line, amount in refund.lines:
                self.back[line] += amount
        outcomes: dict[str, set[str]] = defaultdict(set)
        lines: dict[str, set[UUID]] = defaultdict(set)
        for fact in told:
            if isinstance(fact, Disputed):
                outcomes[fact.dispute].add(fact.outcome)
                lines[fact.dispute].update(fact.lines)
        self.lost = {line for one in lines if "lost" in outcomes[one] for line in lines[one]}
        self.held = {line for one in lines if outcomes[one] == {"opened"} for line in lines[one]}

    def state(self, line: SoldLine) -> State:
        """A line that cost nothing is taken back by a refund that names it at all."""
        if line.line in self.lost:
            return "lost"
        if line.line in self.back and self.back[line.line] >= line.gross:
            return "refunded"
        return "suspended" if line.line in self.held else "open"

    def whole(self, lines: Sequence[SoldLine]) -> State:
        """Of what was sold as one: taken back when all of it is; held while any of it is."""
        states = [self.state(line) for line in lines]
        for state in ("suspended", "open"):
            if state in states:
                return state
        return states[0] if states else "open"


def _granted(grant: Granted, now: datetime) -> State:
    if grant.revoked_at is not None:
        return "revoked"
    return "ended" if grant.until is not None and now >= grant.until else "open"


def _subscribed(
    subscription: str, paid: Sequence[PaidPeriod], ended: datetime | None, gone: _Gone, now: datetime
) -> Iterable[tuple[UUID | None, Ground]]:
    """The ground that one subscription is, for each course that any of its periods opened.

    After the newest period that was paid, its courses stay open for `GRACE`, unless the subscription ended.
    """
    begun = [(one, gone.whole(one.lines)) for one in paid if one.start <= now]
    standing = [(one, state) for one, state in begun if state in ("open", "suspended")]
    last = max((one.end for one, _ in standing), default=None)
    for course in {course for one, _ in begun for course in (one.courses or (None,))}:
        mine = [(one, state) for one, state in standing if course in (one.courses or (None,))]
        if not mine:
            taken = sorted({state for one, state in begun if course in (one.courses or (None,))})
            yield course, Ground("subscription", subscription, taken[0])
            continue
        until = max(one.end for one, _ in mine)
        closes = until + GRACE if until == last else until
        closes, until = (min(closes, ended), min(until, ended)) if ended else (closes, until)
        covering = {state for one, state in mine if now < one.end} or {state for one, state in mine if one.end == last}
        state: State = "open" if now < until else "grace"
        if "open" not in covering:
            state = "suspended"
        yield course, Ground("subscription", subscription, state if now < closes else "ended", until)
