"""Draw modules in memory: documents, pages and private answer keys. Writes nothing itself.

The same candidate, renditions and site give the same bytes: no clock, no order of a dict, no database id.
"""

from dataclasses import dataclass
from uuid import UUID

from pipeline import html
from pipeline.built import Head, Lesson, Link, head, row_name
from pipeline.digests import digest, sha256
from pipeline.documents import AnswerKey, CourseDocument, OutlineDocument, OutlineModule
from pipeline.frozen import FrozenCourse, FrozenPage
from pipeline.html_views import LessonLink, Place, course_path, lesson_path
from pipeline.manifest import Entry, File, Shard
from pipeline.released_assets import ReleasedAssets
from pipeline.render import render_course, render_lesson


@dataclass(frozen=True)
class Drawn:
    """A lesson. `objects` maps the keys of its document and its page to their bytes."""

    item: UUID
    path: str
    document: Entry
    page: Entry
    objects: dict[str, bytes]
    keys: tuple[AnswerKey, ...]
    files: tuple[File, ...]
    renditions: dict[str, tuple[File, ...]]


def draw_lesson(
    frozen: FrozenCourse, page: FrozenPage, assets: ReleasedAssets, site: html.Site, course: CourseDocument, at: Place
) -> Drawn:
    """Raises AuthorError if the lesson names a file that the candidate lacks."""
    document, keys = render_lesson(frozen, page, assets)
    objects: dict[str, bytes] = {}
    written = put(objects, document.to_bytes())
    shown = put(objects, html.lesson_page(site, course, at, document), ".html")
    path = lesson_path(course.slug, document.slug) + "index.html"
    return Drawn(page.uuid, path, written, shown, objects, tuple(keys), *assets.taken())


def draw_course(
    frozen: FrozenCourse, assets: ReleasedAssets
) -> tuple[CourseDocument, tuple[File, ...], dict[str, tuple[File, ...]]]:
    """The course's own document, and the files that it shows."""
    return render_course(frozen, assets), *assets.taken()


def draw_course_page(
    objects: dict[str, bytes], site: html.Site, course: CourseDocument, outline: OutlineDocument
) -> dict[str, Entry]:
    """The page of the course, by its path; its bytes are put among `objects`."""
    page = put(objects, html.course_page(site, course, outline), ".html")
    return {course_path(course.slug) + "index.html": page}


class Module:
    """A module that comes together lesson by lesson."""

    def __init__(self, outline: OutlineModule, course_slug: str) -> None:
        self.outline = outline
        self.keys: dict[str, str] = {}
        self._slug = course_slug
        self._lessons: dict[str, Lesson] = {}
        self._documents: dict[str, Entry] = {}
        self._pages: dict[str, Entry] = {}
        self._files: dict[str, File] = {}
        self._renditions: dict[str, tuple[File, ...]] = {}

    def keep(self, shard: Shard, lesson: Lesson, slug: str, keys: dict[str, str]) -> None:
        """A lesson that stays as an earlier shard has it."""
        path = lesson_path(self._slug, slug) + "index.html"
        self._documents[lesson.item] = shard.documents[lesson.item]
        self._pages[path] = shard.pages[path]
        self._files |= {file.key: file for file in shard.files if file.key in lesson.files}
        self._renditions |= {name: shard.renditions[name] for name in lesson.renditions}
        self._lessons[lesson.item] = lesson
        self.keys |= keys

    def add(self, drawn: Drawn, part: str) -> None:
        item = str(drawn.item)
        self._documents[item] = drawn.document
        self._pages[drawn.path] = drawn.page
        self._files |= {file.key: file for file in drawn.files}
        self._renditions |= drawn.renditions
        self._lessons[item] = Lesson(item, part, sorted(file.key for file in drawn.files), sorted(drawn.renditions))
        self.keys |= {str(key.item): key_digest(key) for key in drawn.keys}

    def finish(self, objects: dict[str, bytes], part: str) -> tuple[Head, Shard, list[Lesson]]:
        """Its head, its shard, and what each lesson of it was built of, in order; the bytes of both of its objects are
        put among `objects`."""
        shard = Shard(
            documents=self._documents,
            pages=self._pages,
            files=tuple(self._files[key] for key in sorted(self._files)),
            renditions=dict(sorted(self._renditions.items())),
        )
        lessons = [self._lessons[str(lesson.item)] for lesson in self.outline.lessons]
        put(objects, self.outline.to_bytes())
        name = put(objects, shard.to_bytes()).object
        return head(part, row_name(name, self.outline, lessons, self.keys), name, self.outline), shard, lessons


def link(told: Link | None) -> LessonLink | None:
    return LessonLink(UUID(told.item), told.slug, told.title) if told else None


def key_digest(key: AnswerKey) -> str:
    return digest(key.model_dump(mode="json"))


def put(objects: dict[str, bytes], data: bytes, ending: str = "") -> Entry:
    """Put an object among `objects`, under its key."""
    name = sha256(data)
    objects[f"o/{name}{ending}"] = data
    return Entry(object=name, bytes=len(data))
