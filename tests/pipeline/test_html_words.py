"""Numbers, sizes, durations and languages as readers see them."""

import pytest

from pipeline import html_words as words
from pipeline.documents import EmbedBlock
from pipeline.html_filters import direction, embed_url, watch_url


@pytest.mark.parametrize(
    ("number", "shown"), [(0, "0 min"), (25, "25 min"), (60, "1 h"), (90, "1 h 30 min"), (120, "2 h")]
)
def test_minutes(number: int, shown: str) -> None:
    assert words.minutes(number) == shown


@pytest.mark.parametrize(
    ("number", "shown"), [(1, "1 hour"), (1.0, "1 hour"), (6.5, "6.5 hours"), (0.5, "0.5 hours"), (12, "12 hours")]
)
def test_hours(number: float, shown: str) -> None:
    assert words.hours(number) == shown


@pytest.mark.parametrize(
    ("seconds", "shown"), [(0, "0:00"), (59.6, "1:00"), (245, "4:05"), (3599.7, "1:00:00"), (3729, "1:02:09")]
)
def test_runtime(seconds: float, shown: str) -> None:
    assert words.runtime(seconds) == shown


@pytest.mark.parametrize(
    ("size", "shown"),
    [
        (0, "0 bytes"),
        (1, "1 byte"),
        (999, "999 bytes"),
        (5365, "5.4 kB"),
        (12_000, "12 kB"),
        (999_999, "1.0 MB"),
        (3_400_000, "3.4 MB"),
        (5_000_000_000_000, "5000 GB"),
    ],
)
def test_file_size(size: int, shown: str) -> None:
    assert words.file_size(size) == shown


@pytest.mark.parametrize(
    ("name", "media_type", "shown"),
    [
        ("a.csv", "text/csv", "CSV"),
        ("a.PDF", "application/pdf", "PDF"),
        ("notebook.ipynb", "application/octet-stream", "IPYNB"),
        ("Makefile", "", "File"),
    ],
)
def test_file_kind(name: str, media_type: str, shown: str) -> None:
    assert words.file_kind(name, media_type) == shown


@pytest.mark.parametrize(
    ("tag", "shown", "side"),
    [
        ("en", "English", "ltr"),
        ("pt-BR", "Português", "ltr"),
        ("ar", "العربية", "rtl"),
        ("AR_EG", "العربية", "rtl"),
        ("tlh", "tlh", "ltr"),
    ],
)
def test_languages(tag: str, shown: str, side: str) -> None:
    assert (words.language_name(tag), direction(tag)) == (shown, side)


def test_names() -> None:
    assert (words.code_language("cpp"), words.code_language("python")) == ("C++", "Python")
    assert (words.callout_name("key_points"), words.callout_name("tip")) == ("Key points", "Tip")
    assert (words.provider_name("youtube"), words.provider_name("peertube")) == ("YouTube", "Peertube")


def test_embeds_lead_to_the_door_without_cookies() -> None:
    youtube = EmbedBlock(id="e", provider="youtube", video_id="dQw4w9WgXcQ", title="t")
    vimeo = EmbedBlock(id="e", provider="vimeo", video_id="76979871", title="t")
    assert embed_url(youtube) == "https://www.youtube-nocookie.com/embed/dQw4w9WgXcQ?autoplay=1&rel=0"
    assert watch_url(youtube) == "https://www.youtube.com/watch?v=dQw4w9WgXcQ"
    assert embed_url(vimeo) == "https://player.vimeo.com/video/76979871?autoplay=1&dnt=1"
    assert watch_url(vimeo) == "https://vimeo.com/76979871"
