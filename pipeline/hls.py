"""Reads the media playlists that the encoder wrote and writes the master playlist over them (RFC 8216)."""

import re
from dataclasses import dataclass
from pathlib import Path

from pipeline.errors import PipelineError

MASTER = "master.m3u8"
AUDIO_CODEC = "mp4a.40.2"  # AAC-LC
_SEGMENT = re.compile(r"#EXTINF:([0-9.]+),\n([0-9]+\.m4s)\n")


@dataclass(frozen=True)
class Track:
    """One media playlist: the duration in seconds and size in bytes of each segment."""

    folder: str
    durations: tuple[float, ...]
    sizes: tuple[int, ...]

    @property
    def seconds(self) -> float:
        return sum(self.durations)

    @property
    def peak(self) -> int:
        """Bits per second of the most expensive segment, what BANDWIDTH promises."""
        pairs = zip(self.sizes, self.durations, strict=True)
        return max(round(8 * size / duration) for size, duration in pairs if duration > 0)

    @property
    def average(self) -> int:
        return round(8 * sum(self.sizes) / self.seconds)


@dataclass(frozen=True)
class Variant:
    """One rung of pictures."""

    track: Track
    width: int
    height: int
    fps: float
    codec: str


def read(root: Path, folder: str) -> Track:
    """The media playlist `<folder>/index.m3u8` below `root`. Raises `PipelineError` when it is unfinished."""
    playlist = (root / folder / "index.m3u8").read_text()
    segments = _SEGMENT.findall(playlist)
    if not segments or not playlist.endswith("#EXT-X-ENDLIST\n"):
        raise PipelineError(f"The encoder did not finish the playlist {folder}/index.m3u8.")
    sizes = tuple((root / folder / name).stat().st_size for _, name in segments)
    return Track(folder, tuple(float(duration) for duration, _ in segments), sizes)


def avc_codec(init: bytes) -> str:
    """The RFC 6381 name of the H.264 stream that an initialisation segment describes, such as `avc1.64001f`."""
    at = init.find(b"avcC")
    if at < 0 or len(init) < at + 8:
        raise PipelineError("The encoder's initialisation segment describes no H.264 stream.")
    # ISO/IEC 14496-15: avcC holds a version byte, then profile, compatibility and level.
    return f"avc1.{init[at + 5 : at + 8].hex()}"


def master(variants: list[Variant], audio: Track | None) -> str:
    """The master playlist, best variant first."""
    lines = ["#EXTM3U", "#EXT-X-VERSION:7", "#EXT-X-INDEPENDENT-SEGMENTS"]
    if audio:
        lines.append(
            '#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="audio",NAME="Sound",DEFAULT=YES,AUTOSELECT=YES,CHANNELS="2",'
            f'URI="{audio.folder}/index.m3u8"'
        )
    for variant in variants:
        codecs = f"{variant.codec},{AUDIO_CODEC}" if audio else variant.codec
        facts = [
            f"BANDWIDTH={variant.track.peak + (audio.peak if audio else 0)}",
            f"AVERAGE-BANDWIDTH={variant.track.average + (audio.average if audio else 0)}",
            f"RESOLUTION={variant.width}x{variant.height}",
            f"FRAME-RATE={variant.fps:.3f}",
            f'CODECS="{codecs}"',
        ]
        if audio:
            facts.append('AUDIO="audio"')
        lines += [f"#EXT-X-STREAM-INF:{','.join(facts)}", f"{variant.track.folder}/index.m3u8"]
    return "\n".join(lines) + "\n"
