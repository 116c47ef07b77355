"""A file that could never be published is refused where it is uploaded, in one sentence, and leaves nothing behind."""

import io
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from PIL import Image

from content.models import ImageOriginal, Video
from tests.pipeline.media_files import film

IMAGE_DOORS = ("wagtailimages:add", "wagtailimages:add_multiple")
ENTITIES = b'<!DOCTYPE svg [<!ENTITY x "y">]><svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"><g/></svg>'


def png(size: int = 100) -> bytes:
    made = io.BytesIO()
    Image.effect_noise((size, size), 50).save(made, "PNG")
    return made.getvalue()


def add(client: Client, door: str, name: str, data: bytes) -> str:
    file = SimpleUploadedFile(name, data)
    fields = {"title": name, "file": file, "files[]": SimpleUploadedFile(name, data)}
    answer = client.post(reverse(door), fields, headers={"x-requested-with": "XMLHttpRequest"})
    assert answer.status_code in {200, 302}, answer.status_code
    return answer.content.decode()


@pytest.mark.parametrize("door", IMAGE_DOORS)
@pytest.mark.parametrize(
    ("name", "data", "sentence"),
    [
        ("cut.png", png()[:200], "cut.png is damaged or cut short: export it again."),
        ("text.png", b"no image", "text.png is not an image that can be read"),
        ("entities.svg", ENTITIES, "entities.svg declares entities, which are not read"),
    ],
    ids=["cut", "text", "entities"],
)
def test_images_that_are_none(as_ada: Client, door: str, name: str, data: bytes, sentence: str, tmp_path: Path) -> None:
    assert sentence in add(as_ada, door, name, data)
    assert not ImageOriginal.objects.exists()
    assert not [path for path in (tmp_path / "media").rglob("*") if path.is_file()]


@pytest.mark.parametrize("door", IMAGE_DOORS)
def test_a_good_image_is_taken(as_ada: Client, door: str) -> None:
    add(as_ada, door, "noise.png", png())
    assert ImageOriginal.objects.get().width == 100


def add_video(client: Client, name: str, data: bytes) -> Any:
    fields = {"title": name, "file": SimpleUploadedFile(name, data)}
    return client.post(reverse("wagtailmedia:add", args=["video"]), fields, follow=True)


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"no film at all, only words", "talk.mp4 is not a video"),
        (b"ffconcat version 1.0\nfile secret.mp4\n", "talk.mp4 is not a video"),
        (b"", "empty"),
    ],
    ids=["text", "script", "nothing"],
)
def test_videos_that_are_none(as_ada: Client, data: bytes, sentence: str) -> None:
    assert sentence in add_video(as_ada, "talk.mp4", data).content.decode()
    assert not Video.objects.exists()


@pytest.mark.slow
def test_a_good_video_is_taken(as_ada: Client, tmp_path: Path) -> None:
    data = film(tmp_path / "talk.mp4", sound=None).read_bytes()
    add_video(as_ada, "talk.mp4", data)
    assert Video.objects.get().title == "talk.mp4"
