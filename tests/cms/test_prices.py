"""A saved offer is what readers are told a course costs."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from api.payments.models import Offer
from cms.prices import tell
from content.models import Course
from pipeline.models import ChangeEvent, Publication
from tests.api.cast import go_live, lesson, outline
from tests.api.payments.school import uid
from tests.cms import cast
from tests.cms.test_offers import offer_form, url


@pytest.fixture
def second(course: Course, ada: Any) -> Course:
    return cast.make_course(ada, "Oceans", lessons=("Tides",))


def told(course: Course) -> Any:
    found = Publication.objects.filter(course=course.uuid).first()
    return found.price if found else None


def ask(amount: str, currency: str, every: str | None = None) -> dict[str, str | None]:
    return {"amount": amount, "currency": currency, "every": every}


def test_an_offer_is_told_when_it_is_made_changed_and_ended(as_edna: Client, edna: Any, course: Course) -> None:
    as_edna.post(url("offer", "add"), offer_form(course))
    assert told(course) == {
        "lines": ["49.00 EUR or 52.50 USD"],
        "asks": [ask("49.00", "EUR"), ask("52.50", "USD")],
    }
    edit = url("offer", "edit", Offer.objects.get().pk)
    as_edna.post(edit, offer_form(course, price_lines="1250 EUR\n500 JPY", name="Weather"))
    assert "This school takes no JPY" in as_edna.post(edit, offer_form(course, price_lines="500 JPY")).content.decode()
    assert told(course)["lines"] == ["49.00 EUR or 52.50 USD"], "what was refused is not told"
    as_edna.post(edit, offer_form(course, price_lines="1250 EUR"))
    assert told(course) == {"lines": ["1\u202f250.00 EUR"], "asks": [ask("1250.00", "EUR")]}
    form = offer_form(course)
    del form["on_sale"]
    as_edna.post(edit, form)
    assert told(course) is None
    events = ChangeEvent.objects.filter(course=course.uuid, kind="priced", actor=edna).order_by("id")
    assert list(events.values_list("note", flat=True)) == [
        "49.00 EUR or 52.50 USD",
        "1\u202f250.00 EUR",
        "no longer offered",
    ]


def test_all_offers_of_a_course_are_told_the_narrowest_first(as_edna: Client, course: Course, second: Course) -> None:
    monthly = offer_form(course, kind="subscription", interval="month", price_lines="9 EUR")
    for form in (monthly, offer_form(course, second, kind="bundle", price_lines="79 EUR"), offer_form(course)):
        assert as_edna.post(url("offer", "add"), form).status_code == 302
    assert told(course)["lines"] == [
        "49.00 EUR or 52.50 USD",
        "79.00 EUR together with 1 other course",
        "9.00 EUR a month",
    ]
    assert told(course)["asks"][-1] == ask("9.00", "EUR", "month")
    assert told(second)["lines"] == ["79.00 EUR together with 1 other course"]
    bundle = Offer.objects.get(kind="bundle")
    as_edna.post(url("offer", "edit", bundle.pk), offer_form(course, kind="one_time", price_lines="79 EUR"))
    assert told(second) is None, "it left the bundle"
    as_edna.post(url("offer", "add"), offer_form(course, kind="free", price_lines=""))
    assert told(course) == {"lines": ["Free"], "asks": []}


def test_what_names_no_course_is_told_of_none(as_edna: Client, course: Course) -> None:
    form = offer_form(kind="subscription", everything="on", interval="year", price_lines="90 EUR")
    as_edna.post(url("offer", "add"), form)
    assert told(course) is None
    assert tell([course.uuid], None) == 0
    assert not ChangeEvent.objects.filter(kind="priced").exists()


def test_a_refused_offer_tells_nothing(as_edna: Client, course: Course) -> None:
    as_edna.post(url("offer", "add"), offer_form(course, price_lines=""))
    assert told(course) is None


def test_the_course_is_held_before_its_offers_are_read(course: Course) -> None:
    """Two editors save two offers of one course: the second looks when the first is done, and tells of both."""
    tell([course.uuid], None)
    with CaptureQueriesContext(connection) as seen:
        tell([course.uuid], None)
    tables = [query["sql"].partition(' FROM "')[2].partition('"')[0] for query in seen]
    assert tables.index("pipeline_publication") < tables.index("api_offer")


def test_no_course_becomes_free_for_everybody_by_the_end_of_its_sale(
    as_edna: Client, course: Course, second: Course
) -> None:
    """Its label says so, and nobody looked at it while an offer stood in its place."""
    go_live(outline(lesson(uid(21), "Wind"), course=course.uuid, title=course.title), keys=())
    as_edna.post(url("offer", "add"), offer_form(course))
    edit = url("offer", "edit", Offer.objects.get().pk)
    ended = offer_form(course)
    del ended["on_sale"]
    for form in (ended, offer_form(second)):
        page = as_edna.post(edit, form)
        assert page.status_code == 200
        assert f"Without this offer “{course.title}” would be free for everybody" in page.content.decode()
    made = Offer.objects.get()
    assert (made.archived_at, [named.course for named in made.courses.all()]) == (None, [course.uuid])
    as_edna.post(url("offer", "add"), offer_form(course, kind="free", price_lines="", name="For all"))
    assert as_edna.post(edit, ended).status_code == 302, "it is free on purpose by now"
