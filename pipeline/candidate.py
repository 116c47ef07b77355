"""Freeze a course: its drafts, or what is live, as one value that needs nothing else to be built."""

import hashlib
from collections import defaultdict
from collections.abc import Collection, Iterable
from pathlib import PurePosixPath
from typing import Any, BinaryIO, cast

from django.core.cache import cache
from django.db.models import Q
from django.db.models.fields.files import FieldFile
from wagtail.models import Page, Revision

from content.models import Attachment, Course, ImageOriginal, InstructorProfile, Lesson, Module, Video
from content.privacy import private_paths
from pipeline import originals, tombstones
from pipeline.errors import AuthorError
from pipeline.frozen import (
    FrozenCourse,
    FrozenCourseLink,
    FrozenFile,
    FrozenModule,
    FrozenPage,
    FrozenPageLink,
    FrozenPerson,
    FrozenTrack,
)
from pipeline.page_fields import frozen_fields, tag_names
from pipeline.references import Reference, references


def freeze(
    course: Course, *, live: bool = False, keep: bool = True, approved: FrozenCourse | None = None
) -> FrozenCourse:
    """The drafts of `course` and of every module and lesson below it; with `live`, what is live instead.

    Held-back and private modules and lessons are left out; so are modules without lessons. Originals are kept, so that
    the candidate can be built after their uploads are gone; `keep=False`, for whoever only looks, reads them and writes
    nothing. Files and instructors that stand in `approved` are taken from it: an upload or a profile may be replaced
    in place without anybody's approval. The number of queries does not depend on the number of lessons. Raises
    AuthorError, naming the page, if an upload that it uses is gone.
    """
    course = Course.objects.get(pk=course.pk)
    private = private_paths(course)
    modules_below, lessons_below = (_below(model, course, private, live=live) for model in (Module, Lesson))
    pages: list[Any] = [course, *modules_below, *lessons_below]
    contents = _contents(pages, live=live)
    tags = tag_names(contents.values())
    frozen = {page.pk: _frozen_page(page, contents[page.pk], tags) for page in pages}
    lessons = defaultdict(list)
    for page in pages:
        if isinstance(page, Lesson) and not frozen[page.pk].fields["held_back"]:
            lessons[page.path[: -Page.steplen]].append(frozen[page.pk])
    modules = tuple(
        FrozenModule(page=frozen[page.pk], lessons=tuple(lessons[page.path]))
        for page in pages
        if isinstance(page, Module) and not frozen[page.pk].fields["held_back"] and lessons[page.path]
    )
    course_page = frozen[course.pk]
    people = _people(course_page.fields["instructors"], approved)
    shown = [course_page, *(page for module in modules for page in (module.page, *module.lessons))]
    users, purged = _users(shown, people), tombstones.Purged.known()
    whole = FrozenCourse(
        course=course.uuid,
        page=course_page,
        modules=modules,
        files=_files(users, approved.files if approved else {}, purged.files, keep=keep),
        instructors=people,
        prerequisites=_prerequisites(course_page.fields["prerequisites"]),
        links=_links([reference.id for reference in users if reference.kind == "page"], shown, course),
    )
    return tombstones.without(whole, purged)


def keep_originals(course: Course) -> None:
    """Keep what the drafts of `course` use. A `freeze` that follows finds it kept, and copies nothing.

    Raises AuthorError as `freeze` does.
    """
    freeze(course)


def _below(model: Any, course: Course, private: tuple[str, ...], *, live: bool) -> list[Any]:
    pages = model.objects.descendant_of(course).filter(alias_of=None).order_by("path")
    return [page for page in (pages.live() if live else pages) if not page.path.startswith(private)]


def _contents(pages: list[Any], *, live: bool) -> dict[int, dict[str, Any]]:
    """The content of each page by its id: its latest revision's, or the row's where there is none or `live`."""
    if live:
        return {page.pk: page.serializable_data() for page in pages}
    revisions = Revision.objects.in_bulk([page.latest_revision_id for page in pages if page.latest_revision_id])
    return {
        page.pk: revisions[page.latest_revision_id].content if page.latest_revision_id else page.serializable_data()
        for page in pages
    }


def _frozen_page(page: Any, content: dict[str, Any], tags: dict[int, str]) -> FrozenPage:
    return FrozenPage(
        page_id=page.pk,
        uuid=page.uuid,
        slug=content["slug"],
        title=content["title"],
        fields=frozen_fields(type(page), content, tags),
    )


def _people(ids: list[int], approved: FrozenCourse | None) -> tuple[FrozenPerson, ...]:
    found = InstructorProfile.objects.in_bulk(ids)
    known = {person.uuid: person for person in approved.instructors} if approved else {}
    return tuple(known.get(found[pk].uuid) or _person(found[pk]) for pk in ids if pk in found)


def _person(person: InstructorProfile) -> FrozenPerson:
    return FrozenPerson(
        uuid=person.uuid,
        name=person.name,
        headline=person.headline,
        bio=person.bio,
        portrait=f"image/{person.portrait_id}" if person.portrait_id else None,
        portrait_alt=person.portrait_alt,
    )


