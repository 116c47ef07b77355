"""Put on the store what a scope asks for, module by module, with the bytes of no more than a few lessons in memory."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from pipeline import html
from pipeline.build import Module, draw_course, draw_course_page, draw_lesson, key_digest, link, put
from pipeline.built import Built, Head, Lesson, index
from pipeline.catalogue import card
from pipeline.condemned import spare
from pipeline.documents import AnswerKey, CourseDocument, OutlineDocument, OutlineModule
from pipeline.errors import StoreError
from pipeline.html_views import LessonLink, Place, places
from pipeline.manifest import Entry, File, Shard
from pipeline.models import AnswerKey as AnswerKeyRow
from pipeline.models import BuiltModule, Release
from pipeline.pieces import Pieces
from pipeline.released_assets import ReleasedAssets
from pipeline.render import RENDERER
from pipeline.scope import Scope, Work
from pipeline.store.base import Store
from pipeline.uploads import absent, create

MOST = 1000  # keys that are written before it is looked whether they are there


class Objects:
    """Writes objects, and sees to it that they are there. `beat` is called before each; `halfway` once, when half of
    `total` objects are written.
    """

    def __init__(self, store: Store, total: int, beat: Callable[[], None], halfway: Callable[[], None]) -> None:
        self.written = self.bytes = 0
        self._store, self._beat, self._halfway = store, beat, halfway
        self._until_half = total // 2
        self._texts: dict[str, str] = {}
        self._files: dict[str, File] = {}

    def write(self, objects: dict[str, bytes], files: Sequence[File] = ()) -> None:
        """Create these, by key; `files` are there already, and are looked at with them."""
        ordered = sorted(objects)
        half = self._until_half
        self._until_half -= len(ordered)
        if 0 <= half < len(ordered):
            self._create({key: objects[key] for key in ordered[:half]})
            self._halfway()
            ordered = ordered[half:]
        self._create({key: objects[key] for key in ordered})
        self._texts |= {key: key[2:66] for key in objects}
        self._files |= {file.key: file for file in files}
        if len(self._texts) + len(self._files) >= MOST:
            self.settle()

    def settle(self, *beside: str) -> None:
        """Raises StoreError unless all that was written is there. `beside` are keys that are about to be written."""
        # Before the look: an object that was found there may have been condemned, and be deleted in this moment.
        spare({*self._texts, *self._files, *beside})
        if gone := absent(self._store, self._texts, self._files.values(), self._beat):
            raise StoreError(f"{len(gone)} objects are not in the store, {gone[0]} among them.")
        self._texts, self._files = {}, {}

    def _create(self, objects: dict[str, bytes]) -> None:
        written, size = create(self._store, objects, self._beat)
        self.written, self.bytes = self.written + written, self.bytes + size


class Making:
    """A release whose objects come to lie on the store, and what the database has to be told of it.

    `pages` are those that may differ from what lies at their paths, `modules` and `keys` rows that may not be in the
    database yet, `shards` those of `modules`. `live` is the release that everything else is taken from, or None.
    """

    def __init__(
        self,
        pieces: Pieces,
        scope: Scope,
        live: Release | None,
        site: html.Site,
        store: Store,
        beat: Callable[[], None],
    ) -> None:
        self.pages: dict[str, Entry] = {}
        self.modules: list[BuiltModule] = []
        self.keys: list[AnswerKeyRow] = []
        self.shards: list[Shard] = []
        self._pieces, self._scope, self._live = pieces, scope, live
        self._before = Built.of(live.built) if live and live.built else None
        self._site, self._store, self._beat = site, store, beat

    def total(self) -> int:
        """How many objects there are to write, more or less."""
        return 2 * sum(len(work.draw) + 1 for work in self._scope.works) + (0 if self._live else 3)

    def make(self, objects: Objects) -> Built:
        """Draw what the scope asks for and write it; what the release's row has to remember.

        Raises RenditionsPending, AuthorError and StoreError as drawing and writing do.
        """
        own: dict[str, bytes] = {}
        documents, files, renditions = self._course(own, objects)
        heads = dict(self._scope.heads)
        for work in self._scope.works:
            heads[work.number] = self._module(work, objects)
        ordered = tuple(heads[number] for number in sorted(heads))
        listed = index(self.course.course, self.course.slug, self.course.title, ordered)
        name = put(own, listed).object
        self._same = self._before is not None and self._before.outline == name
        if self._before and self._same:
            own, pages = {}, self._before.pages
        else:
            page = draw_course_page(own, self._site, self.course, self.outline())
            self.pages |= page
            pages = {path: entry.model_dump() for path, entry in page.items()}
        objects.write(own)
        return Built(
            around=self._scope.around,
            look=self._scope.look,
            renderer=RENDERER,
            outline=name,
            slug=self.course.slug,
            title=self.course.title,
            documents=documents,
            pages=pages,
            files=files,
            renditions=renditions,
            modules=ordered,
        )

    def outline(self) -> OutlineDocument:
        """The whole outline. What stays as it is comes from the database: one query."""
        modules: dict[int, OutlineModule] = {work.number: work.outline for work in self._scope.works}
        if self._scope.heads and self._live:
            for number, module in enumerate(self._live.read_outline().modules, start=1):
                modules.setdefault(number, module)
        return OutlineDocument(
            course=self.course.course,
            slug=self.course.slug,
            title=self.course.title,
            modules=tuple(modules[number] for number in sorted(modules)),
        )

    def card(self) -> Any:
        """What the catalogue says of the release."""
        return (self._live and self._same and self._live.card) or card(self.course, self.outline())

    def _course(
        self, own: dict[str, bytes], objects: Objects
    ) -> tuple[Mapping[str, Any], Sequence[Any], Mapping[str, Any]]:
        """The course's own document, and what it shows."""
        if self._live and self._before:
            self.course = CourseDocument.model_validate(self._live.course_document)
            return self._before.documents, self._before.files, self._before.renditions
        assets = ReleasedAssets(self._pieces.course, self._store, self._beat)
        self.course, files, renditions = draw_course(self._pieces.course, assets)
        objects.write({}, [*files, *(file for group in renditions.values() for file in group)])
        return (
            {str(self.course.course): put(own, self.course.to_bytes()).model_dump()},
            [file.model_dump() for file in files],
            {name: [file.model_dump() for file in group] for name, group in renditions.items()},
        )

    def _module(self, work: Work, objects: Objects) -> Head:
        module = Module(work.outline, self.course.slug)
        _keep(work, module)
        at = dict(zip((leaf.uuid for leaf in work.lessons), _places(work, self._scope), strict=True))
        parts = {leaf.uuid: leaf.part for leaf in work.draw}
        for piece in self._pieces.lessons(work.content, work.draw):
            assets = ReleasedAssets(piece, self._store, self._beat)
            written: dict[str, bytes] = {}
            files: list[File] = []
            for page in piece.modules[0].lessons:
                self._beat()
                drawn = draw_lesson(piece, page, assets, self._site, self.course, at[page.uuid])
                module.add(drawn, parts[page.uuid])
                self.keys += [self._key(key) for key in drawn.keys]
                written |= drawn.objects
                files += [*drawn.files, *(file for group in drawn.renditions.values() for file in group)]
                if work.shard is None or work.shard.pages.get(drawn.path) != drawn.page:
                    self.pages[drawn.path] = drawn.page
            objects.write(written, files)
        written = {}
        head, shard, lessons = module.finish(written, work.part)
        objects.write(written)
        self.shards.append(shard)
        self.modules.append(
            BuiltModule(
                course=self.course.course,
                name=head.row,
                shard=head.shard,
                outline=work.outline.model_dump(mode="json"),
                lessons=[list(lesson) for lesson in lessons],
                keys=module.keys,
            )
        )
        return head

    def _key(self, key: AnswerKey) -> AnswerKeyRow:
        document = key.model_dump(mode="json")
        return AnswerKeyRow(course=self.course.course, item=key.item, digest=key_digest(key), document=document)


def _keep(work: Work, module: Module) -> None:
    """Take over the lessons that are not drawn."""
    if work.row is None or work.shard is None:
        return
    drawn = {leaf.uuid for leaf in work.draw}
    told = {item: Lesson(item, *rest) for item, *rest in work.row.lessons}
    for lesson in work.outline.lessons:
        if lesson.item not in drawn:
            keys = {str(quiz.item): work.row.keys[str(quiz.item)] for quiz in lesson.items}
            module.keep(work.shard, told[str(lesson.item)], lesson.slug, keys)


def _places(work: Work, scope: Scope) -> list[Place]:
    lessons = [LessonLink(lesson.item, lesson.slug, lesson.title) for lesson in work.outline.lessons]
    return places(scope.links, work.number, lessons, link(work.edges[0]), link(work.edges[1]))
