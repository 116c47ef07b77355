"""Caption tracks of a video: listed, added, changed and removed below the video they belong to."""

from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST
from wagtail.admin import messages

from cms.heading import heading
from cms.whole import whole
from content.models import CaptionTrack, Video
from pipeline.captions import to_webvtt
from pipeline.errors import AuthorError

MAX_BYTES = 2 * 1024 * 1024


class CaptionForm(forms.ModelForm[CaptionTrack]):
    class Meta:
        model = CaptionTrack
        fields = ["language", "label", "kind", "file"]
        widgets = {"file": forms.FileInput(attrs={"accept": ".vtt,.srt"})}
        help_texts = {"file": "WebVTT (.vtt) or SubRip (.srt), up to 2 MB."}

    def clean_file(self) -> Any:
        """The uploaded file, if it reads as captions; a track that keeps its file is not read again."""
        file = self.cleaned_data["file"]
        if "file" not in self.changed_data:
            return file
        if file.size > MAX_BYTES:
            raise forms.ValidationError(f"“{file.name}” is larger than 2 MB: captions are text, choose the right file.")
        try:
            to_webvtt(file.read(), file.name)
        except AuthorError as error:
            raise forms.ValidationError(str(error)) from error
        file.seek(0)
        return file

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        self.instance.full_clean(exclude=["file"], validate_unique=False, validate_constraints=False)
        twin = self.instance.video.tracks.filter(
            language=self.cleaned_data.get("language", ""), kind=self.cleaned_data.get("kind", "")
        ).exclude(pk=self.instance.pk)
        if twin.exists():
            raise forms.ValidationError("This video has such a track in that language already: change that one.")
        return cleaned


def index(request: HttpRequest, video: int) -> HttpResponse:
    """The tracks of a video, and the form for another."""
    found = _video(request, video)
    return _page(request, found, CaptionForm(instance=CaptionTrack(video=found)))


@require_POST
@whole
def add(request: HttpRequest, video: int) -> HttpResponse:
    found = _video(request, video)
    return _save(request, found, CaptionTrack(video=found))


@whole
def change(request: HttpRequest, video: int, track: int) -> HttpResponse:
    found = _video(request, video)
    row = get_object_or_404(CaptionTrack, pk=track, video=found)
    if request.method == "POST":
        return _save(request, found, row)
    return _page(request, found, CaptionForm(instance=row), row)


@require_POST
@whole
def remove(request: HttpRequest, video: int, track: int) -> HttpResponse:
    found = _video(request, video)
    row = get_object_or_404(CaptionTrack, pk=track, video=found)
    # The file stays: a release that names it may still be built from it.
    row.delete()
    messages.success(request, f"“{row.label}” was removed.")
    return redirect("cms_captions", video=found.pk)


def _save(request: HttpRequest, video: Video, row: CaptionTrack) -> HttpResponse:
    form = CaptionForm(request.POST, request.FILES, instance=row)
    if not form.is_valid():
        return _page(request, video, form, row if row.pk else None)
    saved = form.save()
    messages.success(request, f"“{saved.label}” is saved. Readers get it with the next release.")
    return redirect("cms_captions", video=video.pk)


def _page(request: HttpRequest, video: Video, form: CaptionForm, row: CaptionTrack | None = None) -> HttpResponse:
    above = ("Videos", reverse("wagtailmedia:index")), (video.title, reverse("wagtailmedia:edit", args=[video.pk]))
    name, args = ("cms_caption", [video.pk, row.pk]) if row else ("cms_caption_add", [video.pk])
    context = {
        "video": video,
        "tracks": video.tracks.all(),
        "form": form,
        "editing": row,
        "action": reverse(name, args=args),
        **heading(f"Captions of “{video.title}”", "media", *above),
    }
    return render(request, "cms/captions/index.html", context, status=422 if form.errors else 200)


def _video(request: HttpRequest, pk: int) -> Video:
    video = get_object_or_404(Video, pk=pk)
    if not video.is_editable_by_user(request.user):
        raise PermissionDenied
    return video
