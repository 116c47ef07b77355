"""The film of the demo course: every frame of "How a fast wave hides in slow samples", drawn from its second.

A fast wave is read often, then ever less often, until a slow wave fits the readings as well; then the same happens to
a wheel. The lowest sixth of the picture stays empty: captions stand there.
"""

from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from math import cos, pi

from PIL import Image

from cms.demo.brush import Pen, Point, Shape, around, colour, say, say_centred, shape

SIZE = WIDTH, HEIGHT = 1280, 720
FPS = 25
SECONDS = 45
FADE = 0.6  # seconds from one scene to the next

PAPER, INK, SOFT, PALE = "#f7f6f0", "#17201b", "#56605a", "#dfded3"
BLUE, ORANGE, LAMP = "#1f5f99", "#c2500c", "#ffe481"
NIGHT, LEAF, CHALK, SUN = "#12352a", "#4f9479", "#fdfdfb", "#ffc65c"

LEFT, RIGHT, MIDDLE, SWING = 84, 1196, 370, 150  # the plot, in pixels
PLOT = (0, MIDDLE - SWING - 14, WIDTH, MIDDLE + SWING + 14)
FAST, SLOW = 9, 1  # swings across the plot
OFTEN, SELDOM = 8.0, 10 / 9  # readings in each swing of the fast wave

FLASH = 1.25  # seconds between two flashes of the lamp
TURN = 0.9  # turns of the wheel between two flashes


def frames() -> Iterator[Image.Image]:
    """Every frame in order, RGB."""
    for number in range(SECONDS * FPS):
        yield frame(number / FPS)


def frame(second: float) -> Image.Image:
    """The picture at `second`, which runs from 0 to SECONDS."""
    place = max(index for index, (start, _) in enumerate(SCENES) if start <= second)
    start, scene = SCENES[place]
    picture = scene(second - start)
    share = (second - start) / FADE
    if place and share < 1:
        earlier, before = SCENES[place - 1]
        picture = Image.blend(before(second - earlier), picture, ease(share))
    return picture


def ease(share: float) -> float:
    """0 to 1 with a soft start and a soft end; clamped."""
    share = min(max(share, 0.0), 1.0)
    return (1 - cos(pi * share)) / 2


# --- the wave ---------------------------------------------------------------------------------------------------


def height(swings: float, share: float) -> float:
    """The y of a wave with this many swings across the plot, at `share` (0 to 1) of the way."""
    return MIDDLE - SWING * cos(2 * pi * swings * share)


def across(share: float) -> float:
    return LEFT + share * (RIGHT - LEFT)


@lru_cache(maxsize=4)
def curve(swings: int, dotted: bool) -> Shape:
    steps = 900
    points = [(across(step / steps), height(swings, step / steps)) for step in range(steps + 1)]

    def draw(pen: Pen) -> None:
        if dotted:
            pen.dotted(points, radius=4.5, gap=18)
        else:
            pen.line(points, width=4)

    return shape(PLOT, draw)


def revealed(form: Shape, share: float) -> Shape:
    """The part of a curve up to `share` of the plot."""
    return form.until(round(across(share)) + 6)


def readings(per_swing: float, until: float = 1) -> Shape:
    """Dots on the fast wave, this many in each swing, up to `until` of the plot."""
    count = int(FAST * per_swing * until + 1e-6) + 1
    shares = [number / (FAST * per_swing) for number in range(count)]
    dots = [(across(share), height(FAST, share)) for share in shares]
    radius = 6.5 + 4.5 * (OFTEN - per_swing) / (OFTEN - SELDOM)
    return shape(PLOT, lambda pen: pen.dots(dots, radius))


@lru_cache(maxsize=1)
def few_readings() -> Shape:
    return readings(SELDOM)


def plot(heading: str) -> Image.Image:
    picture = Image.new("RGB", SIZE, PAPER)
    picture.paste(PALE, (LEFT, MIDDLE - 1, RIGHT, MIDDLE + 1))
    say(picture, heading, (LEFT, 66), 46, INK)
    return picture


def counter(picture: Image.Image, per_swing: float) -> None:
    ink = INK if per_swing > 2 else ORANGE
    say(picture, f"{per_swing:.1f}", (LEFT, 138), 40, ink)
    say(picture, "readings in each swing", (LEFT + 74, 138), 40, ink)


def read_often(second: float) -> Image.Image:
    picture = plot("A wave with nine swings")
    colour(picture, revealed(curve(FAST, dotted=False), ease(second / 2.6)), BLUE)
    until = ease((second - 3.0) / 3.2)
    if second > 3.0:
        counter(picture, OFTEN)
        colour(picture, readings(OFTEN, until), INK)
    return picture


def read_less(second: float) -> Image.Image:
    picture = plot("Now read it less and less often")
    colour(picture, curve(FAST, dotted=False), BLUE)
    # Fast through the many, slow through the few: what happens, happens below two in each swing.
    gone = 1 - ease((second - 0.8) / 7.4)
    per_swing = SELDOM + (OFTEN - SELDOM) * gone**2
    counter(picture, per_swing)
    colour(picture, readings(per_swing), INK)
    return picture


