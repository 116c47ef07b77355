"""What differs between two frozen courses, lesson by lesson and block by block, for the person who approves."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from pipeline.difference import Side, longest_increasing, word_difference
from pipeline.frozen import FrozenCourse, FrozenModule, FrozenPage
from pipeline.plaintext import block_files, block_text, field_text

Kind = Literal["added", "removed", "changed", "moved", "unchanged"]
FACTS = {
    "title": "Title",
    "slug": "Address",
    "summary": "Summary",
    "description": "Description",
    "cover": "Cover",
    "cover_alt": "Text alternative of the cover",
    "level": "Level",
    "language": "Language",
    "hours": "Hours of study",
    "minutes": "Minutes of study",
    "topics": "Topics",
    "price_label": "Price",
    "outcomes": "What you will learn",
    "instructors": "Instructors",
    "prerequisites": "Prerequisites",
}
# How alike two blocks must be, from 0 to 1, for one to count as the other rewritten when their ids differ.
ALIKE = 0.5


@dataclass(frozen=True)
class FieldChange:
    """One fact before and after, with the words that differ marked."""

    label: str
    old: Side
    new: Side


@dataclass(frozen=True)
class BlockChange:
    """One block before and after. Files are keys of each candidate's `files`, `image/<id>` among them."""

    kind: Kind
    block: str
    block_type: str
    old: Side = ()
    new: Side = ()
    old_files: tuple[str, ...] = ()
    new_files: tuple[str, ...] = ()


@dataclass(frozen=True)
class LessonChange:
    """A lesson of the new candidate, or of the old one if `kind` is removed. `moved_from` names its former module."""

    kind: Kind
    uuid: UUID
    page_id: int
    title: str
    moved: bool = False
    moved_from: str = ""
    fields: tuple[FieldChange, ...] = ()
    blocks: tuple[BlockChange, ...] = ()


@dataclass(frozen=True)
class ModuleChange:
    kind: Kind
    uuid: UUID
    page_id: int
    title: str
    moved: bool
    fields: tuple[FieldChange, ...]
    lessons: tuple[LessonChange, ...]


@dataclass(frozen=True)
class CourseChanges:
    """`first` is true when nothing was live before; then everything counts as added."""

    first: bool
    facts: tuple[FieldChange, ...]
    modules: tuple[ModuleChange, ...]

    def lessons(self, *kinds: Kind) -> tuple[LessonChange, ...]:
        """The lessons of these kinds, in order; a changed lesson that also moved is of both kinds."""
        every = (lesson for module in self.modules for lesson in module.lessons)
        return tuple(one for one in every if one.kind in kinds or ("moved" in kinds and one.moved))

    @property
    def nothing(self) -> bool:
        """True when readers would see no difference."""
        return not self.facts and all(
            module.kind == "unchanged" and all(lesson.kind == "unchanged" for lesson in module.lessons)
            for module in self.modules
        )


def compare(old: FrozenCourse | None, new: FrozenCourse) -> CourseChanges:
    """What `new` changes for readers of `old`; `old` is None when the course was never released."""
    known = {module.page.uuid: module for module in old.modules} if old else {}
    homes = {lesson.uuid: module for module in known.values() for lesson in module.lessons}
    kept = {lesson.uuid for module in new.modules for lesson in module.lessons}
    moved = _moved([module.page.uuid for module in known.values()], [module.page.uuid for module in new.modules])
    modules = [_module(old, new, known.get(module.page.uuid), module, moved, homes, kept) for module in new.modules]
    here = {module.page.uuid for module in new.modules}
    modules += [_removed_module(module, kept) for uuid, module in known.items() if uuid not in here]
    facts = _fields(old.page if old else None, new.page, old, new) + _people(old, new) if old else ()
    return CourseChanges(old is None, facts, tuple(modules))


