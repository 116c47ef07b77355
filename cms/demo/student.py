"""Sam's studies by the API's own rules: a module with its quiz, a lesson of the next, another one open."""

from collections.abc import Iterator
from uuid import UUID, uuid5

from django.utils import timezone

from api.accounts.models import User
from api.assessment.grading import Answer
from api.assessment.rules import submit
from api.enrolment.rules import enrol, place
from api.progress.record import record
from api.progress.rules import Event, EventKind
from pipeline.documents import AnswerKey, OutlineLesson, QuestionKey
from pipeline.released import answer_key, released_course

DONE = 4  # lessons of seven
WATCHED = 33.0  # seconds of the film, in the middle of its last scene but one


def study(sam: User, course: UUID) -> int:
    """Enrol Sam and do half of the course; how far they are, in per cent. A second call changes nothing."""
    enrol(sam, course)
    released = released_course(course)
    if released:
        lessons = released.outline.lessons()
        done, opened = lessons[:DONE], lessons[DONE]
        record(sam, course, [*_events(course, done), _event(course, opened.item, "viewed")])
        for lesson in done:
            for quiz in lesson.items:
                key = answer_key(course, released.release, quiz.item)
                if key:
                    submit(sam, course, quiz.item, uuid5(course, f"sam {quiz.item}"), _answers(key))
    return place(sam, course).standing.percent


def _events(course: UUID, lessons: tuple[OutlineLesson, ...]) -> Iterator[Event]:
    for lesson in lessons:
        yield _event(course, lesson.item, "viewed")
        if lesson.has_video:
            yield _event(course, lesson.item, "position", WATCHED)
        yield _event(course, lesson.item, "completed")


def _event(course: UUID, item: UUID, kind: EventKind, position: float | None = None) -> Event:
    # The id follows from what it says, so that the same event is never counted twice.
    return Event(uuid5(course, f"sam {item} {kind}"), item, kind, timezone.now(), position)


def _answers(key: AnswerKey) -> dict[str, Answer]:
    return {question.id: _answer(question) for question in key.questions}


def _answer(question: QuestionKey) -> Answer:
    if question.kind == "number":
        return question.answer or 0
    if question.kind == "short_text":
        return question.accepted[0]
    # Where several choices are right Sam finds the first alone: wrong, and still enough to pass.
    return list(question.correct[:1])
