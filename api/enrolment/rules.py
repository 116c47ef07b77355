"""Who is in which course: enrolling, leaving, and where a learner stands in each."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from api.accounts.models import User
from api.enrolment.models import Enrolment
from api.errors import ApiError
from api.payments import rules as payments
from api.progress.rules import State
from api.progress.standing import Standing, stand
from api.progress.states import states_of
from api.scope import lock
from pipeline.released import ReleasedCourse, released_course, released_courses

NO_COURSE = "There is no such course, or it is not published at the moment."
RETIRED = "This course takes no new learners any more."
WITHDRAWN = "This course was withdrawn; what you have done in it is kept."
SUSPENDED = "Your payment for this course is disputed at your bank; it opens again when that is decided for it."
NOT_ENROLLED = "You are not enrolled in this course; enrol first."


@dataclass(frozen=True)
class Place:
    """Where a learner stands in one course."""

    enrolment: Enrolment
    released: ReleasedCourse
    states: dict[UUID, State]
    standing: Standing


def enrol(user: User, course: UUID) -> tuple[Enrolment, bool]:
    """Put `user` in `course`; the enrolment, and False if it was there already.

    Who has left comes back to all they had done, if they may still open the course: who came in while it cost nothing
    may, even if it costs something by now. Raises ApiError 404 for a course without a live release, 402 for one that
    they may not open, 409 for one that is retired (who was in it before may come back), and 410 for one that was
    withdrawn.
    """
    released = released_course(course)
    if released is None:
        raise ApiError(404, "no_course", NO_COURSE)
    refuse_closed(released)
    with transaction.atomic():
        lock(user)
        mine = Enrolment.objects.for_learner(user)
        enrolment = mine.filter(course=course).first()
        if enrolment is not None and enrolment.left_at is None:
            return enrolment, False
        if enrolment is None and released.standing == "retired":
            raise ApiError(409, "retired", _told(RETIRED, released))
        free = _admit(user, released)
        if enrolment is None:
            return mine.create(user=user, course=course, free=free), True
        enrolment.left_at = None
        enrolment.save(update_fields=["left_at"])
        return enrolment, True


def _admit(user: User, released: ReleasedCourse) -> bool:
    """Whether the course costs nobody anything. Raises ApiError 402 for somebody who has no other ground either."""
    access = payments.access(user, released.course, timezone.now())
    if access.suspended:
        raise ApiError(402, "suspended", SUSPENDED)
    if not access.open:
        raise ApiError(402, "not_free", payments.price_of(released.course, released.price_label))
    return any(ground.kind == "free" for ground in access.grounds)


def refuse_closed(released: ReleasedCourse) -> None:
    """Raises ApiError 410, with what the school says about it, for a course that was withdrawn or deleted."""
    if released.closed:
        raise ApiError(410, "withdrawn", _told(WITHDRAWN, released))


def _told(sentence: str, released: ReleasedCourse) -> str:
    return f"{sentence} {released.note}".strip()


def leave(user: User, course: UUID) -> None:
    """Take `user` out of `course`; all progress is kept. Raises ApiError 404 if they are not in it."""
    with transaction.atomic():
        lock(user)
        enrolment = enrolment_of(user, course)
        enrolment.left_at = timezone.now()
        enrolment.save(update_fields=["left_at"])


def enrolment_of(user: User, course: UUID) -> Enrolment:
    """The enrolment of `user` in `course`. Raises ApiError 404 if there is none or they have left."""
    enrolment = Enrolment.objects.for_learner(user).filter(course=course, left_at=None).first()
    if enrolment is None:
        raise ApiError(404, "not_enrolled", NOT_ENROLLED)
    return enrolment


def places(user: User) -> list[Place]:
    """Every course that `user` is in and that has a live release; the one they last worked in comes first."""
    found = _places(user, Enrolment.objects.for_learner(user).filter(left_at=None))
    return sorted(found, key=lambda place: place.standing.last_at or place.enrolment.enrolled_at, reverse=True)


def place(user: User, course: UUID) -> Place:
    """Where `user` stands in `course`. Raises ApiError 404 if they are not in it or it has no live release."""
    found = _places(user, [enrolment_of(user, course)])
    if not found:
        raise ApiError(404, "no_course", NO_COURSE)
    return found[0]


def _places(user: User, enrolments: Iterable[Enrolment]) -> list[Place]:
    """Two queries, however many courses."""
    rows = list(enrolments)
    courses = [row.course for row in rows]
    released, states = released_courses(courses), states_of(user, courses)
    return [
        Place(row, live, states[row.course], stand(live.outline, states[row.course]))
        for row in rows
        if (live := released.get(row.course))
    ]
