"""Previews of drafts and candidates, drawn by the site's own templates; for signed-in staff, not kept, not indexed."""

import mimetypes
import re
from collections.abc import Callable
from dataclasses import replace
from functools import wraps
from pathlib import Path, PurePosixPath
from typing import Any
from uuid import UUID

from django.core import signing
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe
from wagtail.admin.auth import require_admin_access
from wagtail.models import Page

from cms import preview_frozen
from cms.preview_assets import UNPREPARED, PreviewAssets
from cms.review import course_for
from content.models import Course, Lesson
from pipeline import html, originals
from pipeline.captions import to_webvtt
from pipeline.documents import Block, CalloutBlock, LessonDocument, ProseBlock, SolutionBlock, VideoBlock
from pipeline.errors import AuthorError, PipelineError
from pipeline.frozen import FrozenCourse, FrozenPage
from pipeline.models import Candidate
from pipeline.render import render_course, render_lesson, render_outline
from pipeline.store import the_store

View = Callable[..., HttpResponseBase]
MODELS: dict[str, Any] = {"content.course": Course, "content.lesson": Lesson}
MAX_AGE = 3600  # seconds that the address of a draft preview works
DRAFT = "This is a draft and not public."


def private(view: View) -> View:
    """For signed-in staff; never stored by anything on the way, never indexed; what fails says why on the page."""

    @require_safe
    @require_admin_access
    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            response = view(request, *args, **kwargs)
        except (AuthorError, PipelineError) as error:
            response = _refused(request, str(error), 409)
        response["Cache-Control"] = "private, no-store"
        response["X-Robots-Tag"] = "noindex, nofollow"
        response["Referrer-Policy"] = "same-origin"
        return response

    answered: View = wrapped
    return answered


@private
def draft(request: HttpRequest) -> HttpResponse:
    """What wagtail-headless-preview leads to: the page as it stands in the editor, saved or not."""
    model = MODELS.get(request.GET.get("content_type", ""))
    token = request.GET.get("token", "")
    if model is None:
        return _refused(request, "This address names no kind of page that has a preview.", 404)
    try:
        model.get_preview_signer().unsign(token, max_age=MAX_AGE)
    except signing.SignatureExpired:
        return _refused(request, "This preview is more than an hour old: open it again from the editor.", 410)
    except signing.BadSignature:
        return _refused(request, "This preview address is not complete: open it again from the editor.", 404)
    page = model.get_page_from_preview_token(token)
    if page is None:
        return _refused(request, "This preview is no longer kept: open it again from the editor.", 410)
    _check_draft(request, page)
    if isinstance(page, Course):
        return _course(request, preview_frozen.with_course(page), DRAFT)
    course = get_object_or_404(Course, path=page.path[: -2 * Page.steplen])
    frozen, lesson = preview_frozen.with_lesson(course, page)
    return _lesson(request, frozen, lesson, DRAFT)


@private
def candidate(request: HttpRequest, candidate: int, item: UUID) -> HttpResponse:
    """A lesson, or the course page, exactly as it was frozen."""
    row = get_object_or_404(Candidate, pk=candidate)
    course_for(row, request.user)
    frozen = row.frozen()
    banner = f"As submitted on {row.submitted_at:%d %B %Y}; not public by itself."
    if item == frozen.course:
        return _course(request, frozen, banner)
    lessons = [lesson for module in frozen.modules for lesson in module.lessons]
    lesson = next((one for one in lessons if one.uuid == item), None)
    if lesson is None:
        raise Http404
    return _lesson(request, frozen, lesson, banner)


@private
def kept_original(_request: HttpRequest, sha256: str, name: str) -> HttpResponseBase:
    """An original by its sha256, under the name it was uploaded with."""
    return _file(_kept(sha256).open("rb"), name)


@private
def captions(_request: HttpRequest, sha256: str) -> HttpResponse:
    """Kept captions as WebVTT."""
    return HttpResponse(to_webvtt(_kept(sha256).read_bytes(), "captions"), content_type="text/vtt; charset=utf-8")