def _users(pages: list[FrozenPage], people: Iterable[FrozenPerson]) -> dict[Reference, str]:
    """Every reference, and the title of the first page (or person) that makes it."""
    users: dict[Reference, str] = {}
    for page in pages:
        if page.fields.get("cover"):
            users.setdefault(Reference("image", page.fields["cover"]), page.title)
        for reference in references(page.fields):
            users.setdefault(reference, page.title)
    for person in people:
        if person.portrait:
            users.setdefault(Reference("image", int(person.portrait.removeprefix("image/"))), person.name)
    return users


def _files(
    users: dict[Reference, str], approved: dict[str, FrozenFile], purged: Collection[str], *, keep: bool
) -> dict[str, FrozenFile]:
    uploads: dict[str, Any] = {"image": ImageOriginal.objects, "attachment": Attachment.objects}
    uploads["video"] = Video.objects.prefetch_related("tracks")
    files = {one.key: approved[one.key] for one in users if one.key in approved}
    for kind, manager in uploads.items():
        wanted = {one: title for one, title in users.items() if one.kind == kind and one.key not in files}
        found = {upload.pk: upload for upload in manager.filter(pk__in=[reference.id for reference in wanted])}
        for reference, title in sorted(wanted.items()):
            if reference.id not in found:
                raise AuthorError(f"“{title}” uses a deleted {kind} (number {reference.id}): choose another one there.")
            files[reference.key] = _file(kind, found[reference.id], title, purged, keep=keep)
    return files


def _file(kind: str, upload: Any, title: str, purged: Collection[str], *, keep: bool) -> FrozenFile:
    tracks = upload.tracks.all() if kind == "video" else ()
    return FrozenFile(
        sha256=_sha256(upload.file, title, purged, keep=keep),
        name=PurePosixPath(upload.file.name).name,
        title=upload.title,
        bytes=upload.file.size,
        width=upload.width if kind == "image" else None,
        height=upload.height if kind == "image" else None,
        tracks=tuple(
            FrozenTrack(
                sha256=_sha256(track.file, title, purged, keep=keep),
                name=PurePosixPath(track.file.name).name,
                language=track.language,
                label=track.label,
                kind=track.kind,
            )
            for track in tracks
        ),
    )


def _sha256(file: FieldFile, title: str, purged: Collection[str], *, keep: bool) -> str:
    """The sha256 of an original, which is kept with `keep`. One of the same name, size and age is not read again."""
    name = file.name or ""
    try:
        stamp = f"{name}|{file.size}|{file.storage.get_modified_time(name).timestamp()}"
        remembered = "original:" + hashlib.sha256(stamp.encode()).hexdigest()
        known = cache.get(remembered)
        if known and known not in purged and (not keep or originals.path(known).exists()):
            return str(known)
        with file.storage.open(name, "rb") as opened:
            sha256 = (
                originals.keep(cast(BinaryIO, opened)) if keep else hashlib.file_digest(opened, "sha256").hexdigest()
            )
    except FileNotFoundError:
        gone = PurePosixPath(name).name
        raise AuthorError(f"The file {gone} that “{title}” uses is gone from the server: upload it again.") from None
    if sha256 in purged:
        originals.path(sha256).unlink(missing_ok=True)
        tombstones.refuse_file(sha256, PurePosixPath(name).name, title)
    cache.set(remembered, sha256, timeout=30 * 24 * 3600)
    return sha256


def _prerequisites(ids: list[int]) -> tuple[FrozenCourseLink, ...]:
    found = Course.objects.in_bulk(ids)
    return tuple(
        FrozenCourseLink(course=found[pk].uuid, slug=found[pk].slug, title=found[pk].title) for pk in ids if pk in found
    )


def _links(ids: list[int], shown: list[FrozenPage], course: Course) -> dict[str, FrozenPageLink]:
    """Where each page link leads. A page of this very course is named as it is frozen, not as it is live."""
    here = {page.page_id: page for page in shown}
    links = {}
    lessons = Lesson.objects.filter(pk__in=ids).only("pk", "path", "slug", "title")
    paths = {lesson.path[: -2 * Page.steplen] for lesson in lessons}
    courses = Course.objects.filter(Q(pk__in=ids) | Q(path__in=paths))
    by_path = {other.path: other for other in courses}
    for other in by_path.values():
        if other.pk in ids:
            own = here.get(other.pk)
            links[str(other.pk)] = FrozenPageLink(
                course_slug=own.slug if own else other.slug, lesson_slug=None, title=own.title if own else other.title
            )
    for lesson in lessons:
        own, home = here.get(lesson.pk), by_path.get(lesson.path[: -2 * Page.steplen])
        if home is None or (home.pk == course.pk and own is None):
            continue  # a lesson of this course that is held back cannot be linked to
        links[str(lesson.pk)] = FrozenPageLink(
            course_slug=here[home.pk].slug if home.pk in here else home.slug,
            lesson_slug=own.slug if own else lesson.slug,
            title=own.title if own else lesson.title,
        )
    return links
