"""What is made of a video: decided without touching it."""

from dataclasses import replace
from itertools import pairwise

import pytest

from pipeline import ladder
from pipeline.probe import Probe

FACTS = Probe(
    duration=60.0,
    still=0.0,
    codec="h264",
    pixel_format="yuv420p",
    width=1280,
    height=720,
    rotation=0,
    fps=25.0,
    steady=True,
    hdr=False,
    transfer="smpte2084",
    audio=True,
    channels=2,
)


@pytest.mark.parametrize(
    ("width", "height", "sizes"),
    [
        (3840, 2160, [(1920, 1080), (1280, 720), (854, 480), (640, 360)]),
        (1920, 1080, [(1920, 1080), (1280, 720), (854, 480), (640, 360)]),
        (1280, 720, [(1280, 720), (854, 480), (640, 360)]),
        (720, 1280, [(720, 1280), (480, 854), (360, 640)]),
        (1279, 719, [(854, 480), (640, 360)]),
        (427, 241, [(426, 240)]),
        (240, 427, [(240, 426)]),
        (17, 17, [(16, 16)]),
        (8192, 16, [(8192, 16)]),
    ],
)
def test_the_rungs(width: int, height: int, sizes: list[tuple[int, int]]) -> None:
    assert [(rung.width, rung.height) for rung in ladder.rungs(width, height)] == sizes


def test_no_rung_is_larger_than_the_film_or_odd() -> None:
    for width in range(16, 2200, 31):
        for height in range(16, 1200, 13):
            rungs = ladder.rungs(width, height)
            assert rungs
            assert len({rung.folder for rung in rungs}) == len(rungs)
            for rung in rungs:
                assert 2 <= rung.width <= width
                assert 2 <= rung.height <= height
                assert rung.width % 2 == rung.height % 2 == 0


@pytest.mark.parametrize(
    ("fps", "steady", "rate"),
    [
        (25, True, 25),
        (29.97, True, 29.97),
        (60, True, 60),
        (1000, True, 60),
        (1, True, 10),
        (8, False, 30),
        (48, False, 60),
    ],
)
def test_the_frame_rate(fps: float, steady: bool, rate: float) -> None:
    assert ladder.frame_rate(replace(FACTS, fps=float(fps), steady=steady)) == rate


def pairs(command: list[str]) -> set[tuple[str, str]]:
    return set(pairwise(command))


def test_a_file_may_make_the_encoder_read_nothing_but_itself() -> None:
    command = ladder.command("ffmpeg", "/x/original", FACTS)
    before = command[: command.index("-i")]
    assert ("-protocol_whitelist", "file") in pairs(before)
    assert ("-format_whitelist", "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm") in pairs(before)
    assert "-nostdin" in before
    assert command[command.index("-i") + 1] == "file:/x/original"


def test_every_output_drops_metadata_and_uses_as_many_threads_on_every_machine() -> None:
    command = ladder.command("ffmpeg", "/x/original", FACTS)
    outputs = 3 + 1 + 1  # rungs, sound, poster
    assert command.count("-map") == outputs
    assert [command[at + 1] for at, word in enumerate(command) if word == "-map_metadata"] == ["-1"] * outputs
    assert command.count("-threads:v") == 3


def test_sound_is_left_out_where_there_is_none() -> None:
    assert "0:a:0" not in ladder.command("ffmpeg", "/x/original", replace(FACTS, audio=False))


def test_only_hdr_is_mapped_to_ordinary_screens() -> None:
    def graph(facts: Probe) -> str:
        command = ladder.command("ffmpeg", "/x/original", facts)
        return command[command.index("-filter_complex") + 1]

    assert "tonemap" not in graph(FACTS)
    assert "tin=arib-std-b67" in graph(replace(FACTS, hdr=True, transfer="arib-std-b67"))
    assert "tpad" not in graph(FACTS)
    assert "tpad=stop_mode=clone:stop_duration=2.500" in graph(replace(FACTS, still=2.5))
