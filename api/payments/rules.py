"""What somebody may open: their facts, read at constant cost, judged by `entitlement.py`."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from api.accounts.models import User
from api.enrolment.models import Enrolment
from api.payments.entitlement import Access, entitlements
from api.payments.facts import KEPT, AnyFact, Free, Granted
from api.payments.models import Grant, Offer, Transaction
from api.payments.offering import in_words, named_in, on_offer
from pipeline.released import released_courses

# What the catalogue may say of a course that costs nothing: the field's default, or nothing at all.
FREE_LABELS = ("", "free")


def access(user: User, course: UUID, now: datetime) -> Access:
    """What `user` has of `course` at `now`, and on which grounds."""
    return accesses(user, [course], now)[course]


def accesses(user: User, courses: Iterable[UUID], now: datetime) -> dict[UUID, Access]:
    """The same of several, for the price of one: seven queries, and one for outlines that are not remembered yet."""
    wanted = list(courses)
    found = entitlements([*facts_about(user), *free_courses(wanted)], now)
    return {course: found.of(course) for course in wanted}


def facts_about(user: User) -> list[AnyFact]:
    """All that was bought by, given to, or free for one person. Three queries."""
    kept = Transaction.objects.for_learner(user).exclude(fact=None).values_list("fact", flat=True)
    return [
        *(KEPT.validate_python(fact) for fact in kept),
        *(granted(grant) for grant in Grant.objects.for_learner(user)),
        *(
            Free(course=course, enrolled=True)
            for course in Enrolment.objects.for_learner(user).filter(free=True).values_list("course", flat=True)
        ),
    ]


def granted(grant: Grant) -> Granted:
    return Granted(
        grant=grant.pk, course=grant.course, at=grant.given_at, until=grant.until, revoked_at=grant.revoked_at
    )


def free_courses(courses: Iterable[UUID]) -> list[Free]:
    """Those of `courses` that cost nobody anything: offered free, or not offered by name and labelled free."""
    wanted = list(courses)
    offers, released = on_offer(wanted), released_courses(wanted)
    found = []
    for course in wanted:
        mine, live = offers.get(course, []), released.get(course)
        offered_free = any(offer.kind == Offer.Kind.FREE for offer in mine)
        if offered_free or (live and not named_in(course, mine) and is_free(live.price_label)):
            found.append(Free(course=course))
    return found


def is_free(price_label: str) -> bool:
    """Whether a course whose catalogue entry says `price_label`, and which nothing offers, costs nothing."""
    return price_label.strip().casefold() in FREE_LABELS


def price_of(course: UUID, price_label: str) -> str:
    """A sentence that says what a course costs: by its offers, or by its label where nothing is offered."""
    offers = on_offer([course]).get(course, [])
    if offers:
        return f"This course is not free: it costs {'; or '.join(in_words(offer) for offer in offers)}."
    return f"This course is not free ({price_label}), and this school does not sell it at the moment."
