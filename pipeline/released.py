"""The reading door of the pipeline: what is live, for those who serve learners. Knows no Wagtail."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, cast
from uuid import UUID

from django.db import transaction

from pipeline.documents import AnswerKey, OutlineDocument
from pipeline.models import AnswerKey as AnswerKeyRow
from pipeline.models import Condemned, Pin, Publication, Release

Standing = Literal["open", "retired", "withdrawn", "gone"]


@dataclass(frozen=True)
class ReleasedCourse:
    """A live release: enough to count progress and to name things, without any lesson body.

    `standing` is what the course is to readers whatever its release says, `note` what they are told about it.
    """

    course: UUID
    release: int
    outline: OutlineDocument
    price_label: str
    cover: str | None
    standing: Standing = "open"
    note: str = ""

    @property
    def closed(self) -> bool:
        """Whether the course was taken from its readers: nothing of it is given out, and records are kept."""
        return self.standing in ("withdrawn", "gone")


def released_courses(courses: Iterable[UUID]) -> dict[UUID, ReleasedCourse]:
    """The live release of each of `courses` that has one. One query, however many courses."""
    found = {}
    rows = Publication.objects.filter(course__in=list(courses), live_release__isnull=False)
    for publication in rows.select_related("live_release").defer("live_release__inputs"):
        release = cast(Release, publication.live_release)
        document = release.course_document or {}
        cover = (document.get("cover") or {}).get("fallback") or {}
        found[release.course] = ReleasedCourse(
            course=release.course,
            release=release.number,
            outline=release.read_outline(),
            price_label=document.get("price_label", ""),
            cover=cover.get("src"),
            standing=cast(Standing, publication.standing),
            note=publication.standing_note,
        )
    return found


def released_course(course: UUID) -> ReleasedCourse | None:
    """The live release of `course`, or None if it has none."""
    return released_courses([course]).get(course)


def answer_key(course: UUID, release: int, item: UUID) -> AnswerKey | None:
    """The answer key of a quiz in one release, or None if that release has no such quiz."""
    row = AnswerKeyRow.objects.filter(release__course=course, release__number=release, item=item).first()
    return AnswerKey.model_validate(row.document) if row else None


# --- pins ---------------------------------------------------------------------------------------------------------


def pin(course: UUID, release: int, holder: str) -> bool:
    """Keep one release of a course whole on the store for as long as `holder` ("enrolment/7") needs it.

    False, and no pin, if that release is not there to be kept: there is no such release, it was never built, or it was
    swept or is about to be. A pin grants access to nobody.
    """
    with transaction.atomic():
        row = Release.objects.filter(course=course, number=release).exclude(manifest="").first()
        if row is None or row.state == Release.State.SWEPT:
            return False
        Pin.objects.get_or_create(release=row, holder=holder)
        # After the pin: a sweep that condemns this release now sees the pin before it deletes. A release's manifest is
        # nobody else's, so it is condemned as long as anything is that this release alone needs.
        if Condemned.objects.filter(key=f"o/{row.manifest}").exists():
            transaction.set_rollback(True)
            return False
        return True


def unpin(holder: str) -> int:
    """Let go of every release that `holder` holds; how many."""
    return Pin.objects.filter(holder=holder).delete()[0]
