"""What a learner's request costs, against a request that touches no table, through the same middleware."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import partial

from django.core.cache import cache
from django.http import HttpResponse
from django.test import override_settings

from api.accounts.models import User
from tests.api.cast import FIRST, RIGHT, Browser, event, go_live
from tests.bench.ratio import Ratio, compare

NOTHING = "GET /v1/healthz"


def measure() -> Iterator[Ratio]:
    with override_settings(ROOT_URLCONF="settings.urls_api"):
        go_live()
        sam = Browser(User.objects.create_user("sam@example.org", "a long enough password"))
        sam.enrol()
        acts: dict[str, Callable[[], HttpResponse]] = {
            "POST /v1/progress with one event": lambda: sam.progress(event(FIRST, "viewed", datetime.now(UTC))),
            "GET /v1/enrolments": lambda: sam.get("/v1/enrolments"),
            "POST of a quiz attempt": lambda: sam.attempt(RIGHT),
        }
        for name, act in acts.items():
            yield compare(name, partial(_unlimited, act), NOTHING, lambda: sam.get("/v1/healthz"), rounds=20)


def _unlimited(act: Callable[[], HttpResponse]) -> None:
    cache.clear()  # the limits count requests, and this is more than a person makes
    answer = act()
    assert answer.status_code == 200, answer.content
