"""Submit an attempt at a quiz: graded once, kept, and counted as progress if it passed."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from api.accounts.models import User
from api.assessment.grading import Answer, Graded, grade
from api.assessment.models import Attempt
from api.enrolment.rules import enrolment_of, refuse_closed
from api.errors import ApiError
from api.progress.rules import Grade
from api.progress.states import bring_forward
from api.scope import lock
from pipeline.documents import AnswerKey
from pipeline.released import ReleasedCourse, answer_key, released_course

NO_QUIZ = "This quiz is not part of the course any more; reload the page."
TAKEN = "This id belongs to an attempt at another quiz; give each attempt an id of its own."
DIFFER = "Other answers were graded as this attempt already; reload the page and answer the quiz again."


@dataclass(frozen=True)
class Submitted:
    """An attempt, and what the author explains about each question, by question id."""

    attempt: Attempt
    explanations: dict[str, str]


def submit(user: User, course: UUID, item: UUID, attempt: UUID, answers: Mapping[str, Answer]) -> Submitted:
    """Grade `answers` by the live release. The same attempt sent again is answered as it was the first time.

    Raises ApiError: 404 if `user` is not in `course` or its live release has no such quiz, 409 if the id is taken, also
    by other answers, or the quiz has changed, 410 if the course was withdrawn, 422 for an answer of the wrong form.
    """
    with transaction.atomic():
        lock(user)
        enrolment_of(user, course)
        released = released_course(course)
        if released:
            refuse_closed(released)
        row = Attempt.objects.for_learner(user).filter(attempt=attempt).first()
        if row and (row.course, row.item) != (course, item):
            raise ApiError(409, "id_taken", TAKEN)
        if row and _plain(row.answers) != _plain(answers):
            raise ApiError(409, "answers_differ", DIFFER)
        if row is None:
            release, key = _live_key(released, item)
            row = Attempt(
                user=user,
                attempt=attempt,
                course=course,
                item=item,
                release=release,
                answers=dict(answers),
                at=timezone.now(),
                **_marks(grade(key, answers)),
            )
            row.save(force_insert=True)
            bring_forward(user, course, {item: [Grade(row.at, row.score, row.points, row.passed)]})
    return Submitted(row, _explanations(row))


def _plain(answers: Mapping[str, Answer]) -> dict[str, list[str] | str | float]:
    """`answers` as they compare: PostgreSQL gives 6e23 back as a whole number, which no float equals."""
    return {name: float(str(said)) if isinstance(said, int | float) else said for name, said in answers.items()}


def _live_key(released: ReleasedCourse | None, item: UUID) -> tuple[int, AnswerKey]:
    key = answer_key(released.course, released.release, item) if released else None
    if released is None or key is None:
        raise ApiError(404, "no_quiz", NO_QUIZ)
    return released.release, key


def _marks(graded: Graded) -> dict[str, Any]:
    return {
        "score": graded.score,
        "points": graded.points,
        "passed": graded.passed,
        "questions": [asdict(question) for question in graded.questions],
    }


def _explanations(attempt: Attempt) -> dict[str, str]:
    """By question id, from the release that the attempt was graded in."""
    key = answer_key(attempt.course, attempt.release, attempt.item)
    return {question.id: question.explanation_html for question in key.questions} if key else {}
