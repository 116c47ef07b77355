"""Course folders for tests of the import, in both dialects, with real pictures and a real film."""

import struct
import zlib
from functools import cache
from io import BytesIO
from pathlib import Path
from textwrap import dedent

import av
from django.conf import settings
from PIL import Image

SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 20"><rect width="40" height="20" fill="#c00"/></svg>'
VTT = "WEBVTT\n\n00:00:00.000 --> 00:00:01.000\nA red square.\n"

COURSE = """
    ---
    title: Baking bread
    summary: Flour, water, salt and time.
    level: intermediate
    language: en
    hours: 2.5
    topics: [Food, Chemistry]
    price_label: 12 euros
    outcomes:
      - Bake a loaf
      - "Say why it rises: gas"
    cover: cover.svg
    cover_alt: A red loaf
    instructors:
      - name: Ada
        headline: Bakes
        bio: Bakes **every** day.
    ---
    Learn to *bake*.

    ## Why

    - It is [good](https://example.org/).
    """
FLOUR = """
    ---
    title: Flour
    summary: What flour is.
    minutes: 12
    ---

    Flour comes from grain, see [the next lesson](../02-baking/01-oven.md#heat).

    ## Kinds

    There are two.
    """
OVEN = """
    ---
    title: The oven
    minutes: 5
    ---
    ## Heat

    Heat it.
    """


def write(root: Path, files: dict[str, str | bytes]) -> Path:
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, str):
            path.write_text(dedent(content).removeprefix("\n"), encoding="utf-8")
        else:
            path.write_bytes(content)
    return root


def bread(root: Path, **lesson: str) -> Path:
    """A course of two modules in the plain dialect; `flour` replaces the body of its first lesson."""
    write(
        root,
        {
            "course.md": COURSE,
            "cover.svg": SVG,
            "01-before/module.md": "---\ntitle: Before you bake\nsummary: What you need.\n---\n",
            "01-before/01-flour.md": FLOUR,
            "02-baking/01-oven.md": OVEN,
        },
    )
    if "flour" in lesson:
        head = "---\ntitle: Flour\nminutes: 12\n---\n"
        (root / "01-before/01-flour.md").write_text(head + dedent(lesson["flour"]).removeprefix("\n"), encoding="utf-8")
    return root


def weather(root: Path) -> Path:
    """A course of two episodes in the Carpentries' dialect."""
    return write(
        root,
        {
            "config.yaml": """
                title: 'Reading the weather'
                keywords: 'weather, data'
                license: 'CC-BY 4.0'
                source: 'https://example.org/weather'
                url: 'https://example.org/lessons/weather'
                lang: en
                episodes:
                - wind.md
                - rain.md
                """,
            "index.md": """
                ---
                site: sandpaper::sandpaper_site
                ---
                Learn to read the **sky**.

                ![](episodes/fig/sky.svg){alt='A red sky'}

                ::::: prereq

                ## Prerequisites

                A window, as in the [Setup](learners/setup.md).

                ::::::
                """,
            "learners/setup.md": "Open the window.\n",
            "episodes/fig/sky.svg": SVG,
            "episodes/rain.md": RAIN,
            "episodes/wind.md": WIND,
        },
    )


WIND = "---\ntitle: Wind\nteaching: 3\nexercises: 4\n---\n\n## Beaufort\n\nSee [rain](rain.html).\n"
RAIN = r"""
    ---
    title: Rain
    teaching: 20
    exercises: 10
    ---

    :::::::::::::::::::::: objectives

    - Measure `rain`.

    ::::::::::::::::::::::::::::::::::

    Rain [falls](../learners/setup.md#fall) and <kbd>Ctrl</kbd>\+<kbd>C</kbd> stops it. See [the docs][docs].
    <!-- not for readers -->

    ```{.python .numberLines}
    print(1)
    ```

    ```output
    1
    ```

    ```error
    NameError
    ```

    Look here:
    ![Clouds](fig/sky.svg){alt="A [red\_sky\] 'today'"}
    and there.

    :::: challenge

    ## How `much`?

    ```bash
    $ measure
    :::
    ```

    ::: solution

    ## Answer

    10 mm

    :::

    ::: hint
    Look up.
    :::

    ::::

    ::: instructor
    Tell them about snow.
    :::

    ::: group-tab

    ### Mac

    Click.

    ### Linux

    Type.

    :::

    ::: weirdbox
    Kept.
    :::

    {% include links.md %}

    See [wind](wind.md#beaufort) and [nothing](wind.md#calm).

    [docs]: https://example.org/docs "The docs"
    """


@cache
def png(colour: str = "red", size: tuple[int, int] = (8, 8)) -> bytes:
    written = BytesIO()
    Image.new("RGB", size, colour).save(written, "PNG")
    return written.getvalue()


def huge_png(side: int) -> bytes:
    """A PNG of a few hundred bytes that says it is `side` by `side` pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0" * 100)) + chunk(b"IEND", b"")
    )


@cache
def film() -> bytes:
    """Half a second of a red square, MPEG-4."""
    written = BytesIO()
    with av.open(written, "w", format="mp4") as container:
        stream = container.add_stream("mpeg4", rate=10)
        stream.width = stream.height = 64
        stream.pix_fmt = "yuv420p"
        for _ in range(5):
            frame = av.VideoFrame.from_image(Image.new("RGB", (64, 64), "red"))
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return written.getvalue()


def media_files() -> set[str]:
    """Every file of the library on disk."""
    root = Path(settings.MEDIA_ROOT)
    return {str(path.relative_to(root)) for path in root.rglob("*") if path.is_file()}
