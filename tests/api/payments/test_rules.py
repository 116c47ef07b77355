"""What somebody may open, read from the rows: bought, subscribed, given, free; and what the door to a course says."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from api.accounts.models import User
from api.enrolment.models import Enrolment
from api.errors import ApiError
from api.payments import grants, offering, postings, rules
from api.payments.ledger import post
from api.payments.models import Grant, Offer, OfferCourse, OfferPrice
from api.payments.money import Money
from api.progress.models import ProgressEvent
from tests.api.cast import COURSE, FIRST, Browser, event, go_live, lesson, outline, refusal
from tests.api.payments.school import FERNS, NOON, bought, line, period, uid

pytestmark = [pytest.mark.django_db, pytest.mark.urls("settings.urls_api")]
Kind = Offer.Kind


def offer(
    kind: str, *courses: UUID, name: str = "Trees", prices: dict[str, int] | None = None, **more: object
) -> Offer:
    made = Offer.objects.create(kind=kind, name=name, **more)
    for course in courses:
        OfferCourse.objects.create(offer=made, course=course)
    for code, minor in (prices or {}).items():
        OfferPrice.objects.create(offer=made, currency=code, minor=minor)
    return made


@pytest.fixture
def paid(db: None) -> Offer:
    """Trees costs 49 euros."""
    go_live(price="49 EUR")
    return offer(Kind.ONE_TIME, COURSE, prices={"EUR": 4900, "USD": 5200})


def kinds(user: User) -> list[str]:
    return [f"{ground.kind} {ground.state}" for ground in rules.access(user, COURSE, timezone.now()).grounds]


def buy(user: User, number: int = 1) -> None:
    post(postings.sale(bought(number, line(number, COURSE, 4900)), user.pk, NOON))


# --- free or not --------------------------------------------------------------------------------------------------


def test_a_label_makes_a_course_free_until_it_is_offered_by_name(sam: User) -> None:
    go_live(price="Free")
    assert kinds(sam) == ["free open"]
    offer(Kind.SUBSCRIPTION, prices={"EUR": 900}, everything=True, interval="month")
    assert kinds(sam) == ["free open"]  # a plan for all courses makes none of them cost something
    sold = offer(Kind.ONE_TIME, COURSE, prices={"EUR": 4900})
    assert kinds(sam) == []
    Offer.objects.filter(pk=sold.pk).update(archived_at=timezone.now())
    assert kinds(sam) == ["free open"]


def test_a_free_offer_makes_it_free_whatever_the_label_says(sam: User, paid: Offer) -> None:
    assert kinds(sam) == []
    offer(Kind.FREE, COURSE)
    assert kinds(sam) == ["free open"]


@pytest.mark.parametrize(
    ("made", "words"),
    [
        ({"kind": Kind.ONE_TIME, "prices": {"EUR": 4900, "USD": 5200}}, "49.00 EUR or 52.00 USD"),
        ({"kind": Kind.BUNDLE, "prices": {"EUR": 9900}, "more": 2}, "99.00 EUR together with 2 other courses"),
        ({"kind": Kind.SUBSCRIPTION, "prices": {"JPY": 900}, "interval": "month"}, "900 JPY a month"),
        (
            {"kind": Kind.SUBSCRIPTION, "prices": {"EUR": 9000}, "interval": "year", "everything": True, "more": -1},
            "90.00 EUR a year for all courses",
        ),
    ],
)
def test_the_door_names_the_price_of_its_offer(browser: Browser, made: dict, words: str) -> None:
    go_live(price="ask us")
    more = made.pop("more", 0)
    offer(made.pop("kind"), *([COURSE] if more >= 0 else []), *(uuid4() for _ in range(more)), **made)
    response = browser.enrol()
    assert refusal(response) == (402, "not_free")
    assert response.json()["detail"] == f"This course is not free: it costs {words}."
    assert not Enrolment.objects.exists()


def test_several_offers_are_named_the_narrowest_first(browser: Browser, paid: Offer) -> None:
    offer(Kind.SUBSCRIPTION, everything=True, interval="month", prices={"EUR": 900}, name="All")
    assert "52.00 USD; or 9.00 EUR a month for all courses." in browser.enrol().json()["detail"]


# --- grounds ------------------------------------------------------------------------------------------------------


def test_bought_refunded_and_bought_again(browser: Browser, sam: User, paid: Offer) -> None:
    buy(sam)
    assert browser.enrol().status_code == 201
    assert not Enrolment.objects.get().free
    browser.progress(event(FIRST, "completed", timezone.now()))
    fact = bought(1, line(1, COURSE, 4900))
    post(postings.refund("re_1", fact, {uid(1): 4900}, {}, sam.pk, NOON))
    assert kinds(sam) == ["bought refunded"]
    # What was done is kept, while access is gone and after; whoever left does not come back without a ground.
    browser.send("DELETE", f"/v1/enrolments/{COURSE}")
    assert refusal(browser.enrol()) == (402, "not_free")
    assert ProgressEvent.objects.count() == 1
    buy(sam, 2)
    assert browser.enrol().json()["completed"] == 1


def test_a_disputed_payment_is_told_of(browser: Browser, sam: User, paid: Offer) -> None:
    buy(sam)
    fact = bought(1, line(1, COURSE, 4900))
    post(postings.dispute_opened("dp", fact, {uid(1): 4900}, Money(1500, "EUR"), sam.pk, NOON))
    assert refusal(browser.enrol()) == (402, "suspended")
    post(postings.dispute_won("dp", fact, {uid(1): 4900}, sam.pk, NOON))
    assert browser.enrol().status_code == 201


def test_a_subscription_opens_the_course(browser: Browser, sam: User, paid: Offer) -> None:
    post(postings.period(period("sub", 1, start=timezone.now()), "in_1", sam.pk, NOON))
    assert browser.enrol().status_code == 201
    assert kinds(sam) == ["subscription open"]


def test_a_grant_opens_it_until_it_is_revoked(browser: Browser, sam: User, noor: User, paid: Offer) -> None:
    made = grants.give(sam, COURSE, "  Won it \n in May ", by=noor, kind=Grant.Kind.GIFT)
    assert (made.reason, made.given_by) == ("Won it in May", noor)
    assert browser.enrol().status_code == 201
    grants.revoke(made, "Given by mistake", by=noor)
    assert kinds(sam) == ["grant revoked"]
    assert (made.revoked_by, made.revoke_reason) == (noor, "Given by mistake")
    assert Grant.objects.count() == 1


def test_who_came_in_for_nothing_stays_welcome(browser: Browser, sam: User) -> None:
    go_live(price="Free")
    browser.enrol()
    offer(Kind.ONE_TIME, COURSE, prices={"EUR": 4900})
    assert kinds(sam) == ["enrolled open"]
    browser.send("DELETE", f"/v1/enrolments/{COURSE}")
    assert browser.enrol().status_code == 201


def test_one_learners_grounds_are_nobody_elses(sam: User, noor: User, paid: Offer) -> None:
    buy(sam)
    grants.give(sam, COURSE, "Friend", by=None)
    post(postings.period(period("sub", 5, start=timezone.now()), "in_1", sam.pk, NOON))
    assert len(kinds(sam)) == 3
    assert kinds(noor) == []


def test_it_costs_the_same_however_much_happened(
    sam: User, paid: Offer, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    def ask(*courses: UUID) -> None:
        rules.accesses(sam, courses, timezone.now())  # outlines are read once, and remembered
        with django_assert_num_queries(7):
            rules.accesses(sam, courses, timezone.now())

    buy(sam)
    ask(COURSE)
    go_live(outline(lesson(uuid4(), "Spores"), course=FERNS, title="Ferns"), price="Free", keys=())
    offer(Kind.BUNDLE, COURSE, FERNS, prices={"EUR": 9900}, name="Both")
    buy(sam, 2)
    grants.give(sam, FERNS, "Friend", by=None)
    ask(COURSE, FERNS, uuid4())


# --- giving and taking back ---------------------------------------------------------------------------------------


def told(act: Callable[[], object]) -> tuple[int, str]:
    with pytest.raises(ApiError) as error:
        act()
    assert error.value.detail[0].isupper() and error.value.detail.endswith(".")
    return error.value.status, error.value.code


def test_what_cannot_be_given_or_taken_back(sam: User) -> None:
    soon = timezone.now() + timedelta(days=5)
    assert told(lambda: grants.give(sam, COURSE, " ", by=None)) == (422, "invalid")
    assert told(lambda: grants.give(sam, COURSE, "x" * 301, by=None)) == (422, "invalid")
    assert told(lambda: grants.give(sam, COURSE, "x", by=None, until=NOON)) == (422, "invalid")
    made = grants.give(sam, COURSE, "x", by=None, until=soon)
    assert told(lambda: grants.give(sam, COURSE, "x", by=None, until=soon)) == (409, "given_already")
    longer = grants.give(sam, COURSE, "x", by=None)
    assert told(lambda: grants.give(sam, COURSE, "x", by=None, until=soon)) == (409, "given_already")
    grants.revoke(made, "y", by=None)
    assert told(lambda: grants.revoke(made, "y", by=None)) == (409, "revoked_already")
    assert told(lambda: grants.revoke(longer, "", by=None)) == (422, "invalid")
    assert kinds(sam) == ["grant open", "grant revoked"]


# --- an offer's terms ---------------------------------------------------------------------------------------------


def test_terms_of_a_bundle_weigh_what_each_course_costs_alone(paid: Offer) -> None:
    both = offer(Kind.BUNDLE, COURSE, FERNS, prices={"EUR": 9900, "JPY": 100}, trial_days=3)
    assert offering.terms(both, "CHF") is None
    found = offering.terms(both, "EUR")
    assert found is not None
    assert (found.price, found.courses, found.weights) == (Money(9900, "EUR"), (COURSE, FERNS), ())
    offer(Kind.ONE_TIME, FERNS, prices={"EUR": 2450}, name="Ferns")
    found = offering.terms(both, "EUR")
    assert found is not None
    assert found.weights == (4900, 2450)
    everything = offer(Kind.SUBSCRIPTION, everything=True, interval="year", prices={"EUR": 9000})
    found = offering.terms(everything, "EUR")
    assert found is not None
    assert found.courses == (None,)
