"""Previews: the draft as it stands in the editor, drawn by the site's templates, for staff only and for an hour."""

from datetime import timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from api.models import User
from content.models import Catalogue, Course, Lesson, Module
from pipeline.models import Candidate, Rendition
from tests.cms import cast, files


def preview_address(client: Client, lesson: Lesson, form: dict[str, Any]) -> str:
    """What the editor's preview panel does: send the unsaved form, then open what it is led to."""
    url = reverse("wagtailadmin_pages:preview_on_edit", args=[lesson.pk])
    answer = client.post(url, form).json()
    assert answer["is_valid"], answer
    return _path(client.get(url + "?mode="))


def _path(response: Any) -> str:
    assert response.status_code == 302, response
    parts = urlsplit(response["Location"])
    return f"{parts.path}?{parts.query}"


@pytest.fixture
def address(as_ada: Client, course: Course) -> str:
    return preview_address(as_ada, cast.the_lesson("Wind"), cast.lesson_form("Wind", "<p>Not saved yet.</p>"))


def test_the_unsaved_draft_is_drawn_by_the_sites_own_templates(as_ada: Client, address: str) -> None:
    response = as_ada.get(address)
    page = response.content.decode()
    assert response.status_code == 200
    assert "Not saved yet." in page and "This is a draft and not public." in page
    assert "Weather" in page and "Rain" in page  # the course around it
    assert "Wind in a word." in cast.draft_of(cast.the_lesson("Wind")).body[0].value.source  # nothing was saved


def test_it_is_neither_kept_nor_indexed(as_ada: Client, address: str) -> None:
    response = as_ada.get(address)
    assert response["Cache-Control"] == "private, no-store"
    assert response["X-Robots-Tag"] == "noindex, nofollow"
    assert response["X-Frame-Options"] == "SAMEORIGIN"


def test_its_scripts_and_styles_come_from_this_process(as_ada: Client, address: str) -> None:
    page = as_ada.get(address).content.decode()
    for part in page.split('"'):
        if part.startswith("/assets/"):
            assert as_ada.get(part).status_code == 200
    assert "/assets/" in page


def test_the_address_alone_opens_nothing(client: Client, sam: User, as_bo: Client, address: str) -> None:
    for one in (client, cast.signed_in(sam), as_bo):
        response = one.get(address)
        assert response.status_code in (302, 403)
        assert b"Not saved yet." not in response.content


def test_editors_may_look(as_edna: Client, address: str) -> None:
    assert "Not saved yet." in as_edna.get(address).content.decode()


def test_after_an_hour_it_has_expired(as_ada: Client, address: str) -> None:
    later = timezone.now() + timedelta(hours=1, seconds=2)
    with patch("django.core.signing.time.time", return_value=later.timestamp()):
        response = as_ada.get(address)
    assert response.status_code == 410
    assert "more than an hour old" in response.content.decode()


@pytest.mark.parametrize(
    "query",
    ["", "content_type=content.lesson&token=id%3D5", "content_type=auth.user&token=x", "content_type=content.lesson"],
)
def test_other_addresses_are_refused(as_ada: Client, query: str) -> None:
    assert as_ada.get(f"{reverse('cms_preview')}?{query}").status_code == 404


def test_a_token_of_a_kept_preview_that_was_swept_is_gone(as_ada: Client, address: str) -> None:
    from wagtail_headless_preview.models import PagePreview

    PagePreview.objects.all().delete()
    assert as_ada.get(address).status_code == 410


def test_a_lesson_that_was_never_saved(as_ada: Client, as_bo: Client, module: Module) -> None:
    url = reverse("wagtailadmin_pages:preview_on_add", args=["content", "lesson", module.pk])
    assert as_ada.post(url, cast.lesson_form("Hail", "<p>Brand new.</p>")).json()["is_valid"]
    path = _path(as_ada.get(url))
    assert "Brand new." in as_ada.get(path).content.decode()
    assert b"Brand new." not in as_bo.get(path).content
    assert Lesson.objects.count() == 2


def test_a_course_saved_and_never_saved(as_ada: Client, course: Course) -> None:
    edit = reverse("wagtailadmin_pages:preview_on_edit", args=[course.pk])
    assert as_ada.post(edit, cast.course_form(course, summary="Unsaved summary.")).json()["is_valid"]
    page = as_ada.get(_path(as_ada.get(edit))).content.decode()
    assert "Unsaved summary." in page and "Wind" in page
    add = reverse("wagtailadmin_pages:preview_on_add", args=["content", "course", Catalogue.objects.get().pk])
    assert as_ada.post(add, cast.new_course_form()).json()["is_valid"]
    assert "About clouds." in as_ada.get(_path(as_ada.get(add))).content.decode()