def slow_wave(second: float) -> Image.Image:
    picture = plot("A slow wave fits these dots as well")
    colour(picture, curve(FAST, dotted=False), BLUE, opacity=1 - 0.72 * ease(second / 1.5))
    colour(picture, revealed(curve(SLOW, dotted=True), ease((second - 1.0) / 3.0)), ORANGE)
    colour(picture, few_readings(), INK)
    say(picture, "nine swings, or one?", (LEFT, 138), 40, ORANGE, ease((second - 3.6) / 0.8))
    return picture


# --- the wheel --------------------------------------------------------------------------------------------------


def wheel(picture: Image.Image, centre: tuple[int, int], turns: float, lit: float) -> None:
    """A wheel with one marked spoke, `turns` clockwise from the top, before a lamp that is `lit` from 0 to 1."""
    radius, room = 138, 190
    box = (centre[0] - room, centre[1] - room, centre[0] + room, centre[1] + room)

    def rim_and_spokes(pen: Pen) -> None:
        pen.ring(centre, radius, 9)
        pen.dot(centre, 15)
        for spoke in range(1, 8):
            pen.line([centre, around(centre, radius - 4, turns + spoke / 8)], 3)

    def marked(pen: Pen) -> None:
        pen.line([around(centre, 13, turns), around(centre, radius - 8, turns)], 11)
        pen.dot(around(centre, radius - 4, turns), 15)

    colour(picture, shape(box, lambda pen: pen.dot(centre, radius + 38)), LAMP, lit)
    colour(picture, shape(box, lambda pen: pen.dot(centre, radius)), CHALK)
    colour(picture, shape(box, rim_and_spokes), INK)
    colour(picture, shape(box, marked), ORANGE)


def wheels(second: float) -> Image.Image:
    picture = Image.new("RGB", SIZE, PAPER)
    say(picture, "The same happens to a wheel", (LEFT, 66), 46, INK)
    since = second % FLASH
    lit = max(0.0, 1 - since / 0.35)
    flashes = int(second / FLASH)
    wheel(picture, (360, 350), second / FLASH * TURN, lit)
    wheel(picture, (920, 350), flashes * TURN, lit)
    shown = ease((second - 2 * FLASH) / 0.8)
    say_centred(picture, "It turns right:", (360, 134), 32, BLUE)
    say_centred(picture, "0.9 turns between two flashes.", (360, 548), 32, BLUE)
    colour(picture, turning(360, right=True), BLUE)
    say_centred(picture, "By flashes, it turns left:", (920, 134), 32, ORANGE, shown)
    say_centred(picture, "0.1 turns back each time.", (920, 548), 32, ORANGE, shown)
    colour(picture, turning(920, right=False), ORANGE, shown)
    return picture


@lru_cache(maxsize=2)
def turning(x: int, right: bool) -> Shape:
    """The arrow above the wheel whose middle is `x` pixels from the left."""
    start, end = (0.93, 1.07) if right else (0.07, -0.07)
    return shape((x - 120, 160, x + 120, 250), lambda pen: pen.arrow((x, 350), 162, start, end, 6))


# --- the cards --------------------------------------------------------------------------------------------------


def card(lines: tuple[str, ...], second: float) -> Image.Image:
    """Large words on green, above the two waves, which move."""
    picture = Image.new("RGB", SIZE, NIGHT)
    middle, swing, drift = 470, 92, second * 0.02
    box = (0, middle - swing - 14, WIDTH, middle + swing + 14)

    def wave(swings: int, shares: Iterable[float]) -> list[Point]:
        return [(WIDTH * share, middle - swing * cos(2 * pi * swings * (share - drift))) for share in shares]

    steps = [step / 320 for step in range(321)]
    dots = wave(SLOW, [number / 10 + drift for number in range(-10, 11)])
    colour(picture, shape(box, lambda pen: pen.line(wave(FAST, steps), 4)), LEAF)
    colour(picture, shape(box, lambda pen: pen.dotted(wave(SLOW, steps), 5, 21)), SUN)
    colour(picture, shape(box, lambda pen: pen.dots(dots, 12)), CHALK)
    for number, line in enumerate(lines):
        # High up: before the film is started, a player's button covers the middle.
        say_centred(picture, line, (WIDTH // 2, 52 + 82 * number), 66, CHALK, ease((second - 0.2) / 0.8))
    return picture


def title(second: float) -> Image.Image:
    return card(("How a fast wave", "hides in slow samples"), second)


def rule(second: float) -> Image.Image:
    return card(("Take more than two samples", "in every swing"), second)


Scene = Callable[[float], Image.Image]
SCENES: tuple[tuple[float, Scene], ...] = (
    (0, title),  # past a tenth of the film, where players take their poster from
    (5, read_often),
    (12.5, read_less),
    (21.5, slow_wave),
    (28.5, wheels),
    (39.5, rule),
)
