"""What was drawn is remembered by what it was drawn from, up to a bound: the slowest pieces are often the same again.

A course is drawn again for a preview, for a change of the site's templates, or because its store was emptied; code,
formulas and Markdown in it are then mostly what they were.
"""

from collections import OrderedDict
from collections.abc import Callable
from functools import wraps
from threading import Lock
from typing import Any, ParamSpec

P = ParamSpec("P")

BOUND = 48_000_000  # characters, of arguments and results together; nearly all of them take one byte


class Memory:
    """Results by their arguments. What was asked for longest ago is forgotten first."""

    def __init__(self, bound: int) -> None:
        self.bound = bound
        self.size = 0
        self._kept: OrderedDict[Any, str] = OrderedDict()
        self._lock = Lock()

    def get(self, key: Any) -> str | None:
        with self._lock:
            found = self._kept.get(key)
            if found is not None:
                self._kept.move_to_end(key)
            return found

    def put(self, key: Any, result: str) -> None:
        with self._lock:
            if key in self._kept:
                return
            self._kept[key] = result
            self.size += _size(key, result)
            while self.size > self.bound:
                self.size -= _size(*self._kept.popitem(last=False))

    def forget(self) -> None:
        """Forget everything: for whoever measures what drawing costs."""
        with self._lock:
            self._kept.clear()
            self.size = 0


MEMORY = Memory(BOUND)


def remembered(draw: Callable[P, str]) -> Callable[P, str]:
    """A function of strings and flags that gives a string, always the same for the same ones."""

    @wraps(draw)
    def drawn(*args: P.args, **kwargs: P.kwargs) -> str:
        key = (draw.__qualname__, draw.__module__, args, *kwargs.items())
        found = MEMORY.get(key)
        if found is None:
            found = draw(*args, **kwargs)
            MEMORY.put(key, found)
        return found

    return drawn


def _size(key: Any, result: str) -> int:
    return 200 + len(result) + sum(len(part) for part in key[2] if isinstance(part, str))
