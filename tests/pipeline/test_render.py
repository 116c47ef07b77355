"""A frozen course becomes documents: every kind of block, links seen from the page, and answers kept apart."""

from typing import Any
from uuid import UUID

import pytest

from pipeline.assets import AttachmentFile, VideoFiles
from pipeline.documents import (
    AttachmentBlock,
    CalloutBlock,
    CodeBlock,
    CodeOutput,
    EmbedBlock,
    Image,
    ImageBlock,
    ImageSource,
    LessonDocument,
    MathsBlock,
    ProseBlock,
    QuizBlock,
    QuoteBlock,
    SolutionBlock,
    TableBlock,
    Track,
    VideoBlock,
)
from pipeline.errors import AuthorError
from pipeline.frozen import (
    FrozenCourse,
    FrozenCourseLink,
    FrozenFile,
    FrozenModule,
    FrozenPage,
    FrozenPageLink,
    FrozenPerson,
)
from pipeline.render import render_course, render_lesson, render_outline

COURSE, MODULE, LESSON = (UUID(int=number) for number in (1, 2, 3))
CANARY = "xanthophyll"

QUIZ = {
    "title": "Check yourself",
    "pass_percent": 60,
    "questions": [
        {
            "type": "single",
            "id": "q1",
            "value": {
                "prompt": "Which *one*?",
                "points": 2,
                "explanation": f"Because {CANARY}.",
                "choices": [
                    {"type": "item", "id": "a", "value": {"text": "`A`", "correct": False}},
                    {"type": "item", "id": "b", "value": {"text": "B", "correct": True}},
                ],
            },
        },
        {
            "type": "number",
            "id": "q2",
            "value": {
                "prompt": "How many?",
                "points": 1,
                "explanation": "",
                "answer": 4.5,
                "tolerance": 0.5,
                "unit": "kg",
            },
        },
        {
            "type": "short_text",
            "id": "q3",
            "value": {
                "prompt": "Its name?",
                "points": 1,
                "explanation": "",
                "accepted": [{"type": "item", "id": "f", "value": CANARY}],
                "case_sensitive": True,
            },
        },
    ],
}


class Shelf:
    """The files of the course below, as if all were prepared. Names what it was asked for."""

    def __init__(self, frozen: FrozenCourse) -> None:
        self.frozen = frozen
        self.asked: list[str] = []

    def image(self, key: str, *, alt: str, decorative: bool) -> Image:
        self._file(key)
        source = ImageSource(src="o/abc.webp", media_type="image/webp", width=10)
        return Image(alt=alt, decorative=decorative, width=10, height=5, sources=(source,), fallback=source)

    def video(self, key: str) -> VideoFiles:
        self._file(key)
        track = Track(src="o/def.vtt", language="en", label="English")
        return VideoFiles("r1", "m/r1/master.m3u8", "m/r1/poster.webp", 5.0, 640, 360, (track,))

    def attachment(self, key: str) -> AttachmentFile:
        return AttachmentFile(name=self._file(key).name, src="o/0123.csv", bytes=12, media_type="text/csv")

    def _file(self, key: str) -> FrozenFile:
        self.asked.append(key)
        if key not in self.frozen.files:
            raise AuthorError(f"{key} is gone.")
        return self.frozen.files[key]


def block(kind: str, value: Any, name: str = "b") -> dict[str, Any]:
    return {"type": kind, "id": name, "value": value}


def course(*body: dict[str, Any], description: str = "<p>About.</p>", cover: int | None = 1) -> FrozenCourse:
    facts = {
        "summary": "In short.",
        "description": description,
        "cover": cover,
        "cover_alt": "A hill",
        "level": "beginner",
        "language": "en",
        "hours": "2.5",
        "price_label": "Free",
        "outcomes": [block("outcome", "Measure well")],
        "topics": ["maps"],
        "instructors": [1],
        "prerequisites": [9],
    }
    lesson = {"summary": "One.", "minutes": 7, "body": list(body), "held_back": False}
    module = {"summary": "First.", "held_back": False}
    file = FrozenFile(sha256="0" * 64, name="x.bin", title="A file", bytes=12)
    return FrozenCourse(
        course=COURSE,
        page=FrozenPage(page_id=10, uuid=COURSE, slug="hills", title="Hills", fields=facts),
        modules=(
            FrozenModule(
                page=FrozenPage(page_id=11, uuid=MODULE, slug="one", title="One", fields=module),
                lessons=(FrozenPage(page_id=12, uuid=LESSON, slug="rise", title="Rise", fields=lesson),),
            ),
        ),
        files={"image/1": file, "video/1": file, "attachment/1": file},
        instructors=(
            FrozenPerson(
                uuid=UUID(int=7),
                name="Ada",
                headline="Teaches",
                bio="<p>Walks <b>far</b>.</p>",
                portrait="image/1",
                portrait_alt="",
            ),
        ),
        prerequisites=(FrozenCourseLink(course=UUID(int=9), slug="ink", title="Ink"),),
        links={
            "12": FrozenPageLink(course_slug="hills", lesson_slug="rise", title="Rise"),
            "30": FrozenPageLink(course_slug="ink", lesson_slug=None, title="Ink"),
        },
    )


