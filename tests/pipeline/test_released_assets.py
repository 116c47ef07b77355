"""What pages and documents get for the files of a candidate, and what of it belongs to the release."""

import io
from pathlib import Path
from uuid import UUID

import pytest
from PIL import Image
from pytest_django import Settings

from pipeline import images, originals, renditions, video
from pipeline.digests import sha256
from pipeline.errors import AuthorError, PipelineError, RenditionsPending
from pipeline.frozen import FrozenCourse, FrozenFile, FrozenPage, FrozenTrack
from pipeline.models import Rendition
from pipeline.released_assets import MEDIA_TYPES, ReleasedAssets
from pipeline.store import the_store
from tests.pipeline.media_files import film

pytestmark = pytest.mark.django_db

COURSE = UUID("0b1e5a1c-3f6e-4f0e-9a51-3f9d1a6f0002")
CAPTIONS = b"1\n00:00:01,000 --> 00:00:02,000\nHello <script>all</script>\n"


@pytest.fixture(autouse=True)
def folders(settings: Settings, tmp_path: Path) -> None:
    settings.VAR_DIR = tmp_path
    settings.LECTERN_ORIGINALS = tmp_path / "originals"
    settings.LECTERN_STORE = tmp_path / "cdn"


def kept(data: bytes) -> str:
    return originals.keep(io.BytesIO(data))


def picture() -> str:
    written = io.BytesIO()
    Image.new("RGB", (600, 30), "red").save(written, "PNG")
    return kept(written.getvalue())


def file(sha: str, name: str, *tracks: FrozenTrack) -> FrozenFile:
    return FrozenFile(sha256=sha, name=name, title=name, bytes=1, tracks=tracks)


def frozen(**files: FrozenFile) -> FrozenCourse:
    page = FrozenPage(page_id=1, uuid=COURSE, slug="course", title="Course", fields={})
    named = {key.replace("_", "/"): one for key, one in files.items()}
    return FrozenCourse(course=COURSE, page=page, modules=(), files=named, instructors=(), prerequisites=(), links={})


def prepared(course: FrozenCourse) -> ReleasedAssets:
    """The assets of `course` when all its renditions are made."""
    renditions.want(course)
    for pk in renditions.due():
        renditions.make(pk)
    return ReleasedAssets(course, the_store())


def stored(src: str) -> bytes:
    data = the_store().read(src)
    assert data is not None
    return data


def test_an_image_with_its_sources_and_fallback() -> None:
    assets = prepared(frozen(image_1=file(picture(), "figure.png")))
    image = assets.image("image/1", alt="A figure", decorative=False)
    assert (image.alt, image.width, image.height) == ("A figure", 600, 30)
    assert [source.width for source in image.sources] == [480, 600]
    for source in (*image.sources, image.fallback):
        assert stored(source.src)
    # The manifest holds what pages load, each under the sha256 of its bytes.
    assert {one.key for one in assets.files()} == {one.src for one in (*image.sources, image.fallback)}
    for one in assets.files():
        assert (one.sha256, one.bytes) == (sha256(stored(one.key)), len(stored(one.key)))


@pytest.mark.slow
def test_a_video_with_its_captions(tmp_path: Path) -> None:
    original = originals.keep(film(tmp_path / "f.mp4", pictures="testsrc2=s=128x72:d=0.4", sound=None))
    track = FrozenTrack(sha256=kept(CAPTIONS), name="talk.srt", language="en", label="English", kind="captions")
    assets = prepared(frozen(video_1=file(original, "f.mp4", track)))
    files = assets.video("video/1")
    assert (files.duration, files.width, files.height) == (0.4, 128, 72)
    assert stored(files.src).startswith(b"#EXTM3U")
    assert stored(files.poster).startswith(b"RIFF")
    assert (files.tracks[0].language, files.tracks[0].label) == ("en", "English")
    assert stored(files.tracks[0].src) == b"WEBVTT\n\n00:00:01.000 --> 00:00:02.000\nHello all\n"
    assert [one.key for one in assets.files()] == [files.tracks[0].src]
    (rendition,) = assets.renditions().items()
    assert rendition[0] == files.rendition
    assert {one.key for one in rendition[1]} == set(the_store().keys(f"m/{files.rendition}/"))


