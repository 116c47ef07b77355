"""Submitting a quiz: graded once, kept, counted; the key stays here."""

import json
from uuid import uuid4

import pytest

from api.accounts.models import User
from api.assessment.models import Attempt
from tests.api.cast import COURSE, KEY, NOWHERE, QUIZ, RIGHT, WRONG, Browser, go_live, refusal, take_down

pytestmark = [pytest.mark.django_db, pytest.mark.urls("settings.urls_api")]


def test_an_attempt_is_graded_and_explained(enrolled: Browser) -> None:
    id_ = uuid4()
    assert enrolled.attempt({**RIGHT, "one": ["a"]}, id=id_).json() == {
        "id": str(id_),
        "score": 4,
        "points": 5,
        "passed": True,
        "questions": [
            {"id": "one", "correct": False, "points": 0, "explanation_html": "<p>It is b.</p>"},
            {"id": "some", "correct": True, "points": 2, "explanation_html": ""},
            {"id": "number", "correct": True, "points": 1, "explanation_html": ""},
            {"id": "word", "correct": True, "points": 1, "explanation_html": ""},
        ],
    }


def test_a_quiz_passed_is_an_item_completed_and_stays_so(enrolled: Browser) -> None:
    def state() -> tuple[object, ...]:
        shown = enrolled.get(f"/v1/enrolments/{COURSE}").json()
        item = shown["items"][str(QUIZ)]
        return shown["completed"], item["state"], item["score"], item["points"]

    enrolled.attempt(WRONG)
    assert state() == (0, "started", 0, 5)
    enrolled.attempt({**RIGHT, "one": ["a"]})
    assert state() == (1, "completed", 4, 5)
    enrolled.attempt(WRONG)
    assert state() == (1, "completed", 4, 5)
    assert Attempt.objects.count() == 3


def test_the_same_attempt_again_is_answered_as_before(enrolled: Browser) -> None:
    id_ = uuid4()
    first = enrolled.attempt(WRONG, id=id_).json()
    go_live(keys=(KEY.model_copy(update={"questions": KEY.questions[:1]}),))
    assert enrolled.attempt(WRONG, id=id_).json() == first
    assert Attempt.objects.count() == 1


def test_other_answers_under_the_same_id_are_not_given_the_old_grade(enrolled: Browser) -> None:
    id_ = uuid4()
    enrolled.attempt(WRONG, id=id_)
    response = enrolled.attempt({**WRONG, "word": "fir tree"}, id=id_)
    assert refusal(response) == (409, "answers_differ")
    assert "reload the page" in response.json()["detail"]
    assert Attempt.objects.get().score == 0


def test_a_large_number_sent_again_is_the_same(enrolled: Browser) -> None:
    """PostgreSQL keeps numbers as decimals, and gives this one back as a whole number that no float equals."""
    id_, answers = uuid4(), {**WRONG, "number": 6.022e23}
    first = enrolled.attempt(answers, id=id_).json()
    Attempt.objects.update(answers={**answers, "number": 602200000000000000000000})
    assert enrolled.attempt(answers, id=id_).json() == first


def test_an_attempt_is_graded_by_the_live_release(enrolled: Browser) -> None:
    go_live(keys=(KEY.model_copy(update={"pass_percent": 100}),))
    assert enrolled.attempt({**RIGHT, "one": ["a"]}).json()["passed"] is False
    assert Attempt.objects.get().release == 2


def test_one_id_is_one_attempt(enrolled: Browser) -> None:
    other = uuid4()
    go_live(keys=(KEY, KEY.model_copy(update={"item": other})))
    id_ = uuid4()
    enrolled.attempt(RIGHT, id=id_)
    assert refusal(enrolled.attempt(RIGHT, id=id_, item=other)) == (409, "id_taken")


def test_two_learners_may_choose_the_same_id(enrolled: Browser, noor: User) -> None:
    hers, id_ = Browser(noor), uuid4()
    hers.enrol()
    assert enrolled.attempt(RIGHT, id=id_).json()["score"] == 5
    assert hers.attempt(WRONG, id=id_).json()["score"] == 0


def test_who_is_not_enrolled_has_no_quiz(browser: Browser, live: None) -> None:
    assert refusal(browser.attempt(RIGHT)) == (404, "not_enrolled")
    assert not Attempt.objects.exists()


def test_a_quiz_that_is_not_live_is_not_there(enrolled: Browser) -> None:
    assert refusal(enrolled.attempt(RIGHT, item=NOWHERE)) == (404, "no_quiz")
    take_down()
    assert refusal(enrolled.attempt(RIGHT)) == (404, "no_quiz")


def test_a_quiz_that_changed_asks_for_a_reload_and_counts_nothing(enrolled: Browser) -> None:
    response = enrolled.attempt({**RIGHT, "gone": "x"})
    assert refusal(response) == (409, "quiz_changed")
    assert "reload the page" in response.json()["detail"]
    assert not Attempt.objects.exists()
    assert enrolled.get(f"/v1/enrolments/{COURSE}").json()["items"] == {}


@pytest.mark.parametrize("answer", [None, True, {"a": 1}, [1], [["a"]], ["x" * 101], ["a"] * 101])
def test_what_is_no_answer_is_refused_in_one_sentence(enrolled: Browser, answer: object) -> None:
    response = enrolled.attempt({**RIGHT, "one": answer})
    assert refusal(response) == (422, "invalid")
    assert response.json()["detail"].startswith("Please correct answers.one: ")


def test_a_refused_answer_is_named_by_its_number(enrolled: Browser) -> None:
    response = enrolled.attempt({**RIGHT, "number": "about 3"})
    assert refusal(response) == (422, "answer")
    assert "question 3" in response.json()["detail"]


def test_no_answer_of_the_api_holds_the_key(enrolled: Browser) -> None:
    said = [enrolled.attempt(WRONG), enrolled.get(f"/v1/enrolments/{COURSE}"), enrolled.get("/v1/openapi.json")]
    text = "".join(json.dumps(response.json()) for response in said)
    for secret in ("Fir tree", '"b"', "tolerance", "case_sensitive", "pass_percent"):
        assert secret not in text, secret
