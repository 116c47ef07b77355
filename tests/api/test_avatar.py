"""A picture of oneself: whatever is uploaded becomes a small square of our own making."""

import io
import struct
import zlib
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from api.accounts import avatar
from api.accounts.models import User
from tests.api.cast import Browser, refusal

pytestmark = [pytest.mark.django_db, pytest.mark.urls("settings.urls_api")]


@pytest.fixture(autouse=True)
def folder(settings, tmp_path: Path) -> Path:
    settings.LECTERN_AVATARS = tmp_path / "avatars"
    return tmp_path / "avatars"


def picture(kind: str = "PNG", size: tuple[int, int] = (400, 300), colour: str = "green", **more: object) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, colour).save(out, kind, **more)
    return out.getvalue()


def upload(browser: Browser, data: bytes):
    token = browser.get("/v1/session").json()["csrf"]
    return browser.post("/v1/me/avatar", {"file": SimpleUploadedFile("me.png", data)}, headers={"X-CSRFToken": token})


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_a_picture_becomes_a_small_square_without_a_past(browser: Browser, kind: str, settings) -> None:
    exif = Image.Exif()
    exif[0x010E] = "taken at home"
    address = upload(browser, picture(kind, exif=exif)).json()["avatar"]
    assert address.startswith(f"{settings.API_URL}/v1/avatars/")
    shown = browser.get(address.removeprefix(settings.API_URL))
    assert shown["Content-Type"] == "image/webp"
    assert "immutable" in shown["Cache-Control"] and "Cookie" not in shown.get("Vary", "")
    assert b"taken at home" not in shown.content
    with Image.open(io.BytesIO(shown.content)) as made:
        assert (made.format, made.size, dict(made.getexif())) == ("WEBP", (256, 256), {})


def bomb() -> bytes:
    """A few dozen bytes whose header claims 60 000 x 60 000 pixels."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    ("data", "status", "code"),
    [
        (b"", 422, "picture"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", 422, "picture"),
        (picture("GIF"), 422, "picture"),
        (picture("PNG")[:-40], 422, "picture"),
        (bomb(), 422, "picture"),
        (b"\0" * (5 * 1024 * 1024 + 1), 413, "too_big"),
        (b"\0" * (6 * 1024 * 1024 + 1), 413, "too_big"),
    ],
    ids=["empty", "svg", "gif", "broken off", "bomb", "over 5 MB", "over 6 MB"],
)
def test_what_is_no_picture_is_refused(browser: Browser, sam: User, data: bytes, status: int, code: str) -> None:
    assert refusal(upload(browser, data)) == (status, code)
    assert User.objects.get().avatar == ""


@pytest.mark.parametrize(("size", "status"), [((4032, 3024), 200), ((4032, 3124), 422)], ids=["telephone", "larger"])
def test_a_telephones_twelve_megapixels_are_the_most(browser: Browser, size: tuple[int, int], status: int) -> None:
    response = upload(browser, picture("PNG", size, compress_level=1))
    assert response.status_code == status, response.content
    if status == 422:
        assert "12 megapixels" in response.json()["detail"]


def test_one_picture_is_decoded_at_a_time(browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(avatar, "PATIENCE", 0)
    with avatar.DECODING:
        response = upload(browser, picture())
    assert refusal(response) == (503, "busy")
    assert int(response["Retry-After"]) > 0
    assert upload(browser, b"no picture").status_code == 422
    assert upload(browser, picture()).status_code == 200, "a refused picture gives its place back"


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "I;16", "RGB", "RGBA"])
def test_a_picture_lying_on_its_side_is_set_upright(mode: str) -> None:
    """Light above, dark below, and a note that the camera was turned: whatever the pixels are kept as."""
    lying = Image.new("L", (400, 300), 255)
    lying.paste(0, (0, 0, 200, 300))
    exif = Image.Exif()
    exif[0x0112] = 6  # turn by 90 degrees clockwise
    out = io.BytesIO()
    (lying.convert("I").point(lambda value: value * 257) if mode == "I;16" else lying).convert(mode).save(
        out, "PNG", exif=exif
    )
    with Image.open(io.BytesIO(avatar.encode(out))) as made:
        grey = made.convert("L")
    assert grey.getpixel((128, 20)) < 20 and grey.getpixel((128, 236)) > 235


def test_a_new_picture_replaces_the_old_one_file_and_all(browser: Browser, folder: Path) -> None:
    upload(browser, picture(colour="red"))
    upload(browser, picture(colour="blue"))
    assert len(list(folder.iterdir())) == 1
    assert browser.send("DELETE", "/v1/me/avatar").json()["avatar"] is None
    assert list(folder.iterdir()) == []
    assert browser.send("DELETE", "/v1/me/avatar").status_code == 200


def test_a_picture_that_somebody_else_shows_stays(browser: Browser, noor: User, folder: Path) -> None:
    hers = Browser(noor)
    upload(browser, picture())
    upload(hers, picture())
    browser.send("DELETE", "/v1/me/avatar")
    assert len(list(folder.iterdir())) == 1


@pytest.mark.parametrize("name", ["0" * 64, "../" + "0" * 61, "..%2f" + "0" * 59, "A" * 64, "x"])
def test_no_other_name_is_a_picture(browser: Browser, name: str) -> None:
    assert refusal(browser.get(f"/v1/avatars/{name}.webp")) == (404, "not_found")


def test_a_form_of_another_kind_is_refused(browser: Browser) -> None:
    assert refusal(browser.send("POST", "/v1/me/avatar", {"file": "x"})) == (415, "wrong_type")


def test_a_form_without_the_file_is_refused(browser: Browser) -> None:
    token = browser.get("/v1/session").json()["csrf"]
    response = browser.post("/v1/me/avatar", {"other": "x"}, headers={"X-CSRFToken": token})
    assert refusal(response) == (422, "invalid")
    assert "file: it is missing" in response.json()["detail"]
