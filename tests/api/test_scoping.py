"""Nobody reaches another learner's rows: by asking, by guessing ids, or by a slip in our own sources."""

import ast
from pathlib import Path
from uuid import uuid4

import pytest
from django.conf import settings as django_settings
from django.utils import timezone

from api.accounts.models import User
from api.assessment.models import Attempt
from api.enrolment.models import Enrolment
from api.progress.models import ItemState, ProgressEvent
from tests.api.cast import COURSE, FIRST, QUIZ, RIGHT, WRONG, Browser, event, refusal, routes

ROOM_NAMES = ("enrolment", "progress", "assessment", "payments", "management")
# Rows that are nobody's own: users themselves, what is offered to all, and the ledger's accounts.
NOBODYS = {f"{name}.objects" for name in ("User", "Offer", "OfferPrice", "Coupon", "Account", "Entry", "Seal")}
# These look at rows of all learners: a ledger is added up whole, a coupon counts for everybody, and staff are told who
# has what.
OF_ALL = {"ledger.py", "coupons.py", "report.py"}
ROOMS = [django_settings.BASE_DIR / "api" / room for room in ROOM_NAMES]

# What Noor sends with Sam's ids, and what she is told. A route that names no rows of learners says so with None.
ASKED: dict[tuple[str, str], tuple[str, object] | None] = {
    ("GET", "/v1/enrolments/{course}"): (f"/v1/enrolments/{COURSE}", None),
    ("DELETE", "/v1/enrolments/{course}"): (f"/v1/enrolments/{COURSE}", None),
    ("POST", "/v1/progress"): (
        "/v1/progress",
        {"course": str(COURSE), "events": [event(FIRST, "reopened", timezone.now())]},
    ),
    ("POST", "/v1/quizzes/{item}/attempts"): (
        f"/v1/quizzes/{QUIZ}/attempts",
        {"id": str(uuid4()), "course": str(COURSE), "answers": WRONG},
    ),
    # These speak of whoever asks.
    ("GET", "/v1/enrolments"): None,
    ("POST", "/v1/enrolments"): None,
    ("POST", "/v1/edge/cookies"): None,
    ("GET", "/v1/session"): None,
    ("PATCH", "/v1/me"): None,
    ("POST", "/v1/me/avatar"): None,
    ("DELETE", "/v1/me/avatar"): None,
    # And these of nobody: a picture is shown to whoever knows its sha256.
    ("GET", "/v1/avatars/{name}.webp"): None,
    ("GET", "/v1/healthz"): None,
    ("GET", "/v1/readyz"): None,
}


def test_every_route_has_a_row() -> None:
    assert sorted(ASKED) == routes(), "a new route needs a row in ASKED: what does another learner get?"


@pytest.fixture
def hers(enrolled: Browser, noor: User) -> Browser:
    """Noor's browser; Sam has done much."""
    enrolled.progress(event(FIRST, "completed", timezone.now()))
    enrolled.attempt(RIGHT)
    return Browser(noor)


def everything() -> list[object]:
    return [list(model.objects.order_by("pk").values()) for model in (Enrolment, ProgressEvent, ItemState, Attempt)]


@pytest.mark.django_db
@pytest.mark.urls("settings.urls_api")
@pytest.mark.parametrize("route", [route for route, asked in ASKED.items() if asked], ids=" ".join)
def test_another_s_row_is_not_there(hers: Browser, route: tuple[str, str]) -> None:
    path, body = ASKED[route]  # type: ignore[misc]
    before = everything()
    assert refusal(hers.send(route[0], path, body)) == (404, "not_enrolled")
    assert everything() == before


@pytest.mark.django_db
@pytest.mark.urls("settings.urls_api")
def test_lists_and_states_hold_one_s_own(hers: Browser, enrolled: Browser) -> None:
    assert hers.get("/v1/enrolments").json() == {"enrolments": []}
    hers.enrol()
    shown = hers.get(f"/v1/enrolments/{COURSE}").json()
    assert (shown["completed"], shown["items"]) == (0, {})
    # The same ids as Sam's are hers to use: nothing of his is known by them, and nothing of his is a duplicate of them.
    id_ = ProgressEvent.objects.get().event
    answer = hers.progress({**event(FIRST, "viewed", timezone.now()), "id": str(id_)}).json()
    assert (answer["accepted"], answer["items"][str(FIRST)]["state"]) == (1, "started")
    assert enrolled.get(f"/v1/enrolments/{COURSE}").json()["completed"] == 2


def loose_reads(source: str) -> list[int]:
    """The lines where `.objects` is followed by anything but `.for_learner(...)`."""
    tree = ast.parse(source)
    scoped = {
        id(node.func.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "for_learner"
    }
    return sorted(
        node.lineno
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and node.attr in ("objects", "_default_manager", "_base_manager")
        and id(node) not in scoped
        and ast.unparse(node) not in NOBODYS
    )


@pytest.mark.parametrize(
    "file",
    [file for room in ROOMS for file in sorted(room.rglob("*.py")) if file.name not in OF_ALL],
    ids=lambda f: f.name,
)
def test_rows_are_read_through_the_learner(file: Path) -> None:
    assert loose_reads(file.read_text()) == [], f"{file}: read rows with .objects.for_learner(user)"


def test_the_search_finds_what_it_looks_for() -> None:
    assert loose_reads("a.objects.all()\na.objects.for_learner(u).get()\nx = a.objects\nUser.objects.get()") == [1, 3]
