"""Every construct of the plain dialect becomes the block that it means."""

from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from cms.importing import Report, import_course
from cms.importing.pages import draft
from content.models import Attachment, Course, ImageOriginal, Lesson, Module, Video
from tests.cms.import_folders import SVG, VTT, bread, film, png, write

pytestmark = pytest.mark.django_db


def body(lesson: str = "flour") -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = draft(Lesson.objects.get(slug=lesson))[2]["body"]
    return found


def flour(root: Path, text: str, **files: str | bytes) -> tuple[list[dict[str, Any]], Report]:
    """The blocks of a lesson that says `text`, and the report."""
    bread(root, flour=text)
    write(root, {name.replace("__", "/").replace("_dot_", "."): content for name, content in files.items()})
    report = import_course(root)
    return body(), report


def only(root: Path, text: str, **files: str | bytes) -> Any:
    """The value of the one block that `text` becomes."""
    blocks, report = flour(root, text, **files)
    assert [str(one) for one in report.warnings if "named by no lesson" not in one.sentence] == []
    assert len(blocks) == 1, blocks
    return blocks[0]["type"], blocks[0]["value"]


def test_course_and_tree(tmp_path: Path) -> None:
    report = import_course(bread(tmp_path / "bread"))
    course = Course.objects.get()
    title, slug, fields = draft(course)
    assert report.course == course
    assert (title, slug, course.live) == ("Baking bread", "baking-bread", False)
    assert fields["summary"] == "Flour, water, salt and time."
    assert fields["description"] == (
        '<p>Learn to <i>bake</i>.</p><h2>Why</h2>\n<ul>\n<li>It is <a href="https://example.org/">good</a>.</li>\n</ul>'
    )
    assert (fields["level"], fields["language"], fields["hours"]) == ("intermediate", "en", "2.5")
    assert (fields["price_label"], fields["topics"]) == ("12 euros", ["Chemistry", "Food"])
    assert [outcome["value"] for outcome in fields["outcomes"]] == ["Bake a loaf", "Say why it rises: gas"]
    assert fields["cover"] == ImageOriginal.objects.get().pk
    assert fields["cover_alt"] == "A red loaf"
    person = course.get_latest_revision_as_object().instructors.get().profile
    assert (person.name, person.headline, person.bio) == ("Ada", "Bakes", "<p>Bakes <b>every</b> day.</p>")
    assert [(one.title, draft(one)[2]["summary"]) for one in Module.objects.order_by("path")] == [
        ("Before you bake", "What you need."),
        ("Baking", ""),
    ]
    lessons = Lesson.objects.order_by("path")
    assert [(one.slug, draft(one)[2]["minutes"], draft(one)[2]["summary"]) for one in lessons] == [
        ("flour", 12, "What flour is."),
        ("oven", 5, ""),
    ]
    assert report.warnings == ()


def test_text_is_split_at_headings_and_links_lead_to_pages(tmp_path: Path) -> None:
    import_course(bread(tmp_path / "bread"))
    assert [(block["type"], block["value"]) for block in body()] == [
        ("markdown", "Flour comes from grain, see [the next lesson](../oven/#heat)."),
        ("markdown", "## Kinds\n\nThere are two."),
    ]


def test_code_with_its_output(tmp_path: Path) -> None:
    kind, value = only(
        tmp_path / "bread",
        """
        ```py {highlight="2" filename="rise.py"}
        dough = 1
        print(dough * 2)
        ```
        ```output
        2
        ```
        """,
    )
    assert kind == "code"
    assert value == {
        "language": "python",
        "code": "dough = 1\nprint(dough * 2)",
        "highlight": "2",
        "filename": "rise.py",
        "output": "2",
        "output_kind": "output",
    }


def test_output_without_code_is_kept_apart(tmp_path: Path) -> None:
    blocks, _ = flour(tmp_path / "bread", "It prints\n\n```output\n2\n```\n\n```error\nBurnt\n```\n")
    assert [(one["type"], one["value"].get("filename") if one["type"] == "code" else "") for one in blocks] == [
        ("markdown", ""),
        ("code", "Output"),
        ("code", "Error"),
    ]


def test_boxes(tmp_path: Path) -> None:
    blocks, report = flour(
        tmp_path / "bread",
        """
        ::: challenge Weigh it
        How much?

        ::: solution The weight
        500 g

        ```text
        ::: not a box
        ```
        :::
        :::

        ::: tip
        Sieve it.
        :::
        """,
    )
    assert [(one["type"], one["value"]["title"]) for one in blocks] == [("callout", "Weigh it"), ("callout", "")]
    assert [one["value"]["variant"] for one in blocks] == ["challenge", "tip"]
    question, solution = blocks[0]["value"]["body"]
    assert question["value"] == "How much?"
    assert (solution["type"], solution["value"]["title"]) == ("solution", "The weight")
    assert [one["type"] for one in solution["value"]["body"]] == ["markdown", "code"]
    assert solution["value"]["body"][1]["value"]["code"] == "::: not a box"
    assert report.warnings == ()


