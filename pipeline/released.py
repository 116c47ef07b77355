"""The reading door of the pipeline: what is live, for those who serve learners. Knows no Wagtail."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, cast
from uuid import UUID

from django.db import transaction

from pipeline.documents import AnswerKey, OutlineDocument
from pipeline.models import AnswerKey as AnswerKeyRow
from pipeline.models import BuiltModule, Condemned, Pin, Publication, Release

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
    """The live release of each of `courses` that has one. Two queries, however many courses, and one if their outlines
    are remembered."""
    found = {}
    rows = Publication.objects.filter(course__in=list(courses), live_release__isnull=False)
    publications = list(rows.select_related("live_release"))
    outlines = _outlines([cast(Release, publication.live_release) for publication in publications])
    for publication in publications:
        release = cast(Release, publication.live_release)
        document = release.course_document or {}
        cover = (document.get("cover") or {}).get("fallback") or {}
        found[release.course] = ReleasedCourse(
            course=release.course,
            release=release.number,
            outline=outlines[release.pk],
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
    """The answer key of a quiz in one release, or None if that release has no such quiz. Three queries."""
    row = Release.objects.filter(course=course, number=release).only("built").first()
    if row is None:
        return None
    modules = BuiltModule.objects.filter(course=course, name__in=row.module_names(), keys__has_key=str(item))
    keys = modules.values_list("keys", flat=True).first()
    if keys is None:
        return None
    key = AnswerKeyRow.objects.filter(course=course, item=item, digest=keys[str(item)]).first()
    return AnswerKey.model_validate(key.document) if key else None


# Outlines by their names, those asked for last. One never changes under its name, so none is ever out of date.
_REMEMBERED: dict[tuple[UUID, str], OutlineDocument] = {}
MOST_REMEMBERED = 64


def _outlines(releases: list[Release]) -> dict[int, OutlineDocument]:
    """The outlines of these releases by the release's id."""
    names = {release.pk: (release.course, (release.built or {}).get("outline", "")) for release in releases}
    found = {pk: outline for pk, name in names.items() if (outline := _REMEMBERED.get(name))}
    if lacking := [release for release in releases if release.pk not in found]:
        found |= Release.outlines(lacking)
        for release in lacking:
            _REMEMBERED[names[release.pk]] = found[release.pk]
        for name in list(_REMEMBERED)[:-MOST_REMEMBERED]:
            _REMEMBERED.pop(name, None)
    return found


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
