"""What templates are given beyond the documents: places in the outline, contents of a page, counts."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from html import unescape
from uuid import UUID

from pipeline.documents import (
    Block,
    CalloutBlock,
    EmbedBlock,
    LessonDocument,
    OutlineDocument,
    OutlineLesson,
    OutlineModule,
    ProseBlock,
    QuizBlock,
    SolutionBlock,
)

# The renderer writes second-level headings of prose exactly so; their text may hold inline tags.
HEADING = re.compile(r'<h2\b[^>]*\bid="([^"]+)"[^>]*>(.*?)</h2>', re.DOTALL)
TAG = re.compile(r"<[^>]+>")


def course_path(slug: str) -> str:
    return f"courses/{slug}/"


def lesson_path(course: str, lesson: str) -> str:
    return f"courses/{course}/{lesson}/"


@dataclass(frozen=True)
class Heading:
    id: str
    text: str


@dataclass(frozen=True)
class ModuleLink:
    """A module in a lesson's outline. Only the module of the lesson itself lists its lessons."""

    number: int
    title: str
    first: OutlineLesson | None
    lessons: tuple[OutlineLesson, ...]
    current: bool


@dataclass(frozen=True)
class Place:
    """Where a lesson stands. Depends on nothing but module titles, its own module, and its two neighbours:

    a renamed lesson changes the pages of its module and of its neighbours, not the whole course.
    """

    module: OutlineModule
    module_number: int
    number: int
    modules: tuple[ModuleLink, ...]
    previous: OutlineLesson | None
    following: OutlineLesson | None


def place(outline: OutlineDocument, lesson: UUID) -> Place:
    """Where `lesson` stands in `outline`. Raises ValueError if it does not."""
    lessons = outline.lessons()
    index = next((n for n, other in enumerate(lessons) if other.item == lesson), None)
    if index is None:
        raise ValueError(f"lesson {lesson} does not stand in the outline of {outline.slug}")
    number, module = next(
        (n, module)
        for n, module in enumerate(outline.modules, start=1)
        if any(other.item == lesson for other in module.lessons)
    )
    return Place(
        module=module,
        module_number=number,
        number=[other.item for other in module.lessons].index(lesson) + 1,
        modules=tuple(
            ModuleLink(
                number=n,
                title=other.title,
                first=other.lessons[0] if other.lessons else None,
                lessons=other.lessons if other is module else (),
                current=other is module,
            )
            for n, other in enumerate(outline.modules, start=1)
        ),
        previous=lessons[index - 1] if index else None,
        following=lessons[index + 1] if index + 1 < len(lessons) else None,
    )


def headings(lesson: LessonDocument) -> tuple[Heading, ...]:
    """The second-level headings of a lesson, and its quizzes, in order: the contents of its page."""
    found = []
    for block in lesson.blocks:
        if isinstance(block, ProseBlock):
            found += [Heading(id=unescape(name), text=plain(text)) for name, text in HEADING.findall(block.html)]
        elif isinstance(block, QuizBlock):
            found.append(Heading(id=f"quiz-{block.item}", text=block.title))
    return tuple(found)


def plain(html: str) -> str:
    """The text of inline HTML."""
    return " ".join(unescape(TAG.sub("", html)).split())


def every_block(blocks: Iterable[Block]) -> Iterable[Block]:
    """All blocks, and those inside callouts and solutions."""
    for block in blocks:
        yield block
        if isinstance(block, CalloutBlock | SolutionBlock):
            yield from every_block(block.blocks)


def embed_providers(lesson: LessonDocument) -> frozenset[str]:
    return frozenset(block.provider for block in every_block(lesson.blocks) if isinstance(block, EmbedBlock))
