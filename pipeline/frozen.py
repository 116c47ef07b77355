"""The shape of a candidate: a course's content at one moment, enough to build it with no other input.

`page_id` and the keys of `files` and `links` are database ids; they let an approved candidate be put back into
the editor and let references inside raw block values be resolved. They never reach a document.
"""

from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict


class Frozen(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class FrozenTrack(Frozen):
    """A caption track of a video: a WebVTT or SubRip file among the originals."""

    sha256: str
    name: str
    language: str
    label: str
    kind: Literal["captions", "subtitles"]


class FrozenFile(Frozen):
    """An uploaded original, kept under its sha256 among the originals for as long as a candidate names it."""

    sha256: str
    name: str
    title: str
    bytes: int
    width: int | None = None
    height: int | None = None
    tracks: tuple[FrozenTrack, ...] = ()


class FrozenPage(Frozen):
    """One page: its place in the editor, its item, and its own fields as plain JSON (StreamFields as raw lists)."""

    page_id: int
    uuid: UUID
    slug: str
    title: str
    fields: dict[str, Any]


class FrozenModule(Frozen):
    page: FrozenPage
    lessons: tuple[FrozenPage, ...]


class FrozenPerson(Frozen):
    """An instructor as readers will see them. `portrait` is a key of `files`."""

    uuid: UUID
    name: str
    headline: str
    bio: str
    portrait: str | None
    portrait_alt: str


class FrozenCourseLink(Frozen):
    """Another course, as a prerequisite names it."""

    course: UUID
    slug: str
    title: str


class FrozenPageLink(Frozen):
    """Where an internal link in rich text leads: a course, or a lesson of a course."""

    course_slug: str
    lesson_slug: str | None
    title: str


class FrozenCourse(Frozen):
    """A whole candidate in memory; it is kept in parts (see `frozen_tree`).

    `files` is keyed `image/<id>`, `video/<id>`, `attachment/<id>`; `links` by page id.
    """

    course: UUID
    page: FrozenPage
    modules: tuple[FrozenModule, ...]
    files: dict[str, FrozenFile]
    instructors: tuple[FrozenPerson, ...]
    prerequisites: tuple[FrozenCourseLink, ...]
    links: dict[str, FrozenPageLink]
