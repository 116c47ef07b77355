"""An uploaded image becomes files that every browser shows, without what it should not carry, or one sentence."""

import io
import struct
import subprocess
import sys
import zlib
from pathlib import Path

import pytest
from PIL import Image, ImageCms, ImageDraw

from pipeline import images
from pipeline.digests import sha256
from pipeline.errors import AuthorError

SECRET = "Ada at home"


def photo(width: int = 80, height: int = 60) -> Image.Image:
    """Many colours; red at the left edge, blue at the right."""
    image = Image.linear_gradient("L").resize((width, height)).convert("RGB")
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 0, width // 4, height), fill="red")
    draw.rectangle((width * 3 // 4, 0, width, height), fill="blue")
    return image


def saved(image: Image.Image, kind: str, **options: object) -> bytes:
    written = io.BytesIO()
    image.save(written, kind, **options)
    return written.getvalue()


def make(data: bytes, folder: Path, name: str = "figure.png") -> images.MadeImage:
    (folder / "original").write_bytes(data)
    (folder / "made").mkdir()
    made = images.make(folder / "original", name, folder / "made")
    published = {file.file for file in (*made.sources, made.fallback)}
    assert {path.name for path in (folder / "made").iterdir()} == published
    for path in (folder / "made").iterdir():
        assert path.stem == sha256(path.read_bytes())
    return made


def opened(folder: Path, file: images.ImageFile) -> Image.Image:
    return Image.open(folder / "made" / file.file)


def refused(data: bytes, folder: Path, name: str = "figure.png") -> str:
    (folder / "original").write_bytes(data)
    (folder / "made").mkdir()
    with pytest.raises(AuthorError) as caught:
        images.make(folder / "original", name, folder / "made")
    assert list((folder / "made").iterdir()) == []
    sentence = str(caught.value)
    assert sentence.startswith(f"{name} ")
    assert sentence.endswith(".")
    assert "\n" not in sentence
    assert str(folder) not in sentence
    return sentence


def test_a_photo_in_every_width_that_pages_ask_for(tmp_path: Path) -> None:
    made = make(saved(photo(2400, 1200), "JPEG", quality=90), tmp_path)
    assert (made.width, made.height) == (1920, 960)
    assert [source.width for source in made.sources] == [480, 960, 1440, 1920]
    for source in made.sources:
        image = opened(tmp_path, source)
        assert (image.format, image.size) == ("WEBP", (source.width, source.width // 2))
        assert source.media_type == "image/webp"
    assert (made.fallback.media_type, made.fallback.width) == ("image/jpeg", 1440)
    assert opened(tmp_path, made.fallback).format == "JPEG"


def test_a_small_image_is_not_made_larger(tmp_path: Path) -> None:
    made = make(saved(photo(30, 20), "PNG"), tmp_path)
    assert (made.width, made.height, [source.width for source in made.sources]) == (30, 20, [30])


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "AVIF"])
def test_it_is_turned_and_loses_its_metadata(tmp_path: Path, kind: str) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was turned: what is at the left of the file belongs at the top
    exif[0x010E] = SECRET
    exif[0x8825] = {1: "N", 2: (52.0, 31.0, 12.0)}
    data = saved(photo(), kind, exif=exif, **({"comment": SECRET.encode()} if kind == "JPEG" else {}))
    assert SECRET.encode() in data
    made = make(data, tmp_path)
    assert (made.width, made.height) == (60, 80)
    for file in (*made.sources, made.fallback):
        image = opened(tmp_path, file)
        assert not image.getexif()
        assert not {"exif", "xmp", "icc_profile", "comment"} & image.info.keys()
        red, _, blue = image.convert("RGB").getpixel((30, 3))  # type: ignore[misc]
        assert (red > 200, blue < 60) == (True, True)
        assert SECRET.encode() not in (tmp_path / "made" / file.file).read_bytes()


def test_colours_are_what_the_profile_says(tmp_path: Path) -> None:
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()  # no profile for RGB: as good as none
    make(saved(photo(), "PNG", icc_profile=lab), tmp_path)
    (tmp_path / "2").mkdir()
    make(saved(photo(), "PNG", icc_profile=b"no profile at all"), tmp_path / "2")
    (tmp_path / "3").mkdir()
    assert make(saved(photo().convert("CMYK"), "JPEG"), tmp_path / "3").width == 80


@pytest.mark.parametrize(
    "image",
    [
        Image.new("RGBA", (40, 30), (255, 0, 0, 0)),
        Image.new("LA", (40, 30), (100, 0)),
    ],
)
def test_what_is_transparent_stays_so(tmp_path: Path, image: Image.Image) -> None:
    made = make(saved(image, "PNG"), tmp_path)
    assert made.fallback.media_type == "image/png"
    for file in (*made.sources, made.fallback):
        assert opened(tmp_path, file).convert("RGBA").getpixel((5, 5))[3] == 0  # type: ignore[index]


def test_one_colour_that_is_no_colour_stays_transparent(tmp_path: Path) -> None:
    made = make(saved(Image.new("RGB", (40, 30), (9, 9, 9)), "PNG", transparency=(9, 9, 9)), tmp_path)
    assert opened(tmp_path, made.fallback).convert("RGBA").getpixel((5, 5))[3] == 0  # type: ignore[index]


def test_sixteen_bits_keep_their_greys(tmp_path: Path) -> None:
    made = make(saved(Image.new("I;16", (40, 30), 0x8000), "PNG"), tmp_path)
    assert opened(tmp_path, made.fallback).convert("L").getpixel((5, 5)) == pytest.approx(128, abs=2)


def test_a_drawing_stays_exact(tmp_path: Path) -> None:
    drawing = Image.new("RGB", (300, 200), "white")
    ImageDraw.Draw(drawing).line((0, 0, 300, 200), fill=(12, 34, 56), width=3)
    made = make(saved(drawing, "PNG"), tmp_path)
    assert opened(tmp_path, made.sources[0]).convert("RGB").tobytes() == drawing.tobytes()
    assert made.fallback.media_type == "image/png"


def test_the_same_image_has_the_same_names_in_another_process(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    data = saved(photo(1000, 700), "JPEG")
    assert make(data, tmp_path / "a", "one.jpg") == make(data, tmp_path / "b", "two.jpg")


def test_of_an_animation_the_first_picture(tmp_path: Path) -> None:
    frames = [Image.new("P", (40, 30), number) for number in range(3)]
    made = make(saved(frames[0], "GIF", save_all=True, append_images=frames[1:]), tmp_path)
    assert not getattr(opened(tmp_path, made.sources[0]), "is_animated", False)


# --- what is not what it seems --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "tail"),
    [
        (saved(photo(), "JPEG", comment=b"<svg onload=alert(1)>"), b"<?php alert(1) ?>PK\3\4"),
        (saved(photo(), "PNG"), b"<script>alert(1)</script>"),
        (saved(photo().convert("P"), "GIF", comment=b"*/alert(1)/*"), b"*/=1;alert(1)"),
        (saved(photo(), "WEBP"), b"%PDF-1.4 alert(1)"),
    ],
)
def test_a_polyglot_leaves_as_a_picture_and_nothing_else(tmp_path: Path, data: bytes, tail: bytes) -> None:
    made = make(data + tail, tmp_path, "figure.js")
    for file in (*made.sources, made.fallback):
        written = (tmp_path / "made" / file.file).read_bytes()
        assert b"alert" not in written
        assert file.file.rpartition(".")[2] in ("webp", "png", "jpg")


def test_an_svg_goes_its_own_way_whatever_its_name_and_encoding(tmp_path: Path) -> None:
    text = (
        '<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 6"><script>alert(1)</script></svg>'
    )
    for number, data in enumerate((text.encode(), b"\xef\xbb\xbf \n" + text[21:].encode(), text.encode("utf-16"))):
        (tmp_path / str(number)).mkdir()
        made = make(data, tmp_path / str(number))
        assert (made.width, made.height, made.sources, made.fallback.media_type) == (9, 6, (), "image/svg+xml")
        assert b"alert" not in (tmp_path / str(number) / "made" / made.fallback.file).read_bytes()


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width: int, height: int, raw: bytes, *between: bytes) -> bytes:
    """A greyscale PNG of one bit a pixel, by hand, that may promise more than it holds."""
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + b"".join(between) + chunk(b"IDAT", zlib.compress(raw)) + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "empty"),
        (b"These are only words.", "not an image"),
        (b"<!DOCTYPE html><html></html>", "instead of <svg>"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "not an image"),
        (saved(photo(), "TIFF"), "not an image"),
        (saved(photo(), "BMP"), "not an image"),
        (saved(photo(800, 600), "PNG")[:-200], "damaged"),
        (saved(photo(), "JPEG")[:600], ""),
        (saved(photo(), "WEBP")[:-50], ""),
        (saved(photo(), "AVIF")[:-50], ""),
        (png(65_000, 65_000, bytes(1 << 20)), "65000 by 65000 pixels"),
        (png(1, 1, b"\0\0", *[chunk(b"zTXt", b"a\0\0" + zlib.compress(bytes(50_000_000)))] * 2), "not an image"),
        (b"\x1f\x8b\x08" + bytes(40), "not an image"),
    ],
)
def test_what_is_no_image(tmp_path: Path, data: bytes, words: str) -> None:
    assert words in refused(data, tmp_path)


