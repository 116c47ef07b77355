"""A course as it would be frozen now, with one page as it stands unsaved in the editor."""

from typing import Any

from wagtail.models import Page

from content.models import Attachment, Course, ImageOriginal, Lesson, Module, Video
from pipeline.candidate import freeze
from pipeline.frozen import FrozenCourse, FrozenFile, FrozenModule, FrozenPage, FrozenPageLink
from pipeline.page_fields import frozen_fields, tag_names
from pipeline.references import Reference, references

UPLOADS: dict[str, Any] = {"image": ImageOriginal, "video": Video, "attachment": Attachment}


def with_lesson(course: Course, lesson: Lesson) -> tuple[FrozenCourse, FrozenPage]:
    """The drafts of `course` with `lesson` in its place, held back or not. `lesson` may never have been saved."""
    frozen, page = freeze(course, keep=False), _page(lesson)
    home = lesson.path[: -Page.steplen]
    paths = dict(Page.objects.descendant_of(course).values_list("pk", "path"))
    module = Module.objects.filter(path=home).first()
    modules = [one for one in frozen.modules if paths.get(one.page.page_id) != home]
    if module:
        kept = next((one for one in frozen.modules if one.page.page_id == module.pk), None)
        others = [one for one in (kept.lessons if kept else ()) if one.uuid != page.uuid]
        lessons = sorted([*others, page], key=lambda one: lesson.path if one is page else paths.get(one.page_id, ""))
        own = kept.page if kept else _page(module.get_latest_revision_as_object())
        modules.append(FrozenModule(page=own, lessons=tuple(lessons)))
        modules.sort(key=lambda one: paths.get(one.page.page_id, ""))
    return _completed(frozen.model_copy(update={"modules": tuple(modules)}), page), page


def with_course(course: Course) -> FrozenCourse:
    """The drafts of `course` with its own page as `course` says, saved or not."""
    page = _page(course)
    if course.pk is None:
        frozen = FrozenCourse(
            course=course.uuid, page=page, modules=(), files={}, instructors=(), prerequisites=(), links={}
        )
    else:
        frozen = freeze(course, keep=False).model_copy(update={"page": page})
    return _completed(frozen, page)


def _page(page: Any) -> FrozenPage:
    content = page.serializable_data()
    fields = frozen_fields(type(page), content, tag_names([content]))
    return FrozenPage(page_id=page.pk or 0, uuid=page.uuid, slug=page.slug, title=page.title, fields=fields)


def _completed(frozen: FrozenCourse, page: FrozenPage) -> FrozenCourse:
    """With the files and links that only the unsaved page names. Such a file has no sha256: it is not kept yet."""
    named = set(references(page.fields))
    if page.fields.get("cover"):
        named.add(Reference("image", page.fields["cover"]))
    files, links = dict(frozen.files), dict(frozen.links)
    for kind, model in UPLOADS.items():
        missing = [one.id for one in named if one.kind == kind and one.key not in files]
        for upload in model.objects.filter(pk__in=missing):
            files[f"{kind}/{upload.pk}"] = _file(kind, upload)
    pages = [one.id for one in named if one.kind == "page" and str(one.id) not in links]
    for target in Page.objects.filter(pk__in=pages).specific():
        if isinstance(target, Course):
            links[str(target.pk)] = FrozenPageLink(course_slug=target.slug, lesson_slug=None, title=target.title)
        elif isinstance(target, Lesson):
            slug = target.get_parent().get_parent().slug
            links[str(target.pk)] = FrozenPageLink(course_slug=slug, lesson_slug=target.slug, title=target.title)
    return frozen.model_copy(update={"files": files, "links": links})


def _file(kind: str, upload: Any) -> FrozenFile:
    return FrozenFile(
        sha256="",
        name=upload.filename,
        title=upload.title,
        bytes=0,
        width=upload.width if kind == "image" else None,
        height=upload.height if kind == "image" else None,
    )
