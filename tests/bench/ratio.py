"""Two things measured side by side: A B A B ..., so that a noisy neighbour slows both alike; and what was aimed at."""

import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Ratio:
    """`value` is the median of (seconds of the thing / seconds of the yardstick), one pair a round; `goal` the most
    that it may be, or None where none was set."""

    name: str
    yardstick: str
    value: float
    lowest: float
    highest: float
    seconds: float
    yardstick_seconds: float
    goal: float | None = None

    @property
    def met(self) -> bool | None:
        return None if self.goal is None else self.value <= self.goal

    def __str__(self) -> str:
        spread = f"[{self.lowest:.4g} to {self.highest:.4g}]"
        aim = "" if self.goal is None else f"goal {self.goal:.4g}: {'met' if self.met else 'NOT MET'}"
        return f"{self.value:9.4g} {spread:22} {aim:22} {self.name} : {self.yardstick}"

    def as_json(self) -> dict[str, Any]:
        told = {name: round(value, 6) if isinstance(value, float) else value for name, value in vars(self).items()}
        return told | {"met": self.met}


@dataclass(frozen=True)
class Figure:
    """One thing that was measured, in its own units."""

    name: str
    values: dict[str, float | int | str]

    def __str__(self) -> str:
        return f"{self.name}: " + ", ".join(f"{_shown(value)} {unit}" for unit, value in self.values.items())

    def as_json(self) -> dict[str, Any]:
        return {"name": self.name, **self.values}


def ratio(
    name: str, things: Sequence[float], yardstick: str, yardsticks: Sequence[float], goal: float | None = None
) -> Ratio:
    """Of seconds that were measured in turn, the same number of each."""
    ratios = [ours / theirs for ours, theirs in zip(things, yardsticks, strict=True)]
    return Ratio(
        name=name,
        yardstick=yardstick,
        value=statistics.median(ratios),
        lowest=min(ratios),
        highest=max(ratios),
        seconds=statistics.median(things),
        yardstick_seconds=statistics.median(yardsticks),
        goal=goal,
    )


def compare(
    name: str, thing: Callable[[], object], yardstick_name: str, yardstick: Callable[[], object], rounds: int
) -> Ratio:
    """Run both `rounds` times in turn, after one run of each that does not count. Wall seconds."""
    thing(), yardstick()
    pairs = [(_seconds(thing), _seconds(yardstick)) for _ in range(rounds)]
    return ratio(name, [ours for ours, _ in pairs], yardstick_name, [theirs for _, theirs in pairs])


def _seconds(act: Callable[[], object]) -> float:
    started = time.perf_counter()
    act()
    return time.perf_counter() - started


def _shown(value: float | int | str) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)
