"""Decide what a worker has to do, and say why each document or page would be written again. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal


@dataclass(frozen=True)
class Change:
    """A change event as the plan sees it. `release` is the id of the release it approved or put back."""

    kind: str
    release: int | None = None


@dataclass(frozen=True)
class Step:
    """`ship` builds a release, `put_back` makes a built one live again, `freeze_live` looks for direct edits,
    `rebuild` builds the live release once more, `nothing` has nothing to do. Afterwards the first `satisfied`
    changes are done with. `or_rebuild`: a rebuild was asked for too, and is owed if there are no direct edits."""

    act: Literal["ship", "put_back", "freeze_live", "rebuild", "nothing"]
    satisfied: int
    release: int | None = None
    or_rebuild: bool = False


DIRECT = frozenset({"published", "unpublished", "moved", "deleted", "edited", "restricted"})
# A course's standing is read from its row while it is built, so a verb that changed it is a rebuild that says why.
THOROUGH = frozenset({"rebuild", "retired", "withdrawn", "reopened", "purged"})
# What every page shares may have changed: then all is drawn again. If it did not, what lies on the store is not asked.
REBUILD = THOROUGH | {"site"}

# A price belongs to no release: the worker shows it before it asks for a step.
SHOWN = frozenset({"priced"})


def next_step(changes: Sequence[Change]) -> Step:
    """What a course's unbuilt changes, oldest first, ask for now.

    The last approval or rollback decides, and satisfies every direct edit before it: approving publishes pages,
    which are direct edits to the signals. Direct edits after it are a release of their own, made next.
    """
    for place in reversed(range(len(changes))):
        change = changes[place]
        if change.kind == "approved":
            return Step("ship", place + 1, change.release)
        if change.kind == "rolled_back":
            return Step("put_back", place + 1, change.release)
    kinds = {change.kind for change in changes}
    if kinds & DIRECT:
        return Step("freeze_live", len(changes), or_rebuild=bool(kinds & REBUILD))
    return Step("rebuild" if kinds & REBUILD else "nothing", len(changes))


def without_decision(changes: Sequence[Change]) -> Step | None:
    """What is left to do if the approval or rollback that decides cannot be carried out: direct edits after it.

    They may be what puts it right, and are not kept waiting: what is live is frozen, which satisfies both. None if
    there is no decision, or no direct edit after it.
    """
    decision = next_step(changes)
    later = {change.kind for change in changes[decision.satisfied :]}
    if decision.act not in {"ship", "put_back"} or not later & DIRECT:
        return None
    return Step("freeze_live", len(changes), or_rebuild=bool(later & REBUILD))


# What each part of a document's or a page's inputs is, in words.
PARTS = {
    "facts": "its title, summary or minutes changed",
    "media": "an image, video or attachment in it changed",
    "links": "a page that it links to moved or was renamed",
    "renderer": "the renderer is a newer version",
    "document": "the document it shows changed",
    "course": "a fact of the course that it shows changed",
    "navigation": "the title or order of the lessons around it changed",
    "site": "the site's templates, styles or scripts changed",
}


def reason(name: str, before: dict[str, Any] | None, now: dict[str, Any]) -> str | None:
    """Why `name` would be written again, as a sentence, or None if nothing it is made of changed.

    `before` and `now` map a part's name to its digest; `blocks` maps to a list of `[block id, digest]`.
    """
    if before is None:
        return f"“{name}” is new."
    told = _blocks(before.get("blocks", []), now.get("blocks", []))
    told += [PARTS[part] for part in PARTS if before.get(part) != now.get(part)]
    return f"“{name}”: {'; '.join(told)}." if told else None


def _blocks(before: Iterable[tuple[str, str]], now: Iterable[tuple[str, str]]) -> list[str]:
    old, new = dict(before), dict(now)
    told = []
    for place, (block, digest) in enumerate(new.items(), start=1):
        if block not in old:
            told.append(f"block {place} was added")
        elif old[block] != digest:
            told.append(f"block {place} changed")
    if gone := len(old.keys() - new.keys()):
        told.append(f"{gone} block{'s were' if gone > 1 else ' was'} removed")
    if not told and list(old) != list(new):
        told.append("its blocks were put in another order")
    return told
