"""What is on offer for a course, and what that is called: read from the rows of offers, at constant cost."""

from collections import defaultdict
from collections.abc import Iterable
from uuid import UUID

from django.db.models import Q

from api.payments.models import Offer, OfferPrice
from api.payments.money import Money
from api.payments.pricing import Terms

Kind = Offer.Kind
EVERY = {Offer.Interval.MONTH: "a month", Offer.Interval.YEAR: "a year"}


def on_offer(courses: Iterable[UUID]) -> dict[UUID, list[Offer]]:
    """The offers that are not archived and open each of `courses`, the narrowest first. Three queries."""
    wanted = set(courses)
    rows = Offer.objects.filter(Q(courses__course__in=wanted) | Q(everything=True), archived_at=None).distinct()
    found: dict[UUID, list[Offer]] = defaultdict(list)
    for offer in rows.prefetch_related("courses", "prices"):
        for course in wanted if offer.everything else wanted & {one.course for one in offer.courses.all()}:
            found[course].append(offer)
    rank = [Kind.FREE, Kind.ONE_TIME, Kind.BUNDLE, Kind.SUBSCRIPTION]
    for offers in found.values():
        offers.sort(key=lambda offer: (rank.index(Kind(offer.kind)), offer.name))
    return found


def named_in(course: UUID, offers: Iterable[Offer]) -> list[Offer]:
    """Those of `offers` that name the course: a subscription to everything makes no free course cost something."""
    return [offer for offer in offers if any(one.course == course for one in offer.courses.all())]


def priced(price: OfferPrice) -> str:
    return str(Money(price.minor, price.currency))


def in_words(offer: Offer) -> str:
    """Such as "49.00 EUR or 52.00 USD", "9.00 EUR a month for all courses", "Free"; without a full stop."""
    prices = " or ".join(priced(price) for price in offer.prices.all())
    others = len(offer.courses.all()) - 1
    if offer.kind == Kind.FREE:
        return "Free"
    if offer.kind == Kind.SUBSCRIPTION:
        reach = " for all courses" if offer.everything else f" for {counted(others + 1)}" if others else ""
        return f"{prices} {EVERY[Offer.Interval(offer.interval)]}{reach}"
    return prices if others < 1 else f"{prices} together with {counted(others, 'other ')}"


def counted(number: int, which: str = "") -> str:
    return f"{number} {which}course{'' if number == 1 else 's'}"


def terms(offer: Offer, currency: str) -> Terms | None:
    """An offer in one currency, None if it has no price in it. A bundle's courses weigh what they cost alone."""
    price = next((price for price in offer.prices.all() if price.currency == currency), None)
    if price is None:
        return None
    courses: tuple[UUID | None, ...] = (None,) if offer.everything else tuple(one.course for one in offer.courses.all())
    named = [course for course in courses if course]
    alone: dict[UUID, int] = {}
    if len(courses) > 1:
        single = OfferPrice.objects.filter(
            currency=currency, offer__kind=Kind.ONE_TIME, offer__archived_at=None, offer__courses__course__in=named
        )
        alone = dict(single.order_by("-minor").values_list("offer__courses__course", "minor"))
    weights = tuple(alone.get(course, 0) for course in named)
    return Terms(
        offer=offer.pk,
        kind=offer.kind,  # type: ignore[arg-type]  # the field's choices are those of pricing.Kind
        name=offer.name,
        price=Money(price.minor, currency),
        courses=courses,
        weights=weights if weights and all(weights) else (),
        trial_days=offer.trial_days,
    )
