"""What templates are given beyond the documents: places in the outline, contents of a page, counts."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from html import unescape
from uuid import UUID

from pipeline.documents import (
    Block,
    CalloutBlock,
    EmbedBlock,
    LessonDocument,
    OutlineDocument,
    OutlineLesson,
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


def of_the_course(path: str) -> bool:
    """Whether a page of a release, by its path in the store, is the course's own and no lesson's."""
    return path.count("/") == 2


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
class LessonLink:
    """All that another page says of a lesson. Whatever else of it changes leaves that page as it is."""

    item: UUID
    slug: str
    title: str

    @classmethod
    def of(cls, lesson: OutlineLesson) -> "LessonLink":
        return cls(lesson.item, lesson.slug, lesson.title)


@dataclass(frozen=True)
class ModuleLink:
    """A module in a lesson's outline. Only the module of the lesson itself lists its lessons."""

    number: int
    title: str
    first: LessonLink | None
    lessons: tuple[LessonLink, ...] = ()
    current: bool = False


@dataclass(frozen=True)
class Place:
    """Where a lesson stands. Depends on nothing but module titles, its own module, and its two neighbours:

    a renamed lesson changes the pages of its module and of its neighbours, not the whole course. `drawn` is for `html`,
    which draws what the lessons of one module have in common once: they share it.
    """

    module: ModuleLink
    number: int
    modules: tuple[ModuleLink, ...]
    previous: LessonLink | None
    following: LessonLink | None
    drawn: dict[tuple[str, str], str] = field(default_factory=dict, compare=False, repr=False)

    @property
    def module_number(self) -> int:
        return self.module.number


def module_links(outline: OutlineDocument) -> tuple[ModuleLink, ...]:
    """Every module as the lessons of other modules name it."""
    return tuple(
        ModuleLink(number, module.title, LessonLink.of(module.lessons[0]) if module.lessons else None)
        for number, module in enumerate(outline.modules, start=1)
    )


def places(
    modules: Sequence[ModuleLink],
    number: int,
    lessons: Sequence[LessonLink],
    previous: LessonLink | None,
    following: LessonLink | None,
) -> list[Place]:
    """Where each lesson of module `number` stands. `previous` and `following` are the lessons around the module."""
    here = ModuleLink(number, modules[number - 1].title, lessons[0] if lessons else None, tuple(lessons), current=True)
    around = (*modules[: number - 1], here, *modules[number:])
    row, drawn = [previous, *lessons, following], dict[tuple[str, str], str]()
    return [Place(here, n, around, row[n - 1], row[n + 1], drawn) for n in range(1, len(lessons) + 1)]


def every_place(outline: OutlineDocument) -> dict[UUID, Place]:
    """Where each lesson of `outline` stands, by its item."""
    links = module_links(outline)
    rows = [[LessonLink.of(lesson) for lesson in module.lessons] for module in outline.modules]
    found: dict[UUID, Place] = {}
    for number, row in enumerate(rows, start=1):
        previous = next((other[-1] for other in reversed(rows[: number - 1]) if other), None)
        following = next((other[0] for other in rows[number:] if other), None)
        found |= {here.item: it for here, it in zip(row, places(links, number, row, previous, following), strict=True)}
    return found


def place(outline: OutlineDocument, lesson: UUID) -> Place:
    """Where `lesson` stands in `outline`. Raises ValueError if it does not."""
    found = every_place(outline).get(lesson)
    if found is None:
        raise ValueError(f"lesson {lesson} does not stand in the outline of {outline.slug}")
    return found


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
