"""What a worker decides, as a table; and the reasons it gives."""

from itertools import product

import pytest

from pipeline.models import ChangeEvent
from pipeline.plan import DIRECT, PARTS, SHOWN, Change, Step, next_step, reason, without_decision

APPROVED, AGAIN, BACK = Change("approved", 1), Change("approved", 2), Change("rolled_back", 3)
EDIT, MOVE, REBUILD = Change("published"), Change("moved"), Change("rebuild")

TABLE = {
    "nothing happened": ([], Step("nothing", 0)),
    "an approval ships": ([APPROVED], Step("ship", 1, 1)),
    "the last approval decides": ([APPROVED, AGAIN], Step("ship", 2, 2)),
    "an approval satisfies the edits it made": ([EDIT, EDIT, MOVE, APPROVED], Step("ship", 4, 1)),
    "an edit after an approval is a release of its own, later": ([APPROVED, EDIT], Step("ship", 1, 1)),
    "a rollback puts back": ([BACK], Step("put_back", 1, 3)),
    "a rollback after an approval": ([APPROVED, BACK], Step("put_back", 2, 3)),
    "an approval after a rollback": ([BACK, AGAIN], Step("ship", 2, 2)),
    "an approval draws everything, so it satisfies a rebuild": ([REBUILD, APPROVED], Step("ship", 2, 1)),
    "a rebuild after a rollback is still owed": ([BACK, REBUILD], Step("put_back", 1, 3)),
    "an edit": ([EDIT], Step("freeze_live", 1)),
    "many edits are one release": ([EDIT, MOVE, EDIT], Step("freeze_live", 3)),
    "a rebuild": ([REBUILD, REBUILD], Step("rebuild", 2)),
    "a rebuild is owed if the edit beside it changed nothing": (
        [REBUILD, EDIT],
        Step("freeze_live", 2, or_rebuild=True),
    ),
    "a verb that changes the standing is a rebuild": ([Change("retired"), Change("withdrawn")], Step("rebuild", 2)),
    "so is its undo": ([Change("reopened")], Step("rebuild", 1)),
    "a purge is carried out before the plan, and satisfied by a rebuild": ([Change("purged")], Step("rebuild", 1)),
    "an approval satisfies a withdrawal before it": ([Change("withdrawn"), APPROVED], Step("ship", 2, 1)),
    "a withdrawal after an approval is still owed": ([APPROVED, Change("withdrawn")], Step("ship", 1, 1)),
    "a withdrawal is owed if the edit beside it changed nothing": (
        [Change("withdrawn"), EDIT],
        Step("freeze_live", 2, or_rebuild=True),
    ),
    "a file or a restriction is a direct edit": (
        [Change("edited"), Change("restricted")],
        Step("freeze_live", 2),
    ),
    "in either order": ([EDIT, REBUILD], Step("freeze_live", 2, or_rebuild=True)),
}


@pytest.mark.parametrize(("changes", "step"), TABLE.values(), ids=TABLE.keys())
def test_the_next_step(changes: list[Change], step: Step) -> None:
    assert next_step(changes) == step


def test_whatever_happened_every_change_is_satisfied_in_the_end() -> None:
    """Every sequence of up to four changes: each step moves on, and the last decision is the last thing done."""
    for length in range(1, 5):
        for changes in product([APPROVED, AGAIN, BACK, EDIT, REBUILD], repeat=length):
            left, steps = list(changes), []
            while left:
                step = next_step(left)
                assert 0 < step.satisfied <= len(left)
                steps.append(step)
                left = left[step.satisfied :]
            decisions = [change for change in changes if change.kind in {"approved", "rolled_back"}]
            decided = [step.release for step in steps if step.release]
            assert decided == ([decisions[-1].release] if decisions else [])
            after = changes[max((n for n, one in enumerate(changes) if one in decisions), default=-1) + 1 :]
            assert (EDIT in after) == any(step.act == "freeze_live" for step in steps)
            assert (REBUILD in after) == any(step.act == "rebuild" or step.or_rebuild for step in steps)


WITHOUT = {
    "no decision": ([EDIT, REBUILD], None),
    "no edit after it": ([EDIT, APPROVED], None),
    "a rebuild is no edit": ([APPROVED, REBUILD], None),
    "an edit after an approval": ([EDIT, APPROVED, EDIT], Step("freeze_live", 3)),
    "a move after a rollback": ([BACK, MOVE], Step("freeze_live", 2)),
    "an edit and a rebuild": ([APPROVED, REBUILD, EDIT], Step("freeze_live", 3, or_rebuild=True)),
    "an edit between two approvals": ([APPROVED, EDIT, AGAIN], None),
}


@pytest.mark.parametrize(("changes", "step"), WITHOUT.values(), ids=WITHOUT.keys())
def test_what_is_left_to_do_when_the_decision_cannot_be_carried_out(changes: list[Change], step: Step | None) -> None:
    assert without_decision(changes) == step


def test_every_kind_of_event_has_a_step() -> None:
    kinds = set(ChangeEvent.Kind.values)
    assert kinds >= DIRECT | SHOWN
    for kind in kinds - SHOWN:
        assert next_step([Change(kind, 1)]).act != "nothing"


LESSON = {"facts": "f", "media": "m", "links": "", "renderer": "1", "blocks": [["a", "1"], ["b", "2"]]}

REASONS = {
    "nothing": ({}, None),
    "one block": ({"blocks": [["a", "1"], ["b", "9"]]}, "“Intro”: block 2 changed."),
    "an added block": ({"blocks": [["a", "1"], ["c", "3"], ["b", "2"]]}, "“Intro”: block 2 was added."),
    "a removed block": ({"blocks": [["b", "2"]]}, "“Intro”: 1 block was removed."),
    "two removed blocks": ({"blocks": []}, "“Intro”: 2 blocks were removed."),
    "another order": ({"blocks": [["b", "2"], ["a", "1"]]}, "“Intro”: its blocks were put in another order."),
    "facts and media": (
        {"facts": "g", "media": "n"},
        "“Intro”: its title, summary or minutes changed; an image, video or attachment in it changed.",
    ),
    "a newer renderer": ({"renderer": "2"}, "“Intro”: the renderer is a newer version."),
}


@pytest.mark.parametrize(("change", "told"), REASONS.values(), ids=REASONS.keys())
def test_the_reason_for_writing_a_document_again(change: dict[str, object], told: str | None) -> None:
    assert reason("Intro", LESSON, LESSON | change) == told


def test_what_was_never_written_is_new() -> None:
    assert reason("Intro", None, LESSON) == "“Intro” is new."


@pytest.mark.parametrize("part", PARTS)
def test_every_part_has_a_reason(part: str) -> None:
    assert reason("Intro", {part: "1"}, {part: "2"}) == f"“Intro”: {PARTS[part]}."
