"""What a reviewer is shown: lesson by lesson, block by block, word by word."""

from typing import Any
from uuid import UUID, uuid5

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.changes import CourseChanges, LessonChange, compare
from pipeline.difference import MANY_WORDS, longest_increasing, word_difference
from pipeline.frozen import FrozenCourse, FrozenFile, FrozenModule, FrozenPage, FrozenPerson
from tests.pipeline.course_factory import CANARIES, quiz, text

ROOT = UUID("11111111-1111-4111-8111-111111111111")


def name(title: str) -> UUID:
    return uuid5(ROOT, title)


def lesson(title: str, *body: dict[str, Any], uuid: str = "", **facts: Any) -> FrozenPage:
    fields = {"summary": "", "minutes": 5, "held_back": False, "body": list(body) or [text(f"{title} says little.")]}
    return FrozenPage(page_id=1, uuid=name(uuid or title), slug=title.lower(), title=title, fields=fields | facts)


def course(modules: dict[str, list[FrozenPage]], **facts: Any) -> FrozenCourse:
    fields = {
        "summary": "All of it.",
        "description": "",
        "cover": None,
        "cover_alt": "",
        "level": "beginner",
        "language": "en",
        "hours": "2.0",
        "price_label": "Free",
        "outcomes": [],
        "topics": [],
    }
    given: dict[str, Any] = {"files": {}, "instructors": (), "prerequisites": (), "links": {}}
    return FrozenCourse(
        course=ROOT,
        page=FrozenPage(page_id=1, uuid=ROOT, slug="s", title="Statistics", fields=fields | facts.pop("fields", {})),
        modules=tuple(
            FrozenModule(
                page=FrozenPage(
                    page_id=2, uuid=name(title), slug=title, title=title, fields={"summary": "", "held_back": False}
                ),
                lessons=tuple(lessons),
            )
            for title, lessons in modules.items()
        ),
        **(given | facts),
    )


def kinds(changes: CourseChanges) -> dict[str, str]:
    return {one.title: one.kind for module in changes.modules for one in module.lessons}


def only(changes: CourseChanges) -> LessonChange:
    (found,) = changes.lessons("changed")
    return found


OLD = course({"M": [lesson("A"), lesson("B"), lesson("C")], "N": [lesson("D")]})


def test_before_the_first_release_everything_is_added() -> None:
    changes = compare(None, OLD)
    assert changes.first
    assert set(kinds(changes).values()) == {"added"}
    assert not changes.nothing


def test_nothing_changed() -> None:
    changes = compare(OLD, OLD)
    assert changes.nothing
    assert not changes.first
    assert set(kinds(changes).values()) == {"unchanged"}


def test_one_word() -> None:
    new = course({"M": [lesson("A"), lesson("B", text("B says much.")), lesson("C")], "N": [lesson("D")]})
    changed = only(compare(OLD, new))
    (block,) = changed.blocks
    assert changed.title == "B"
    assert block.old == (("same", "B says "), ("removed", "little"), ("same", "."))
    assert block.new == (("same", "B says "), ("added", "much"), ("same", "."))


def test_added_removed_and_as_few_moved_as_explain_the_order() -> None:
    new = course({"M": [lesson("C"), lesson("A"), lesson("E")], "N": [lesson("D")]})
    assert kinds(compare(OLD, new)) == {"C": "moved", "A": "unchanged", "E": "added", "B": "removed", "D": "unchanged"}


def test_a_lesson_that_moved_to_another_module_says_from_where() -> None:
    new = course({"M": [lesson("A"), lesson("C")], "N": [lesson("D"), lesson("B")]})
    changes = compare(OLD, new)
    (moved,) = changes.lessons("moved")
    assert (moved.title, moved.moved_from) == ("B", "M")
    assert changes.lessons("removed") == ()


def test_a_removed_module_takes_its_lessons_with_it_unless_they_live_elsewhere() -> None:
    new = course({"N": [lesson("D"), lesson("A")]})
    changes = compare(OLD, new)
    assert {module.title: module.kind for module in changes.modules} == {"N": "unchanged", "M": "removed"}
    assert kinds(changes) == {"D": "unchanged", "A": "moved", "B": "removed", "C": "removed"}


