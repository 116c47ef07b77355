"""Authoring faults: each sentence appears for its fault, and not without it."""

from typing import Any

import pytest

from content.rules import Fault, Known, course_faults, cycle_of, lesson_faults, walk
from pipeline.store.base import KEY

Raw = dict[str, Any]


def block(kind: str, value: Any, name: str = "b-1") -> Raw:
    return {"type": kind, "value": value, "id": name}


def single(*right: bool, prompt: str = "Which?", kind: str = "single") -> Raw:
    choices = [
        {"type": "item", "value": {"text": f"Choice {place}", "correct": one}} for place, one in enumerate(right)
    ]
    return block(kind, {"prompt": prompt, "choices": choices}, "q-1")


def quiz(*questions: Raw) -> Raw:
    return block("quiz", {"title": "Check", "questions": list(questions)})


TEXT = block("text", "<p>Rain falls.</p>", "text-1")

# (severity, sentence, the block with the fault, the same block without it)
FAULTS: list[tuple[str, str, Raw, Raw]] = [
    (
        "warning",
        "A link says only “here”: let it say where it leads.",
        block("text", '<p><a href="https://example.org">here</a></p>'),
        block("text", '<p><a href="https://example.org">the gauge</a></p>'),
    ),
    (
        "warning",
        "A link says only “Read more…”: let it say where it leads.",
        block("markdown", "[Read more…](https://example.org)"),
        block("markdown", "[Read more about gauges](https://example.org)"),
    ),
    (
        "error",
        "The link “the other lesson” leads to a page that is gone: choose another or remove it.",
        block("text", '<p><a linktype="page" id="9">the other lesson</a></p>'),
        block("text", '<p><a linktype="page" id="7">the other lesson</a></p>'),
    ),
    (
        "warning",
        "An image has no text alternative: describe it, or tick “Only decoration”.",
        block("markdown", "![](figure.png)"),
        block("markdown", "![A gauge](figure.png)"),
    ),
    (
        "warning",
        "Line 2 of the code is 121 characters long: break it, or readers must scroll.",
        block("code", {"code": "short\n" + "x" * 121}),
        block("code", {"code": "short\n" + "x" * 120}),
    ),
    (
        "error",
        "An image block has no image: choose one or remove the block.",
        block("image", {"image": None}),
        block("image", {"image": 1, "alt": "A gauge."}),
    ),
    (
        "error",
        "An image has no text alternative: describe it, or tick “Only decoration”.",
        block("image", {"image": 1, "alt": "  "}),
        block("image", {"image": 1, "alt": "", "decorative": True}),
    ),
    (
        "error",
        "A video block has no video: choose one or remove the block.",
        block("video", {"video": None}),
        block("video", {"video": 1}),
    ),
    (
        "warning",
        "“Storm” has no captions: add a WebVTT or SubRip file under Media.",
        block("video", {"video": 2}),
        block("video", {"video": 1}),
    ),
    (
        "error",
        "An attachment block has no file: choose one or remove the block.",
        block("attachment", {"attachment": None}),
        block("attachment", {"attachment": 1}),
    ),
    (
        "error",
        "A video elsewhere has no title: say what it shows.",
        block("embed", {"provider": "vimeo", "video_id": "123456", "title": " "}),
        block("embed", {"provider": "vimeo", "video_id": "123456", "title": "A storm"}),
    ),
    ("error", "A quiz has no questions: add one or remove the quiz.", quiz(), quiz(single(True, False))),
    (
        "error",
        "Question 1 of a quiz asks nothing: write it or remove it.",
        quiz(single(True, False, prompt=" ")),
        quiz(single(True, False)),
    ),
    (
        "error",
        "Question 2 of a quiz has no right answer: mark one.",
        quiz(single(True, False), single(False, False)),
        quiz(single(True, False), single(False, True)),
    ),
    (
        "error",
        "Question 1 of a quiz has 2 right answers: mark one, or let it ask for several.",
        quiz(single(True, True)),
        quiz(single(True, True, kind="multiple")),
    ),
    (
        "error",
        "Question 1 of a quiz has no right answer: mark one.",
        quiz(single(False, False, kind="multiple")),
        quiz(single(False, True, kind="multiple")),
    ),
    (
        "error",
        "Question 1 of a quiz has no right answer: write the number.",
        quiz(block("number", {"prompt": "How many?", "answer": None})),
        quiz(block("number", {"prompt": "How many?", "answer": 0})),
    ),
    (
        "error",
        "Question 1 of a quiz accepts no answer: write at least one.",
        quiz(block("short_text", {"prompt": "What?", "accepted": [{"type": "item", "value": " "}]})),
        quiz(block("short_text", {"prompt": "What?", "accepted": [{"type": "item", "value": "rain"}]})),
    ),
    (
        "warning",
        "A heading is empty: write it or remove it.",
        block("text", "<h2> </h2><p>Rain.</p>"),
        block("text", "<h2>Rain</h2><p>Rain.</p>"),
    ),
    (
        "warning",
        "The heading “Drops” skips a level: make it a heading 3.",
        block("text", "<h2>Rain</h2><h4>Drops</h4>"),
        block("text", "<h2>Rain</h2><h3>Drops</h3><h4>Sizes</h4>"),
    ),
    (
        "warning",
        "The formula “\\frac{a” cannot be drawn (a brace is not closed): readers would see it as it is written.",
        block("maths", {"latex": "\\frac{a"}),
        block("maths", {"latex": "\\frac{a}{b}"}),
    ),
]
KNOWN = Known(
    pages={7},
    captioned_videos={1},
    videos={1: "Calm", 2: "Storm"},
    formula_trouble=lambda latex: "" if latex.endswith("}") else "a brace is not closed",
)


