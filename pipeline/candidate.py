"""Freeze a course: its drafts, or what is live, as one value that needs nothing else to be built."""

import hashlib
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import PurePosixPath
from typing import Any, BinaryIO, cast
from uuid import UUID

from django.core.cache import cache
from django.db.models import Q, QuerySet, TextField
from django.db.models.fields.files import FieldFile
from django.db.models.functions import Cast
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
from pipeline.page_fields import PLAIN, STREAMS, frozen_fields, tag_names
from pipeline.references import Reference, references

CHUNK = 500  # rows in memory at once


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
    course_page, below = _pages(course, live=live)
    lessons = defaultdict(list)
    for model, path, page in below:
        if model is Lesson and not page.fields["held_back"] and not path.startswith(private):
            lessons[path[: -Page.steplen]].append(page)
    modules = tuple(
        FrozenModule(page=page, lessons=tuple(lessons[path]))
        for model, path, page in below
        if model is Module and not page.fields["held_back"] and not path.startswith(private) and lessons[path]
    )
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
        links=page_links(
            [reference.id for reference in users if reference.kind == "page"],
            {page.page_id: page for page in shown},
            course,
        ),
    )
    return tombstones.without(whole, purged)


def keep_originals(course: Course) -> None:
    """Keep what the drafts of `course` use. A `freeze` that follows finds it kept, and copies nothing.

    Raises AuthorError as `freeze` does.
    """
    freeze(course)


def live_pages(model: type[Page], pages: "QuerySet[Any]") -> Iterator[tuple[str, FrozenPage]]:
    """What the rows of these modules or lessons say: the tree path and the frozen page of each. One query.

    Rows and no instances: of those Wagtail makes thirty fields each and asks for the children of every single one.
    """
    plain = [name for name in PLAIN[model] if name not in STREAMS]
    streams = {name: model._meta.get_field(name) for name in PLAIN[model] if name in STREAMS}
    # As text: read as what they are, each row of them makes a field of its own.
    texts = {f"{name}_text": Cast(name, TextField()) for name in streams}
    rows = pages.values("pk", "path", "uuid", "slug", "title", *plain, **texts)
    for row in rows.iterator(chunk_size=CHUNK):
        for name, field in streams.items():
            row[name] = field.get_prep_value(field.to_python(row[f"{name}_text"]))
        yield row["path"], _frozen_page(model, row["pk"], row["uuid"], row, {})


def _pages(course: Course, *, live: bool) -> tuple[FrozenPage, list[tuple[type[Page], str, FrozenPage]]]:
    """The course's page; model, tree path and page of each module and lesson below it that is no alias, in order."""
    below: dict[type[Page], Any] = {
        model: model.objects.descendant_of(course).filter(alias_of=None).order_by("path") for model in (Module, Lesson)
    }
    if live:
        content = course.serializable_data()
        pages = [(model, *told) for model, rows in below.items() for told in live_pages(model, rows.live())]
        return _frozen_page(Course, course.pk, course.uuid, content, tag_names([content])), pages
    stubs = {
        pk: (model, path, uuid, revision)
        for model, rows in below.items()
        for pk, path, uuid, revision in rows.values_list("pk", "path", "uuid", "latest_revision_id")
    }
    # Drafts: the latest revision of each, or its row where there is none.
    without = {model: [pk for pk, stub in stubs.items() if stub[0] is model and not stub[3]] for model in below}
    found = {
        page.page_id: page
        for model, pks in without.items()
        if pks
        for _path, page in live_pages(model, below[model].filter(pk__in=pks))
    }
    of = {stub[3]: (pk, stub[0], stub[2]) for pk, stub in stubs.items() if stub[3]}
    if course.latest_revision_id:
        of[course.latest_revision_id] = (course.pk, Course, course.uuid)
    else:
        content = course.serializable_data()
        found[course.pk] = _frozen_page(Course, course.pk, course.uuid, content, tag_names([content]))
    numbers = sorted(of)
    for chunk in (numbers[place : place + CHUNK] for place in range(0, len(numbers), CHUNK)):
        for number, content in Revision.objects.filter(pk__in=chunk).values_list("pk", "content"):
            pk, model, uuid = of[number]
            tags = tag_names([content]) if model is Course else {}
            found[pk] = _frozen_page(model, pk, uuid, content, tags)
    return found[course.pk], [(model, path, found[pk]) for pk, (model, path, *_rest) in stubs.items()]


def _frozen_page(model: Any, pk: int, uuid: UUID, content: dict[str, Any], tags: dict[int, str]) -> FrozenPage:
    return FrozenPage(
        page_id=pk,
        uuid=uuid,
        slug=content["slug"],
        title=content["title"],
        fields=frozen_fields(model, content, tags),
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


def page_links(ids: list[int], here: Mapping[int, FrozenPage], course: Course) -> dict[str, FrozenPageLink]:
    """Where each page link leads. A page of this very course is named as it is frozen `here`, not as it is live; a
    lesson of it that is not frozen cannot be linked to."""
    links = {}
    lessons = Lesson.objects.filter(pk__in=ids).only("pk", "path", "slug", "title")
    paths = {lesson.path[: -2 * Page.steplen] for lesson in lessons}
    courses = Course.objects.filter(Q(pk__in=ids) | Q(path__in=paths)).only("pk", "path", "slug", "title")
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
