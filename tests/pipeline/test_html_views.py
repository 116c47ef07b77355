"""Where a lesson stands, what its page contains, and the cover that is drawn for a course without one."""

from uuid import uuid4

import pytest

from pipeline.html_cover import PALETTES, cover
from pipeline.html_views import embed_providers, headings, place, plain
from tests.pipeline import html_example as example


def test_place_counts_modules_and_lessons_from_one() -> None:
    titles = {lesson.title: lesson.item for lesson in example.OUTLINE.lessons()}
    here = place(example.OUTLINE, titles["Choices"])
    assert (here.module_number, here.number, here.module.title) == (2, 1, example.TITLES[1][0])
    assert here.previous is not None
    assert here.following is not None
    assert (here.previous.title, here.following.title) == ("Many files at once", example.TITLES[1][1][1])
    assert [module.current for module in here.modules] == [False, True, False]
    assert [len(module.lessons) for module in here.modules] == [0, 2, 0]


def test_the_ends_of_a_course_have_one_neighbour() -> None:
    lessons = example.OUTLINE.lessons()
    assert place(example.OUTLINE, lessons[0].item).previous is None
    assert place(example.OUTLINE, lessons[-1].item).following is None


def test_a_lesson_of_another_course_stands_nowhere() -> None:
    with pytest.raises(ValueError, match="does not stand in the outline"):
        place(example.OUTLINE, uuid4())


def test_headings_are_the_second_level_and_the_quizzes() -> None:
    found = [(heading.id, heading.text) for heading in headings(example.EVERY_BLOCK)]
    assert found == [
        ("reading-a-file", "Reading a file"),
        ("a-table-of-days", "A table of days"),
        (f"quiz-{example.QUIZ.item}", "Check yourself"),
    ]


def test_a_heading_is_its_text() -> None:
    block = example.prose("p", '<h2 id="a-&amp;-b">A &amp; <code>b\n c</code></h2><h3 id="c">C</h3>')
    (found,) = headings(example.lesson("Choices", block))
    assert (found.id, found.text) == ("a-&-b", "A & b c")
    assert plain("<em>a</em>\n b &lt;") == "a b <"


def test_embeds_are_found_inside_callouts_too() -> None:
    (embed,) = (block for block in example.EVERYTHING if block.kind == "embed")
    callout = example.EVERYTHING[0].model_copy(update={"blocks": (embed,)})
    assert embed_providers(example.lesson("Choices", callout)) == {"youtube"}
    assert embed_providers(example.lesson("Choices")) == frozenset()


def test_a_cover_is_the_same_for_the_same_course_only() -> None:
    courses = [example.named(str(number)) for number in range(40)]
    drawn = [cover(course) for course in courses]
    assert drawn == [cover(course) for course in courses]
    assert len({one.tones for one in drawn}) == 40
    assert {one.palette for one in drawn} <= set(range(PALETTES))
    assert all(any(one.tones) for one in drawn)