def test_blocks_are_matched_by_id_then_by_likeness() -> None:
    old = course({"M": [lesson("A", text("One and two and three.", "a"), text("Four.", "b"), text("Five.", "c"))]})
    new = course(
        {"M": [lesson("A", text("Five.", "c"), text("One and two and four.", "fresh"), text("New words here.", "d"))]}
    )
    blocks = [(block.kind, block.block) for block in only(compare(old, new)).blocks]
    assert ("changed", "fresh") in blocks
    assert ("removed", "b") in blocks
    assert ("added", "d") in blocks
    assert len(blocks) == 4


def test_a_change_of_markup_alone_is_shown_as_markup() -> None:
    new = course({"M": [lesson("A", text("A <b>says</b> little."))]})
    (block,) = only(compare(course({"M": [lesson("A")]}), new)).blocks
    assert "".join(part for _, part in block.new) == "<p>A <b>says</b> little.</p>"


def test_the_reviewer_sees_a_changed_answer() -> None:
    """Readers never see answers; the person who approves must."""
    old, changed = quiz(), quiz()
    changed["value"]["questions"][0]["value"]["choices"][0]["value"]["correct"] = False
    (block,) = only(compare(course({"M": [lesson("A", old)]}), course({"M": [lesson("A", changed)]}))).blocks
    assert block.kind == "changed"
    assert "✓ Yes" in "".join(part for _, part in block.old)
    assert "– Yes" in "".join(part for _, part in block.new)


@pytest.mark.parametrize("word", CANARIES)
def test_every_word_of_a_quiz_is_shown(word: str) -> None:
    (block,) = compare(None, course({"M": [lesson("A", quiz())]})).lessons("added")[0].blocks
    assert word in "".join(part for _, part in block.new)


def test_a_new_file_under_an_old_name_shows() -> None:
    def with_file(digest: str) -> FrozenCourse:
        file = FrozenFile(sha256=digest, name="a.png", title="A", bytes=1)
        image = {"type": "image", "id": "i", "value": {"image": 7, "alt": "An A", "decorative": False, "caption": ""}}
        return course({"M": [lesson("A", image)]}, files={"image/7": file})

    (block,) = only(compare(with_file("a" * 64), with_file("b" * 64))).blocks
    assert block.old_files == block.new_files == ("image/7",)
    assert ("added", "bbbbbbbb") in block.new


def test_facts_of_the_course() -> None:
    person = FrozenPerson(uuid=name("Ada"), name="Ada", headline="", bio="", portrait=None, portrait_alt="")
    new = course(
        {"M": [lesson("A"), lesson("B"), lesson("C")], "N": [lesson("D")]},
        fields={"hours": "3.0", "topics": ["numbers"]},
        instructors=(person,),
    )
    changes = compare(OLD, new)
    assert {fact.label for fact in changes.facts} == {"Hours of study", "Topics", "Instructors"}
    assert not changes.nothing


# --- words and orders -----------------------------------------------------------------------------------------


@given(st.text(max_size=60), st.text(max_size=60))
def test_each_side_of_a_difference_says_its_whole_text(old: str, new: str) -> None:
    left, right = word_difference(old, new)
    assert "".join(part for _, part in left) == old
    assert "".join(part for _, part in right) == new
    assert [part for mark, part in left if mark == "same"] == [part for mark, part in right if mark == "same"]


def test_very_long_texts_are_compared_by_lines() -> None:
    old = "\n".join(f"line {number} of many" for number in range(MANY_WORDS))
    new = old.replace("line 7 of", "line seven of")
    left, right = word_difference(old, new)
    assert ("removed", "line 7 of many\n") in left
    assert ("added", "line seven of many\n") in right


@given(st.lists(st.integers(0, 30), max_size=12))
def test_the_longest_run_is_increasing_and_none_is_longer(values: list[int]) -> None:
    found = [values[index] for index in longest_increasing(values)]
    assert found == sorted(set(found))
    best = [1] * len(values)
    for end in range(len(values)):
        best[end] = 1 + max((best[start] for start in range(end) if values[start] < values[end]), default=0)
    assert len(found) == max(best, default=0)
