"""Sending progress: each event once, in batches, for items that may be gone."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from api.accounts.models import User
from api.enrolment.models import Enrolment
from api.progress import record
from api.progress.models import ItemState, ProgressEvent
from tests.api.cast import (
    COURSE,
    FIRST,
    NOWHERE,
    QUIZ,
    RIGHT,
    SECOND,
    THIRD,
    Browser,
    event,
    go_live,
    lesson,
    outline,
    refusal,
    take_down,
)

pytestmark = [pytest.mark.django_db, pytest.mark.urls("settings.urls_api")]


@pytest.fixture
def now(enrolled: Browser) -> datetime:
    """An hour ago; Sam has been in the course since the day before."""
    Enrolment.objects.update(enrolled_at=timezone.now() - timedelta(days=1))
    return timezone.now() - timedelta(hours=1)


def test_a_batch_is_taken_and_answered_with_where_it_leads(enrolled: Browser, now: datetime) -> None:
    answer = enrolled.progress(
        event(FIRST, "viewed", now),
        event(FIRST, "position", now + timedelta(seconds=1), position=12.5),
        event(SECOND, "completed", now + timedelta(seconds=2)),
    ).json()
    assert answer == {
        "accepted": 3,
        "duplicates": 0,
        "percent": 25,
        "items": {
            str(FIRST): {"state": "started", "position": 12.5, "score": None, "points": None},
            str(SECOND): {"state": "completed", "position": None, "score": None, "points": None},
        },
    }
    shown = enrolled.get(f"/v1/enrolments/{COURSE}").json()
    assert (shown["completed"], shown["percent"], shown["items"]) == (1, 25, answer["items"])


def test_what_is_sent_twice_counts_once(enrolled: Browser, now: datetime) -> None:
    done, seen = event(FIRST, "completed", now), event(SECOND, "viewed", now)
    enrolled.progress(done)
    answer = enrolled.progress(done, seen, seen).json()
    assert (answer["accepted"], answer["duplicates"]) == (1, 2)
    assert ProgressEvent.objects.count() == 2


def test_an_id_keeps_its_first_meaning(enrolled: Browser, now: datetime) -> None:
    done = event(FIRST, "completed", now)
    enrolled.progress(done)
    answer = enrolled.progress({**done, "kind": "reopened", "at": (now + timedelta(minutes=1)).isoformat()}).json()
    assert (answer["duplicates"], answer["items"][str(FIRST)]["state"]) == (1, "completed")


def test_undo_and_do_again(enrolled: Browser, now: datetime) -> None:
    kinds = ["completed", "reopened", "completed"]
    states = [
        enrolled.progress(event(FIRST, kind, now + timedelta(seconds=n))).json()["items"][str(FIRST)]["state"]
        for n, kind in enumerate(kinds)
    ]
    assert states == ["completed", "started", "completed"]


def test_an_item_that_is_gone_is_kept_and_not_counted(enrolled: Browser, now: datetime) -> None:
    for item in (FIRST, SECOND, THIRD):
        enrolled.progress(event(item, "completed", now))
    assert enrolled.attempt(RIGHT).json()["passed"]
    go_live(outline(lesson(FIRST, "Roots"), lesson(NOWHERE, "Seeds")))

    answer = enrolled.progress(event(THIRD, "viewed", now)).json()
    assert answer["percent"] == 50
    assert answer["items"][str(THIRD)]["state"] == "completed"
    shown = enrolled.get(f"/v1/enrolments/{COURSE}").json()
    assert (shown["completed"], shown["total"], list(shown["items"])) == (1, 2, [str(FIRST)])
    assert shown["resume"]["slug"] == "seeds"

    go_live()  # and it is all there again
    assert enrolled.get(f"/v1/enrolments/{COURSE}").json()["percent"] == 100


def test_a_course_taken_off_the_site_still_takes_progress(enrolled: Browser, now: datetime) -> None:
    take_down()
    answer = enrolled.progress(event(FIRST, "completed", now)).json()
    assert (answer["accepted"], answer["percent"]) == (1, 0)
    go_live()
    assert enrolled.get(f"/v1/enrolments/{COURSE}").json()["completed"] == 1


def test_a_quiz_is_not_done_by_saying_so(enrolled: Browser, now: datetime) -> None:
    answer = enrolled.progress(event(QUIZ, "completed", now)).json()
    assert (answer["percent"], answer["items"][str(QUIZ)]["state"]) == (0, "started")


def test_all_done_is_a_hundred_and_nothing_is_next(enrolled: Browser, now: datetime) -> None:
    assert enrolled.attempt(RIGHT).json()["passed"]
    answer = enrolled.progress(*(event(item, "completed", now) for item in (FIRST, SECOND, THIRD))).json()
    assert answer["percent"] == 100
    shown = enrolled.get(f"/v1/enrolments/{COURSE}").json()
    assert (shown["completed"], shown["total"], shown["resume"]) == (4, 4, None)


def test_the_way_back_in_is_the_lesson_last_worked_in(enrolled: Browser, now: datetime) -> None:
    enrolled.progress(event(FIRST, "viewed", now), event(THIRD, "position", now + timedelta(minutes=1), position=65))
    assert enrolled.get("/v1/enrolments").json()["enrolments"][0]["resume"] == {
        "lesson": str(THIRD),
        "slug": "bark",
        "title": "Bark",
        "position": 65.0,
    }


@pytest.mark.parametrize("stray", [timedelta(days=4000), timedelta(days=-20000)])
def test_a_clock_that_is_plainly_wrong_is_put_right(enrolled: Browser, now: datetime, stray: timedelta) -> None:
    before = timezone.now()
    there = datetime.now(UTC) + stray
    enrolled.progress(event(FIRST, "completed", there), event(FIRST, "reopened", there + timedelta(seconds=5)))
    done, undone = ProgressEvent.objects.order_by("at")
    assert (done.kind, undone.kind) == ("completed", "reopened")
    assert undone.at - done.at == timedelta(seconds=5)
    assert before <= undone.at <= timezone.now()


def test_a_batch_costs_the_same_with_one_event_and_with_three(enrolled: Browser, now: datetime) -> None:
    def queries(*items) -> int:
        token = enrolled.get("/v1/session").json()["csrf"]
        body = {"course": str(COURSE), "events": [event(item, "viewed", now) for item in items]}
        with CaptureQueriesContext(connection) as seen:
            answer = enrolled.post("/v1/progress", body, "application/json", headers={"X-CSRFToken": token})
        assert answer.json()["accepted"] == len(items)
        return len(seen)

    assert queries(FIRST) == queries(FIRST, SECOND, uuid4())


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"kind": "finished"}, "events[0].kind"),
        ({"kind": "position"}, "a position belongs to"),
        ({"position": 3}, "a position belongs to"),
        ({"kind": "position", "position": -1}, "events[0].position"),
        ({"kind": "position", "position": 1e300}, "events[0].position"),
        ({"at": "2026-11-25T10:00:00"}, "events[0].at"),
        ({"at": "yesterday"}, "events[0].at"),
        ({"item": "roots"}, "events[0].item"),
        ({"id": ""}, "events[0].id"),
        ({"score": 5}, "events[0].score: there is no such field"),
    ],
)
def test_a_bad_event_is_refused_with_its_field(enrolled: Browser, now: datetime, change, said: str) -> None:
    response = enrolled.progress(
        event(FIRST, "viewed", now, **{k: v for k, v in change.items() if k not in ("id", "item", "kind", "at")})
        | change
    )
    assert refusal(response) == (422, "invalid")
    assert said in response.json()["detail"]
    assert not ProgressEvent.objects.exists()


@pytest.mark.parametrize(("number", "status"), [(0, 422), (100, 200), (101, 422)])
def test_a_batch_holds_1_to_100_events(enrolled: Browser, now: datetime, number: int, status: int) -> None:
    assert enrolled.progress(*(event(FIRST, "viewed", now) for _ in range(number))).status_code == status


def test_made_up_items_come_to_an_end(enrolled: Browser, now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(record, "MOST_ITEMS", 3)
    enrolled.progress(*(event(uuid4(), "viewed", now) for _ in range(2)))
    assert enrolled.progress(event(FIRST, "viewed", now)).status_code == 200
    response = enrolled.progress(event(FIRST, "completed", now), event(SECOND, "viewed", now))
    assert refusal(response) == (422, "too_many_items")
    assert ProgressEvent.objects.count() == ItemState.objects.count() == 3
    # What was begun can be finished, and what is graded here is not made up.
    assert enrolled.progress(event(FIRST, "completed", now)).json()["items"][str(FIRST)]["state"] == "completed"
    assert enrolled.attempt(RIGHT).json()["passed"]
    assert enrolled.progress(event(FIRST, "reopened", timezone.now())).status_code == 200


def test_items_are_counted_course_by_course_and_learner_by_learner(
    enrolled: Browser, noor: User, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(record, "MOST_ITEMS", 1)
    other, hers = uuid4(), Browser(noor)
    go_live(outline(lesson(FIRST, "Roots"), course=other, title="Moss"), keys=())
    enrolled.progress(event(FIRST, "viewed", now))
    enrolled.enrol(other)
    hers.enrol()
    assert enrolled.progress(event(SECOND, "viewed", now), course=other).status_code == 200
    assert hers.progress(event(SECOND, "viewed", now)).status_code == 200


@pytest.mark.parametrize("at", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "1970-01-01T00:00:00Z"])
def test_the_ends_of_time_are_taken(enrolled: Browser, now: datetime, at: str) -> None:
    answer = enrolled.progress({**event(FIRST, "viewed", now), "at": at}, event(FIRST, "completed", now))
    assert answer.json()["accepted"] == 2
    assert all(row.at <= timezone.now() for row in ProgressEvent.objects.all())
