"""Access by hand: given, seen, taken back, by screen and by command; and what it lets a learner do."""

from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from api.enrolment.rules import enrol
from api.errors import ApiError
from api.models import User
from api.payments import grants, postings, rules
from api.payments.ledger import post
from api.payments.models import Grant, Offer, OfferCourse, OfferPrice
from content.models import Course
from tests.api.cast import go_live, lesson, outline
from tests.api.payments.school import bought, line, uid
from tests.cms import cast
from tests.cms.test_reports import words


@pytest.fixture
def sold(course: Course) -> Course:
    """ "Weather" is live and costs 49 euros."""
    go_live(outline(lesson(uid(21), "Wind"), course=course.uuid, title="Weather"), price="", keys=())
    offer = Offer.objects.create(name="Weather", kind="one_time")
    OfferCourse.objects.create(offer=offer, course=course.uuid)
    OfferPrice.objects.create(offer=offer, currency="EUR", minor=4900)
    return course


def url(name: str, course: Course, *more: Any) -> str:
    return reverse(f"cms_access{name}", args=[course.uuid, *more])


def form(**changes: str) -> dict[str, str]:
    return {"email": "SAM@example.org", "kind": "gift", "reason": "Won it in May", "last_day": "", **changes}


def may_open(user: User, course: Course) -> bool:
    return rules.access(user, course.uuid, timezone.now()).open


def test_an_editor_gives_a_course_and_takes_it_back(as_edna: Client, edna: User, sam: User, sold: Course) -> None:
    with pytest.raises(ApiError, match=r"49\.00 EUR"):
        enrol(sam, sold.uuid)
    assert "Nobody is written to" in words(as_edna, url("_give", sold))
    page = as_edna.post(url("_give", sold), form(), follow=True).content.decode()
    assert "sam@example.org may open" in page or "Sam may open" in page
    grant = Grant.objects.get()
    assert (grant.user, grant.kind, grant.given_by, grant.until) == (sam, "gift", edna, None)
    assert enrol(sam, sold.uuid)[1]
    page = words(as_edna, url("", sold))
    assert "49.00 EUR" in page and "Sam sam@example.org Open Given" in page and "A gift: Won it in May Edna" in page
    assert "If they have no other ground" in words(as_edna, url("_revoke", sold, grant.pk))
    as_edna.post(url("_revoke", sold, grant.pk), {"reason": "A mistake"})
    page = words(as_edna, url("", sold))
    assert "Sam sam@example.org Closed Given: taken back" in page and "Taken back: A mistake" in page
    assert not may_open(sam, sold)


def test_the_last_day_is_open_to_its_end(as_edna: Client, sam: User, sold: Course) -> None:
    day = timezone.localdate() + timedelta(days=3)
    as_edna.post(url("_give", sold), form(last_day=day.isoformat()))
    until = timezone.localtime(Grant.objects.get().until)
    assert (until.date(), until.hour) == (day + timedelta(days=1), 0)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"email": "nobody@example.org"}, "Nobody has an account with this address"),
        ({"email": "x"}, "valid email address"),
        ({"reason": " "}, "This field is required"),
        ({"reason": "x" * 301}, "at most 300 characters"),
        ({"last_day": "2020-01-01"}, "Access cannot end before it begins"),
        ({"last_day": "soon"}, "Enter a valid date"),
        ({"kind": "bribe"}, "Select a valid choice"),
    ],
)
def test_what_cannot_be_given_gets_a_sentence(
    as_edna: Client, sam: User, sold: Course, changes: dict[str, str], sentence: str
) -> None:
    response = as_edna.post(url("_give", sold), form(**changes))
    assert response.status_code == 422
    assert sentence in response.content.decode()
    assert not Grant.objects.exists()


def test_given_twice_and_taken_back_twice(as_edna: Client, sam: User, sold: Course) -> None:
    as_edna.post(url("_give", sold), form())
    assert "was given to sam@example.org already" in as_edna.post(url("_give", sold), form()).content.decode()
    grant = Grant.objects.get()
    as_edna.post(url("_revoke", sold, grant.pk), {"reason": "x"})
    assert "taken back already" in as_edna.post(url("_revoke", sold, grant.pk), {"reason": "y"}).content.decode()
    assert Grant.objects.get().revoke_reason == "x"


