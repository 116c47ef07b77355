"""Draw a whole release in memory: documents, pages, manifest and private answer keys. Writes nothing itself.

The same candidate, renditions and site give the same bytes: no clock, no order of a dict, no database id.
"""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID

from pipeline import html
from pipeline.digests import digest, sha256
from pipeline.documents import AnswerKey, CourseDocument, LessonDocument, OutlineDocument
from pipeline.frozen import FrozenCourse, FrozenPage
from pipeline.html_views import course_path, lesson_path, place
from pipeline.manifest import Entry, Manifest
from pipeline.references import references
from pipeline.render import RENDERER, render_course, render_lesson, render_outline
from pipeline.renditions import ReleasedAssets


@dataclass(frozen=True)
class Built:
    """`objects` maps a key of the store to its bytes (documents, outline, page objects). `inputs` is what `explain`
    compares: for each document and page, the digests of its parts under the name that people know it by."""

    manifest: Manifest
    objects: dict[str, bytes]
    pages: dict[str, bytes]
    course: CourseDocument
    outline: OutlineDocument
    answer_keys: tuple[AnswerKey, ...]
    inputs: dict[str, dict[str, Any]]


def build(
    frozen: FrozenCourse,
    number: int,
    parent: str | None,
    assets: ReleasedAssets,
    site: html.Site,
    beat: Callable[[], None] = lambda: None,
) -> Built:
    """The release `number` of a frozen course, whose renditions are all ready. `beat` is called before each lesson
    and each page: a large course takes longer than a lease."""
    course, outline = render_course(frozen, assets), render_outline(frozen)
    lessons: list[LessonDocument] = []
    keys: list[AnswerKey] = []
    for page in _lessons(frozen):
        beat()
        document, private = render_lesson(frozen, page, assets)
        lessons.append(document)
        keys += private
    objects: dict[str, bytes] = {}
    documents = {str(course.course): _object(objects, course.to_bytes(), "")}
    documents |= {str(lesson.item): _object(objects, lesson.to_bytes(), "") for lesson in lessons}
    pages = {course_path(course.slug) + "index.html": html.course_page(site, course, outline)}
    for lesson in lessons:
        beat()
        path = lesson_path(course.slug, lesson.slug) + "index.html"
        pages[path] = html.lesson_page(site, course, outline, lesson)
    manifest = Manifest(
        course=frozen.course,
        release=number,
        parent=parent,
        documents=documents,
        outline=_object(objects, outline.to_bytes(), "").object,
        pages={path: _object(objects, data, ".html") for path, data in pages.items()},
        files=assets.files(),
        renditions=assets.renditions(),
    )
    return Built(manifest, objects, pages, course, outline, tuple(keys), inputs(frozen, course, outline, site))


def inputs(
    frozen: FrozenCourse, course: CourseDocument, outline: OutlineDocument, site: html.Site
) -> dict[str, dict[str, Any]]:
    """What each document and page is made of, as digests of named parts (see `plan.PARTS`)."""
    look, facts = html.digest(site), digest(course.model_dump(mode="json"))
    found: dict[str, dict[str, Any]] = {
        str(frozen.course): {"name": frozen.page.title, **_made_of(frozen, frozen.page)},
        "page:" + str(frozen.course): {
            "name": f"{frozen.page.title} (page)",
            "course": facts,
            "navigation": digest(outline.model_dump(mode="json")),
            "site": look,
        },
    }
    naming = digest([course.slug, course.title, course.summary, course.language, facts if course.cover else ""])
    for page in _lessons(frozen):
        made_of = _made_of(frozen, page)
        found[str(page.uuid)] = {"name": page.title, **made_of}
        found["page:" + str(page.uuid)] = {
            "name": f"{page.title} (page)",
            "document": digest(made_of),
            "course": naming,
            "navigation": digest(_plain(asdict(place(outline, page.uuid)))),
            "site": look,
        }
    return found


def _lessons(frozen: FrozenCourse) -> list[FrozenPage]:
    return [lesson for module in frozen.modules for lesson in module.lessons]


def _made_of(frozen: FrozenCourse, page: FrozenPage) -> dict[str, Any]:
    used = sorted(set(references(page.fields)))
    files = {key: frozen.files[key].model_dump(mode="json") for one in used if (key := one.key) in frozen.files}
    links = {one.id: link.model_dump() for one in used if (link := frozen.links.get(str(one.id)))}
    facts = {name: value for name, value in page.fields.items() if name != "body"}
    people = [person.model_dump(mode="json") for person in frozen.instructors] if page is frozen.page else []
    before = [link.model_dump(mode="json") for link in frozen.prerequisites] if page is frozen.page else []
    return {
        "facts": digest([page.title, page.slug, facts, people, before]),
        "blocks": [[block["id"], digest(block)] for block in page.fields.get("body", [])],
        "media": digest(files),
        "links": digest(sorted(links.items())) if links else "",
        "renderer": RENDERER,
    }


def _object(objects: dict[str, bytes], data: bytes, ending: str) -> Entry:
    name = sha256(data)
    objects[f"o/{name}{ending}"] = data
    return Entry(object=name, bytes=len(data))


def _plain(value: Any) -> Any:
    """A dataclass's dictionary as plain JSON values."""
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    if hasattr(value, "model_dump"):
        return value.model_dump(mode="json")
    return str(value) if isinstance(value, UUID) else value
