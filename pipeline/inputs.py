"""What each document and page of a course is made of, as digests of named parts: what `explain` compares. Pure."""

from dataclasses import asdict
from typing import Any
from uuid import UUID

from pipeline.digests import digest
from pipeline.documents import CourseDocument, OutlineDocument
from pipeline.frozen import FrozenCourse, FrozenPage
from pipeline.html_views import every_place
from pipeline.references import references


def inputs(
    frozen: FrozenCourse, course: CourseDocument, outline: OutlineDocument, *, look: str, renderer: str
) -> dict[str, dict[str, Any]]:
    """For each document and page (`page:` and its item), the digests of its parts (see `plan.PARTS`) and, as `name`,
    what people know it by. `look` is the digest of the site, `renderer` the renderer's version.
    """
    facts = digest(course.model_dump(mode="json"))
    found: dict[str, dict[str, Any]] = {
        str(frozen.course): {"name": frozen.page.title, **_made_of(frozen, frozen.page, renderer)},
        "page:" + str(frozen.course): {
            "name": f"{frozen.page.title} (page)",
            "course": facts,
            "navigation": digest(outline.model_dump(mode="json")),
            "site": look,
        },
    }
    naming = digest([course.slug, course.title, course.summary, course.language, facts if course.cover else ""])
    places = every_place(outline)
    for page in (lesson for module in frozen.modules for lesson in module.lessons):
        made_of, place = _made_of(frozen, page, renderer), places[page.uuid]
        around = [
            place.number,
            place.module,
            place.previous,
            place.following,
            [(m.title, m.first) for m in place.modules],
        ]
        found[str(page.uuid)] = {"name": page.title, **made_of}
        found["page:" + str(page.uuid)] = {
            "name": f"{page.title} (page)",
            "document": digest(made_of),
            "course": naming,
            "navigation": digest(_plain(around)),
            "site": look,
        }
    return found


def _made_of(frozen: FrozenCourse, page: FrozenPage, renderer: str) -> dict[str, Any]:
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
        "renderer": renderer,
    }


def _plain(value: Any) -> Any:
    """Dataclasses and tuples as plain JSON values."""
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    if hasattr(value, "__dataclass_fields__"):
        return _plain(asdict(value))
    return str(value) if isinstance(value, UUID) else value
