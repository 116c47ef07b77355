"""A second import changes what changed and nothing else: pages, items, blocks and uploads keep their names."""

from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest
from wagtail.models import Revision

from cms.importing import import_course
from cms.importing.identity import course_uuid, lesson_uuid, with_ids
from cms.importing.pages import draft
from content.models import Attachment, Course, ImageOriginal, Lesson, Module
from pipeline.models import ChangeEvent
from tests.cms.import_folders import SVG, bread, media_files, png, weather, write

pytestmark = pytest.mark.django_db

FLOUR = """
First paragraph about grain and mills.

## Kinds of flour

Second paragraph about rye, wheat and spelt.

```python
rise = 1
```

::: challenge Weigh
How much flour is in the bag?

::: solution
One kilogram of it.
:::
:::

```quiz
title: Yeast
questions:
  - {prompt: Is yeast alive, choices: [{text: It is, correct: true}, {text: It is not}]}
  - {kind: number, prompt: How hot is the oven, answer: 230}
```

![Grain](grain.png)
"""


def lesson_path(root: Path) -> Path:
    return root / "01-before/01-flour.md"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = write(bread(tmp_path / "bread", flour=FLOUR), {"01-before/grain.png": png()})
    import_course(folder)
    return folder


def change(root: Path, before: str, after: str) -> None:
    text = lesson_path(root).read_text()
    assert before in text
    lesson_path(root).write_text(text.replace(before, after))


def ids(value: Any) -> list[str]:
    if isinstance(value, list):
        return [found for inner in value for found in ids(inner)]
    if isinstance(value, dict):
        own = [value["id"]] if "id" in value else []
        return own + [found for inner in value.values() for found in ids(inner)]
    return []


def body(slug: str = "flour") -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = draft(Lesson.objects.get(slug=slug))[2]["body"]
    return found


def counts() -> tuple[int, ...]:
    tables = (Revision, Course, Module, Lesson, ImageOriginal, Attachment)
    return tuple(table.objects.count() for table in tables)


def test_an_unchanged_folder_changes_nothing(root: Path) -> None:
    before, stored = counts(), media_files()
    report = import_course(root)
    assert report.nothing_changed
    assert (report.unchanged, report.uploaded) == (5, 0)
    assert (counts(), media_files()) == (before, stored)


def test_an_unchanged_folder_of_the_other_dialect_changes_nothing(tmp_path: Path) -> None:
    import_course(weather(tmp_path / "weather"))
    before = counts()
    assert import_course(tmp_path / "weather").nothing_changed
    assert counts() == before