def test_what_cannot_stand_in_a_box_is_kept(tmp_path: Path) -> None:
    quiz = "```quiz\nquestions: [{kind: number, prompt: How many, answer: 2}]\n```"
    text = f"::: note Outer\nBefore.\n\n::: tip Inner\nWithin.\n:::\n\n{quiz}\n:::\n\nAfter.\n"
    blocks, report = flour(tmp_path / "bread", text)
    assert [one["type"] for one in blocks] == ["callout", "quiz", "markdown"]
    assert [one["value"] for one in blocks[0]["value"]["body"]] == ["Before.", "**Inner**", "Within."]
    said = " ".join(one.sentence for one in report.warnings)
    assert "The box “tip” cannot stand in “note”" in said
    assert "A quiz cannot stand in a box" in said


def test_images(tmp_path: Path) -> None:
    blocks, _ = flour(
        tmp_path / "bread",
        """
        ![Grain](grain.png "In the field")

        Text before ![Mill](grain.png) and after.

        ![](grain.png){.decorative}
        """,
        grain_dot_png=png(),
    )
    assert [one["type"] for one in blocks] == ["image", "markdown", "image", "markdown", "image"]
    row = ImageOriginal.objects.get(title="grain")
    assert blocks[0]["value"] == {"image": row.pk, "alt": "Grain", "caption": "In the field", "decorative": False}
    assert [blocks[1]["value"], blocks[3]["value"]] == ["Text before", "and after."]
    assert blocks[2]["value"]["alt"] == "Mill"
    assert (blocks[4]["value"]["alt"], blocks[4]["value"]["decorative"]) == ("", True)


def test_links_to_files_become_attachments(tmp_path: Path) -> None:
    blocks, _ = flour(
        tmp_path / "bread",
        "[The prices](prices.csv)\n\nSee [them](prices.csv) and [that](other.csv) too.\n",
        prices_dot_csv="a,b\n",
        other_dot_csv="a,b\n",
    )
    assert [one["type"] for one in blocks] == ["attachment", "markdown", "attachment"]
    assert blocks[0]["value"]["title"] == "The prices"
    assert blocks[1]["value"] == "See them and that too."
    # The same bytes under two names are two downloads.
    assert {one.filename for one in Attachment.objects.all()} == {"prices.csv", "other.csv"}
    assert blocks[2]["value"]["attachment"] == Attachment.objects.get(title="other").pk


def test_table_with_caption(tmp_path: Path) -> None:
    text = "Table: The **prices**\n\n| Flour | Price |\n| --- | --: |\n| Rye | `1` |\n| Spelt | *2* |\n"
    assert only(tmp_path / "bread", text) == (
        "table",
        {
            "columns": [{"type": "text", "heading": "Flour"}, {"type": "text", "heading": "Price"}],
            "rows": [{"values": ["Rye", "`1`"]}, {"values": ["Spelt", "*2*"]}],
            "caption": "The prices",
        },
    )


@pytest.mark.parametrize("between", ["\n", "\n\n"])
def test_caption_below_a_table(tmp_path: Path, between: str) -> None:
    kind, value = only(tmp_path / "bread", f"| A | B |\n| --- | --- |\n| 1 | 2 |{between}Table: Below\n")
    assert (kind, value["caption"], len(value["rows"])) == ("table", "Below", 1)


@pytest.mark.parametrize(
    ("last", "attribution", "source"),
    [
        ("— Ada", "Ada", ""),
        ("-- [Ada](https://example.org/bread)", "Ada", "https://example.org/bread"),
        ("and that was all.", "", ""),
    ],
)
def test_quote(tmp_path: Path, last: str, attribution: str, source: str) -> None:
    kind, value = only(tmp_path / "bread", f"> Bread is *time*.\n> {last}\n")
    text = "Bread is *time*." if attribution else f"Bread is *time*.\n{last}"
    assert (kind, value) == ("quote", {"text": text, "attribution": attribution, "source": source})


def test_maths(tmp_path: Path) -> None:
    assert only(tmp_path / "bread", "$$\n\\frac{a}{b}\n$$\n") == ("maths", {"latex": "\\frac{a}{b}"})


def test_embed(tmp_path: Path) -> None:
    text = "```embed\nprovider: vimeo\nid: 123456\ntitle: Kneading\n```\n"
    assert only(tmp_path / "bread", text) == (
        "embed",
        {"provider": "vimeo", "video_id": "123456", "title": "Kneading"},
    )


def test_video_with_captions(tmp_path: Path) -> None:
    kind, value = only(
        tmp_path / "bread",
        """
        ```video
        file: knead.mp4
        title: Kneading
        captions:
          - {file: knead.vtt, language: en, label: English}
        transcript: |
          A *red* square.
        ```
        """,
        knead_dot_mp4=film(),
        knead_dot_vtt=VTT,
    )
    video = Video.objects.get()
    assert (kind, value) == ("video", {"video": video.pk, "title": "Kneading", "transcript": "A *red* square."})
    track = video.tracks.get()
    assert (track.language, track.label, track.kind) == ("en", "English", "captions")
    assert track.file.read().decode() == VTT


