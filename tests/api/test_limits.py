"""How often one may ask: by learner where there is one, by address where there is none."""

import threading

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.cache import cache
from django.core.cache.backends.locmem import LocMemCache
from django.http import HttpRequest
from django.test import Client, RequestFactory

from api import limits
from api.accounts.models import User
from api.errors import ApiError
from tests.api.cast import Browser, refusal

pytestmark = [pytest.mark.django_db, pytest.mark.urls("settings.urls_api")]
FEW = limits.Limit("few", 5, 3600)


def asked(user: object, address: str = "192.0.2.1", forwarded: str = "") -> HttpRequest:
    headers = {"X-Forwarded-For": forwarded} if forwarded else {}
    request = RequestFactory().get("/", headers=headers, REMOTE_ADDR=address)
    request.user = user
    return request


def admitted(requests: list[HttpRequest]) -> int:
    count = 0
    for request in requests:
        try:
            limits.spend(request, FEW)
        except ApiError as error:
            assert (error.status, error.code) == (429, "too_many")
            assert 0 < int(error.headers["Retry-After"]) <= FEW.seconds + 1
        else:
            count += 1
    return count


def test_so_many_and_no_more(sam: User, noor: User) -> None:
    assert admitted([asked(sam)] * 8) == 5
    assert admitted([asked(noor)] * 8) == 5, "another learner has a window of their own"


def test_a_learner_is_limited_wherever_they_are(sam: User) -> None:
    assert admitted([asked(sam, f"192.0.2.{n}") for n in range(8)]) == 5


def test_an_address_is_what_the_connection_says(settings) -> None:
    settings.TRUSTED_PROXIES = 0
    assert admitted([asked(AnonymousUser(), forwarded=f"198.51.100.{n}") for n in range(8)]) == 5
    settings.TRUSTED_PROXIES = 1
    lies = [asked(AnonymousUser(), forwarded=f"203.0.113.{n}, 198.51.100.7") for n in range(8)]
    assert admitted(lies) == 5, "only what the proxy wrote counts"


@pytest.mark.parametrize(
    ("written", "address"),
    [
        ("2001:db8:1:2:3::4", "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.9", "192.0.2.9"),
        ("192.0.2.9", "192.0.2.9"),
        ("somewhere", "unknown"),
        ("", "unknown"),
    ],
)
def test_a_household_is_one_address(written: str, address: str) -> None:
    assert limits.client_address(asked(None, written)) == address


class Meeting(LocMemCache):
    """A cache in which the requests of a burst all read before any of them writes."""

    here = threading.Barrier(8, timeout=20)

    def get(self, *args, **kwargs):
        found = super().get(*args, **kwargs)
        self.here.wait()
        return found


def test_a_burst_gets_no_more_than_the_limit(sam: User, settings) -> None:
    settings.CACHES = {"default": {"BACKEND": f"{__name__}.Meeting", "LOCATION": "burst"}}
    counts: list[int] = []
    threads = [threading.Thread(target=lambda: counts.append(admitted([asked(sam)]))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(counts), sum(counts)) == (8, 5)


def test_a_cache_that_is_away_stops_nobody(sam: User, settings, caplog) -> None:
    settings.CACHES = {
        "default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": "redis://[::1]:1"}
    }
    assert admitted([asked(sam)] * 8) == 8
    assert "The cache does not answer" in caplog.text


ID = "c0000000-0000-4000-8000-000000000001"
EVENT = {"id": ID, "item": ID, "kind": "viewed", "at": "2026-11-25T10:00:00Z"}


@pytest.mark.parametrize(
    ("limit", "method", "path", "body"),
    [
        (limits.ACCOUNT, "PATCH", "/v1/me", {}),
        (limits.ACCOUNT, "DELETE", "/v1/me/avatar", None),
        (limits.ENROLMENT, "GET", "/v1/enrolments", None),
        (limits.ENROLMENT, "POST", "/v1/enrolments", {"course": ID}),
        (limits.ENROLMENT, "GET", f"/v1/enrolments/{ID}", None),
        (limits.ENROLMENT, "DELETE", f"/v1/enrolments/{ID}", None),
        (limits.PROGRESS, "POST", "/v1/progress", {"course": ID, "events": [EVENT]}),
        (limits.EDGE, "POST", "/v1/edge/cookies", None),
        (limits.ATTEMPT, "POST", f"/v1/quizzes/{ID}/attempts", {"id": ID, "course": ID, "answers": {}}),
    ],
)
def test_each_route_has_its_limit(browser: Browser, sam: User, limit, method: str, path: str, body: object) -> None:
    assert browser.send(method, path, body).status_code != 429
    cache.clear()
    for _ in range(limit.most):
        limits.spend(asked(sam), limit)
    response = browser.send(method, path, body)
    assert refusal(response) == (429, "too_many")
    assert int(response["Retry-After"]) > 0


def test_a_visitor_is_limited_by_address() -> None:
    client = Client()
    answers = [client.get("/v1/session").status_code for _ in range(limits.SESSION.most + 1)]
    assert answers.count(429) == 1
    assert answers[-1] == 429
