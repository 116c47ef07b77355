"""What is remembered of a release that was built: enough to see what another candidate changes, and to go on there."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple
from uuid import UUID

from pipeline.digests import digest, sha256
from pipeline.documents import OutlineIndex, OutlineModule, OutlineShelf
from pipeline.manifest import Manifest, ModuleEntry


class Link(NamedTuple):
    """A lesson as the pages around it name it."""

    item: str
    slug: str
    title: str


class Head(NamedTuple):
    """A module of a release. `part` names the frozen part that it was built of, and is empty if something was left out
    of it. `row` names its `BuiltModule`; `shard` and `outline` are its objects on the store.
    """

    uuid: str
    part: str
    row: str
    shard: str
    outline: str
    title: str
    summary: str
    lessons: int
    minutes: int
    first: Sequence[str]  # a Link
    last: Sequence[str]


class Lesson(NamedTuple):
    """What a lesson of a built module was built of: the name of its frozen part. `files` are keys of the store."""

    item: str
    part: str
    files: Sequence[str]
    renditions: Sequence[str]


@dataclass(frozen=True)
class Built:
    """A release as its row remembers it.

    `around` is the digest of all that every page of the course shows, besides its own module and its neighbours: while
    it is the same, what one module says changes no page of another. `look` and `renderer` are among it. `outline` names
    the outline's index. `documents`, `pages`, `files` and `renditions` are the course's own, as in `Manifest`.
    """

    around: str
    look: str
    renderer: str
    outline: str
    slug: str
    title: str
    documents: Mapping[str, Any]
    pages: Mapping[str, Any]
    files: Sequence[Any]
    renditions: Mapping[str, Any]
    modules: tuple[Head, ...]

    @classmethod
    def of(cls, stored: Mapping[str, Any]) -> "Built":
        return cls(**{**stored, "modules": tuple(Head(*head) for head in stored["modules"])})

    def to_json(self) -> dict[str, Any]:
        return vars(self) | {"modules": [list(head) for head in self.modules]}

    def manifest(self, course: UUID, number: int, parent: str | None) -> Manifest:
        """The manifest that the store gets."""
        return Manifest.model_validate(
            {
                "course": course,
                "release": number,
                "parent": parent,
                "outline": self.outline,
                "documents": self.documents,
                "pages": self.pages,
                "files": self.files,
                "renditions": self.renditions,
                "modules": [
                    ModuleEntry(uuid=UUID(one.uuid), shard=one.shard, outline=one.outline) for one in self.modules
                ],
            }
        )


def index(course: UUID, slug: str, title: str, heads: Iterable[Head]) -> bytes:
    """The index of an outline, as it is published."""
    shelves = (
        OutlineShelf(
            uuid=UUID(head.uuid),
            title=head.title,
            summary=head.summary,
            lessons=head.lessons,
            minutes=head.minutes,
            object=head.outline,
        )
        for head in heads
    )
    return OutlineIndex(course=course, slug=slug, title=title, modules=tuple(shelves)).to_bytes()


def head(part: str, row: str, shard: str, outline: OutlineModule) -> Head:
    first, last = outline.lessons[0], outline.lessons[-1]
    return Head(
        uuid=str(outline.uuid),
        part=part,
        row=row,
        shard=shard,
        outline=sha256(outline.to_bytes()),
        title=outline.title,
        summary=outline.summary,
        lessons=len(outline.lessons),
        minutes=sum(lesson.minutes for lesson in outline.lessons),
        first=Link(str(first.item), first.slug, first.title),
        last=Link(str(last.item), last.slug, last.title),
    )


def row_name(shard: str, outline: OutlineModule, lessons: Sequence[Lesson], keys: Mapping[str, str]) -> str:
    """The name of a `BuiltModule`: sha256 of all that it says."""
    return digest([shard, outline.model_dump(mode="json"), [list(lesson) for lesson in lessons], dict(keys)])
