"""A course that was retired or withdrawn: what is refused, what is still taken, and what learners are told."""

from datetime import datetime
from uuid import uuid4

import pytest
from django.utils import timezone

from api.progress.models import ProgressEvent
from pipeline.models import Publication
from tests.api.cast import COURSE, FIRST, RIGHT, Browser, event, refusal

pytestmark = [pytest.mark.django_db, pytest.mark.urls("settings.urls_api")]


def stand(standing: str, note: str = "") -> None:
    Publication.objects.filter(course=COURSE).update(standing=standing, standing_note=note)


def now() -> datetime:
    return timezone.now()


def test_a_retired_course_takes_nobody_new_and_says_why(browser: Browser, live: None) -> None:
    stand("retired", "The second edition begins in May.")
    response = browser.enrol()
    assert refusal(response) == (409, "retired")
    assert response.json()["detail"] == (
        "This course takes no new learners any more. The second edition begins in May."
    )


def test_who_was_in_a_retired_course_goes_on_and_may_come_back(enrolled: Browser) -> None:
    stand("retired")
    assert enrolled.progress(event(FIRST, "completed", now())).status_code == 200
    assert enrolled.attempt(RIGHT).json()["passed"] is True
    enrolled.send("DELETE", f"/v1/enrolments/{COURSE}")
    answer = enrolled.enrol()
    assert answer.status_code == 201
    assert (answer.json()["standing"], answer.json()["completed"]) == ("retired", 2)


@pytest.mark.parametrize("standing", ["withdrawn", "gone"])
def test_nothing_of_a_withdrawn_course_is_given_out(enrolled: Browser, browser: Browser, standing: str) -> None:
    stand(standing, "A lawyer asked.")
    assert refusal(enrolled.attempt(RIGHT)) == (410, "withdrawn")
    assert "A lawyer asked." in enrolled.attempt(RIGHT).json()["detail"]
    assert refusal(enrolled.enrol()) == (410, "withdrawn")


def test_an_attempt_of_before_gives_no_explanation_any_more(enrolled: Browser) -> None:
    attempt = uuid4()
    assert "explanation_html" in enrolled.attempt(RIGHT, id=attempt).content.decode()
    stand("withdrawn")
    assert refusal(enrolled.attempt(RIGHT, id=attempt)) == (410, "withdrawn")


def test_progress_that_a_page_still_held_is_kept(enrolled: Browser) -> None:
    stand("withdrawn")
    answer = enrolled.progress(event(FIRST, "completed", now()))
    assert (answer.status_code, answer.json()["accepted"]) == (200, 1)
    assert ProgressEvent.objects.count() == 1


def test_learners_see_in_their_list_what_became_of_the_course(enrolled: Browser) -> None:
    enrolled.progress(event(FIRST, "completed", now()))
    stand("withdrawn", "A lawyer asked.")
    (mine,) = enrolled.get("/v1/enrolments").json()["enrolments"]
    assert (mine["standing"], mine["note"], mine["resume"]) == ("withdrawn", "A lawyer asked.", None)
    assert (mine["completed"], mine["total"]) == (1, 4)
    assert enrolled.send("DELETE", f"/v1/enrolments/{COURSE}").status_code == 204
