"""Small films, made here by the encoder itself, and what a player would see of a finished stream."""

import subprocess
from array import array
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import imageio_ffmpeg

FFMPEG = imageio_ffmpeg.get_ffmpeg_exe()
H264 = ("-c:v", "libx264", "-preset", "ultrafast")


def ffmpeg(*arguments: object) -> None:
    subprocess.run([FFMPEG, "-v", "error", "-y", "-nostdin", *map(str, arguments)], check=True, timeout=60)


def film(
    path: Path,
    *output: str,
    pictures: str = "testsrc2=s=320x180:r=25:d=1",
    sound: str | None = "sine=f=440:d=1",
    codec: tuple[str, ...] = H264,
) -> Path:
    """A film at `path` of two lavfi sources. `output` are further options of the encoder."""
    inputs = ["-f", "lavfi", "-i", pictures, *(["-f", "lavfi", "-i", sound] if sound else [])]
    ffmpeg(*inputs, *codec, *(["-c:a", "aac"] if sound else []), *output, path)
    return path


def cut(path: Path, share: float) -> Path:
    """The first `share` of the file's bytes: an upload that broke off."""
    data = path.read_bytes()
    path.write_bytes(data[: round(len(data) * share)])
    return path


@dataclass(frozen=True)
class Seen:
    """A decoded media playlist. Times in seconds from its own first frame."""

    frames: int
    width: int
    height: int
    ratio: Fraction
    rotation: int
    keyframes: tuple[float, ...]
    format: str
    metadata: dict[str, str]
    first: bytes  # the first picture, RGB


def watch(playlist: Path) -> Seen:
    with av.open(str(playlist)) as container:
        stream = container.streams.video[0]
        frames = list(container.decode(stream))
        start = frames[0].time
        return Seen(
            frames=len(frames),
            width=frames[0].width,
            height=frames[0].height,
            ratio=Fraction(stream.sample_aspect_ratio or 1),
            rotation=frames[0].rotation,
            keyframes=tuple(round(frame.time - start, 3) for frame in frames if frame.key_frame),
            format=frames[0].format.name,
            metadata={**container.metadata, **stream.metadata},
            first=frames[0].to_image().tobytes(),
        )


@dataclass(frozen=True)
class Heard:
    """A decoded media playlist of sound; `silence` is how long it is still at the beginning, in seconds."""

    layout: str
    rate: int
    seconds: float
    silence: float


def listen(playlist: Path) -> Heard:
    with av.open(str(playlist)) as container:
        frames = list(container.decode(container.streams.audio[0]))
    loud = next(
        (number for number, frame in enumerate(frames) if max(array("f", bytes(frame.planes[0]))) > 0.02), len(frames)
    )
    rate = frames[0].sample_rate
    return Heard(
        layout=frames[0].layout.name,
        rate=rate,
        seconds=sum(frame.samples for frame in frames) / rate,
        silence=sum(frame.samples for frame in frames[:loud]) / rate,
    )
