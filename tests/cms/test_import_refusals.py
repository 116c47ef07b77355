"""Whatever is wrong with a folder is said with its file, its line and a remedy; then nothing at all is written."""

from collections.abc import Callable
from pathlib import Path
from textwrap import dedent

import pytest
from django.apps import apps

from api.models import User
from cms.importing import Refused, import_course
from content.models import Catalogue, Course
from tests.cms.import_folders import SVG, VTT, bread, film, huge_png, media_files, png, weather, write

pytestmark = pytest.mark.django_db

LESSON = "01-before/01-flour.md"
HEAD = "---\ntitle: Flour\n---\n"


def rows() -> dict[str, int]:
    """How many rows every table has."""
    return {model._meta.label: model._default_manager.count() for model in apps.get_models(include_auto_created=True)}


def refused(root: Path, author: User | None = None) -> list[tuple[str, str]]:
    """(place, sentence) of each error; fails if anything was written."""
    before, files = rows(), media_files()
    with pytest.raises(Refused) as caught:
        import_course(root, author)
    assert rows() == before
    assert media_files() == files
    assert caught.value.report.course is None
    return [(one.place, one.sentence) for one in caught.value.report.errors]


def lesson(text: str, **files: str | bytes) -> Callable[[Path], None]:
    """Makes the first lesson say `text`, which begins in its line 4."""

    def spoil(root: Path) -> None:
        write(root, {LESSON: HEAD + dedent(text).removeprefix("\n")})
        write(root, {f"01-before/{name}": content for name, content in files.items()})

    return spoil


def symlink(name: str, text: str) -> Callable[[Path], None]:
    def spoil(root: Path) -> None:
        outside = root.parent / "secret.png"
        outside.write_bytes(png())
        write(root, {LESSON: HEAD + text})
        (root / name).unlink(missing_ok=True)
        (root / name).symlink_to(outside)

    return spoil


def files(**contents: str | bytes | None) -> Callable[[Path], None]:
    """Writes files, or removes those that are None. `__` stands for a slash and `_dot_` for a dot."""

    def spoil(root: Path) -> None:
        for name, content in contents.items():
            path = root / name.replace("__", "/").replace("_dot_", ".").replace("_dash_", "-")
            if content is None:
                path.unlink()
            else:
                write(root, {str(path.relative_to(root)): content})

    return spoil


def spoiled(name: str, before: str, after: str) -> Callable[[Path], None]:
    def spoil(root: Path) -> None:
        path = root / name
        text = path.read_text()
        assert before in text
        path.write_text(text.replace(before, after))

    return spoil


