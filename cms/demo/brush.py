"""Smooth lines, dots and words on a Pillow image: Pillow draws hard edges, so shapes are drawn large and reduced."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from math import cos, hypot, pi, sin

from PIL import Image, ImageDraw, ImageFont

Point = tuple[float, float]
Colour = str
Box = tuple[int, int, int, int]

FINE = 2  # shapes are drawn this many times larger in both directions


@dataclass(frozen=True)
class Shape:
    """A mask: white where there is ink, with soft edges. `left` and `top` say where in the picture it lies."""

    left: int
    top: int
    mask: Image.Image

    def until(self, right: int) -> "Shape":
        """The part of it to the left of `right`."""
        width = min(max(right - self.left, 1), self.mask.width)
        return Shape(self.left, self.top, self.mask.crop((0, 0, width, self.mask.height)))


def shape(box: Box, draw: Callable[["Pen"], None]) -> Shape:
    """What `draw` draws within `box` (left, top, right, bottom): the smaller the box, the sooner it is done."""
    left, top, right, bottom = box
    large = Image.new("L", ((right - left) * FINE, (bottom - top) * FINE))
    draw(Pen(ImageDraw.Draw(large), left, top))
    return Shape(left, top, large.reduce(FINE))


def colour(image: Image.Image, form: Shape, ink: Colour, opacity: float = 1) -> None:
    """Put `ink` on `image` where `form` lies. `opacity` from 0 to 1."""
    if opacity <= 0:
        return
    stencil = form.mask if opacity >= 1 else form.mask.point([round(value * opacity) for value in range(256)])
    image.paste(ink, (form.left, form.top, form.left + stencil.width, form.top + stencil.height), stencil)


class Pen:
    """Draws the parts of one shape, in the pixels of the picture."""

    def __init__(self, draw: ImageDraw.ImageDraw, left: int, top: int) -> None:
        self._draw = draw
        self._left, self._top = left, top

    def line(self, points: Iterable[Point], width: float) -> None:
        self._draw.line([self._at(point) for point in points], fill=255, width=round(width * FINE), joint="curve")

    def dot(self, centre: Point, radius: float) -> None:
        (x, y), r = self._at(centre), radius * FINE
        self._draw.ellipse((x - r, y - r, x + r, y + r), fill=255)

    def dots(self, centres: Iterable[Point], radius: float) -> None:
        for centre in centres:
            self.dot(centre, radius)

    def ring(self, centre: Point, radius: float, width: float) -> None:
        (x, y), r = self._at(centre), radius * FINE
        self._draw.ellipse((x - r, y - r, x + r, y + r), outline=255, width=round(width * FINE))

    def dotted(self, points: Iterable[Point], radius: float, gap: float) -> None:
        """Dots `gap` pixels apart along the polyline through `points`."""
        before: Point | None = None
        left = 0.0
        for point in points:
            if before is None:
                self.dot(point, radius)
            else:
                length = hypot(point[0] - before[0], point[1] - before[1])
                along = gap - left
                while along <= length:
                    share = along / length
                    x = before[0] + share * (point[0] - before[0])
                    self.dot((x, before[1] + share * (point[1] - before[1])), radius)
                    along += gap
                left = length - (along - gap)
            before = point

    def arrow(self, centre: Point, radius: float, start: float, end: float, width: float) -> None:
        """An arc with a head at its end. Angles in turns, clockwise from the top."""
        steps = 40
        angles = [start + (end - start) * step / steps for step in range(steps + 1)]
        self.line([around(centre, radius, angle) for angle in angles], width)
        tip = around(centre, radius, end)
        heading = 2 * pi * end + (0 if end > start else pi)
        forward, side = (cos(heading), sin(heading)), (-sin(heading), cos(heading))
        head = 3.2 * width
        self._draw.polygon(
            [
                self._at(
                    (
                        tip[0] + head * (ahead * forward[0] + aside * side[0]),
                        tip[1] + head * (ahead * forward[1] + aside * side[1]),
                    )
                )
                for ahead, aside in ((1.0, 0.0), (-0.5, 0.8), (-0.5, -0.8))
            ],
            fill=255,
        )

    def _at(self, point: Point) -> Point:
        return (point[0] - self._left) * FINE, (point[1] - self._top) * FINE


def around(centre: Point, radius: float, turns: float) -> Point:
    """The point on a circle, `turns` clockwise from its top."""
    angle = 2 * pi * turns
    return centre[0] + radius * sin(angle), centre[1] - radius * cos(angle)


@lru_cache(maxsize=64)
def words(text: str, size: int) -> Image.Image:
    """A mask of one line of text. The font that Pillow carries: Latin letters without accents, no dashes."""
    font = ImageFont.load_default(size)
    left, _, right, _ = font.getbbox(text)
    line = Image.new("L", (int(right - left) + 2, int(size * 1.3)))
    ImageDraw.Draw(line).text((-left, 0), text, fill=255, font=font)
    return line


def say(image: Image.Image, text: str, at: tuple[int, int], size: int, ink: Colour, opacity: float = 1) -> None:
    """Write one line whose upper left corner lies at `at`."""
    colour(image, Shape(*at, words(text, size)), ink, opacity)


def say_centred(image: Image.Image, text: str, at: tuple[int, int], size: int, ink: Colour, opacity: float = 1) -> None:
    """Write one line the middle of whose upper edge lies at `at`."""
    say(image, text, (at[0] - words(text, size).width // 2, at[1]), size, ink, opacity)
