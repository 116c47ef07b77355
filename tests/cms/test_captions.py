"""Caption tracks below their video, and uploads that only staff can open."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from api.models import User
from content.models import CaptionTrack, Video
from tests.cms import cast, files

VTT = b"WEBVTT\n\n00:00.000 --> 00:02.000\nIt rains.\n"
SRT = b"1\n00:00:00,000 --> 00:00:02,000\nIt rains.\n"


@pytest.fixture
def film(ada: User) -> Video:
    return files.video(ada)


def form(name: str = "storm.vtt", data: bytes = VTT, **changes: Any) -> dict[str, Any]:
    fields = {"language": "en", "label": "English", "kind": "captions", "file": SimpleUploadedFile(name, data)}
    return fields | changes


def add(client: Client, film: Video, **changes: Any) -> Any:
    return client.post(reverse("cms_caption_add", args=[film.pk]), form(**changes))


def test_the_video_leads_to_its_captions(as_ada: Client, film: Video) -> None:
    page = as_ada.get(reverse("wagtailmedia:edit", args=[film.pk])).content.decode()
    assert reverse("cms_captions", args=[film.pk]) in page and "0 tracks" in page
    assert "This video has no captions yet." in as_ada.get(reverse("cms_captions", args=[film.pk])).content.decode()


@pytest.mark.parametrize(("name", "data"), [("storm.vtt", VTT), ("storm.srt", SRT)])
def test_webvtt_and_subrip_are_taken(as_ada: Client, film: Video, name: str, data: bytes) -> None:
    assert add(as_ada, film, name=name, data=data).status_code == 302
    track = film.tracks.get()
    assert (track.language, track.kind, track.file.read()) == ("en", "captions", data)


@pytest.mark.parametrize(
    ("name", "data", "sentence"),
    [
        ("storm.txt", VTT, "File extension “txt” is not allowed."),
        ("storm.vtt", b"It rains.", "storm.vtt"),
        ("storm.srt", b"\x00\xff\xfe", "storm.srt"),
        ("storm.vtt", b"WEBVTT\n\n" + b"x" * (2 * 1024 * 1024), "is larger than 2 MB"),
    ],
)
def test_other_files_are_refused_in_words(as_ada: Client, film: Video, name: str, data: bytes, sentence: str) -> None:
    response = add(as_ada, film, name=name, data=data)
    assert response.status_code == 422
    assert sentence in " ".join(response.context["form"].errors["file"])
    assert not CaptionTrack.objects.exists()


def test_a_second_track_of_a_language_and_kind_is_refused(as_ada: Client, film: Video) -> None:
    add(as_ada, film)
    assert "in that language already" in add(as_ada, film).content.decode()
    assert add(as_ada, film, kind="subtitles").status_code == 302
    assert film.tracks.count() == 2


def test_a_track_is_changed_without_a_new_file_and_removed(as_ada: Client, film: Video) -> None:
    add(as_ada, film)
    track = film.tracks.get()
    url = reverse("cms_caption", args=[film.pk, track.pk])
    assert as_ada.get(url).status_code == 200
    as_ada.post(url, {"language": "en-GB", "label": "British", "kind": "captions"})
    track.refresh_from_db()
    assert (track.language, track.label, track.file.read()) == ("en-GB", "British", VTT)
    as_ada.post(reverse("cms_caption_remove", args=[film.pk, track.pk]))
    assert not CaptionTrack.objects.exists()
    assert track.file.storage.exists(track.file.name)  # a release that names it may still be built from it


def test_another_instructor_may_not_touch_them(as_ada: Client, as_bo: Client, as_edna: Client, film: Video) -> None:
    add(as_ada, film)
    track = film.tracks.get()
    assert as_bo.get(reverse("cms_captions", args=[film.pk])).status_code == 302
    assert add(as_bo, film, kind="subtitles").status_code == 302
    as_bo.post(reverse("cms_caption_remove", args=[film.pk, track.pk]))
    assert film.tracks.get() == track
    assert as_edna.get(reverse("cms_captions", args=[film.pk])).status_code == 200


def test_a_track_is_found_below_its_own_video_only(as_ada: Client, as_edna: Client, ada: User, film: Video) -> None:
    add(as_ada, film)
    other = files.video(ada, "Calm")
    assert as_ada.post(reverse("cms_caption_remove", args=[other.pk, film.tracks.get().pk])).status_code == 404


# --- originals ------------------------------------------------------------------------------------------------


def test_uploads_open_for_staff_alone(client: Client, sam: User, as_ada: Client, ada: User) -> None:
    paper, picture = files.attachment(ada), files.image(ada)
    for address in (paper.url, picture.file.url, reverse("wagtaildocs_serve", args=[paper.pk, "paper.pdf"])):
        assert as_ada.get(address).status_code == 200
        for one in (client, cast.signed_in(sam)):
            assert one.get(address).status_code == 302, address


@pytest.mark.parametrize("path", ["../secrets/secret_key", "..%2fsecrets", "nothing.png", "", "a" * 300])
def test_nothing_outside_the_folder_is_opened(as_ada: Client, path: str) -> None:
    assert as_ada.get(f"/originals/{path}").status_code == 404


def test_a_drawing_cannot_run(as_ada: Client, settings: Any) -> None:
    folder = settings.MEDIA_ROOT
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "drawing.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>")
    (folder / "page.html").write_text("<script>alert(1)</script>")
    for name in ("drawing.svg", "page.html"):
        response = as_ada.get(f"/originals/{name}")
        assert response["Content-Security-Policy"].startswith("sandbox;")
        assert response["X-Content-Type-Options"] == "nosniff"
    assert as_ada.get("/originals/page.html")["Content-Disposition"] == "attachment"