def test_a_folder_that_lies_elsewhere_is_the_same_course(root: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "copy/bread"
    elsewhere.parent.mkdir()
    root.rename(elsewhere)
    assert import_course(elsewhere).nothing_changed


def test_one_word_changes_one_revision(root: Path) -> None:
    before, revisions = body(), Revision.objects.count()
    change(root, "rye, wheat", "rye, oats")
    report = import_course(root)
    assert (report.changed, report.unchanged) == (("01-before/01-flour.md",), 4)
    assert Revision.objects.count() == revisions + 1
    assert ids(body()) == ids(before)
    assert body() != before


def test_an_inserted_block_renames_no_other(root: Path) -> None:
    before = body()
    change(root, "First paragraph", "Zeroth.\n\n## New\n\nQuite another thing.\n\n## Old\n\nFirst paragraph")
    import_course(root)
    after = body()
    assert len(after) == len(before) + 2
    assert set(ids(before)) < set(ids(after))
    assert len(set(ids(after))) == len(ids(after))
    assert [one["id"] for one in after][3:] == [one["id"] for one in before][1:]


def test_a_moved_and_a_reworded_quiz_keep_their_items(root: Path) -> None:
    before = next(one for one in body() if one["type"] == "quiz")
    text = lesson_path(root).read_text()
    quiz = text[text.index("```quiz") : text.index("![Grain]")]
    reworded = """
        ```quiz
        title: About yeast
        questions:
          - {kind: number, prompt: How hot is the oven, answer: 230}
          - {prompt: Is yeast alive, choices: [{text: It is, correct: true}, {text: It is not at all}]}
        ```
        """
    text = text.replace(quiz, "").replace("First paragraph", dedent(reworded) + "\nFirst paragraph")
    lesson_path(root).write_text(text)
    import_course(root)
    after = next(one for one in body() if one["type"] == "quiz")
    assert body()[0] == after
    assert after["id"] == before["id"]
    assert [one["id"] for one in after["value"]["questions"]] == [
        one["id"] for one in reversed(before["value"]["questions"])
    ]
    assert ids(after["value"]["questions"][1]) == ids(before["value"]["questions"][0])


def test_names_are_the_same_in_every_school(root: Path) -> None:
    """The UUIDs are made of the folder's name and the file's, the ids of the first import of what blocks say."""
    course, flour = Course.objects.get(), Lesson.objects.get(slug="flour")
    assert course.uuid == course_uuid("bread")
    assert flour.uuid == lesson_uuid(course.uuid, "flour")
    before = ids(body())
    course.delete()
    ImageOriginal.objects.all().delete()
    import_course(root)
    assert ids(body()) == before


def test_ids_are_never_given_twice() -> None:
    owner = course_uuid("x")
    first = with_ids([{"type": "markdown", "value": "one two three four", "id": ""}], [], owner)
    changed = with_ids([{"type": "markdown", "value": "one two three five", "id": ""}], first, owner)
    assert changed[0]["id"] == first[0]["id"]
    blocks = [{"type": "markdown", "value": text, "id": ""} for text in ("one two three five", "one two three four")]
    both = with_ids(blocks, changed, owner)
    assert both[0]["id"] == first[0]["id"]
    assert len({one["id"] for one in both}) == 2


def test_a_lesson_that_moves_keeps_its_item(root: Path) -> None:
    before = Lesson.objects.get(slug="flour")
    lesson_path(root).rename(root / "02-baking/02-flour.md")
    (root / "01-before/grain.png").rename(root / "02-baking/grain.png")
    write(root, {"01-before/01-water.md": "---\ntitle: Water\n---\n\nWet.\n"})
    report = import_course(root)
    after = Lesson.objects.get(slug="flour")
    assert (after.pk, after.uuid) == (before.pk, before.uuid)
    assert after.get_parent().slug == "baking"
    assert after.url_path == "/courses/baking-bread/baking/flour/"
    assert (report.moved, report.created) == (("02-baking/02-flour.md",), ("01-before/01-water.md",))
    assert [one.slug for one in Lesson.objects.order_by("path")] == ["water", "oven", "flour"]
    assert import_course(root).nothing_changed


def test_order_follows_the_numbers_and_tells_no_reader(root: Path) -> None:
    for module in (root / "01-before", root / "02-baking"):
        module.rename(module.with_name("0" + str(3 - int(module.name[1])) + module.name[2:]))
    events = ChangeEvent.objects.count()
    report = import_course(root)
    assert [one.slug for one in Module.objects.order_by("path")] == ["baking", "before"]
    assert len(report.moved) == 1
    assert ChangeEvent.objects.count() == events
    assert import_course(root).nothing_changed


def test_a_renamed_file_keeps_its_item(root: Path) -> None:
    before = Lesson.objects.get(slug="flour")
    lesson_path(root).rename(root / "01-before/01-white-flour.md")
    import_course(root)
    after = Lesson.objects.get(slug="white-flour")
    assert (after.pk, after.uuid) == (before.pk, before.uuid)
    assert import_course(root).nothing_changed


def test_a_lesson_that_is_gone_is_held_back_and_comes_again(root: Path) -> None:
    text = (root / "02-baking/01-oven.md").read_text()
    (root / "02-baking/01-oven.md").unlink()
    write(root, {"01-before/02-water.md": "---\ntitle: Water\n---\n\nWet.\n"})
    report = import_course(root)
    assert report.held_back == ("The oven", "Baking")
    oven = Lesson.objects.get(slug="oven")
    assert draft(oven)[2]["held_back"] is True
    assert import_course(root).nothing_changed
    (root / "02-baking/01-oven.md").write_text(text)
    import_course(root)
    assert draft(Lesson.objects.get(pk=oven.pk))[2]["held_back"] is False
    assert draft(Module.objects.get(slug="baking"))[2]["held_back"] is False


def test_a_lesson_written_in_the_editor_stays(root: Path) -> None:
    module = Module.objects.get(slug="baking")
    module.add_child(instance=Lesson(title="By hand", slug="by-hand", live=False))
    assert import_course(root).nothing_changed
    assert draft(Lesson.objects.get(slug="by-hand"))[2]["held_back"] is False


def test_what_is_live_stays_until_it_is_approved(root: Path) -> None:
    lesson = Lesson.objects.get(slug="flour")
    lesson.get_latest_revision().publish()
    live = Lesson.objects.get(slug="flour").body.raw_data[0]["value"]
    change(root, "First paragraph", "Another paragraph")
    import_course(root)
    after = Lesson.objects.get(slug="flour")
    assert after.body.raw_data[0]["value"] == live
    assert after.has_unpublished_changes


def test_a_new_picture_of_the_same_name_is_another_upload(root: Path) -> None:
    before = next(one for one in body() if one["type"] == "image")
    write(root, {"01-before/grain.png": png("blue")})
    report = import_course(root)
    after = next(one for one in body() if one["type"] == "image")
    assert (report.changed, report.uploaded) == (("01-before/01-flour.md",), 1)
    assert after["id"] == before["id"]
    assert after["value"]["image"] != before["value"]["image"]


def test_the_same_picture_twice_is_one_upload(tmp_path: Path) -> None:
    text = "![A](a.svg)\n\n![B](b.svg)\n"
    write(bread(tmp_path / "bread", flour=text), {"01-before/a.svg": SVG, "01-before/b.svg": SVG})
    import_course(tmp_path / "bread")
    assert ImageOriginal.objects.count() == 1  # the cover is the same drawing too
