"""Where courses stand: draft, in review, sent back, live or on their way, for panels and lists. Three queries."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from content.models import Course
from pipeline.models import Candidate, Publication

STANDING = {"retired": "Retired", "withdrawn": "Withdrawn", "gone": "Deleted"}


@dataclass(frozen=True)
class Standing:
    """One course. `candidate` is its newest, without `content`; `publication` is None before the first release."""

    course: Course
    candidate: Candidate | None
    publication: Publication | None

    @property
    def in_review(self) -> bool:
        return bool(self.candidate and self.candidate.state == Candidate.State.IN_REVIEW)

    @property
    def sent_back(self) -> bool:
        return bool(self.candidate and self.candidate.state == Candidate.State.CHANGES_REQUESTED)

    @property
    def live(self) -> int | None:
        """The number of the release that readers see."""
        release = self.publication.live_release if self.publication else None
        return release.number if release else None

    @property
    def on_its_way(self) -> bool:
        return bool(self.publication and self.publication.built_seq < self.publication.wanted_seq)

    @property
    def label(self) -> str:
        if self.in_review:
            return "In review"
        if self.sent_back:
            return "Changes requested"
        if self.publication and self.publication.last_error:
            return "Not published"
        if self.on_its_way:
            return "On its way"
        if self.publication and self.publication.standing != Publication.Standing.OPEN:
            return STANDING[self.publication.standing]
        return f"Release {self.live} is live" if self.live else "Draft"


def standings(courses: Iterable[Course]) -> list[Standing]:
    """The standing of each of `courses`, in their order."""
    listed = list(courses)
    uuids = [course.uuid for course in listed]
    candidates = {
        one.course: one
        for one in Candidate.objects.filter(course__in=uuids, kind=Candidate.Kind.SUBMITTED)
        .defer("content")
        .select_related("decided_by", "submitted_by")
        .order_by("id")
    }
    publications: dict[Any, Publication] = {
        one.course: one
        for one in Publication.objects.filter(course__in=uuids)
        .select_related("live_release")
        .defer("live_release__built", "live_release__course_document")
    }
    return [Standing(course, candidates.get(course.uuid), publications.get(course.uuid)) for course in listed]
