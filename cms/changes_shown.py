"""Changes as the review screen draws them: blocks named in words, pictures beside them, unchanged runs folded."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pipeline.changes import BlockChange, CourseChanges, LessonChange, ModuleChange

BLOCK_NAMES = {
    "text": "Text",
    "markdown": "Markdown",
    "code": "Code",
    "image": "Image",
    "video": "Video",
    "table": "Table",
    "quote": "Quote",
    "maths": "Maths",
    "attachment": "Attachment",
    "embed": "Video elsewhere",
    "callout": "Callout",
    "solution": "Solution",
    "quiz": "Quiz",
}


@dataclass(frozen=True)
class ShownBlock:
    """A block that differs, or `hidden` blocks in a row that do not."""

    name: str
    change: BlockChange | None
    old_pictures: tuple[str, ...] = ()
    new_pictures: tuple[str, ...] = ()
    hidden: int = 0


@dataclass(frozen=True)
class ShownLesson:
    lesson: LessonChange
    blocks: tuple[ShownBlock, ...]


@dataclass(frozen=True)
class ShownModule:
    module: ModuleChange
    lessons: tuple[ShownLesson, ...]
    unchanged: tuple[LessonChange, ...]


def shown(changes: CourseChanges, old: Mapping[str, str], new: Mapping[str, str]) -> list[ShownModule]:
    """Every module; lessons that differ in full, others by title only. `old` and `new` are addresses of pictures."""
    modules = []
    for module in changes.modules:
        lessons = tuple(
            ShownLesson(lesson, _blocks(lesson, old, new)) for lesson in module.lessons if lesson.kind != "unchanged"
        )
        same = tuple(lesson for lesson in module.lessons if lesson.kind == "unchanged")
        modules.append(ShownModule(module, lessons, same))
    return modules


def _blocks(lesson: LessonChange, old: Mapping[str, str], new: Mapping[str, str]) -> tuple[ShownBlock, ...]:
    blocks: list[ShownBlock] = []
    run = 0
    for change in lesson.blocks:
        if change.kind == "unchanged":
            run += 1
            continue
        if run:
            blocks.append(ShownBlock("", None, hidden=run))
            run = 0
        name = BLOCK_NAMES.get(change.block_type, change.block_type)
        blocks.append(ShownBlock(name, change, _pictures(change.old_files, old), _pictures(change.new_files, new)))
    if run and blocks:
        blocks.append(ShownBlock("", None, hidden=run))
    return tuple(blocks)


def _pictures(keys: tuple[str, ...], pictures: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(pictures[key] for key in keys if key in pictures)
