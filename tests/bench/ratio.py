"""Two things timed side by side: A B A B ..., so that a noisy neighbour slows both alike."""

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Ratio:
    """`value` is the median of (seconds of the thing / seconds of the yardstick), one pair a round."""

    name: str
    yardstick: str
    value: float
    lowest: float
    highest: float
    seconds: float
    yardstick_seconds: float

    def __str__(self) -> str:
        spread = f"[{self.lowest:.2f} to {self.highest:.2f}]"
        return f"{self.value:8.2f} {spread:20} {self.name} : {self.yardstick}"

    def as_json(self) -> dict[str, Any]:
        return {name: round(value, 6) if isinstance(value, float) else value for name, value in vars(self).items()}


def compare(
    name: str, thing: Callable[[], object], yardstick_name: str, yardstick: Callable[[], object], rounds: int
) -> Ratio:
    """Run both `rounds` times in turn, after one run of each that does not count."""
    thing(), yardstick()
    pairs = [(_seconds(thing), _seconds(yardstick)) for _ in range(rounds)]
    ratios = [ours / theirs for ours, theirs in pairs]
    return Ratio(
        name=name,
        yardstick=yardstick_name,
        value=statistics.median(ratios),
        lowest=min(ratios),
        highest=max(ratios),
        seconds=statistics.median(ours for ours, _ in pairs),
        yardstick_seconds=statistics.median(theirs for _, theirs in pairs),
    )


def _seconds(act: Callable[[], object]) -> float:
    started = time.perf_counter()
    act()
    return time.perf_counter() - started
