"""What was drawn is drawn once, and what is remembered stays below its bound."""

import pytest

from pipeline import remembered
from pipeline.remembered import Memory


def test_what_was_asked_for_longest_ago_is_forgotten_first() -> None:
    memory = Memory(bound=700)
    keys = [("draw", "module", (letter * 50,)) for letter in "abc"]
    for key in keys[:2]:
        memory.put(key, "x" * 50)
    assert memory.get(keys[0]) == "x" * 50
    memory.put(keys[2], "x" * 50)
    assert [memory.get(key) is None for key in keys] == [False, True, False]
    assert memory.size <= memory.bound


def test_what_is_larger_than_the_bound_leaves_nothing() -> None:
    memory = Memory(bound=700)
    memory.put(("draw", "module", ("a",)), "x" * 1000)
    assert (memory.get(("draw", "module", ("a",))), memory.size) == (None, 0)


def test_a_function_is_asked_once_for_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remembered, "MEMORY", Memory(bound=10_000))
    asked = []

    @remembered.remembered
    def one(text: str, *, loud: bool = False) -> str:
        asked.append(text)
        return text.upper() if loud else text

    @remembered.remembered
    def other(text: str) -> str:
        return f"other {text}"

    assert [one("a"), one("a"), one("a", loud=True), one("a", loud=True), one("b"), other("a")] == [
        *("a", "a", "A", "A", "b", "other a")
    ]
    assert asked == ["a", "a", "b"]
    remembered.MEMORY.forget()
    assert (one("a"), remembered.MEMORY.size > 0) == ("a", True)
    assert asked == ["a", "a", "b", "a"]