def lesson_of(*body: dict[str, Any]) -> LessonDocument:
    frozen = course(*body)
    return render_lesson(frozen, frozen.modules[0].lessons[0], Shelf(frozen))[0]


def only(*body: dict[str, Any]) -> Any:
    (found,) = lesson_of(*body).blocks
    return found


def test_text_with_links_seen_from_the_lesson() -> None:
    html = '<h2>Up</h2><p><a linktype="page" id="12">r</a> <a linktype="page" id="30">i</a></p>'
    assert only(block("text", html)) == ProseBlock(
        id="b",
        html='<h2 id="up">Up</h2><p><a href="../../../courses/hills/rise/">r</a> '
        '<a href="../../../courses/ink/">i</a></p>',
    )


def test_a_link_to_a_file_asks_for_it_so_that_it_is_released() -> None:
    frozen = course(block("text", '<p><a linktype="document" id="1">data</a></p>'))
    shelf = Shelf(frozen)
    document, _ = render_lesson(frozen, frozen.modules[0].lessons[0], shelf)
    assert '<a href="../../../o/0123.csv">data</a>' in document.to_bytes().decode().replace('\\"', '"')
    assert shelf.asked == ["attachment/1"]


def test_empty_text_is_left_out() -> None:
    assert lesson_of(block("text", "<p></p>"), block("markdown", " ")).blocks == ()


def test_markdown_gives_blocks_with_ids_of_their_own() -> None:
    found = lesson_of(block("markdown", "a\n\n```py\nx\n```\n\n| a |\n|---|\n| 1 |\n\n$$\nx\n$$\n", "m")).blocks
    assert [(type(one), one.id) for one in found] == [
        (ProseBlock, "m"),
        (CodeBlock, "m-1"),
        (TableBlock, "m-2"),
        (MathsBlock, "m-3"),
    ]


def test_headings_are_unique_in_the_whole_lesson() -> None:
    first, second = lesson_of(block("markdown", "## Up", "1"), block("text", "<h2>Up</h2>", "2")).blocks
    assert (first.html, second.html) == ('<h2 id="up">Up</h2>', '<h2 id="up-2">Up</h2>')


def test_code_with_output() -> None:
    value = {
        "language": "python",
        "code": "a = 1\r\nprint(a)\r\n",
        "highlight": "2",
        "filename": "a.py",
        "output": "1\n",
        "output_kind": "output",
    }
    found = only(block("code", value))
    assert (found.code, found.highlighted, found.filename) == ("a = 1\nprint(a)", (2,), "a.py")
    assert found.output == CodeOutput(kind="output", text="1")
    assert found.html.count('<span class="line">') == 2


@pytest.mark.parametrize(("decorative", "alt"), [(False, "A rise"), (True, "")])
def test_image(decorative: bool, alt: str) -> None:
    value = {"image": 1, "alt": " A rise ", "decorative": decorative, "caption": "Rise"}
    found = only(block("image", value))
    assert isinstance(found, ImageBlock)
    assert (found.image.alt, found.image.decorative, found.caption) == (alt, decorative, "Rise")


def test_video() -> None:
    found = only(block("video", {"video": 1, "title": "", "transcript": "It *rises*."}))
    assert isinstance(found, VideoBlock)
    assert (found.title, found.transcript_html) == ("A file", "<p>It <em>rises</em>.</p>")
    assert found.tracks[0].label == "English"


def test_boxes_hold_blocks() -> None:
    inner = [block("solution", {"title": "", "body": [block("markdown", "Yes.", "i")]}, "s")]
    found = only(block("callout", {"variant": "challenge", "title": "Try", "body": inner}))
    assert found == CalloutBlock(
        id="b",
        variant="challenge",
        title="Try",
        blocks=(SolutionBlock(id="s", title="Solution", blocks=(ProseBlock(id="i", html="<p>Yes.</p>"),)),),
    )


def test_table() -> None:
    value = {
        "columns": [{"type": "text", "heading": "*Day*"}, {"type": "text", "heading": ""}],
        "rows": [{"values": ["1", "`x`"]}, {"values": ["<b>", ""]}],
        "caption": "Days",
    }
    assert only(block("table", value)) == TableBlock(
        id="b", caption="Days", header=("<em>Day</em>", ""), rows=(("1", "<code>x</code>"), ("&lt;b&gt;", ""))
    )


