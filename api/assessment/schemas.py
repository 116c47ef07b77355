"""Answers as clients send them, and how they were graded."""

from typing import Annotated, Any
from uuid import UUID

from ninja import Schema
from pydantic import Field, StrictFloat, StrictInt, StrictStr, ValidationError, ValidatorFunctionWrapHandler
from pydantic.functional_validators import WrapValidator

from api.assessment.rules import Submitted
from api.schemas import Input

MOST_QUESTIONS = 200
MOST_CHOICES = 100


def _one_sentence(value: Any, handler: ValidatorFunctionWrapHandler) -> Any:
    # Of a union, pydantic reports what is wrong with each member.
    try:
        return handler(value)
    except ValidationError:
        raise ValueError("An answer is a list of choice ids, a text or a number.") from None


ChoiceId = Annotated[StrictStr, Field(max_length=100)]
Choices = Annotated[list[ChoiceId], Field(max_length=MOST_CHOICES)]
Answer = Annotated[Choices | StrictStr | StrictInt | StrictFloat, WrapValidator(_one_sentence)]


class Answers(Input):
    """`id` is the client's own: an attempt that is sent twice is graded once.

    `answers` by question id: the ids of the chosen choices, a text, or a number. An empty answer is a wrong one.
    """

    id: UUID
    course: UUID
    answers: Annotated[dict[str, Answer], Field(max_length=MOST_QUESTIONS)]


class QuestionResult(Schema):
    id: str
    correct: bool
    points: int
    explanation_html: str


class Attempt(Schema):
    """`questions` in the order of the quiz."""

    id: UUID
    score: int
    points: int
    passed: bool
    questions: list[QuestionResult]

    @classmethod
    def of(cls, submitted: Submitted) -> "Attempt":
        row = submitted.attempt
        return cls(
            id=row.attempt,
            score=row.score,
            points=row.points,
            passed=row.passed,
            questions=[
                QuestionResult(**question, explanation_html=submitted.explanations.get(question["id"], ""))
                for question in row.questions
            ],
        )
