"""Who is here: what a page asks first."""

import pytest
from django.test import Client

from api.accounts.models import User
from tests.api.cast import Browser, refusal

pytestmark = [pytest.mark.django_db, pytest.mark.urls("settings.urls_api")]


def test_a_visitor_is_nobody_and_gets_a_token() -> None:
    response = Browser().get("/v1/session")
    answer = response.json()
    assert (answer["user"], answer["providers"]) == (None, [])
    assert answer["csrf"]
    assert "lectern_csrf" in response.cookies
    assert response["Cache-Control"] == "no-store"
    assert "Cookie" in response["Vary"]


def test_a_learner_is_named(browser: Browser, sam: User) -> None:
    assert browser.get("/v1/session").json()["user"] == {
        "id": str(sam.pk),
        "email": "sam@example.org",
        "name": "Sam",
        "avatar": None,
        "language": "en",
        "time_zone": "UTC",
    }


def test_who_has_no_name_goes_by_the_first_part_of_the_address(browser: Browser, sam: User) -> None:
    User.objects.update(display_name="")
    assert browser.get("/v1/session").json()["user"]["name"] == "sam"


def test_a_learner_who_was_made_inactive_is_signed_out_at_once(browser: Browser) -> None:
    User.objects.update(is_active=False)
    assert browser.get("/v1/session").json()["user"] is None
    assert refusal(browser.get("/v1/enrolments")) == (401, "signed_out")


def test_providers_are_those_with_keys(settings) -> None:
    settings.SOCIALACCOUNT_PROVIDERS = {"google": {"APPS": [{"client_id": "x"}]}, "github": {"APPS": []}}
    assert Client().get("/v1/session").json()["providers"] == ["google"]


def test_only_the_school_s_own_site_may_read_it_with_cookies(settings) -> None:
    def allowed(origin: str) -> str | None:
        return Client().get("/v1/session", headers={"Origin": origin}).headers.get("Access-Control-Allow-Origin")

    assert allowed(settings.SITE_URL) == settings.SITE_URL
    for stranger in ("null", settings.SITE_URL + ".evil.example", "https://evil.example", settings.SITE_URL.upper()):
        assert allowed(stranger) is None
