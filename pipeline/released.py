"""The reading door of the pipeline: what is live, for those who serve learners. Knows no Wagtail."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from pipeline.documents import AnswerKey, OutlineDocument
from pipeline.models import AnswerKey as AnswerKeyRow
from pipeline.models import Publication, Release


@dataclass(frozen=True)
class ReleasedCourse:
    """A live release: enough to count progress and to name things, without any lesson body."""

    course: UUID
    release: int
    outline: OutlineDocument
    price_label: str
    cover: str | None


def released_courses(courses: Iterable[UUID]) -> dict[UUID, ReleasedCourse]:
    """The live release of each of `courses` that has one. One query, however many courses."""
    live = Publication.objects.filter(course__in=list(courses)).values("live_release")
    found = {}
    for release in Release.objects.filter(pk__in=live):
        document = release.course_document or {}
        cover = (document.get("cover") or {}).get("fallback") or {}
        found[release.course] = ReleasedCourse(
            course=release.course,
            release=release.number,
            outline=release.read_outline(),
            price_label=document.get("price_label", ""),
            cover=cover.get("src"),
        )
    return found


def released_course(course: UUID) -> ReleasedCourse | None:
    """The live release of `course`, or None if it has none."""
    return released_courses([course]).get(course)


def answer_key(course: UUID, release: int, item: UUID) -> AnswerKey | None:
    """The answer key of a quiz in one release, or None if that release has no such quiz."""
    row = AnswerKeyRow.objects.filter(release__course=course, release__number=release, item=item).first()
    return AnswerKey.model_validate(row.document) if row else None
