"""Authoring faults of a whole course, gathered for `content.rules` from a candidate or from the latest drafts."""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from wagtail.models import Page

from content.models import CaptionTrack, Course, CoursePrerequisite, Lesson, Module, Video
from content.privacy import private_above, private_paths
from content.rules import Fault, Known, course_faults, cycle_of, lesson_faults, walk
from pipeline import mathml
from pipeline.frozen import FrozenCourse


@dataclass(frozen=True)
class PageFault:
    """A fault and the page it stands on."""

    page_id: int
    title: str
    fault: Fault

    @property
    def is_error(self) -> bool:
        return self.fault.severity == "error"


@dataclass(frozen=True)
class _LessonFacts:
    page_id: int
    title: str
    slug: str
    body: Sequence[Mapping[str, Any]]


def candidate_faults(frozen: FrozenCourse) -> list[PageFault]:
    """The faults of a candidate, errors first, then in reading order."""
    lessons = [
        _LessonFacts(page.page_id, page.title, page.slug, page.fields.get("body") or [])
        for module in frozen.modules
        for page in module.lessons
    ]
    fields = {**frozen.page.fields, "slug": frozen.page.slug}
    return _faults(frozen.page.page_id, frozen.page.title, fields, lessons)


def draft_faults(course: Course) -> list[PageFault]:
    """The faults of the course as it would be submitted now. Seven queries, however many lessons."""
    private = private_paths(course)
    kept, lessons, hidden = [], [], _private_course(course)
    for module in Module.objects.child_of(course).select_related("latest_revision"):
        if module.path.startswith(private):
            hidden.append(_private(module, "module"))
        elif not _draft(module).get("held_back"):
            kept.append(module.path)
    for lesson in Lesson.objects.descendant_of(course).select_related("latest_revision"):
        draft = _draft(lesson)
        if draft.get("held_back") or not lesson.path.startswith(tuple(kept) or ("-",)):
            continue
        if lesson.path.startswith(private):
            hidden.append(_private(lesson, "lesson"))
            continue
        body = json.loads(draft["body"]) if isinstance(draft.get("body"), str) else draft.get("body") or []
        lessons.append(_LessonFacts(lesson.pk, draft.get("title") or "", draft.get("slug") or "", body))
    faults = [*hidden, *_faults(course.pk, course.title, _draft(course), lessons)]
    return sorted(faults, key=lambda one: not one.is_error)


def _private_course(course: Course) -> list[PageFault]:
    page = private_above(course)
    if page is None:
        return []
    sentence = f"“{page.title}” is private, and a published course can be read by everybody: make it public first."
    return [PageFault(course.pk, course.title, Fault("error", sentence))]


def _private(page: Any, kind: str) -> PageFault:
    """A static host shows everybody what it has."""
    sentence = f"The {kind} is private, so it is left out of the course: make it public to publish it."
    return PageFault(page.pk, page.draft_title or page.title, Fault("warning", sentence))


def _draft(page: Any) -> Mapping[str, Any]:
    """The latest content of a page as plain JSON, published or not."""
    if page.latest_revision_id:
        content: Mapping[str, Any] = page.latest_revision.content
        return content
    serialised: Mapping[str, Any] = page.serializable_data()
    return serialised


def _faults(page_id: int, title: str, fields: Mapping[str, Any], lessons: Sequence[_LessonFacts]) -> list[PageFault]:
    known = _known(lesson.body for lesson in lessons)
    required: dict[int, list[int]] = {}
    for course, needed in CoursePrerequisite.objects.values_list("course_id", "required_id"):
        required.setdefault(course, []).append(needed)
    circle = cycle_of(page_id, required)
    titles = dict(Course.objects.filter(pk__in=circle).values_list("pk", "title")) if circle else {}
    pairs = [(lesson.title, lesson.slug) for lesson in lessons]
    own = course_faults(fields, pairs, [titles.get(pk, title) for pk in circle])
    found = [PageFault(page_id, title, fault) for fault in own]
    for lesson in lessons:
        faults = lesson_faults(lesson.title, lesson.body, known)
        found += [PageFault(lesson.page_id, lesson.title or "A lesson", fault) for fault in faults]
    return sorted(found, key=lambda one: not one.is_error)


def _known(bodies: Iterable[Sequence[Mapping[str, Any]]]) -> Known:
    """What the lessons refer to, as it stands in the database."""
    pages: set[int] = set()
    videos: set[int] = set()
    for body in bodies:
        for block in walk(body):
            value = block.get("value")
            if block.get("type") == "text":
                links = re.findall(r"<a\b[^>]*linktype=\"page\"[^>]*>", str(value))
                pages.update(int(number) for link in links for number in re.findall(r'\bid="(\d+)"', link))
            elif block.get("type") == "video" and isinstance(value, Mapping) and value.get("video"):
                videos.add(value["video"])
    return Known(
        pages=set(Page.objects.filter(pk__in=pages).values_list("pk", flat=True)),
        captioned_videos=set(CaptionTrack.objects.filter(video__in=videos).values_list("video_id", flat=True)),
        videos=dict(Video.objects.filter(pk__in=videos).values_list("pk", "title")),
        formula_trouble=mathml.trouble,
    )