def _module(
    old: FrozenCourse | None,
    new: FrozenCourse,
    before: FrozenModule | None,
    after: FrozenModule,
    moved_modules: set[UUID],
    homes: dict[UUID, FrozenModule],
    kept: set[UUID],
) -> ModuleChange:
    before_ids = [lesson.uuid for lesson in before.lessons] if before else []
    moved = _moved(before_ids, [lesson.uuid for lesson in after.lessons])
    lessons = []
    for lesson in after.lessons:
        home = homes.get(lesson.uuid)
        former = next((one for one in home.lessons if one.uuid == lesson.uuid), None) if home else None
        elsewhere = home is not None and home.page.uuid != after.page.uuid
        moved_from = home.page.title if home and elsewhere else ""
        lessons.append(_lesson(old, new, former, lesson, elsewhere or lesson.uuid in moved, moved_from))
    if before:
        lessons += [_removed_lesson(lesson) for lesson in before.lessons if lesson.uuid not in kept]
    fields = _fields(before.page, after.page, old, new) if before else ()
    was_moved = after.page.uuid in moved_modules
    kind: Kind = "added" if before is None else "changed" if fields else "moved" if was_moved else "unchanged"
    page = after.page
    return ModuleChange(kind, page.uuid, page.page_id, page.title, was_moved, fields, tuple(lessons))


def _lesson(
    old: FrozenCourse | None,
    new: FrozenCourse,
    before: FrozenPage | None,
    after: FrozenPage,
    moved: bool,
    moved_from: str,
) -> LessonChange:
    if before is None or old is None:
        blocks = tuple(_new_block(block, new) for block in after.fields.get("body") or ())
        return LessonChange("added", after.uuid, after.page_id, after.title, blocks=blocks)
    fields = _fields(before, after, old, new)
    blocks = _blocks(before.fields.get("body") or [], after.fields.get("body") or [], old, new)
    different = fields or any(block.kind != "unchanged" for block in blocks)
    kind: Kind = "changed" if different else "moved" if moved else "unchanged"
    return LessonChange(kind, after.uuid, after.page_id, after.title, moved, moved_from, fields, blocks)


def _removed_module(module: FrozenModule, kept: set[UUID]) -> ModuleChange:
    page = module.page
    lessons = tuple(_removed_lesson(lesson) for lesson in module.lessons if lesson.uuid not in kept)
    return ModuleChange("removed", page.uuid, page.page_id, page.title, False, (), lessons)


def _removed_lesson(page: FrozenPage) -> LessonChange:
    return LessonChange("removed", page.uuid, page.page_id, page.title)


def _moved(old: Sequence[UUID], new: Sequence[UUID]) -> set[UUID]:
    """Those in both that changed their place, as few as can explain the new order."""
    place = {item: index for index, item in enumerate(old)}
    common = [item for item in new if item in place]
    still = {common[index] for index in longest_increasing([place[item] for item in common])}
    return set(common) - still


def _fields(
    before: FrozenPage | None, after: FrozenPage, old: FrozenCourse | None, new: FrozenCourse
) -> tuple[FieldChange, ...]:
    if before is None or old is None:
        return ()
    changes = []
    for name, label in FACTS.items():
        if name in {"instructors", "prerequisites"}:
            continue  # they are frozen beside the page, not in its fields
        was = field_text(name, _value(before, name), old)
        now = field_text(name, _value(after, name), new)
        if was != now:
            changes.append(FieldChange(label, *word_difference(was, now)))
    return tuple(changes)


def _value(page: FrozenPage, name: str) -> object:
    return getattr(page, name) if name in {"title", "slug"} else page.fields.get(name)


def _people(old: FrozenCourse, new: FrozenCourse) -> tuple[FieldChange, ...]:
    pairs = (
        ("instructors", [field_text("", one.model_dump(mode="json"), course) for one in course.instructors])
        for course in (old, new)
    )
    (name, was), (_, now) = pairs
    changes = [FieldChange(FACTS[name], *word_difference("\n".join(was), "\n".join(now)))] if was != now else []
    before, after = ("\n".join(link.title for link in course.prerequisites) for course in (old, new))
    if before != after:
        changes.append(FieldChange(FACTS["prerequisites"], *word_difference(before, after)))
    return tuple(changes)