@pytest.mark.parametrize(("severity", "sentence", "faulty", "sound"), FAULTS, ids=[row[1][:50] for row in FAULTS])
def test_each_fault_has_its_sentence(severity: Any, sentence: str, faulty: Raw, sound: Raw) -> None:
    assert lesson_faults("Rain", [TEXT, faulty], KNOWN) == [Fault(severity, sentence, faulty["id"])]
    assert lesson_faults("Rain", [TEXT, sound], KNOWN) == []


@pytest.mark.parametrize("box", ["callout", "solution"])
def test_faults_are_found_inside_boxes(box: str) -> None:
    inside = block("image", {"image": None}, "inner")
    faults = lesson_faults("Rain", [TEXT, block(box, {"title": "", "body": [inside]}, "outer")])
    assert [(fault.sentence, fault.block) for fault in faults] == [
        ("An image block has no image: choose one or remove the block.", "inner")
    ]


def test_walk_yields_boxes_and_what_they_hold_in_reading_order() -> None:
    nested = block("callout", {"body": [block("solution", {"body": [block("code", {}, "c")]}, "s")]}, "o")
    assert [one["id"] for one in walk([TEXT, nested, block("code", {}, "last")])] == ["text-1", "o", "s", "c", "last"]


def test_what_was_not_asked_is_not_judged() -> None:
    body = [TEXT, block("video", {"video": 2}), block("text", '<p><a linktype="page" id="9">the other</a></p>')]
    assert lesson_faults("Rain", body) == []


@pytest.mark.parametrize(
    "body",
    [
        [],
        [block("text", "<p> &nbsp; </p>")],
        [block("markdown", "  ")],
        [block("callout", {"title": "Note", "body": []})],
    ],
)
def test_an_empty_lesson(body: list[Raw]) -> None:
    assert [fault.sentence for fault in lesson_faults("Rain", body)] == [
        "The lesson is empty: write it, or tick “leave out of the course for now”."
    ]


def test_a_lesson_without_a_title() -> None:
    assert lesson_faults(" ", [TEXT]) == [Fault("error", "The lesson has no title: give it one.")]


@pytest.mark.parametrize(
    "code", ["```\n[here](x)\n![](y)\n#### Deep\n```", "Write `[here](x)` so.", "~~~~\n[here](x)\n~~~~"]
)
def test_markdown_in_code_is_not_judged(code: str) -> None:
    assert lesson_faults("Rain", [block("markdown", f"Words.\n\n{code}\n")]) == []


