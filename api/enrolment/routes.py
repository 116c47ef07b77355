"""A learner's courses: enrol, list, look, leave."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Router, Status

from api import limits
from api.auth import learner
from api.enrolment import rules, schemas
from api.schemas import Refused

router = Router(tags=["enrolment"])
REFUSED: dict[Any, Any] = {401: Refused, 429: Refused}
CHANGE_REFUSED: dict[Any, Any] = {403: Refused, 404: Refused, **REFUSED}


@router.get("/enrolments", response={200: schemas.Enrolments, **REFUSED})
def list_enrolments(request: HttpRequest) -> schemas.Enrolments:
    """The courses you are in, and how far you are in each."""
    limits.spend(request, limits.ENROLMENT)
    found = rules.places(learner(request))
    return schemas.Enrolments(enrolments=[schemas.Enrolment.of(place) for place in found])


@router.post(
    "/enrolments",
    response={
        200: schemas.EnrolmentWithItems,
        201: schemas.EnrolmentWithItems,
        402: Refused,
        409: Refused,
        410: Refused,
        422: Refused,
        **CHANGE_REFUSED,
    },
)
def enrol(request: HttpRequest, body: schemas.Enrol) -> Status[schemas.EnrolmentWithItems]:
    """Enrol in a free course, or come back to one you left. 201 if that changed something, 200 if you were in it."""
    limits.spend(request, limits.ENROLMENT)
    user = learner(request)
    _, fresh = rules.enrol(user, body.course)
    return Status(201 if fresh else 200, schemas.EnrolmentWithItems.of(rules.place(user, body.course)))


@router.get("/enrolments/{course}", response={200: schemas.EnrolmentWithItems, 404: Refused, **REFUSED})
def show_enrolment(request: HttpRequest, course: UUID) -> schemas.EnrolmentWithItems:
    """One course you are in, with the state of each item you have begun."""
    limits.spend(request, limits.ENROLMENT)
    return schemas.EnrolmentWithItems.of(rules.place(learner(request), course))


@router.delete("/enrolments/{course}", response={204: None, **CHANGE_REFUSED})
def leave(request: HttpRequest, course: UUID) -> Status[None]:
    """Leave a course. Your progress is kept: enrol again and it is back."""
    limits.spend(request, limits.ENROLMENT)
    rules.leave(learner(request), course)
    return Status(204, None)
