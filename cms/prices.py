"""What offers make a course cost, told to readers: a saved offer is on its courses' pages seconds later."""

from collections.abc import Collection, Sequence
from uuid import UUID

from django.db import transaction

from api.accounts.models import User
from api.payments.models import Offer
from api.payments.money import Money
from api.payments.offering import in_words, named_in, on_offer
from pipeline import outbox, priced
from pipeline.price import Ask, Price


def tell(courses: Collection[UUID], by: User | None) -> int:
    """Let readers of these courses know what they cost now; of how many it changed.

    Whoever changes an offer calls it in the same transaction, for the courses that it named before and names now.
    """
    with transaction.atomic():
        # Before the look: whoever saves another offer of the same course waits, and then sees this one.
        for course in sorted(courses):
            outbox.lock(course)
        offers = on_offer(courses)
        return priced.tell({course: price(named_in(course, offers.get(course, []))) for course in courses}, by)


def price(offers: Sequence[Offer]) -> Price | None:
    """What offers that name a course say of its price; None without any: then the label that its authors wrote does.

    `offers` come with what is free first.
    """
    if not offers:
        return None
    if offers[0].kind == Offer.Kind.FREE:
        return Price(lines=(in_words(offers[0]),))
    asks = (
        Ask.model_validate({"amount": Money(one.minor, one.currency).decimal, "currency": one.currency, "every": every})
        for offer in offers
        for every in (offer.interval or None,)
        for one in offer.prices.all()
    )
    return Price(lines=tuple(in_words(offer) for offer in offers), asks=tuple(asks))
