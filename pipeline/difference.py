"""Which words and places differ between two texts and two orders. Pure."""

import bisect
import re
from collections.abc import Sequence
from difflib import SequenceMatcher
from typing import Literal

Mark = Literal["same", "added", "removed"]
# One side of a comparison: runs of text in order, each marked.
Side = tuple[tuple[Mark, str], ...]

# Word by word is quadratic at its worst: above this many words on a side, whole lines are compared instead.
MANY_WORDS = 3000


def word_difference(old: str, new: str) -> tuple[Side, Side]:
    """Both texts with what was removed from the old and what was added in the new marked."""
    before, after = _words(old), _words(new)
    if max(len(before), len(after)) > MANY_WORDS:
        before, after = old.splitlines(keepends=True), new.splitlines(keepends=True)
    left: list[tuple[Mark, str]] = []
    right: list[tuple[Mark, str]] = []
    for tag, first, last, start, end in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        was, now = "".join(before[first:last]), "".join(after[start:end])
        if tag == "equal":
            left.append(("same", was))
            right.append(("same", now))
            continue
        if was:
            left.append(("removed", was))
        if now:
            right.append(("added", now))
    return tuple(left), tuple(right)


def _words(text: str) -> list[str]:
    return re.findall(r"\w+|\s+|[^\w\s]", text)


def longest_increasing(values: Sequence[int]) -> list[int]:
    """Indices of one longest strictly increasing subsequence (patience sorting, O(n log n))."""
    tails: list[int] = []  # values: the smallest end of an increasing run of each length
    ends: list[int] = []  # indices of those ends
    previous = [-1] * len(values)
    for index, value in enumerate(values):
        length = bisect.bisect_left(tails, value)
        if length:
            previous[index] = ends[length - 1]
        if length == len(tails):
            tails.append(value)
            ends.append(index)
        else:
            tails[length], ends[length] = value, index
    chosen = []
    index = ends[-1] if ends else -1
    while index >= 0:
        chosen.append(index)
        index = previous[index]
    return chosen[::-1]