def test_a_video_without_captions_has_none() -> None:
    made = {"name": "a" * 32, "src": "m/a", "poster": "m/b", "duration": 1.0, "width": 9, "height": 9, "files": []}
    Rendition.objects.create(
        kind="video", original="1" * 64, recipe=video.RECIPE, name="f.mp4", state=Rendition.State.READY, output=made
    )
    assert ReleasedAssets(frozen(video_1=file("1" * 64, "f.mp4")), the_store()).video("video/1").tracks == ()


def test_captions_that_cannot_be_read_are_the_authors_to_mend() -> None:
    made = {"name": "a" * 32, "src": "m/a", "poster": "m/b", "duration": 1.0, "width": 9, "height": 9, "files": []}
    Rendition.objects.create(
        kind="video", original="1" * 64, recipe=video.RECIPE, name="f.mp4", state=Rendition.State.READY, output=made
    )
    track = FrozenTrack(sha256=kept(b"words"), name="talk.vtt", language="en", label="English", kind="captions")
    assets = ReleasedAssets(frozen(video_1=file("1" * 64, "f.mp4", track)), the_store())
    with pytest.raises(AuthorError, match=r"^talk\.vtt holds no captions"):
        assets.video("video/1")
    assert assets.files() == ()


def test_an_attachment_is_offered_as_it_is() -> None:
    data = b"%PDF-1.7 a paper"
    assets = ReleasedAssets(frozen(attachment_1=file(kept(data), "Paper (final).PDF")), the_store())
    offered = assets.attachment("attachment/1")
    assert (offered.name, offered.src) == ("Paper (final).PDF", f"o/{sha256(data)}.pdf")
    assert (offered.bytes, offered.media_type) == (len(data), "application/pdf")
    assert stored(offered.src) == data
    assert [one.key for one in assets.files()] == [offered.src]


@pytest.mark.parametrize("name", ["page.html", "drawing.svg", "code.js", "page.xhtml", "x.htm", "noname", "x.pdf.html"])
def test_what_a_browser_would_run_is_not_offered(name: str) -> None:
    assets = ReleasedAssets(frozen(attachment_1=file(kept(b"<script>"), name)), the_store())
    with pytest.raises(AuthorError) as caught:
        assets.attachment("attachment/1")
    assert str(caught.value).startswith(f"{name} is of a kind that is not offered")
    assert list(the_store().keys("")) == []
    assert not {"html", "svg", "js", "xml", "xhtml"} & MEDIA_TYPES.keys()


def test_an_original_that_is_gone_is_ours_to_find() -> None:
    assets = ReleasedAssets(frozen(attachment_1=file("1" * 64, "paper.pdf")), the_store())
    with pytest.raises(PipelineError):
        assets.attachment("attachment/1")


def test_a_file_that_was_deleted_from_the_library() -> None:
    with pytest.raises(AuthorError, match=r"was deleted from the library; choose another"):
        ReleasedAssets(frozen(), the_store()).image("image/7", alt="", decorative=True)


def test_a_release_waits_for_what_is_not_made() -> None:
    course = frozen(image_1=file(picture(), "figure.png"))
    with pytest.raises(RenditionsPending, match=r"figure\.png is being prepared"):
        ReleasedAssets(course, the_store()).image("image/1", alt="", decorative=True)


def test_what_nobody_asked_for_belongs_to_no_release() -> None:
    assets = prepared(frozen(image_1=file(picture(), "figure.png")))
    assert (assets.files(), assets.renditions()) == ((), {})


def test_a_store_that_was_emptied_heals_itself_with_the_same_names() -> None:
    course = frozen(image_1=file(picture(), "figure.png"))
    before = prepared(course).image("image/1", alt="", decorative=True)
    the_store().delete(before.fallback.src)
    with pytest.raises(RenditionsPending, match="is missing from the store and is being prepared again"):
        ReleasedAssets(course, the_store()).image("image/1", alt="", decorative=True)
    one = Rendition.objects.get()
    assert (one.state, one.recipe) == (Rendition.State.WANTED, images.RECIPE)
    assert renditions.due() == [one.pk]
    assert prepared(course).image("image/1", alt="", decorative=True) == before
    assert stored(before.fallback.src)
