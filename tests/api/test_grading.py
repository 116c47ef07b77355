"""Grading is a pure function of the key and the answers."""

import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.assessment.grading import grade
from api.errors import ApiError
from pipeline.documents import AnswerKey, QuestionKey
from tests.api.cast import FIRST, KEY, QUIZ, RIGHT, WRONG


def key(**question: Any) -> AnswerKey:
    return AnswerKey(item=QUIZ, lesson=FIRST, pass_percent=60, questions=(QuestionKey(id="q", points=1, **question),))


def right(said: Any, /, **question: Any) -> bool:
    return grade(key(**question), {"q": said}).passed


def refused(said: Any, /, **question: Any) -> str:
    with pytest.raises(ApiError) as caught:
        grade(key(**question), {"q": said})
    assert (caught.value.status, caught.value.code) == (422, "answer")
    return caught.value.detail


def test_all_right_and_all_wrong() -> None:
    best, worst = grade(KEY, RIGHT), grade(KEY, WRONG)
    assert (best.score, best.points, best.passed) == (5, 5, True)
    assert (worst.score, worst.points, worst.passed) == (0, 5, False)
    assert [question.points for question in best.questions] == [1, 2, 1, 1]
    assert [question.id for question in worst.questions] == ["one", "some", "number", "word"]


@pytest.mark.parametrize(("percent", "passed"), [(0, True), (60, True), (61, False)])
def test_the_pass_mark_itself_passes(percent: int, passed: bool) -> None:
    three_of_five = {**RIGHT, "some": ["a"]}
    graded = grade(KEY.model_copy(update={"pass_percent": percent}), three_of_five)
    assert (graded.score, graded.passed) == (3, passed)


@pytest.mark.parametrize(
    ("answer", "correct"), [(["b"], True), ("b", True), (["b", "b"], True), (["a"], False), ([], False), ("", False)]
)
def test_one_right_answer(answer: Any, correct: bool) -> None:
    assert right(answer, kind="single", correct=("b",)) is correct


@pytest.mark.parametrize(
    ("answer", "correct"),
    [(["c", "a"], True), (["a"], False), (["a", "b", "c"], False), ([], False), (["a", "c", "?"], False)],
)
def test_several_right_answers_are_all_or_nothing(answer: Any, correct: bool) -> None:
    assert right(answer, kind="multiple", correct=("a", "c")) is correct


@pytest.mark.parametrize(
    ("answer", "correct"),
    [
        (0.3, True),
        (0.4, True),  # the very edge, which binary fractions miss
        (0.2, True),
        (0.41, False),
        ("0.4", True),
        ("0,4", True),
        (" 0,4 ", True),
        ("+.3", True),
        ("3e-1", True),
        ("-0.3", False),
        ("−0,3", False),
        (0, False),
        ("", False),
        (10**20, False),
        ("1e-4000", False),
    ],
)
def test_a_number_within_its_tolerance(answer: Any, correct: bool) -> None:
    assert right(answer, kind="number", answer=0.3, tolerance=0.1) is correct


NO_NUMBERS = ["NaN", "inf", "-Infinity", "1e999", "1e99999", "0x1f", "1.000,5", "1_000", "٣", "three", "9" * 600, ["3"]]


@pytest.mark.parametrize("answer", [*NO_NUMBERS, 10**400], ids=range(len(NO_NUMBERS) + 1))
def test_what_is_no_number_is_refused(answer: Any) -> None:
    assert refused(answer, kind="number", answer=3.0).startswith("Please correct the answer to question 1: ")


@pytest.mark.parametrize(
    ("answer", "correct"),
    [
        ("fir tree", True),
        ("  Fir \t\n tree ", True),
        ("FIR TREE", True),
        ("firtree", False),
        ("", False),
        ("   ", False),
        ("E\u0301rable", True),
        ("straße", True),
        ("STRASSE", True),
        (42, True),
    ],
)
def test_a_short_text_after_folding(answer: Any, correct: bool) -> None:
    accepted = ("Fir tree", "Érable", "Straße", "42")
    assert right(answer, kind="short_text", accepted=accepted) is correct


def test_capital_letters_matter_where_the_author_says_so() -> None:
    facts = {"kind": "short_text", "accepted": ("NaCl",), "case_sensitive": True}
    assert right(" NaCl ", **facts)
    assert not right("nacl", **facts)


@pytest.mark.parametrize(
    ("answer", "question", "said"),
    [
        ("x" * 501, {"kind": "short_text"}, "longer than 500"),
        (["a"], {"kind": "short_text"}, "short text"),
        (3, {"kind": "single"}, "list"),
        (["a", "b"], {"kind": "single"}, "one answer only"),
        (0.5, {"kind": "multiple"}, "list"),
    ],
)
def test_an_answer_of_the_wrong_form_is_refused(answer: Any, question: dict[str, Any], said: str) -> None:
    assert said in refused(answer, **question)


@pytest.mark.parametrize("answers", [{}, {"q": "b", "z": "b"}, {"z": "b"}])
def test_answers_to_another_quiz_are_refused(answers: dict[str, Any]) -> None:
    with pytest.raises(ApiError) as caught:
        grade(key(kind="single", correct=("b",)), answers)
    assert (caught.value.status, caught.value.code) == (409, "quiz_changed")
    assert "reload the page" in caught.value.detail


numbers = st.integers() | st.floats(allow_nan=False, allow_infinity=False)
anything = st.text(max_size=600) | numbers | st.lists(st.text())


@given(st.fixed_dictionaries({question.id: anything for question in KEY.questions}))
def test_whatever_is_answered_is_graded_or_refused(answers: dict[str, Any]) -> None:
    try:
        graded = grade(KEY, answers)
    except ApiError as error:
        assert error.status == 422
    else:
        assert 0 <= graded.score <= graded.points == 5
        assert graded == grade(KEY, dict(random.sample(sorted(answers.items()), len(answers))))
