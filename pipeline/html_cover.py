"""A drawn cover for a course without a picture: a quiet pattern that is always the same for the same course."""

from dataclasses import dataclass
from hashlib import sha256
from uuid import UUID

COLUMNS, ROWS, TILE = 6, 3, 60
# Each shape fills a tile whose corner is at x, y; `d` of an SVG path, drawn with relative commands only.
SHAPES = (
    "M{x} {y}h60v60h-60z",
    "M{x} {y}h60a60 60 0 0 1-60 60z",
    "M{x1} {y}v60h-60a60 60 0 0 1 60-60z",
    "M{x1} {y1}h-60v-60a60 60 0 0 1 60 60z",
    "M{x} {y}v60h60a60 60 0 0 0-60-60z",
    "M{x} {y}h60a30 30 0 0 1-60 0z",
    "M{x} {y1}h60a30 30 0 0 0-60 0z",
    "M{x} {ym}a30 30 0 1 0 60 0a30 30 0 1 0-60 0z",
)
PALETTES = 6


@dataclass(frozen=True)
class Cover:
    """`palette` names a class of the stylesheet; `tones` are three path data strings, one for each tone."""

    palette: int
    tones: tuple[str, str, str]
    width: int = COLUMNS * TILE
    height: int = ROWS * TILE


def cover(course: UUID) -> Cover:
    """The pattern of a course, drawn from the sha256 of its UUID. About a third of the tiles stay empty."""
    noise = sha256(course.bytes).digest()
    tones: tuple[list[str], list[str], list[str]] = ([], [], [])
    for place in range(COLUMNS * ROWS):
        byte = noise[place]
        tone = byte >> 3 & 3
        if tone == 3:
            continue
        x, y = place % COLUMNS * TILE, place // COLUMNS * TILE
        shape = SHAPES[byte & 7]
        tones[tone].append(shape.format(x=x, y=y, x1=x + TILE, y1=y + TILE, ym=y + TILE // 2))
    return Cover(palette=noise[-1] % PALETTES, tones=("".join(tones[0]), "".join(tones[1]), "".join(tones[2])))
