"""Leaving a course keeps everything; coming back finds it."""

import pytest
from django.utils import timezone

from api.accounts.models import User
from api.progress.models import ItemState
from tests.api.cast import COURSE, FIRST, RIGHT, Browser, event, refusal

pytestmark = [pytest.mark.django_db, pytest.mark.urls("settings.urls_api")]


def test_who_left_is_out_and_comes_back_to_all_they_had_done(enrolled: Browser) -> None:
    enrolled.progress(event(FIRST, "completed", timezone.now()))
    before = enrolled.get(f"/v1/enrolments/{COURSE}").json()

    response = enrolled.send("DELETE", f"/v1/enrolments/{COURSE}")
    assert (response.status_code, response.content) == (204, b"")
    assert enrolled.get("/v1/enrolments").json() == {"enrolments": []}
    assert refusal(enrolled.get(f"/v1/enrolments/{COURSE}")) == (404, "not_enrolled")
    assert ItemState.objects.count() == 1

    assert enrolled.enrol().status_code == 201
    assert enrolled.get(f"/v1/enrolments/{COURSE}").json() == before


def test_who_left_sends_nothing_more(enrolled: Browser) -> None:
    enrolled.send("DELETE", f"/v1/enrolments/{COURSE}")
    assert refusal(enrolled.progress(event(FIRST, "viewed", timezone.now()))) == (404, "not_enrolled")
    assert refusal(enrolled.attempt(RIGHT)) == (404, "not_enrolled")
    assert refusal(enrolled.send("DELETE", f"/v1/enrolments/{COURSE}")) == (404, "not_enrolled")


def test_one_leaves_for_oneself_alone(enrolled: Browser, noor: User) -> None:
    hers = Browser(noor)
    hers.enrol()
    enrolled.send("DELETE", f"/v1/enrolments/{COURSE}")
    assert len(hers.get("/v1/enrolments").json()["enrolments"]) == 1
