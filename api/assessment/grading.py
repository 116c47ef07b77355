"""Whether answers are right: a pure function of the answer key and what was given."""

import math
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from api.errors import ApiError
from pipeline.documents import AnswerKey, QuestionKey

Answer = list[str] | str | int | float
CHANGED = "These answers do not fit the quiz as it is now; reload the page and answer it again."
LONGEST = 500
# A number as people write it, with a point or a comma.
NUMBER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d{1,4})?", re.ASCII | re.IGNORECASE)


@dataclass(frozen=True)
class GradedQuestion:
    id: str
    correct: bool
    points: int


@dataclass(frozen=True)
class Graded:
    """`score` of `points`, and each question in the order of the quiz."""

    score: int
    points: int
    passed: bool
    questions: tuple[GradedQuestion, ...]


def grade(key: AnswerKey, answers: Mapping[str, Answer]) -> Graded:
    """The grade of `answers`, by question id. A question is right or wrong as a whole; an empty answer is wrong.

    Raises ApiError: 409 if the answers are not to the questions of `key`, 422 if one is of the wrong form.
    """
    if set(answers) != {question.id for question in key.questions}:
        raise ApiError(409, "quiz_changed", CHANGED)
    questions = []
    for number, question in enumerate(key.questions, start=1):
        correct = _is_correct(question, answers[question.id], number)
        questions.append(GradedQuestion(question.id, correct, question.points if correct else 0))
    score = sum(question.points for question in questions)
    points = sum(question.points for question in key.questions)
    return Graded(score, points, passed=score * 100 >= key.pass_percent * points, questions=tuple(questions))


def _is_correct(key: QuestionKey, answer: Answer, number: int) -> bool:
    if isinstance(answer, str) and len(answer) > LONGEST:
        raise _wrong_form(number, f"it is longer than {LONGEST} characters")
    if key.kind == "number":
        return _is_number(key, answer, number)
    if key.kind == "short_text":
        return _is_text(key, answer, number)
    return _is_choice(key, answer, number)


def _is_choice(key: QuestionKey, answer: Answer, number: int) -> bool:
    if isinstance(answer, str):
        answer = [answer] if answer else []
    if not isinstance(answer, list):
        raise _wrong_form(number, "send the ids of the choices as a list")
    if key.kind == "single" and len(set(answer)) > 1:
        raise _wrong_form(number, "choose one answer only")
    # The key does not list the wrong choices, so an unknown choice cannot be told from a wrong one: it is wrong.
    return set(answer) == set(key.correct)


def _is_number(key: QuestionKey, answer: Answer, number: int) -> bool:
    given = _decimal(answer, number)
    if given is None or key.answer is None:
        return False
    # Decimal, for 0.4 - 0.3 is more than 0.1 in binary: an answer at the very edge of the tolerance is right.
    return abs(given - Decimal(repr(key.answer))) <= Decimal(repr(key.tolerance))


def _decimal(answer: Answer, number: int) -> Decimal | None:
    """The number that was given; None if nothing was."""
    if isinstance(answer, list):
        raise _wrong_form(number, "write a number, such as 12.5")
    text = "".join(str(answer).split()).replace("−", "-").replace(",", ".")  # the minus of typesetters
    if not text:
        return None
    if len(text) > LONGEST or not NUMBER.fullmatch(text) or not math.isfinite(float(text)):
        raise _wrong_form(number, "write a number, such as 12.5")
    return Decimal(text)


def _is_text(key: QuestionKey, answer: Answer, number: int) -> bool:
    if isinstance(answer, list):
        raise _wrong_form(number, "write a short text")
    given = _folded(str(answer), key.case_sensitive)
    return bool(given) and given in {_folded(text, key.case_sensitive) for text in key.accepted}


def _folded(text: str, case_sensitive: bool) -> str:
    words = unicodedata.normalize("NFC", " ".join(text.split()))
    return words if case_sensitive else unicodedata.normalize("NFC", words.casefold())


def _wrong_form(number: int, said: str) -> ApiError:
    return ApiError(422, "answer", f"Please correct the answer to question {number}: {said}.")
