"""The example school as a folder that any static host could serve: pages, built files and pictures."""

from pathlib import Path

from PIL import Image, ImageDraw

from pipeline import html
from tests.pipeline import html_example as example

CAPTIONS = "WEBVTT\n\n00:00.000 --> 00:06.000\n{first}\n\n00:06.000 --> 00:16.000\n{second}\n"


def picture(width: int, height: int) -> Image.Image:
    drawn = Image.new("RGB", (width, height), "#f7f4ea")
    pen = ImageDraw.Draw(drawn)
    for row in range(9):
        pen.line([(0, row * height // 8), (width, row * height // 8)], fill="#d9d4c2")
    curve = [(x, height * (0.5 - 0.35 * ((x / width) * 4 * (1 - x / width)) ** 2 + 0.2)) for x in range(0, width, 4)]
    pen.line(curve, fill="#1d5c47", width=6)
    return drawn


def write(folder: Path, site: html.Site) -> None:
    """Every page of the example and all that its pages load, but no video."""
    pages = {
        "index.html": html.catalogue_page(site, example.CATALOGUE, 1, 9),
        **{
            f"catalogue/{number}/index.html": html.catalogue_page(site, example.CATALOGUE, number, 9)
            for number in range(2, 10)
        },
        "courses/moved/index.html": html.notice_page(
            site,
            "courses/moved/",
            "This page has moved",
            "You are led there by yourself.",
            "courses/reading-data/",
            "Go to the page",
            example.COURSE.course,
            "redirect",
        ),
        "courses/reading-data/index.html": html.course_page(site, example.COURSE, example.OUTLINE),
        "courses/nujum/index.html": html.course_page(site, example.ARABIC, example.ARABIC_OUTLINE),
        "courses/nujum/ufuq/index.html": html.lesson_page(
            site, example.ARABIC, example.ARABIC_OUTLINE, example.ARABIC_LESSON
        ),
        "courses/ink/index.html": html.course_page(site, example.INK, example.OUTLINE),
        **{
            f"courses/reading-data/{lesson.slug}/index.html": html.lesson_page(
                site, example.COURSE, example.OUTLINE, lesson
            )
            for lesson in example.LESSONS
        },
        **html.fixed_pages(site),
    }
    files = {key: path.read_bytes() for key, path in html.assets().items()}
    files["o/readings.csv"] = b"0,1,3,1,2\n0,2,1,2,1\n"
    files["o/en.vtt"] = CAPTIONS.format(first="Warmth comes in waves.", second="A sensor hears them.").encode()
    files["o/de.vtt"] = CAPTIONS.format(first="Wärme kommt in Wellen.", second="Ein Fühler hört sie.").encode()
    for key, data in {**pages, **files}.items():
        path = folder / key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    for image in (example.FIGURE, example.COVER):
        for source in (*image.sources, image.fallback):
            picture(source.width, source.width * image.height // image.width).save(folder / source.src)
    picture(640, 360).save(folder / "o/poster.webp")
