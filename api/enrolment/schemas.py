"""What the API says about a learner's courses, and takes from them."""

from datetime import datetime
from uuid import UUID

from django.conf import settings
from ninja import Schema

from api.enrolment.rules import Place
from api.progress.schemas import ItemState, ItemStates
from api.progress.standing import Resume as Next
from api.progress.standing import kinds
from api.schemas import Input
from pipeline.released import Standing


class Enrol(Input):
    course: UUID


class Resume(Schema):
    """The lesson to go on with; `position` in seconds into its video, null if it was not played."""

    lesson: UUID
    slug: str
    title: str
    position: float | None

    @classmethod
    def of(cls, resume: Next) -> "Resume":
        lesson = resume.lesson
        return cls(lesson=lesson.item, slug=lesson.slug, title=lesson.title, position=resume.position)


class Enrolment(Schema):
    """`total` counts the lessons and quizzes of the live release, `percent` is a whole number and 100 only when all
    are completed, `cover` an absolute address. `resume` is null when nothing is left to do or nothing can be
    read. `standing` is open, retired (you may finish it), withdrawn or gone (its pages say so; your records are kept).
    `note` is what the school says about that."""

    course: UUID
    slug: str
    title: str
    release: int
    percent: int
    completed: int
    total: int
    resume: Resume | None
    enrolled_at: datetime
    cover: str | None
    standing: Standing
    note: str

    @classmethod
    def of(cls, place: Place) -> "Enrolment":
        released, standing = place.released, place.standing
        return Enrolment(
            course=released.course,
            slug=released.outline.slug,
            title=released.outline.title,
            release=released.release,
            percent=standing.percent,
            completed=standing.completed,
            total=standing.total,
            resume=Resume.of(standing.resume) if standing.resume and not released.closed else None,
            enrolled_at=place.enrolment.enrolled_at,
            # A key of the store, which the site's address serves.
            cover=f"{settings.SITE_URL}/{released.cover}" if released.cover else None,
            standing=released.standing,
            note=released.note,
        )


class EnrolmentWithItems(Enrolment):
    """`items` holds every item of the live release that the learner has begun."""

    items: ItemStates

    @classmethod
    def of(cls, place: Place) -> "EnrolmentWithItems":
        outline = kinds(place.released.outline)
        items = {
            str(item): ItemState.of(place.states[item], kind) for item, kind in outline.items() if item in place.states
        }
        return cls(**Enrolment.of(place).model_dump(), items=items)


class Enrolments(Schema):
    """The course last worked in comes first. A course without a live release is left out until it has one again."""

    enrolments: list[Enrolment]
