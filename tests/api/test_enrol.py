"""Enrolling, coming back, and seeing one's courses."""

from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from api.enrolment.models import Enrolment
from api.payments.rules import is_free
from tests.api.cast import COURSE, FIRST, NOWHERE, Browser, go_live, lesson, outline, refusal, take_down

pytestmark = [pytest.mark.django_db, pytest.mark.urls("settings.urls_api")]


def test_a_new_enrolment_says_all_a_page_needs(browser: Browser, live: None, settings) -> None:
    response = browser.enrol()
    answer = response.json()
    assert response.status_code == 201
    assert answer.pop("enrolled_at").endswith("Z")
    assert answer == {
        "course": str(COURSE),
        "slug": "trees",
        "title": "Trees",
        "release": 1,
        "percent": 0,
        "completed": 0,
        "total": 4,
        "resume": {"lesson": str(FIRST), "slug": "roots", "title": "Roots", "position": None},
        "cover": f"{settings.SITE_URL}/o/cover.webp",
        "standing": "open",
        "note": "",
        "items": {},
    }
    assert browser.get(f"/v1/enrolments/{COURSE}").json().pop("total") == 4


def test_enrolling_twice_is_being_enrolled(enrolled: Browser) -> None:
    assert enrolled.enrol().status_code == 200
    assert Enrolment.objects.count() == 1


@pytest.mark.parametrize("course", [NOWHERE, COURSE])
def test_a_course_without_a_live_release_is_not_there(browser: Browser, live: None, course) -> None:
    take_down()
    assert refusal(browser.enrol(course)) == (404, "no_course")


def test_a_course_that_costs_something_says_so(browser: Browser) -> None:
    go_live(price="49 EUR")
    response = browser.enrol()
    assert refusal(response) == (402, "not_free")
    assert "49 EUR" in response.json()["detail"]
    assert not Enrolment.objects.exists()


def test_who_is_in_stays_in_when_the_course_begins_to_cost(enrolled: Browser) -> None:
    go_live(price="49 EUR")
    assert enrolled.enrol().status_code == 200
    enrolled.send("DELETE", f"/v1/enrolments/{COURSE}")
    assert enrolled.enrol().status_code == 201


@pytest.mark.parametrize(("label", "free"), [("Free", True), (" free ", True), ("", True), ("Free for members", False)])
def test_what_free_means(label: str, free: bool) -> None:
    assert is_free(label) is free


def test_the_list_is_empty_at_first(browser: Browser) -> None:
    assert browser.get("/v1/enrolments").json() == {"enrolments": []}


def test_a_course_taken_off_the_site_leaves_the_list_until_it_is_back(enrolled: Browser) -> None:
    take_down()
    assert enrolled.get("/v1/enrolments").json() == {"enrolments": []}
    assert refusal(enrolled.get(f"/v1/enrolments/{COURSE}")) == (404, "no_course")
    go_live()
    assert enrolled.get("/v1/enrolments").json()["enrolments"][0]["release"] == 2


def test_the_list_costs_the_same_for_one_course_and_for_three(enrolled: Browser) -> None:
    def queries() -> int:
        with CaptureQueriesContext(
            connection,
        ) as seen:
            assert enrolled.get("/v1/enrolments").status_code == 200
        return len(seen)

    one = queries()
    for title in ("Ferns", "Mosses"):
        course = uuid4()
        go_live(outline(lesson(uuid4(), "Spores"), course=course, title=title), keys=())
        assert enrolled.enrol(course).status_code == 201
    assert len(enrolled.get("/v1/enrolments").json()["enrolments"]) == 3
    assert queries() == one