VIDEO = "```video\nfile: a.mp4\ntitle: A\n```\n"
BAD = {
    "missing image": (lesson("\n\n![A](a.png)\n"), f"{LESSON}:5", "“a.png” is not in the folder: add the file"),
    "no text alternative": (
        lesson("![](a.png)\n", **{"a.png": png()}),
        f"{LESSON}:4",
        "The image “a.png” has no text alternative: write what it shows between the brackets",
    ),
    "front matter without an end": (
        spoiled(LESSON, "minutes: 12\n---", "minutes: 12"),
        f"{LESSON}:2",
        "The front matter has no end: write --- on a line of its own",
    ),
    "front matter that is no YAML": (
        spoiled(LESSON, "title: Flour", "title: Flour: white"),
        f"{LESSON}:2",
        "This is not YAML",
    ),
    "front matter that is a list": (
        spoiled(LESSON, "title: Flour\nsummary: What flour is.\nminutes: 12", "- a"),
        f"{LESSON}:1",
        "Here should be fields",
    ),
    "front matter with aliases": (
        spoiled(LESSON, "title: Flour", "a: &a [x]\nb: *a"),
        f"{LESSON}:3",
        "YAML aliases (*name) are not read",
    ),
    "front matter without an end of brackets": (
        spoiled(LESSON, "title: Flour", "title: " + "[" * 5000 + "]" * 5000),
        f"{LESSON}:2",
        "The YAML is nested too deeply",
    ),
    "minutes that are no number": (
        spoiled(LESSON, "minutes: 12", "minutes: twelve"),
        f"{LESSON}:1",
        "“minutes: twelve” is not a number",
    ),
    "a summary that is too long": (
        spoiled(LESSON, "What flour is.", "x" * 301),
        f"{LESSON}:1",
        "“summary” has 301 characters, and at most 300 fit",
    ),
    "no title": (spoiled(LESSON, "title: Flour", "title:"), LESSON, "The lesson has no title: give it one."),
    "an image of 40 MB": (
        lesson("![A](a.png)\n", **{"a.png": png() + b"\0" * (40 << 20)}),
        f"{LESSON}:4",
        "01-before/a.png has 40 MB, and an image at most 20",
    ),
    "a decompression bomb": (
        lesson("![A](a.png)\n", **{"a.png": huge_png(30_000)}),
        f"{LESSON}:4",
        "01-before/a.png would unpack to more than 178 megapixels",
    ),
    "an image of too many pixels": (
        lesson("![A](a.png)\n", **{"a.png": huge_png(10_000)}),
        f"{LESSON}:4",
        "01-before/a.png is 10000 by 10000 pixels (100 megapixels)",
    ),
    "an image cut short": (
        lesson("![A](a.png)\n", **{"a.png": png(size=(300, 300))[:-60]}),
        f"{LESSON}:4",
        "01-before/a.png is damaged or cut short",
    ),
    "an image that is none": (
        lesson("![A](a.png)\n", **{"a.png": "words"}),
        f"{LESSON}:4",
        "01-before/a.png is not an image that can be read",
    ),
    "a drawing that is none": (
        lesson("![A](a.svg)\n", **{"a.svg": "<html/>"}),
        f"{LESSON}:4",
        "01-before/a.svg holds <html> instead of <svg>",
    ),
    "an empty image": (lesson("![A](a.png)\n", **{"a.png": b""}), f"{LESSON}:4", "01-before/a.png is empty (0 bytes)"),
    "a path that leaves the folder": (
        lesson("![A](../../../etc/passwd)\n"),
        f"{LESSON}:4",
        "“../../../etc/passwd” leads out of the course's folder",
    ),
    "an escaped path that leaves the folder": (
        lesson("[A](..%2f..%2f..%2fetc%2fpasswd.csv)\n"),
        f"{LESSON}:4",
        "leads out of the course's folder",
    ),
    "an absolute path": (lesson("[A](/etc/passwd)\n"), f"{LESSON}:4", "“/etc/passwd” leads out of the course's folder"),
    "a file: address": (
        lesson("![A](FILE:///etc/passwd)\n"),
        f"{LESSON}:4",
        "leads out of the course's folder",
    ),
    "a link that leaves the folder": (
        symlink("01-before/a.png", "![A](a.png)\n"),
        f"{LESSON}:4",
        "“a.png” leads out of the course's folder",
    ),
    "a lesson that leaves the folder": (
        symlink("01-before/02-secret.md", "Text.\n"),
        "01-before/02-secret.md",
        "is a link that leads out of the course's folder",
    ),
    "a video in another folder": (
        lesson("```video\nfile: /etc/hostname\n```\n"),
        f"{LESSON}:4",
        "“/etc/hostname” leads out of the course's folder",
    ),
    "a script for ffmpeg": (
        lesson(VIDEO, **{"a.mp4": "ffconcat version 1.0\nfile /etc/passwd\n"}),
        f"{LESSON}:4",
        "01-before/a.mp4 is not a video, whatever its name says",
    ),
    "a playlist": (
        lesson(VIDEO, **{"a.mp4": "#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n"}),
        f"{LESSON}:4",
        "01-before/a.mp4 is not a video, whatever its name says",
    ),
    "a text named like a video": (
        lesson(VIDEO, **{"a.mp4": "a film about bread"}),
        f"{LESSON}:4",
        "01-before/a.mp4 is not a video, whatever its name says",
    ),
    "a damaged video": (
        lesson(VIDEO, **{"a.mp4": b"\0\0\0\x18ftypisom" + b"\0" * 40}),
        f"{LESSON}:4",
        "01-before/a.mp4 is damaged",
    ),
    "an empty video": (lesson(VIDEO, **{"a.mp4": b""}), f"{LESSON}:4", "01-before/a.mp4 is empty (0 bytes)"),
    "captions that are none": (
        lesson(
            "```video\nfile: a.mp4\ncaptions: [{file: a.vtt}]\n```\n",
            **{"a.mp4": film(), "a.vtt": "WEBVTT\n\n1 --> 2\nx\n"},
        ),
        f"{LESSON}:4",
        "01-before/a.vtt, line 3: “1 --> 2” is not a time that can be read",
    ),
    "two captions of one language": (
        lesson(
            "```video\nfile: a.mp4\ncaptions: [{file: a.vtt}, {file: b.vtt}]\n```\n",
            **{"a.mp4": film(), "a.vtt": VTT, "b.vtt": VTT},
        ),
        f"{LESSON}:4",
        "gets two captions in “en” (a.vtt and b.vtt): keep one",
    ),
    "an attachment that a browser would run": (
        lesson("[A](a.js)\n", **{"a.js": "alert(1)"}),
        f"{LESSON}:4",
        "01-before/a.js is of a kind that is not offered for download",
    ),
    "not UTF-8": (
        files(**{"01_dash_before__01_dash_flour_dot_md": b"---\ntitle: Mehl\n---\nGr\xfcn\n"}),
        LESSON,
        "Line 4 is not UTF-8",
    ),
    "a NUL character": (lesson("A\0B\n"), LESSON, "Line 4 holds a NUL character"),
    "no lessons": (
        files(**{"01_dash_before__01_dash_flour_dot_md": None, "02_dash_baking__01_dash_oven_dot_md": None}),
        "course.md",
        "The course has no lessons",
    ),
    "no course": (files(course_dot_md=None), "bread", "This folder holds no course: it needs a file course.md"),
    "an empty lesson": (lesson("\n"), LESSON, "The lesson is empty"),
    "two lessons of one address": (
        files(**{"02_dash_baking__02_dash_flour_dot_md": HEAD + "Again.\n"}),
        "02-baking/02-flour.md",
        "This lesson and 01-before/01-flour.md share the address “flour”",
    ),
    "an address that is none": (
        spoiled(LESSON, "minutes: 12", "slug: White Flour"),
        f"{LESSON}:1",
        "“slug: White Flour” cannot be an address: write it as “white-flour”",
    ),
    "a quiz without a right answer": (
        lesson("\n\n```quiz\nquestions: [{prompt: Why, choices: [a, b]}]\n```\n"),
        f"{LESSON}:5",
        "Question 1 of a quiz has no right answer",
    ),
    "a quiz that is no YAML": (
        lesson("```quiz\ntitle: x\n  y: [\n```\n"),
        f"{LESSON}:6",
        "This is not YAML",
    ),
    "a question with one choice": (
        lesson("```quiz\nquestions: [{prompt: Why, choices: [{text: a, correct: true}]}]\n```\n"),
        f"{LESSON}:4",
        "needs two choices or more",
    ),
    "a box without an end": (
        lesson("\n\n::: note\nText.\n"),
        f"{LESSON}:5",
        "The box “note” is not closed: write ::: on a line of its own after it.",
    ),
    "boxes without an end": (lesson("::: note\n" * 30), f"{LESSON}:24", "Boxes are nested more than 20 deep"),
    "highlighting past the end": (
        lesson('```python {highlight="3"}\na = 1\n```\n'),
        f"{LESSON}:4",
        "“highlight=3” names line 3, and the code has 1",
    ),
    "an embed by its address": (
        lesson("```embed\nprovider: youtube\nid: https://example.org\ntitle: A\n```\n"),
        f"{LESSON}:4",
        "“https://example.org” is not a video id of youtube",
    ),
    "an embed without a title": (
        lesson("```embed\nprovider: vimeo\nid: 123456\n```\n"),
        f"{LESSON}:4",
        "A video elsewhere has no title",
    ),
    "a language that is none": (
        spoiled("course.md", "language: en", "language: English?"),
        "course.md",
        "“English?” is not a language tag",
    ),
    "a level that is none": (
        spoiled("course.md", "level: intermediate", "level: hard"),
        "course.md:1",
        "“level: hard” is none of: beginner, intermediate, advanced.",
    ),
    "no summary": (
        spoiled("course.md", "summary: Flour, water, salt and time.", ""),
        "course.md",
        "The course has no summary",
    ),
    "a cover that is missing": (files(cover_dot_svg=None), "course.md:1", "“cover.svg” is not in the folder"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_folder_is_refused(tmp_path: Path, name: str) -> None:
    spoil, place, sentence = BAD[name]
    root = bread(tmp_path / "bread")
    spoil(root)
    errors = refused(root)
    assert any(at == place and sentence in said for at, said in errors), errors
    assert all(said.endswith((".", "?", ")")) for _, said in errors), errors


def test_a_good_folder_is_not_refused(tmp_path: Path) -> None:
    """The control of the test above: what it spoils was good."""
    assert import_course(bread(tmp_path / "bread")).errors == ()


def test_every_error_is_listed_at_once(tmp_path: Path) -> None:
    root = bread(tmp_path / "bread", flour="Text.\n![A](a.png)\n")
    (root / "02-baking/01-oven.md").write_text("---\ntitle: The oven\n---\n\n[x](/etc/passwd)\n")
    assert [place for place, _ in refused(root)] == [f"{LESSON}:6", "02-baking/01-oven.md:5"]


def test_a_failure_half_way_leaves_no_file(tmp_path: Path) -> None:
    """The cover and an image are stored before the page that turns out to be locked: they are removed again."""
    root = bread(tmp_path / "bread")
    import_course(root)
    Course.objects.update(locked=True)
    write(root, {"cover.svg": SVG.replace("#c00", "#00c")})
    before, stored = rows(), media_files()
    with pytest.raises(Refused, match="“Baking bread” is locked in the editor: unlock it"):
        import_course(root)
    assert (rows(), media_files()) == (before, stored)


def test_an_address_that_another_course_has(tmp_path: Path) -> None:
    Catalogue.objects.get().add_child(instance=Course(title="Other bread", slug="baking-bread", summary="x"))
    assert refused(bread(tmp_path / "bread")) == [
        (
            "course.md",
            "The address “baking-bread” belongs to the course “Other bread”, which was not imported from this folder: "
            "give this one another “slug”.",
        )
    ]


def test_a_course_of_somebody_else(tmp_path: Path, people: dict[str, User]) -> None:
    root = bread(tmp_path / "bread")
    assert refused(root, people["sam"]) == [("course.md", "Sam may not add courses: name an author who may.")]
    import_course(root, people["ada"])
    assert Course.objects.get().owner == people["ada"]
    assert refused(root, people["noor"]) == [
        ("course.md", "Noor may not change “Baking bread”: name an author who may.")
    ]


@pytest.fixture
def people() -> dict[str, User]:
    """Ada and Noor teach, Sam learns."""
    from django.contrib.auth.models import Group

    made = {}
    for name in ("ada", "noor", "sam"):
        made[name] = User.objects.create_user(f"{name}@example.org", display_name=name.capitalize())
        if name != "sam":
            made[name].groups.add(Group.objects.get(name="Instructor"))
    return made


def test_an_episode_that_is_missing(tmp_path: Path) -> None:
    root = weather(tmp_path / "weather")
    (root / "episodes/rain.md").unlink()
    assert refused(root)[0] == (
        "config.yaml",
        "Under “episodes”: “rain.md” is not in the folder: add the file, or correct the path.",
    )