def test_a_candidate_is_shown_as_it_was_frozen(
    as_ada: Client, as_edna: Client, as_bo: Client, ada: User, course: Course
) -> None:
    as_ada.post(reverse("cms_check", args=[course.pk]))
    wind, candidate = cast.the_lesson("Wind"), Candidate.objects.get()
    cast.edit(wind, ada, body=[cast.text("<p>Typed since.</p>")])
    url = reverse("cms_preview_candidate", args=[candidate.pk, wind.uuid])
    page = as_edna.get(url).content.decode()
    assert "Wind in a word." in page and "Typed since." not in page and "As submitted on" in page
    assert as_bo.get(url).status_code == 302
    assert (
        "About Weather."
        in as_edna.get(reverse("cms_preview_candidate", args=[candidate.pk, course.uuid])).content.decode()
    )
    stranger = reverse("cms_preview_candidate", args=[candidate.pk, "0e0c5d53-6c6c-4d6e-9a4f-3f6f0f2d7a11"])
    assert as_edna.get(stranger).status_code == 404


def test_uploads_show_before_they_were_ever_submitted(as_ada: Client, ada: User, module: Module, settings: Any) -> None:
    picture, film, paper = files.image(ada), files.video(ada), files.attachment(ada)
    snow = cast.add_lesson(
        module,
        "Snow",
        {
            "type": "image",
            "id": "i",
            "value": {"image": picture.pk, "alt": "A sky.", "decorative": False, "caption": ""},
        },
        {"type": "video", "id": "v", "value": {"video": film.pk, "title": "A storm", "transcript": ""}},
        {"type": "attachment", "id": "a", "value": {"attachment": paper.pk, "title": ""}},
    )
    as_ada.get(reverse("wagtailadmin_pages:view_draft", args=[snow.pk]))
    page = as_ada.get(_path(as_ada.get(reverse("wagtailadmin_pages:view_draft", args=[snow.pk])))).content.decode()
    assert "Video: A storm" in page and "It is prepared when the course is submitted." in page
    addresses = {part.split()[0] for part in page.split('"') if "/originals/" in part}
    assert len(addresses) == 3
    assert not list(Path(settings.LECTERN_ORIGINALS).rglob("*")), "looking copies nothing"
    for address in addresses:
        assert as_ada.get(urlsplit(address).path).status_code == 200
        assert Client().get(urlsplit(address).path).status_code == 302


def test_a_video_that_is_ready_plays_its_own_stream(as_ada: Client, ada: User, module: Module, settings: Any) -> None:
    import hashlib

    film = files.video(ada)
    snow = cast.add_lesson(
        module, "Snow", {"type": "video", "id": "v", "value": {"video": film.pk, "title": "A storm", "transcript": ""}}
    )
    output = {"name": "storm", "src": "m/storm/master.m3u8", "poster": "m/storm/poster.jpg", "duration": 2.0}
    Rendition.objects.create(
        kind="video",
        original=hashlib.sha256(b"a film").hexdigest(),
        recipe="r",
        name="storm.mp4",
        state="ready",
        output={**output, "width": 640, "height": 360},
    )
    page = as_ada.get(_path(as_ada.get(reverse("wagtailadmin_pages:view_draft", args=[snow.pk])))).content.decode()
    assert "/preview/store/m/storm/master.m3u8" in page


@pytest.mark.parametrize(
    "key", ["m/../../secrets/secret_key", "c/course/current.json", "secrets/secret_key", "m/nothing.m3u8"]
)
def test_only_finished_videos_of_the_store_are_opened(as_ada: Client, client: Client, key: str) -> None:
    assert as_ada.get(f"/preview/store/{key}").status_code == 404
    assert client.get(f"/preview/store/{key}").status_code in (302, 404)


@pytest.mark.parametrize("name", ["0" * 64, "x", "..", "%2e%2e"])
def test_only_kept_originals_are_opened(as_ada: Client, name: str) -> None:
    assert as_ada.get(f"/preview/originals/{name}/figure.png").status_code == 404
    assert as_ada.get(f"/preview/captions/{name}.vtt").status_code == 404


def test_the_token_names_only_its_own_page(as_ada: Client, as_bo: Client, bo: User, address: str) -> None:
    """Bo's token for a page of his own does not open Ada's, whatever kind of page the address says."""
    cast.make_course(bo, "Birds", lessons=("Wrens",))
    own = preview_address(as_bo, cast.the_lesson("Wrens"), cast.lesson_form("Wrens"))
    token = parse_qs(urlsplit(own).query)["token"][0]
    assert as_bo.get(reverse("cms_preview"), {"content_type": "content.course", "token": token}).status_code == 410
