"""Keeps names: the UUIDs of pages come from the folder, the ids of blocks from the blocks that were there before.

A block that was there keeps its id, wherever it went and though a word in it changed, so that a review shows what
changed and a quiz keeps its learners' results. A new block's id is made of its content: two schools that import the
same folder have the same ids.
"""

import json
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from cms.importing.source import Raw
from pipeline.digests import sha256

NAMESPACE = uuid5(NAMESPACE_URL, "lectern:import")
ALIKE = 0.5  # how alike two blocks must be, from 0 to 1, to count as one rewritten
_UPLOADS = {"image", "video", "attachment"}
# Where a block holds others.
_HOLDS = ("body", "questions", "choices", "accepted")


def course_uuid(identity: str) -> UUID:
    return uuid5(NAMESPACE, f"course/{identity}")


def module_uuid(course: UUID, slug: str) -> UUID:
    return uuid5(course, f"module/{slug}")


def lesson_uuid(course: UUID, slug: str) -> UUID:
    return uuid5(course, f"lesson/{slug}")


def with_ids(new: Sequence[Raw], old: Sequence[Raw], owner: UUID, taken: set[str] | None = None) -> list[Raw]:
    """`new` with ids: those of the blocks of `old` that they are, else fresh ones. `owner` is the page's UUID."""
    if taken is None:
        taken = set(_ids(old))
    pairs = _pairs(new, old)
    made = []
    for place, block in enumerate(new):
        before = old[pairs[place]] if place in pairs else None
        kept = str(before["id"]) if before and before.get("id") else _fresh(block, owner, taken)
        taken.add(kept)
        value = _value_with_ids(block["value"], before["value"] if before else {}, UUID(_uuid_like(kept)), taken)
        made.append({"type": block["type"], "value": value, "id": kept})
    return made


def _value_with_ids(value: Any, before: Any, owner: UUID, taken: set[str]) -> Any:
    if not isinstance(value, dict):
        return value
    former = before if isinstance(before, dict) else {}
    return {
        name: with_ids(inner, former.get(name) or [], owner, taken) if name in _HOLDS else inner
        for name, inner in value.items()
    }


def _uuid_like(identity: str) -> str:
    """`identity` if it is a UUID; the editor makes such ids, but other tools need not."""
    try:
        return str(UUID(identity))
    except ValueError:
        return str(uuid5(NAMESPACE, identity))


def _fresh(block: Raw, owner: UUID, taken: set[str]) -> str:
    """An id made of what the block is: a quiz and a question of their titles, anything else of its content."""
    value = block["value"]
    said = _name(value) or sha256(_canonical(value, uploads=False).encode())
    number = 0
    while (made := str(uuid5(owner, f"{block['type']}/{said}/{number}"))) in taken:
        number += 1
    return made


def _name(value: Any) -> str:
    """What names a quiz, a question or a choice for people."""
    if not isinstance(value, dict):
        return ""
    if "questions" in value:
        return str(value["title"])
    return str(value.get("prompt") or (value.get("text", "") if "correct" in value else ""))


# --- likeness -------------------------------------------------------------------------------------------------


def _pairs(new: Sequence[Raw], old: Sequence[Raw]) -> dict[int, int]:
    """{place in `new`: place in `old`}: what did not change, then what has the same name, then what is most alike."""
    news, olds = [_key(block) for block in new], [_key(block) for block in old]
    pairs: dict[int, int] = {}
    for match in SequenceMatcher(None, olds, news, autojunk=False).get_matching_blocks():
        pairs.update({match.b + step: match.a + step for step in range(match.size)})
    left = [place for place in range(len(old)) if place not in set(pairs.values())]
    for alike in (_same, _named_alike, _likeness):
        for place, block in enumerate(new):
            if place in pairs:
                continue
            found = [(alike(old[other], block), -abs(other - place), other) for other in left]
            best = max(found, default=(0.0, 0, 0))
            if best[0] >= ALIKE:
                pairs[place] = best[2]
                left.remove(best[2])
    return pairs


def _same(old: Raw, new: Raw) -> float:
    """A block that moved."""
    return float(_key(old) == _key(new))


def _named_alike(old: Raw, new: Raw) -> float:
    name = _name(new["value"])
    return float(bool(name) and old["type"] == new["type"] and _name(old["value"]) == name)


def _likeness(old: Raw, new: Raw) -> float:
    """From 0 to 1: the share of words the two have in common, or of letters where there are few words."""
    if old["type"] != new["type"]:
        return 0.0
    before, after = _words(old["value"]), _words(new["value"])
    if min(len(before), len(after)) < 4:
        return _ratio(" ".join(before), " ".join(after)) if before and after else 0.0
    return _ratio(before, after)


def _ratio(before: Sequence[str], after: Sequence[str]) -> float:
    return SequenceMatcher(None, before, after, autojunk=False).ratio()


def _words(value: Any) -> list[str]:
    return [word for text in _texts(value) for word in text.split()][:2000]


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for name, inner in value.items():
            if name not in {"id", "type", "variant", "language", "output_kind", "provider"}:
                yield from _texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner)


def _key(block: Raw) -> str:
    return f"{block['type']} {_canonical(block['value'])}"


def _canonical(value: Any, *, uploads: bool = True) -> str:
    return json.dumps(_bare(value, uploads), sort_keys=True, ensure_ascii=False)


def _bare(value: Any, uploads: bool) -> Any:
    """`value` without the ids of blocks, and without the ids of uploads if `uploads` is false."""
    if isinstance(value, list):
        return [_bare(inner, uploads) for inner in value]
    if isinstance(value, dict):
        block = {"type", "value", "id"} >= value.keys() and "value" in value
        return {
            name: _bare(inner, uploads)
            for name, inner in value.items()
            if not (block and name == "id") and (uploads or name not in _UPLOADS)
        }
    return value


def _ids(blocks: Sequence[Raw]) -> Iterator[str]:
    for block in blocks:
        if block.get("id"):
            yield str(block["id"])
        value = block.get("value")
        if isinstance(value, dict):
            for name in _HOLDS:
                yield from _ids(value.get(name) or [])