# --- blocks ---------------------------------------------------------------------------------------------------

RawBlock = dict[str, object]


def _blocks(
    before: list[RawBlock], after: list[RawBlock], old: FrozenCourse, new: FrozenCourse
) -> tuple[BlockChange, ...]:
    pairs = _pairs(before, after, old, new)
    moved = _moved_blocks(pairs)
    changes = []
    for index, block in enumerate(after):
        partner = pairs.get(index)
        if partner is None:
            changes.append(_new_block(block, new))
        else:
            changes.append(_block(before[partner], block, old, new, index in moved))
    taken = set(pairs.values())
    for place, block in enumerate(before):
        if place not in taken:
            # A removed block is shown where it stood: after the blocks that kept their place before it.
            at = sum(1 for index, partner in pairs.items() if partner < place and index not in moved)
            gone = _side(block_text(block, old), "removed")
            files = block_files(block)
            changes.insert(
                min(at, len(changes)),
                BlockChange("removed", str(block.get("id")), str(block["type"]), gone, (), files),
            )
    return tuple(changes)


def _block(was: RawBlock, now: RawBlock, old: FrozenCourse, new: FrozenCourse, moved: bool) -> BlockChange:
    identity, kind = str(now.get("id")), str(now["type"])
    before, after = block_text(was, old), block_text(now, new)
    same_type = was["type"] == now["type"]
    if before == after and same_type and was.get("value") == now.get("value"):
        return BlockChange(
            "moved" if moved else "unchanged", identity, kind, _side(before, "same"), _side(after, "same")
        )
    if before == after:
        # Only the markup differs (a word made bold, a link's target): then the markup itself is shown.
        before, after = str(was.get("value")), str(now.get("value"))
    sides = word_difference(before, after)
    return BlockChange("changed", identity, kind, *sides, block_files(was), block_files(now))


def _new_block(block: RawBlock, course: FrozenCourse) -> BlockChange:
    text = _side(block_text(block, course), "added")
    return BlockChange("added", str(block.get("id")), str(block["type"]), (), text, (), block_files(block))


def _side(text: str, mark: Literal["same", "added", "removed"]) -> Side:
    return ((mark, text),) if text else ()


def _pairs(before: list[RawBlock], after: list[RawBlock], old: FrozenCourse, new: FrozenCourse) -> dict[int, int]:
    """{place in `after`: place in `before`}, by block id, then by likeness among blocks of one type."""
    places = {block.get("id"): place for place, block in enumerate(before) if block.get("id")}
    pairs = {index: places[block.get("id")] for index, block in enumerate(after) if block.get("id") in places}
    taken = set(pairs.values())
    left = [place for place in range(len(before)) if place not in taken]
    for index, block in enumerate(after):
        if index in pairs:
            continue
        text = block_text(block, new)
        alike = [
            (_likeness(block_text(before[place], old), text), -place)
            for place in left
            if before[place]["type"] == block["type"]
        ]
        best = max(alike, default=(0.0, 0))
        if best[0] >= ALIKE:
            pairs[index] = -best[1]
            left.remove(-best[1])
    return pairs


def _likeness(old: str, new: str) -> float:
    """From 0 to 1: the share of words the two have in common."""
    first, second = set(old.split()), set(new.split())
    if not first or not second:
        return 1.0 if first == second else 0.0
    return 2 * len(first & second) / (len(first) + len(second))


def _moved_blocks(pairs: dict[int, int]) -> set[int]:
    order = sorted(pairs)
    still = {order[index] for index in longest_increasing([pairs[index] for index in order])}
    return set(order) - still
