"""What holds for every route, walked and not listed: a new one is held to it from its first day."""

import re

import pytest
from django.urls import get_resolver

from api.accounts.models import User
from tests.api.cast import COURSE, Browser, refusal, routes

pytestmark = [pytest.mark.django_db, pytest.mark.urls("settings.urls_api")]

# Routes that answer a visitor; everything else needs a learner.
OPEN = {
    ("GET", "/v1/session"),
    ("GET", "/v1/avatars/{name}.webp"),
    ("GET", "/v1/healthz"),
    ("GET", "/v1/readyz"),
}
UNSAFE = [route for route in routes() if route[0] not in ("GET", "HEAD", "OPTIONS")]
GUARDED = [route for route in routes() if route not in OPEN]


def address(path: str) -> str:
    return re.sub(r"\{\w+\}", str(COURSE), path)


def test_the_open_routes_are_there() -> None:
    assert set(routes()) >= OPEN


def ask(browser: Browser, route: tuple[str, str], headers: dict[str, str]):
    """A request that gets as far as the route itself: of the right type, and of nothing more."""
    method, path = route
    form = path == "/v1/me/avatar"
    kind, body = ("multipart/form-data; boundary=x", b"--x--\r\n") if form else ("application/json", b"{}")
    return browser.generic(method, address(path), body, content_type=kind, headers=headers)


@pytest.mark.parametrize("route", GUARDED, ids=" ".join)
def test_a_visitor_is_asked_to_sign_in(route: tuple[str, str]) -> None:
    visitor = Browser()
    token = visitor.get("/v1/session").json()["csrf"]
    assert refusal(ask(visitor, route, {"X-CSRFToken": token})) == (401, "signed_out")


@pytest.mark.parametrize("route", UNSAFE, ids=" ".join)
@pytest.mark.parametrize("token", ["", "short", "x" * 64])
def test_nothing_is_changed_without_a_token(browser: Browser, route: tuple[str, str], token: str) -> None:
    browser.get("/v1/session")
    assert refusal(ask(browser, route, {"X-CSRFToken": token} if token else {})) == (403, "csrf")


@pytest.mark.parametrize("route", UNSAFE, ids=" ".join)
def test_a_token_is_of_no_use_to_another_site(browser: Browser, route: tuple[str, str]) -> None:
    token = browser.get("/v1/session").json()["csrf"]
    refused = ask(browser, route, {"X-CSRFToken": token, "Origin": "https://evil.example"})
    assert refusal(refused) == (403, "csrf")


BAD = [
    b"{}",
    b"[]",
    b"null",
    b"7",
    b'"x"',
    b'{"course": {}}',
    b'{"course": "x", "events": 7}',
    b'{"id": [], "answers": 1}',
    b"[" * 90 + b"]" * 90,
]


@pytest.mark.parametrize("route", [route for route in UNSAFE if route[1] != "/v1/me/avatar"], ids=" ".join)
@pytest.mark.parametrize("body", BAD, ids=range(len(BAD)))
def test_a_bad_body_gets_a_sentence(browser: Browser, route: tuple[str, str], body: bytes) -> None:
    method, path = route
    response = browser.send(method, address(path), body)
    if method == "DELETE" or path == "/v1/edge/cookies" or (path, body) == ("/v1/me", b"{}"):
        assert response.status_code in (200, 404, 409)  # they take no body, or nothing in it
    else:
        assert refusal(response) == (422, "invalid")


@pytest.mark.parametrize("route", [route for route in GUARDED if "{" in route[1]], ids=" ".join)
@pytest.mark.parametrize("id_", ["x", "0", "c0000000-0000-4000-8000-00000000000", "..", "%00", "ç", "1" * 3000])
def test_a_bad_id_is_an_address_of_nothing(browser: Browser, route: tuple[str, str], id_: str) -> None:
    method, path = route
    body = {"id": str(COURSE), "course": str(COURSE), "answers": {}} if method == "POST" else None
    status, code = refusal(browser.send(method, re.sub(r"\{\w+\}", id_, path), body))
    assert (status, code) in ((404, "not_found"), (404, "not_enrolled"))


@pytest.mark.parametrize("path", sorted({path for _, path in routes()}))
def test_a_method_that_is_not_there_is_said(browser: Browser, path: str) -> None:
    known = {method for method, other in routes() if other == path}
    for method in {"GET", "POST", "PUT", "PATCH", "DELETE"} - known:
        response = browser.send(method, address(path))
        assert refusal(response) == (405, "method_not_allowed")
        assert set(response["Allow"].split(", ")) == known


@pytest.mark.parametrize("path", ["/v1/nothing", "/v1/", "/nothing", "/v1/enrolments/", "/v1/me/../me"])
def test_an_address_of_nothing_has_the_same_shape(browser: Browser, path: str) -> None:
    assert refusal(browser.get(path)) == (404, "not_found")


@pytest.mark.parametrize("route", [route for route in GUARDED if route[0] == "GET"], ids=" ".join)
def test_a_personal_answer_is_kept_by_no_cache(browser: Browser, sam: User, route: tuple[str, str]) -> None:
    response = browser.get(address(route[1]))
    assert response["Cache-Control"] == "no-store"
    assert "Cookie" in response["Vary"]


def test_a_fault_of_ours_has_the_same_shape() -> None:
    response = get_resolver("settings.urls_api").resolve_error_handler(500)(None)
    assert refusal(response) == (500, "fault")
