"""Offers and coupons in the admin: who manages them, what is refused with a sentence, and how their sale ends."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from api.payments.models import Coupon, CouponCourse, Offer, OfferCourse, OfferPrice
from content.models import Course
from tests.cms import cast
from tests.cms.test_reports import words


def url(model: str, name: str, *args: Any) -> str:
    return reverse(f"wagtailsnippets_api_{model}:{name}", args=args)


def offer_form(*courses: Course, **changes: Any) -> dict[str, Any]:
    return {
        "name": "Weather",
        "kind": "one_time",
        "course_list": [str(course.uuid) for course in courses],
        "price_lines": "49 EUR\n52.50 USD",
        "interval": "",
        "trial_days": "0",
        "on_sale": "on",
        **changes,
    }


def coupon_form(*courses: Course, **changes: Any) -> dict[str, Any]:
    return {
        "code": "spring-26",
        "off": "12.5 %",
        "course_list": [str(course.uuid) for course in courses],
        "limit_total": "10",
        "limit_each": "1",
        "starts_at": "",
        "ends_at": "",
        "on_sale": "on",
        **changes,
    }


@pytest.fixture
def second(course: Course, ada: Any) -> Course:
    return cast.make_course(ada, "Oceans", lessons=("Tides",))


@pytest.mark.parametrize("role", ["Editor", "Admin"])
def test_editors_and_admins_make_an_offer_and_change_it(course: Course, role: str) -> None:
    client = cast.signed_in(cast.person("Mae", role))
    assert client.post(url("offer", "add"), offer_form(course)).status_code == 302
    made = Offer.objects.get()
    assert (made.name, made.kind, made.archived_at) == ("Weather", "one_time", None)
    assert OfferCourse.objects.get().course == course.uuid
    assert set(OfferPrice.objects.values_list("currency", "minor")) == {("EUR", 4900), ("USD", 5250)}
    page = words(client, url("offer", "list"))
    assert "49.00 EUR or 52.50 USD" in page and "Weather" in page
    edit = url("offer", "edit", made.pk)
    assert "49.00 EUR" in client.get(edit).content.decode()
    assert client.post(edit, offer_form(course, price_lines="1000 EUR")).status_code == 302
    assert set(OfferPrice.objects.values_list("currency", "minor")) == {("EUR", 100000)}
    assert "Edited" in words(client, url("offer", "history", made.pk))


def test_a_bundle_a_subscription_and_what_is_free(as_edna: Client, course: Course, second: Course) -> None:
    for form in (
        offer_form(course, second, kind="bundle"),
        offer_form(kind="subscription", everything="on", interval="month", trial_days="14", price_lines="900 USD"),
        offer_form(course, kind="free", price_lines=""),
    ):
        assert as_edna.post(url("offer", "add"), form).status_code == 302, form
    assert set(Offer.objects.values_list("kind", "everything", "interval", "trial_days")) == {
        ("bundle", False, "", 0),
        ("subscription", True, "month", 14),
        ("free", False, "", 0),
    }


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"price_lines": ""}, "Write a price, such as 49.00 EUR."),
        ({"price_lines": "49"}, "names no currency"),
        ({"price_lines": "49 EUR\n48 EUR"}, "There are two prices in EUR"),
        ({"price_lines": "49 CHF"}, "This school takes no CHF"),
        ({"price_lines": "0 EUR"}, "A price is above zero."),
        ({"price_lines": "forty nine"}, "is no price"),
        ({"kind": "bundle"}, "Choose two courses or more"),
        ({"course_list": []}, "Choose the one course that is sold"),
        ({"kind": "free"}, "What is free has no price."),
        ({"kind": "subscription"}, "each month or each year"),
        ({"interval": "month"}, "Only a subscription is paid again and again."),
        ({"trial_days": "5"}, "Only a subscription has a trial."),
        ({"everything": "on"}, "Name courses, or offer all of them, not both."),
        ({"everything": "on", "course_list": []}, "opens all courses."),
        ({"kind": "free", "price_lines": "", "course_list": []}, "Choose what it opens."),
        ({"course_list": ["d0000000-0000-4000-8000-000000000009"]}, "is not one of the available choices"),
    ],
)
def test_what_cannot_be_offered_gets_a_sentence(
    as_edna: Client, course: Course, changes: dict[str, Any], sentence: str
) -> None:
    page = as_edna.post(url("offer", "add"), offer_form(course, **changes))
    assert sentence in page.content.decode()
    assert not Offer.objects.exists() and not OfferPrice.objects.exists()


def test_sale_ends_and_begins_again_and_nothing_is_deleted(as_edna: Client, as_root: Client, course: Course) -> None:
    as_edna.post(url("offer", "add"), offer_form(course))
    made = Offer.objects.get()
    form = offer_form(course)
    del form["on_sale"]
    as_edna.post(url("offer", "edit", made.pk), form)
    ended = Offer.objects.get().archived_at
    assert ended is not None
    as_edna.post(url("offer", "edit", made.pk), form)
    assert Offer.objects.get().archived_at == ended
    as_edna.post(url("offer", "edit", made.pk), offer_form(course))
    assert Offer.objects.get().archived_at is None
    superuser = cast.signed_in(cast.person("Su", is_superuser=True, is_staff=True))
    for client in (as_edna, as_root, superuser):
        client.post(url("offer", "delete", made.pk))
        bulk = reverse("wagtail_bulk_action", args=["api", "offer", "delete"])
        client.post(f"{bulk}?id={made.pk}")
    assert Offer.objects.count() == 1


# --- coupons ------------------------------------------------------------------------------------------------------


def test_a_coupon_is_made_and_changed(as_edna: Client, course: Course) -> None:
    assert as_edna.post(url("coupon", "add"), coupon_form(course)).status_code == 302
    made = Coupon.objects.get()
    assert (made.code, made.parts, made.minor, made.limit_total) == ("SPRING-26", 1250, None, 10)
    assert CouponCourse.objects.get().course == course.uuid
    edit = url("coupon", "edit", made.pk)
    assert "12.5 %" in as_edna.get(edit).content.decode()
    as_edna.post(edit, coupon_form(off="5 EUR", limit_each=""))
    made = Coupon.objects.get()
    assert (made.parts, made.minor, made.currency, made.limit_each) == (None, 500, "EUR", None)
    assert not CouponCourse.objects.exists()
    assert "5.00 EUR" in words(as_edna, url("coupon", "list"))


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"off": "0 %"}, "more than 0 % and at most 100 %"),
        ({"off": "101 %"}, "more than 0 % and at most 100 %"),
        ({"off": "ten %"}, "is no percentage"),
        ({"off": "5 CHF"}, "This school takes no CHF"),
        ({"off": "5"}, "names no currency"),
        ({"code": "ü ü"}, "letters, digits and hyphens"),
        ({"code": "Used"}, "There is a coupon USED already."),
        ({"starts_at": "2026-05-02 00:00", "ends_at": "2026-05-01 00:00"}, "It ends before it begins"),
    ],
)
def test_a_coupon_that_says_nothing_sensible_is_refused(
    as_edna: Client, changes: dict[str, Any], sentence: str
) -> None:
    Coupon.objects.create(code="USED", parts=1)
    assert sentence in as_edna.post(url("coupon", "add"), coupon_form(**changes)).content.decode()
    assert Coupon.objects.count() == 1


def test_editing_never_writes_the_count_back(as_edna: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """A checkout counts a use while the form is open."""
    made = Coupon.objects.create(code="SPRING-26", parts=1, used=3)
    edit = url("coupon", "edit", made.pk)
    from cms.offers import CouponForm

    clean = CouponForm.clean

    def clean_while_somebody_buys(form: CouponForm) -> dict[str, Any]:
        Coupon.objects.update(used=4)
        return clean(form)

    monkeypatch.setattr(CouponForm, "clean", clean_while_somebody_buys)
    assert as_edna.post(edit, coupon_form(limit_total="7")).status_code == 302
    assert (Coupon.objects.get().used, Coupon.objects.get().limit_total) == (4, 7)
    assert "It was used 4 times already" in as_edna.post(edit, coupon_form(limit_total="3")).content.decode()


# --- who may ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("model", ["offer", "coupon"])
def test_instructors_and_learners_see_and_change_nothing(as_ada: Client, sam: Any, course: Course, model: str) -> None:
    made = Offer.objects.create(name="Secret") if model == "offer" else Coupon.objects.create(code="SECRET", parts=5)
    forms = {"offer": offer_form(course), "coupon": coupon_form(course)}
    for client in (as_ada, cast.signed_in(sam), Client()):
        for address in (
            url(model, "list"),
            url(model, "add"),
            *(url(model, name, made.pk) for name in ("edit", "history", "usage")),
        ):
            for response in (client.get(address), client.post(address, forms[model])):
                assert response.status_code in (302, 403, 405)
                assert b"ecret" not in response.content.lower().replace(b"csrf", b"")
    assert "Selling" not in as_ada.get("/admin/").content.decode()
    assert type(made).objects.count() == 1