@pytest.mark.parametrize(
    ("source", "kept"), [("https://example.org/", "https://example.org/"), ("javascript:alert(1)", "")]
)
def test_quote(source: str, kept: str) -> None:
    found = only(block("quote", {"text": "So it *is*.", "attribution": "Noor", "source": source}))
    assert found == QuoteBlock(id="b", html="<p>So it <em>is</em>.</p>", attribution="Noor", source=kept)


def test_maths_that_cannot_be_drawn_is_shown_as_written() -> None:
    found = only(block("maths", {"latex": r" \left( x "}))
    assert found == MathsBlock(
        id="b", latex=r"\left( x", mathml=r'<math display="block"><mtext>\left( x</mtext></math>'
    )


def test_attachment() -> None:
    found = only(block("attachment", {"attachment": 1, "title": ""}))
    assert found == AttachmentBlock(
        id="b", title="A file", name="x.bin", src="o/0123.csv", bytes=12, media_type="text/csv"
    )


def test_embed() -> None:
    value = {"provider": "youtube", "video_id": "dQw4w9WgXcQ", "title": "A talk"}
    assert only(block("embed", value)) == EmbedBlock(id="b", **value)


@pytest.mark.parametrize("video_id", ["../../evil", "dQw4w9WgXcQ\n", "dQw4w9WgXcQ?x", "1234567"])
def test_an_embed_that_is_no_id_is_the_authors_to_put_right(video_id: str) -> None:
    with pytest.raises(AuthorError, match="is not a video id of youtube"):
        only(block("embed", {"provider": "youtube", "video_id": video_id, "title": "A talk"}))


def test_a_missing_file_is_the_authors_to_put_right() -> None:
    with pytest.raises(AuthorError, match="image/2 is gone"):
        only(block("image", {"image": 2, "alt": "x", "decorative": False, "caption": ""}))


def test_a_quiz_comes_in_two_halves() -> None:
    frozen = course(block("quiz", QUIZ, "quiz-block"))
    document, (key,) = render_lesson(frozen, frozen.modules[0].lessons[0], Shelf(frozen))
    (quiz,) = document.blocks
    assert isinstance(quiz, QuizBlock)
    assert (quiz.item, quiz.pass_percent) == (key.item, key.pass_percent)
    assert [(one.id, one.kind, one.points) for one in quiz.questions] == [
        (one.id, one.kind, one.points) for one in key.questions
    ]
    assert [choice.html for choice in quiz.questions[0].choices] == ["<code>A</code>", "B"]
    assert quiz.questions[1].unit == "kg"
    single, number, text = key.questions
    assert (single.correct, single.explanation_html) == (("b",), f"<p>Because {CANARY}.</p>")
    assert (number.answer, number.tolerance) == (4.5, 0.5)
    assert (text.accepted, text.case_sensitive) == ((CANARY,), True)
    assert CANARY.encode() not in document.to_bytes()


def test_the_quizzes_of_a_copied_lesson_are_other_items() -> None:
    frozen = course(block("quiz", QUIZ, "quiz-block"))
    (original,) = frozen.modules[0].lessons
    copy = original.model_copy(update={"uuid": UUID(int=4)})
    items = {render_lesson(frozen, page, Shelf(frozen))[1][0].item for page in (original, copy)}
    assert len(items) == 2


def test_outline() -> None:
    inner = block(
        "callout",
        {"variant": "note", "title": "", "body": [block("video", {"video": 1, "title": "", "transcript": ""})]},
        "c",
    )
    frozen = course(block("quiz", QUIZ, "quiz-block"), inner)
    _, (key,) = render_lesson(frozen, frozen.modules[0].lessons[0], Shelf(frozen))
    (lesson,) = render_outline(frozen).lessons()
    assert (lesson.item, lesson.slug, lesson.minutes, lesson.has_video) == (LESSON, "rise", 7, True)
    assert [(item.item, item.title, item.points) for item in lesson.items] == [(key.item, "Check yourself", 4)]


def test_course() -> None:
    frozen = course(description='<h2>Why</h2><p><a linktype="page" id="12">r</a></p>')
    document = render_course(frozen, Shelf(frozen))
    assert document.description_html == '<h2 id="why">Why</h2><p><a href="../../courses/hills/rise/">r</a></p>'
    assert (document.hours, document.topics, document.outcomes) == (2.5, ("maps",), ("Measure well",))
    assert document.cover is not None
    assert (document.cover.alt, document.cover.decorative) == ("A hill", False)
    (person,) = document.instructors
    assert (person.bio_html, person.portrait is not None) == ("<p>Walks <strong>far</strong>.</p>", True)
    assert [link.slug for link in document.prerequisites] == ["ink"]
    assert render_course(course(cover=None), Shelf(frozen)).cover is None


def test_the_same_course_gives_the_same_bytes() -> None:
    body = [block("quiz", QUIZ, "q"), block("markdown", "# a\n\n$x$\n\n```py\nx\n```", "m")]
    assert lesson_of(*body).to_bytes() == lesson_of(*body).to_bytes()