def test_quiz(tmp_path: Path) -> None:
    kind, value = only(
        tmp_path / "bread",
        """
        ```quiz
        title: Yeast
        pass_percent: 50
        questions:
          - kind: single
            prompt: Is yeast alive?
            points: 2
            explanation: It is a *fungus*.
            choices:
              - {text: "Yes", correct: true}
              - No
          - {kind: multiple, prompt: Which, choices: [{text: a, correct: yes}, {text: b}]}
          - {kind: number, prompt: How hot, answer: 230.5, tolerance: 5, unit: °C}
          - {kind: short_text, prompt: Name it., accepted: [NaCl, salt], case_sensitive: true}
        ```
        """,
    )
    assert (kind, value["title"], value["pass_percent"]) == ("quiz", "Yeast", 50)
    single, multiple, number, short = value["questions"]
    assert [one["type"] for one in value["questions"]] == ["single", "multiple", "number", "short_text"]
    assert [choice["value"] for choice in single["value"]["choices"]] == [
        {"text": "Yes", "correct": True},
        {"text": "No", "correct": False},
    ]
    assert (single["value"]["points"], single["value"]["explanation"]) == (2, "It is a *fungus*.")
    assert [choice["value"]["correct"] for choice in multiple["value"]["choices"]] == [True, False]
    assert (number["value"]["answer"], number["value"]["tolerance"], number["value"]["unit"]) == (230.5, 5.0, "°C")
    assert [one["value"] for one in short["value"]["accepted"]] == ["NaCl", "salt"]
    assert short["value"]["case_sensitive"] is True
    for one in value["questions"]:
        assert UUID(one["id"])
        assert all(UUID(choice["id"]) for choice in one["value"].get("choices", ()))


def test_lists_and_links_by_reference_stay_markdown(tmp_path: Path) -> None:
    text = """
    - one [mill][there]
        - deeper ![Mill](mill.svg) still

    1. [There]
    2. `[there]`

    [there]: https://example.org/ "Over there"
    """
    blocks, report = flour(tmp_path / "bread", text, **{"01-before__mill_dot_svg": SVG})
    assert [one["type"] for one in blocks] == ["markdown", "image", "markdown"]
    assert blocks[0]["value"] == '- one [mill](https://example.org/ "Over there")\n    - deeper  still'
    assert blocks[2]["value"] == '1. [There](https://example.org/ "Over there")\n2. `[there]`'
    assert [one.line for one in report.warnings] == [6]  # the image stands after its list


@pytest.mark.parametrize(
    ("written", "published", "warning"),
    [
        ("Press <kbd>A</kbd>.", "Press `A`.", ""),
        ("A <b>bold</b> <i>word</i>.", "A **bold** *word*.", ""),
        ("Call it `<b>` or <your name>.", "Call it `<b>` or <your name>.", ""),
        ("Say <!-- who? --> hello.", "Say  hello.", ""),
        ("One<br>two", "One two", ""),
        ("A <u>line</u>.", "A line.", "<u> is not published (line 5)"),
        ("Hi <script>alert(1)</script> there.", "Hi  there.", "<script> is not published"),
        ("<script>\nalert(1)\n</script>\n\nText.", "Text.", "<script> is not published"),
        ("<div class='x'>\nWords <b>kept</b>\n</div>", "Words kept", "HTML is not published (<b>, <div>)"),
        ("[x](ftp://example.org/)", "x", "Links to “ftp://example.org/” are not published"),
        ("[x](old.md)", "x", "A link leads to “old.md”, which is no lesson"),
        ("![Far](https://example.org/a.png)", "[Far](https://example.org/a.png)", "is elsewhere and becomes a link"),
        ("[a](https://example.org/){target=_blank}!", "[a](https://example.org/)!", ""),
    ],
)
def test_html_and_links_in_text(tmp_path: Path, written: str, published: str, warning: str) -> None:
    blocks, report = flour(tmp_path / "bread", f"{written}\n")
    assert [one["value"] for one in blocks] == [published]
    assert [warning in one.sentence for one in report.warnings] == [True] * bool(warning)


def test_a_script_in_a_drawing_is_said_and_does_no_harm(tmp_path: Path) -> None:
    drawing = SVG.replace("<rect", "<script>alert(1)</script><rect")
    blocks, report = flour(tmp_path / "bread", "![Mill](mill.svg)\n", mill_dot_svg=drawing)
    assert blocks[0]["type"] == "image"
    assert [(one.file, "holds a script" in one.sentence) for one in report.warnings] == [("mill.svg", True)]


def test_unused_files_and_unknown_fields_are_said(tmp_path: Path) -> None:
    write(bread(tmp_path / "bread"), {"data/a.csv": "1\n", "data/b.csv": "2\n", "01-before/notes.md": "x\n"})
    path = tmp_path / "bread/02-baking/01-oven.md"
    path.write_text(path.read_text().replace("minutes", "minuts"))
    said = {one.place: one.sentence for one in import_course(tmp_path / "bread").warnings}
    assert "2 files here are named by no lesson" in said["data/"]
    assert "begins with no number" in said["01-before/notes.md"]
    assert "The field “minuts” is not read" in said["02-baking/01-oven.md:1"]
