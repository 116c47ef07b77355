"""What of a candidate has to be drawn: all of it, or what differs from the release that readers have."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from pipeline.addresses import refuse_unwritable
from pipeline.built import Built, Head, Link
from pipeline.digests import digest, sha256
from pipeline.documents import OutlineLesson, OutlineModule
from pipeline.frozen import FrozenCourse, FrozenFile
from pipeline.frozen_tree import Leaf, ModulePart
from pipeline.html_views import LessonLink, ModuleLink
from pipeline.manifest import Shard
from pipeline.models import BuiltModule
from pipeline.pieces import Pieces
from pipeline.released_assets import RECIPES
from pipeline.render import RENDERER, outline_lesson, outline_module
from pipeline.store.base import Store

Edges = tuple[Link | None, Link | None]


@dataclass(frozen=True)
class Work:
    """A module that is drawn. `draw` are the lessons of it that are; the others stay as `row` and `shard` have them.

    `part` is the name of its frozen part, empty if something was left out of it. `edges` are the lessons before and
    after it.
    """

    number: int
    part: str
    content: ModulePart
    outline: OutlineModule
    lessons: tuple[Leaf, ...]
    draw: tuple[Leaf, ...]
    edges: Edges = (None, None)
    row: BuiltModule | None = None
    shard: Shard | None = None


@dataclass
class Scope:
    """`works` are the modules that are drawn, `heads` those that stay as they are, by number; numbers count from 1.

    `asked` is the course with the files that whatever is drawn may need. `look` is the site's digest.
    """

    look: str
    around: str
    links: tuple[ModuleLink, ...]
    works: list[Work]
    asked: FrozenCourse
    heads: dict[int, Head] = field(default_factory=dict)


def whole(pieces: Pieces, look: str, beat: Callable[[], None]) -> Scope:
    """Everything. Reads each lesson once, a few at a time. Raises AuthorError for an address that cannot be written."""
    refuse_unwritable(pieces.course)
    works: list[Work] = []
    files: dict[str, FrozenFile] = {}
    leaves = () if pieces.emptied else pieces.tree.modules
    for leaf, part in zip(leaves, pieces.modules(leaves), strict=True):
        pieces.cut = False
        found = _outlined(pieces, part, part.lessons, files, beat)
        lessons = tuple(one for one in part.lessons if one.uuid in found)
        if not lessons:
            continue
        outline = outline_module(part.page, (found[one.uuid] for one in lessons))
        name = "" if pieces.cut else leaf.part
        works.append(Work(len(works) + 1, name, part, outline, lessons, lessons))
    edges = _edges([(_link(work.outline.lessons[0]), _link(work.outline.lessons[-1])) for work in works])
    works = [Work(**{**vars(work), "edges": around}) for work, around in zip(works, edges, strict=True)]
    links = _links((work.outline.title, _link(work.outline.lessons[0])) for work in works)
    around = _around(pieces, look, links)
    asked = pieces.course.model_copy(update={"files": pieces.course.files | files})
    return Scope(look, around, links, works, asked)


def edited(pieces: Pieces, live: Built, look: str, store: Store, beat: Callable[[], None]) -> Scope | None:
    """What differs from the live release; None if more does than one module after the other can say, or if what the
    live release left is not there to go on from.

    Reads the parts of the modules that changed, and of those the lessons that did. Raises AuthorError as `whole` does.
    """
    leaves, heads = pieces.tree.modules, live.modules
    touched = [place for place, (leaf, head) in enumerate(zip(leaves, heads, strict=False)) if leaf.part != head.part]
    modules = _Modules(pieces, heads, store)
    same = [str(leaf.uuid) for leaf in leaves] == [head.uuid for head in heads]
    if pieces.cut or not same or not modules.read(touched):
        return None
    refuse_unwritable(pieces.course)
    files: dict[str, FrozenFile] = {}
    outlines: dict[int, OutlineModule] = {}
    for place in touched:
        outlines[place] = modules.outline(place, files, beat)
    ends: list[tuple[Link, Link]] = [(Link(*head.first), Link(*head.last)) for head in heads]
    before = _edges(ends)
    titles = [head.title for head in heads]
    for place, outline in outlines.items():
        ends[place] = _link(outline.lessons[0]), _link(outline.lessons[-1])
        titles[place] = outline.title
    now = _edges(ends)
    links = _links((title, first) for title, (first, _last) in zip(titles, ends, strict=True))
    around = _around(pieces, look, links)
    beside = [place for place in range(len(heads)) if place not in outlines and before[place] != now[place]]
    if around != live.around or not around or not modules.read(beside):
        return None
    works = []
    for place in sorted([*touched, *beside]):
        outline = outlines.get(place) or OutlineModule.model_validate(modules.rows[place].outline)
        draw = modules.drawn(place, outline, before[place], now[place])
        modules.ask(place, draw, files, beat)
        part = modules.parts[place]
        was = modules.rows[place], modules.shards[place]
        works.append(Work(place + 1, leaves[place].part, part, outline, part.lessons, draw, now[place], *was))
    kept = {place + 1: head for place, head in enumerate(heads) if place not in modules.parts}
    asked = pieces.course.model_copy(update={"files": files})
    return None if pieces.cut else Scope(look, around, links, works, asked, kept)


class _Modules:
    """Modules of a candidate and what the live release has of them, by place."""

    def __init__(self, pieces: Pieces, heads: Sequence[Head], store: Store) -> None:
        self.rows: dict[int, BuiltModule] = {}
        self.shards: dict[int, Shard] = {}
        self.parts: dict[int, ModulePart] = {}
        self._pieces = pieces
        self._heads = heads
        self._store = store
        self._asked: set[UUID] = set()

    def read(self, places: Sequence[int]) -> bool:
        """Two queries, however many. False if something that the live release left is gone or damaged."""
        if not places:
            return True
        names = {self._heads[place].row for place in places}
        found = {row.name: row for row in BuiltModule.objects.filter(course=self._pieces.tree.course, name__in=names)}
        if len(found) < len(names):
            return False
        self.rows |= {place: found[self._heads[place].row] for place in places}
        for place in places:
            name = self.rows[place].shard
            data = self._store.read(f"o/{name}")
            if data is None or sha256(data) != name:
                return False
            self.shards[place] = Shard.model_validate_json(data)
        parts = self._pieces.modules(self._pieces.tree.modules[place] for place in places)
        self.parts |= dict(zip(places, parts, strict=True))
        return True

    def fresh(self, place: int) -> list[Leaf]:
        """The lessons whose parts the live release was not built of."""
        known = {item: part for item, part, *_used in self.rows[place].lessons}
        return [leaf for leaf in self.parts[place].lessons if known.get(str(leaf.uuid)) != leaf.part]

    def outline(self, place: int, files: dict[str, FrozenFile], beat: Callable[[], None]) -> OutlineModule:
        part, fresh = self.parts[place], self.fresh(place)
        before = {raw["item"]: raw for raw in self.rows[place].outline["lessons"]}
        found = _outlined(self._pieces, part, fresh, files, beat)
        self._asked |= found.keys()
        told: Iterable[OutlineLesson] = (
            found.get(leaf.uuid) or OutlineLesson.model_validate(before[str(leaf.uuid)]) for leaf in part.lessons
        )
        return outline_module(part.page, told)

    def drawn(self, place: int, outline: OutlineModule, before: Edges, now: Edges) -> tuple[Leaf, ...]:
        """The lessons to draw: what they say is new, or what their pages show of the lessons around them."""
        lessons = self.parts[place].lessons
        shown = [[raw["item"], raw["slug"], raw["title"]] for raw in self.rows[place].outline["lessons"]]
        if shown != [list(_link(lesson)) for lesson in outline.lessons]:
            return lessons
        draw = {leaf.uuid for leaf in self.fresh(place)}
        if before[0] != now[0]:
            draw.add(lessons[0].uuid)
        if before[1] != now[1]:
            draw.add(lessons[-1].uuid)
        return tuple(leaf for leaf in lessons if leaf.uuid in draw)

    def ask(self, place: int, draw: Sequence[Leaf], files: dict[str, FrozenFile], beat: Callable[[], None]) -> None:
        """Files of lessons that are drawn though they say what they said."""
        rest = [leaf for leaf in draw if leaf.uuid not in self._asked]
        _outlined(self._pieces, self.parts[place], rest, files, beat)


def _outlined(
    pieces: Pieces, part: ModulePart, leaves: Sequence[Leaf], files: dict[str, FrozenFile], beat: Callable[[], None]
) -> dict[UUID, OutlineLesson]:
    """These lessons as the outline has them; `files` takes up what they show."""
    found: dict[UUID, OutlineLesson] = {}
    for piece in pieces.lessons(part, leaves):
        beat()
        refuse_unwritable(piece)
        files |= piece.files
        found |= {page.uuid: outline_lesson(page) for page in piece.modules[0].lessons}
    return found


def _around(pieces: Pieces, look: str, links: Sequence[ModuleLink]) -> str:
    """Empty if something was left out of the course's own page: then nothing can be compared with it."""
    if not pieces.course_part:
        return ""
    recipes = {str(kind): recipe for kind, recipe in RECIPES.items()}
    shown: list[Any] = [[link.title, *map(str, vars(link.first).values())] for link in links if link.first]
    return digest([RENDERER, recipes, look, pieces.course_part, shown])


def _links(modules: Iterable[tuple[str, Link]]) -> tuple[ModuleLink, ...]:
    return tuple(
        ModuleLink(number, title, LessonLink(UUID(first.item), first.slug, first.title))
        for number, (title, first) in enumerate(modules, start=1)
    )


def _edges(ends: Sequence[tuple[Link, Link]]) -> list[Edges]:
    """The lesson before and the lesson after each module, of the first and the last lesson of each."""
    before: list[Link | None] = [None, *(last for _first, last in ends[:-1])]
    after: list[Link | None] = [*(first for first, _last in ends[1:]), None]
    return list(zip(before, after, strict=True)) if ends else []


def _link(lesson: OutlineLesson) -> Link:
    return Link(str(lesson.item), lesson.slug, lesson.title)