def test_a_compressed_svg_is_named_as_such(tmp_path: Path) -> None:
    assert "compressed SVG" in refused(b"\x1f\x8b\x08" + bytes(40), tmp_path, "plan.svgz")


def test_an_animated_bomb_is_unpacked_to_its_first_picture_only(tmp_path: Path) -> None:
    frames = [Image.new("P", (2000, 2000), number) for number in range(2)]
    data = saved(frames[0], "GIF", save_all=True, append_images=frames[1:])
    frame = data[data.rfind(b"\x21\xf9") : -1]
    assert make(data[:-1] + frame * 3000 + b";", tmp_path).width == 1920  # 12 gigapixels


@pytest.mark.slow
def test_forty_megabytes(tmp_path: Path) -> None:
    data = saved(photo(3700, 3700), "PNG", compress_level=0)
    assert len(data) > 40_000_000
    assert make(data, tmp_path).width == 1920


@pytest.mark.parametrize(
    ("limits", "data"),
    [
        ({"memory": 160 << 20}, png(8000, 8000, bytes(8000 * 1001))),
        ({"cpu": 1}, saved(Image.effect_noise((1900, 1900), 50), "PNG", compress_level=0)),
        ({"wall": 0.05}, saved(photo(), "PNG")),
    ],
)
def test_an_image_that_asks_too_much_is_the_authors_to_mend(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limits: dict[str, int], data: bytes
) -> None:
    wide = {"memory": 2 << 30, "cpu": 120, "wall": 240.0, "file": 256 << 20}
    monkeypatch.setattr(images, "LIMITS", images.confined.Limits(**{**wide, **limits}))  # type: ignore[arg-type]
    (tmp_path / "original").write_bytes(data)
    with pytest.raises(AuthorError, match=r"^figure\.png asks for more memory or time .*\.$"):
        images.make(tmp_path / "original", "figure.png", tmp_path)


def test_a_name_is_only_a_name(tmp_path: Path) -> None:
    assert refused(b"words", tmp_path, "--help").startswith("--help is not an image")
    (tmp_path / "2").mkdir()
    assert refused(b"words", tmp_path / "2", "Übung \N{SNOWMAN} $(id) '\"; ls.png").startswith(
        "Übung \N{SNOWMAN} $(id)"
    )


def test_the_child_needs_no_django() -> None:
    script = "import sys, pipeline.image_child, pipeline.probe_child; print('django' in sys.modules)"
    said = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60)
    assert said.stdout == "False\n"
