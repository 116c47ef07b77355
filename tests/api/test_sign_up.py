"""Signing up with a code, signing in, and that neither tells a stranger who has an account."""

import re

import pytest
from django.core import mail
from django.core.cache import cache
from django.http import HttpResponse

from api.accounts.models import User
from tests.api.cast import Browser

pytestmark = [pytest.mark.django_db, pytest.mark.urls("settings.urls_api")]
ROOT = "/_allauth/browser/v1"
# On a line of its own, as people copy it.
CODE = r"^\s*([A-Z0-9]{4}-[A-Z0-9]{4})\s*$"
PASSWORD = "a long enough password"


def sign_up(browser: Browser, email: str, **more: str) -> HttpResponse:
    return browser.send("POST", f"{ROOT}/auth/signup", {"email": email, "password": PASSWORD, **more})


def sign_in(browser: Browser, email: str, password: str = PASSWORD) -> HttpResponse:
    return browser.send("POST", f"{ROOT}/auth/login", {"email": email, "password": password})


def code(message: mail.EmailMessage) -> str:
    found = re.search(CODE, str(message.body), re.MULTILINE)
    assert found, message.body
    return found.group(1)


def pending(response: HttpResponse) -> list[str]:
    return [flow["id"] for flow in response.json()["data"]["flows"] if flow.get("is_pending")]


def test_from_nothing_to_signed_in(settings) -> None:
    browser = Browser()
    response = sign_up(browser, "New@Example.org", name=" New  Learner ")
    assert (response.status_code, pending(response)) == (401, ["verify_email"])
    assert browser.get("/v1/session").json()["user"] is None

    (message,) = mail.outbox
    assert message.to == ["new@example.org"]
    assert settings.SCHOOL_NAME in str(message.body)
    wrong = browser.send("POST", f"{ROOT}/auth/email/verify", {"key": "AAAA-AAAA"})
    assert (wrong.status_code, wrong.json()["errors"][0]["code"]) == (400, "incorrect_code")

    assert browser.send("POST", f"{ROOT}/auth/email/verify", {"key": code(message)}).status_code == 200
    user = browser.get("/v1/session").json()["user"]
    assert (user["email"], user["name"]) == ("new@example.org", "New Learner")
    assert len(mail.outbox) == 1, "no second mail says what they have just done"


def test_a_known_and_an_unknown_address_get_the_same_answer(sam: User) -> None:
    known, unknown = sign_up(Browser(), "sam@example.org"), sign_up(Browser(), "nobody@example.org")
    assert known.status_code == unknown.status_code == 401
    assert known.json() == unknown.json()
    first, second = mail.outbox
    assert (first.to, second.to) == (["sam@example.org"], ["nobody@example.org"])
    assert not re.search(CODE, str(first.body), re.MULTILINE), "Sam gets no code"
    assert User.objects.filter(email="sam@example.org").count() == 1


def test_a_wrong_password_and_an_unknown_address_get_the_same_answer(sam: User) -> None:
    wrong, unknown = sign_in(Browser(), sam.email, "not the password"), sign_in(Browser(), "nobody@example.org")
    assert wrong.status_code == unknown.status_code == 400
    assert wrong.json() == unknown.json()


def test_a_code_to_sign_in_says_nothing_about_the_address(sam: User) -> None:
    known, unknown = (
        Browser().send("POST", f"{ROOT}/auth/code/request", {"email": email})
        for email in (sam.email, "nobody@example.org")
    )
    assert known.status_code == unknown.status_code
    assert known.json() == unknown.json()


def test_who_never_confirmed_is_asked_to_when_they_sign_in() -> None:
    sign_up(Browser(), "new@example.org")
    cache.clear()  # allauth sends an address one code in ten seconds: they are over
    browser = Browser()
    response = sign_in(browser, "new@example.org")
    assert (response.status_code, pending(response)) == (401, ["verify_email"])
    assert browser.get("/v1/session").json()["user"] is None


def confirmed(browser: Browser, email: str = "new@example.org") -> None:
    sign_up(browser, email)
    assert browser.send("POST", f"{ROOT}/auth/email/verify", {"key": code(mail.outbox[-1])}).status_code == 200


def test_out_and_in_again() -> None:
    browser = Browser()
    confirmed(browser)
    browser.send("DELETE", f"{ROOT}/auth/session")
    assert browser.get("/v1/session").json()["user"] is None
    assert sign_in(browser, "NEW@example.org").status_code == 200
    assert browser.get("/v1/session").json()["user"]["email"] == "new@example.org"


def test_a_forgotten_password_is_set_anew_by_code() -> None:
    confirmed(Browser())
    browser = Browser()
    assert browser.send("POST", f"{ROOT}/auth/password/request", {"email": "new@example.org"}).status_code == 401
    key = code(mail.outbox[-1])
    fresh = "another long password"
    browser.send("POST", f"{ROOT}/auth/password/reset", {"key": key, "password": fresh})
    assert sign_in(Browser(), "new@example.org").status_code == 400
    assert sign_in(Browser(), "new@example.org", fresh).status_code == 200


@pytest.mark.parametrize(
    ("body", "param"),
    [
        ({"email": "no address", "password": PASSWORD}, "email"),
        ({"email": "new@example.org", "password": "short"}, "password"),
        ({"email": "new@example.org", "password": "password1234"}, "password"),
        ({"email": "new@example.org", "password": PASSWORD, "name": "x" * 121}, "name"),
        ({"email": "new@example.org"}, "password"),
        ({}, "email"),
    ],
)
def test_what_is_wrong_is_said_of_its_field(body: dict[str, str], param: str) -> None:
    response = Browser().send("POST", f"{ROOT}/auth/signup", body)
    assert response.status_code == 400
    assert param in [error.get("param") for error in response.json()["errors"]]
    assert not User.objects.exists()


def test_signing_up_grants_nothing(browser: Browser) -> None:
    stranger = Browser()
    sign_up(stranger, "new@example.org", is_staff="true", is_superuser="true")
    user = User.objects.get(email="new@example.org")
    assert not (user.is_staff or user.is_superuser)


def test_no_door_of_accounts_opens_without_a_token() -> None:
    stranger = Browser()
    for door in ("auth/signup", "auth/login", "auth/email/verify", "auth/password/request", "auth/code/request"):
        response = stranger.post(f"{ROOT}/{door}", {}, content_type="application/json")
        assert response.status_code == 403
        assert response.json()["code"] == "csrf"


def test_only_the_browser_s_doors_are_open() -> None:
    assert Browser().get("/_allauth/app/v1/config").status_code == 404
    assert Browser().get("/accounts/login/").status_code == 404