def test_a_grant_is_taken_back_at_its_own_course(as_edna: Client, sam: User, ada: User, sold: Course) -> None:
    other = cast.make_course(ada, "Oceans", lessons=("Tides",))
    grant = grants.give(sam, sold.uuid, "x", by=None)
    assert as_edna.post(url("_revoke", other, grant.pk), {"reason": "x"}).status_code == 404
    assert as_edna.post(reverse("cms_access_give", args=[uid(5)]), form()).status_code == 404


def test_instructors_and_learners_are_turned_away(as_ada: Client, sam: User, sold: Course) -> None:
    grant = grants.give(sam, sold.uuid, "Secret", by=None)
    for client in (as_ada, cast.signed_in(sam), Client()):
        for address in (reverse("cms_accesses"), url("", sold), url("_give", sold), url("_revoke", sold, grant.pk)):
            for response in (client.get(address), client.post(address, form(reason="mine"))):
                assert response.status_code in (302, 403, 405), address
                assert b"Secret" not in response.content
    assert Grant.objects.get().revoked_at is None
    assert reverse("cms_accesses") not in as_ada.get("/admin/").content.decode()


def test_the_list_of_courses_says_what_each_costs(as_edna: Client, ada: User, sold: Course) -> None:
    cast.make_course(ada, "Oceans", lessons=("Tides",))
    page = words(as_edna, reverse("cms_accesses"))
    assert "Oceans Free (nothing is offered)" in page and "Weather 49.00 EUR" in page


def test_the_report_says_why_and_costs_the_same_for_many(as_edna: Client, sam: User, sold: Course) -> None:
    def ask() -> tuple[str, int]:
        with CaptureQueriesContext(connection) as seen:
            page = words(as_edna, url("", sold))
        return page, len(seen)

    def buy(user: User, number: int) -> None:
        post(postings.sale(bought(number, line(number, sold.uuid, 4900)), user.pk, timezone.now()))

    buy(sam, 1)
    grants.give(sam, sold.uuid, "x", by=None)
    ask()
    page, cost = ask()
    assert "Sam sam@example.org Open Bought; Given" in page
    for number, name in enumerate(("Noor", "Kit", "Lou"), 2):
        buy(cast.person(name), number)
        grants.give(User.objects.get(email=f"{name.lower()}@example.org"), sold.uuid, "x", by=None)
    fact = bought(2, line(2, sold.uuid, 4900))
    buyer = User.objects.get(email="noor@example.org")
    post(postings.refund("re", fact, {uid(2): 4900}, {}, buyer.pk, timezone.now()))
    page, more = ask()
    assert "Noor noor@example.org Open Given; Bought: refunded" in page
    assert more == cost


# --- commands -----------------------------------------------------------------------------------------------------


def run(*arguments: str) -> str:
    out = StringIO()
    call_command(*arguments, stdout=out)
    return out.getvalue()


def test_the_commands_give_and_take_back(sam: User, sold: Course) -> None:
    assert "may open “Weather” now" in run("grant_access", "sam@example.org", "weather", "--reason", "Won it", "--gift")
    assert may_open(sam, sold)
    assert "is taken back" in run("revoke_access", "sam@example.org", str(sold.uuid), "--reason", "Mistake")
    assert not may_open(sam, sold)
    run("grant_access", "sam@example.org", "weather", "--reason", "Again", "--until", "2999-01-31")
    assert Grant.objects.get(revoked_at=None).until.isoformat() == "2999-01-31T00:00:00+00:00"


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["grant_access", "x@example.org", "weather", "--reason", "x"], "Nobody has an account"),
        (["grant_access", "sam@example.org", "wether", "--reason", "x"], "No course is called 'wether'"),
        (["grant_access", "sam@example.org", "weather", "--reason", " "], "Say why"),
        (["grant_access", "sam@example.org", "weather", "--reason", "x", "--until", "31.1.2027"], "is no day"),
        (["grant_access", "sam@example.org", "weather", "--reason", "x", "--until", "2027-02-31"], "is no day"),
        (["grant_access", "sam@example.org", "weather", "--reason", "x", "--until", "2020-01-01"], "cannot end before"),
        (["grant_access", "sam@example.org", "weather"], "--reason"),
        (["revoke_access", "sam@example.org", "weather", "--reason", "x"], "was given nothing"),
    ],
)
def test_the_commands_refuse_in_a_sentence(sam: User, sold: Course, arguments: list[str], sentence: str) -> None:
    with pytest.raises(CommandError, match=sentence):
        run(*arguments)
    assert not Grant.objects.exists()
