"""A frozen course in parts: each page with all that it needs, named by its bytes, so that one edit is one new part.

Pure. `split` takes a course apart and `join` puts it together: `join(*split(frozen)) == frozen`.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Literal
from uuid import UUID

from pipeline.digests import canonical_json, sha256
from pipeline.frozen import (
    Frozen,
    FrozenCourse,
    FrozenCourseLink,
    FrozenFile,
    FrozenModule,
    FrozenPage,
    FrozenPageLink,
    FrozenPerson,
)
from pipeline.references import references


class Leaf(Frozen):
    """A page in its parent's part: its item, and the name of its own part (sha256 of the part's bytes)."""

    uuid: UUID
    part: str


class LessonPart(Frozen):
    """A lesson, the uploads that it shows and where its links lead. Keys as in `FrozenCourse`."""

    page: FrozenPage
    files: dict[str, FrozenFile]
    links: dict[str, FrozenPageLink]

    def to_bytes(self) -> bytes:
        return canonical_json(self.model_dump(mode="json"))


class ModulePart(LessonPart):
    """A module, and its lessons in order."""

    lessons: tuple[Leaf, ...]


class CourseTree(Frozen):
    """What a candidate's row says: the course's own page and people whole, and its modules in order by name.

    `files` and `links` are those of the course's page and of its people. The sha256 of `to_bytes()` is the
    candidate's digest: it stands for every byte below it.
    """

    schema_: Literal[2] = 2
    course: UUID
    page: FrozenPage
    files: dict[str, FrozenFile]
    links: dict[str, FrozenPageLink]
    instructors: tuple[FrozenPerson, ...]
    prerequisites: tuple[FrozenCourseLink, ...]
    modules: tuple[Leaf, ...]

    def to_bytes(self) -> bytes:
        return canonical_json(self.model_dump(mode="json"))

    def digest(self) -> str:
        return sha256(self.to_bytes())


def split(frozen: FrozenCourse) -> tuple[CourseTree, dict[str, bytes]]:
    """The tree of a frozen course, and the bytes of every module's and lesson's part by their name."""
    parts: dict[str, bytes] = {}
    modules = []
    for module in frozen.modules:
        leaves = tuple(_leaf(parts, lesson_part(frozen, lesson)) for lesson in module.lessons)
        modules.append(_leaf(parts, ModulePart(**_needed(frozen, module.page), page=module.page, lessons=leaves)))
    tree = CourseTree(
        course=frozen.course,
        page=frozen.page,
        instructors=frozen.instructors,
        prerequisites=frozen.prerequisites,
        modules=tuple(modules),
        **_needed(frozen, frozen.page, frozen.instructors),
    )
    return tree, parts


def lesson_part(frozen: FrozenCourse, lesson: FrozenPage) -> LessonPart:
    return LessonPart(page=lesson, **_needed(frozen, lesson))


def join(tree: CourseTree, parts: Mapping[str, bytes]) -> FrozenCourse:
    """The whole course. Raises KeyError if a part is missing."""
    files, links, modules = dict(tree.files), dict(tree.links), []
    for leaf in tree.modules:
        module = ModulePart.model_validate_json(parts[leaf.part])
        lessons = [LessonPart.model_validate_json(parts[lesson.part]) for lesson in module.lessons]
        for part in (module, *lessons):
            files |= part.files
            links |= part.links
        modules.append(FrozenModule(page=module.page, lessons=tuple(lesson.page for lesson in lessons)))
    return FrozenCourse(
        course=tree.course,
        page=tree.page,
        modules=tuple(modules),
        files=files,
        instructors=tree.instructors,
        prerequisites=tree.prerequisites,
        links=links,
    )


def digest(frozen: FrozenCourse) -> str:
    """The digest that a candidate of this course has."""
    return split(frozen)[0].digest()


def _leaf(parts: dict[str, bytes], part: LessonPart) -> Leaf:
    data = part.to_bytes()
    name = sha256(data)
    parts[name] = data
    return Leaf(uuid=part.page.uuid, part=name)


def _needed(frozen: FrozenCourse, page: FrozenPage, people: Iterable[FrozenPerson] = ()) -> dict[str, Any]:
    """The `files` and `links` of `frozen` that this page and these people use."""
    used = set(references(page.fields))
    keys = {reference.key for reference in used}
    keys |= {f"image/{page.fields['cover']}"} if page.fields.get("cover") else set()
    keys |= {person.portrait for person in people if person.portrait}
    return {
        "files": {key: file for key in sorted(keys) if (file := frozen.files.get(key))},
        "links": {
            name: link for one in sorted(used) if one.kind == "page" and (link := frozen.links.get(name := str(one.id)))
        },
    }
