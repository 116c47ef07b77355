"""A frozen course as documents: the only translation between what authors write and what readers get.

Pure: the same frozen course and files give the same documents. Links between pages are relative to the page that
holds them, so that a site may live below any path.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, cast

from pipeline import richtext
from pipeline.assets import Assets
from pipeline.documents import (
    AnswerKey,
    CourseDocument,
    CourseLink,
    Image,
    LessonDocument,
    OutlineDocument,
    OutlineItem,
    OutlineLesson,
    OutlineModule,
    Person,
)
from pipeline.frozen import FrozenCourse, FrozenPage, FrozenPerson
from pipeline.render_blocks import rendered
from pipeline.render_page import Page, quiz_item

RENDERER = "1"  # goes up when the same candidate would give other documents
Raw = Mapping[str, Any]


def render_lesson(frozen: FrozenCourse, page: FrozenPage, assets: Assets) -> tuple[LessonDocument, list[AnswerKey]]:
    """A lesson and the answer keys of its quizzes. Raises AuthorError if it names a file that the candidate lacks."""
    here = Page(frozen, assets, page.uuid, depth=3)
    blocks = tuple(rendered(page.fields.get("body") or [], here))
    document = LessonDocument(
        item=page.uuid,
        course=frozen.course,
        slug=page.slug,
        title=page.title,
        summary=page.fields["summary"],
        language=frozen.page.fields["language"],
        minutes=page.fields["minutes"] or 0,
        blocks=cast(tuple[Any, ...], blocks),
    )
    return document, here.answer_keys


def render_course(frozen: FrozenCourse, assets: Assets) -> CourseDocument:
    """The course's own document."""
    page, facts = Page(frozen, assets, frozen.course, depth=2), frozen.page.fields
    return CourseDocument(
        course=frozen.course,
        slug=frozen.page.slug,
        title=frozen.page.title,
        summary=facts["summary"],
        description_html=page.rich_text(facts["description"] or ""),
        level=facts["level"],
        language=facts["language"],
        hours=float(facts["hours"]),
        topics=tuple(facts["topics"]),
        price_label=facts["price_label"],
        outcomes=tuple(block["value"] for block in facts["outcomes"]),
        cover=_picture(assets, f"image/{facts['cover']}" if facts["cover"] else None, facts["cover_alt"]),
        instructors=tuple(_person(person, page) for person in frozen.instructors),
        prerequisites=tuple(
            CourseLink(course=link.course, slug=link.slug, title=link.title) for link in frozen.prerequisites
        ),
    )


def _person(person: FrozenPerson, page: Page) -> Person:
    return Person(
        uuid=person.uuid,
        name=person.name,
        headline=person.headline,
        bio_html=richtext.prose(person.bio, page.address),
        portrait=_picture(page.assets, person.portrait, person.portrait_alt),
    )


def _picture(assets: Assets, key: str | None, alt: str) -> Image | None:
    alt = (alt or "").strip()
    return assets.image(key, alt=alt, decorative=not alt) if key else None


def render_outline(frozen: FrozenCourse) -> OutlineDocument:
    """Modules, lessons and the items in them. Needs no file: it can be drawn before any rendition is ready."""
    return OutlineDocument(
        course=frozen.course,
        slug=frozen.page.slug,
        title=frozen.page.title,
        modules=tuple(outline_module(module.page, map(outline_lesson, module.lessons)) for module in frozen.modules),
    )


def outline_module(page: FrozenPage, lessons: Iterable[OutlineLesson]) -> OutlineModule:
    """A module of the outline, with these lessons of it."""
    return OutlineModule(uuid=page.uuid, title=page.title, summary=page.fields["summary"], lessons=tuple(lessons))


def outline_lesson(lesson: FrozenPage) -> OutlineLesson:
    body = lesson.fields.get("body") or []
    return OutlineLesson(
        item=lesson.uuid,
        slug=lesson.slug,
        title=lesson.title,
        summary=lesson.fields["summary"],
        minutes=lesson.fields["minutes"] or 0,
        has_video=any(raw["type"] == "video" for raw in _every(body)),
        items=tuple(
            OutlineItem(
                item=quiz_item(lesson.uuid, raw["id"]),
                kind="quiz",
                title=raw["value"]["title"],
                points=sum(question["value"]["points"] for question in raw["value"]["questions"]),
            )
            for raw in body
            if raw["type"] == "quiz"
        ),
    )


def _every(stream: Iterable[Raw]) -> Iterator[Raw]:
    for raw in stream:
        yield raw
        if raw["type"] in {"callout", "solution"}:
            yield from _every(raw["value"]["body"])