def test_headings_are_counted_across_blocks() -> None:
    body = [block("markdown", "# Rain"), block("text", "<h3>Drops</h3>", "t"), block("markdown", "##### Sizes", "m")]
    assert [(one.block, one.sentence) for one in lesson_faults("Rain", body)] == [
        ("m", "The heading “Sizes” skips a level: make it a heading 4.")
    ]


def test_long_words_are_cut() -> None:
    [fault] = lesson_faults("Rain", [TEXT, block("text", f"<h4>{'x' * 80}</h4>")])
    assert f"“{'x' * 59}…”" in fault.sentence


# --- the course -----------------------------------------------------------------------------------------------

SOUND = {"summary": "About rain.", "cover": 1, "language": "en"}
LESSONS = [("Wind", "wind"), ("Rain", "rain")]


def course(
    lessons: list[tuple[str, str]] | None = None, cycle: tuple[str, ...] = (), **fields: Any
) -> list[tuple[str, str]]:
    found = course_faults(SOUND | fields, LESSONS if lessons is None else lessons, cycle)
    return [(fault.severity, fault.sentence) for fault in found]


def test_a_sound_course_has_no_fault() -> None:
    assert course() == []


def test_each_fault_of_a_course() -> None:
    assert course([]) == [("error", "The course has no lessons: add a module, and a lesson to it.")]
    assert course([("Wind", "same"), ("Rain", "same")]) == [
        ("error", "The lessons “Wind” and “Rain” share the address “same”: change one of them.")
    ]
    assert course(cycle=("Rain", "Wind", "Rain")) == [
        ("error", "The prerequisites lead in a circle (Rain → Wind → Rain): remove one of them.")
    ]
    assert course(summary=" ") == [
        ("error", "The course has no summary: write one or two sentences for the catalogue.")
    ]
    assert course(cover=None) == [("warning", "The course has no cover: choose an image for the catalogue.")]


REMEDY = "cannot be published: use only English letters, digits, hyphens and underscores, at most 200 of them."


@pytest.mark.parametrize("slug", ["première", "二", "a b", "a/b", "a.b", "x" * 201])
def test_an_address_that_cannot_be_published(slug: str) -> None:
    shown = slug if len(slug) < 60 else f"{'x' * 59}…"
    assert course([("Wind", "wind"), ("Rain", slug)]) == [("error", f"The address “{shown}” of “Rain” {REMEDY}")]
    assert course(slug=slug) == [("error", f"The address “{shown}” of the course {REMEDY}")]
    (fault,) = course_faults(SOUND, LESSONS, address=slug)
    assert fault.sentence == f"The address “{shown}” of the course {REMEDY}"


@pytest.mark.parametrize("slug", ["a", "A-b_9", "-", "x" * 200])
def test_an_address_that_can_be_published(slug: str) -> None:
    assert course([("Rain", slug)], slug=slug) == []
    assert KEY.fullmatch(f"courses/{slug}/index.html"), "the store says so too"


@pytest.mark.parametrize(
    ("tag", "good"), [("en", True), ("pt-BR", True), ("zh-Hant-TW", True), ("english", False), ("e", False)]
)
def test_language_tags(tag: str, good: bool) -> None:
    wanted = [] if good else [("error", f"“{tag}” is not a language tag: write one such as en, de or pt-BR.")]
    assert course(language=tag) == wanted


@pytest.mark.parametrize(
    ("required", "circle"),
    [
        ({}, []),
        ({1: [2], 2: [3]}, []),
        ({1: [1]}, [1, 1]),
        ({1: [2], 2: [1]}, [1, 2, 1]),
        ({1: [4, 2], 2: [3], 3: [1], 4: []}, [1, 2, 3, 1]),
        ({1: [2], 2: [3], 3: [2]}, []),  # a circle that does not lead back here
    ],
)
def test_circles_of_prerequisites(required: dict[int, list[int]], circle: list[int]) -> None:
    assert cycle_of(1, required) == circle