@private
def stored(_request: HttpRequest, key: str) -> HttpResponse:
    """A file of a finished video, which readers may not have yet."""
    if not re.fullmatch(r"(m/[\w./-]+|o/[0-9a-f]{64}\.\w+)", key) or ".." in key:
        raise Http404
    data = the_store().read(key)
    if data is None:
        raise Http404
    kind = {"m3u8": "application/vnd.apple.mpegurl", "m4s": "video/iso.segment", "mp4": "video/mp4"}
    ending = PurePosixPath(key).suffix.removeprefix(".")
    return HttpResponse(
        data, content_type=kind.get(ending) or mimetypes.guess_type(key)[0] or "application/octet-stream"
    )


@require_safe
def asset(_request: HttpRequest, name: str) -> HttpResponseBase:
    """A script or style of the site, for previews. These are public on the site itself."""
    file = html.assets().get(f"assets/{name}")
    if file is None or not file.is_file():
        raise Http404
    response = FileResponse(file.open("rb"), content_type=mimetypes.guess_type(name)[0] or "application/octet-stream")
    response["Cache-Control"] = "public, max-age=31536000, immutable"
    response["X-Content-Type-Options"] = "nosniff"
    return response


def _kept(sha256: str) -> Path:
    if not re.fullmatch(r"[0-9a-f]{64}", sha256) or not originals.path(sha256).is_file():
        raise Http404
    return originals.path(sha256)


def _check_draft(request: HttpRequest, page: Any) -> None:
    """Who may edit the page, or publish it, may look; of a page that was never saved, who may add it."""
    saved = Page.objects.filter(pk=page.pk).first() if page.pk else None
    if saved is None:
        parent = page.get_parent()
        if parent is None or not parent.specific.permissions_for_user(request.user).can_add_subpage():
            raise PermissionDenied
        return
    permissions = saved.specific.permissions_for_user(request.user)
    if not (permissions.can_edit() or permissions.can_publish()):
        raise PermissionDenied


def _site() -> html.Site:
    return replace(html.site(), assets_base="")  # scripts and styles from this process, which the policy allows


def _lesson(request: HttpRequest, frozen: FrozenCourse, page: FrozenPage, banner: str) -> HttpResponse:
    assets = PreviewAssets(frozen, request.build_absolute_uri("/"))
    document, _answers = render_lesson(frozen, page, assets)
    document = document.model_copy(update={"blocks": _without_unprepared(document.blocks)})
    document = LessonDocument.model_validate(document.model_dump())
    course, outline = render_course(frozen, assets), render_outline(frozen)
    return HttpResponse(html.lesson_page(_site(), course, outline, document, preview=banner))


def _course(request: HttpRequest, frozen: FrozenCourse, banner: str) -> HttpResponse:
    assets = PreviewAssets(frozen, request.build_absolute_uri("/"))
    course, outline = render_course(frozen, assets), render_outline(frozen)
    return HttpResponse(html.course_page(_site(), course, outline, preview=banner))


def _without_unprepared(blocks: tuple[Block, ...]) -> tuple[Any, ...]:
    """A video that has no stream yet is shown as a note with its original."""
    shown: list[Any] = []
    for block in blocks:
        if isinstance(block, VideoBlock) and block.rendition == UNPREPARED:
            text = f'<p>It is prepared when the course is submitted. <a href="{block.src}">Watch the original</a></p>'
            inside = (ProseBlock(id=block.id, html=text),)
            shown.append(CalloutBlock(id=block.id, variant="note", title=f"Video: {block.title}", blocks=inside))
        elif isinstance(block, CalloutBlock | SolutionBlock):
            shown.append(block.model_copy(update={"blocks": _without_unprepared(block.blocks)}))
        else:
            shown.append(block)
    return tuple(shown)


def _file(opened: Any, name: str) -> HttpResponseBase:
    kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
    shows = kind.startswith(("image/", "video/", "audio/")) or kind == "application/pdf"
    response = FileResponse(opened, content_type=kind, as_attachment=not shows, filename=name)
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "sandbox; default-src 'none'; style-src 'unsafe-inline'"
    return response


def _refused(request: HttpRequest, sentence: str, status: int) -> HttpResponse:
    return render(request, "cms/preview/refused.html", {"sentence": sentence}, status=status)
