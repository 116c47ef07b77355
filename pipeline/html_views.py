"""What templates are given beyond the documents: places in the outline, contents of a page, counts."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from html import unescape
from itertools import accumulate
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


def catalogue_path(number: int) -> str:
    """Of the pages of the catalogue, counted from 1; the first is the front page."""
    return f"catalogue/{number}/" if number > 1 else ""


@dataclass(frozen=True)
class PageLink:
    """A page of the catalogue in the row of numbers below it. `number` is 0 where numbers are left out."""

    number: int
    path: str
    current: bool


def page_links(number: int, pages: int) -> tuple[PageLink, ...]:
    """The first and the last page, and those around page `number`; nothing if there is one page only.

    A gap stands for two pages or more: where it would stand for one, that one is shown.
    """
    if pages < 2:
        return ()
    shown = {one for one in (1, number - 1, number, number + 1, pages) if 1 <= one <= pages}
    shown |= {one for one in range(2, pages) if {one - 1, one + 1} <= shown}
    links, before = [], 0
    for one in sorted(shown):
        if one > before + 1:
            links.append(PageLink(0, "", current=False))
        links.append(PageLink(one, catalogue_path(one), current=one == number))
        before = one
    return tuple(links)


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


class Places:
    """Where each lesson of one outline stands, found out once and not once a lesson."""

    def __init__(self, outline: OutlineDocument) -> None:
        self.outline = outline
        self.lessons = outline.lessons()
        self.outlines: dict[tuple[str, int], str] = {}  # HTML that `html` has drawn, by base path and module
        self._at = {
            lesson.item.int: (number, place)
            for number, module in enumerate(outline.modules)
            for place, lesson in enumerate(module.lessons)
        }
        self._before = list(accumulate((len(module.lessons) for module in outline.modules), initial=0))
        self._modules: dict[int, tuple[ModuleLink, ...]] = {}

    def place(self, lesson: UUID) -> Place:
        """Where `lesson` stands. Raises ValueError if it does not."""
        if lesson.int not in self._at:
            raise ValueError(f"lesson {lesson} does not stand in the outline of {self.outline.slug}")
        number, place = self._at[lesson.int]
        index = self._before[number] + place
        return Place(
            module=self.outline.modules[number],
            module_number=number + 1,
            number=place + 1,
            modules=self._links(number),
            previous=self.lessons[index - 1] if index else None,
            following=self.lessons[index + 1] if index + 1 < len(self.lessons) else None,
        )

    def _links(self, current: int) -> tuple[ModuleLink, ...]:
        if current not in self._modules:
            self._modules[current] = tuple(
                ModuleLink(
                    number=number + 1,
                    title=module.title,
                    first=module.lessons[0] if module.lessons else None,
                    lessons=module.lessons if number == current else (),
                    current=number == current,
                )
                for number, module in enumerate(self.outline.modules)
            )
        return self._modules[current]


_last: list[Places] = []


def places(outline: OutlineDocument) -> Places:
    """The places of `outline`. The last outline that was asked about is remembered: a release asks once a lesson."""
    for known in _last:  # none or one; another thread may put another in its place at any time
        if known.outline is outline:
            return known
    made = Places(outline)
    _last[:] = [made]
    return made


def place(outline: OutlineDocument, lesson: UUID) -> Place:
    """Where `lesson` stands in `outline`. Raises ValueError if it does not."""
    return places(outline).place(lesson)


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
