"""Makes the HLS rendition of an uploaded video: one ffmpeg run, a master playlist, a poster, and a check of all."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import imageio_ffmpeg

from pipeline import confined, hls, ladder
from pipeline.digests import digest, sha256_file
from pipeline.errors import AuthorError, PipelineError
from pipeline.probe import probe

RECIPE = "video-1"  # the ladder's version: goes up when the same original would give other bytes
SHORTEST = 0.98  # of the probed duration: less means that the pictures broke off in the middle
_UNDECODABLE = 69  # how ffmpeg ends when more than two thirds of a stream were errors (ffmpeg, -max_error_rate)
_PROBED, _ENCODED = 2, 96  # per cent of the work


@dataclass(frozen=True)
class MadeVideo:
    """What was made of a video. `name` is the folder below `m/`; `files` maps paths in it to their sha256.

    `duration` in seconds, `width` and `height` in pixels of the best rung, `rungs` in lines.
    """

    name: str
    files: dict[str, str]
    duration: float
    width: int
    height: int
    rungs: tuple[int, ...]


def make(original: Path, name: str, folder: Path, report: Callable[[int], None]) -> MadeVideo:
    """Encode `original`, which its author calls `name`, into the empty `folder`.

    `report` is called with the per cent done, rising, at least once a second; what it raises ends the encoder.
    Raises `AuthorError` with a sentence that begins with `name` when the file cannot become a video.
    """
    facts = probe(original, name, lambda: report(0))
    report(_PROBED)
    alone, made = folder / "in", folder / "out"
    alone.mkdir()
    # A server-made name in a folder of its own: a file that names its neighbours finds none.
    (alone / "original").symlink_to(original.resolve())
    rungs = ladder.rungs(facts.width, facts.height)
    for part in (*(rung.folder for rung in rungs), *([ladder.AUDIO] if facts.audio else [])):
        (made / part).mkdir(parents=True)

    command = ladder.command(imageio_ffmpeg.get_ffmpeg_exe(), str(alone / "original"), facts)
    progress = _Progress(facts.duration)
    finished = confined.run(
        command, _limits(facts.duration), folder=made, on_line=progress.read, beat=lambda: report(progress.told)
    )
    if finished.code == _UNDECODABLE:
        raise AuthorError(f"{name} is damaged: most of it cannot be decoded; export it again and upload that.")
    if finished.timed_out or finished.code != 0:
        why = "ran out of time" if finished.timed_out else f"ended with {finished.code}"
        raise PipelineError(f"The encoder {why}: {finished.stderr.strip()[-500:]}")
    tracks = [hls.read(made, rung.folder) for rung in rungs]
    audio = hls.read(made, ladder.AUDIO) if facts.audio else None
    if tracks[0].seconds < facts.duration * SHORTEST - 1:
        raise AuthorError(
            f"{name} breaks off: {tracks[0].seconds:.0f} of its {facts.duration:.0f} seconds can be decoded; "
            "export it again and upload that."
        )
    if any(track.durations != tracks[0].durations for track in tracks):
        raise PipelineError("The rungs of a video are not cut at the same moments.")
    variants = [
        hls.Variant(
            track,
            rung.width,
            rung.height,
            ladder.frame_rate(facts),
            hls.avc_codec((made / rung.folder / "init.mp4").read_bytes()),
        )
        for track, rung in zip(tracks, rungs, strict=True)
    ]
    (made / hls.MASTER).write_text(hls.master(variants, audio))
    files = _listing(made)
    if ladder.POSTER not in files:
        raise PipelineError("The encoder made no poster.")
    report(_ENCODED)
    return MadeVideo(
        name=digest(files)[:32],
        files=files,
        duration=round(tracks[0].seconds, 3),
        width=rungs[0].width,
        height=rungs[0].height,
        rungs=tuple(min(rung.width, rung.height) for rung in rungs),
    )


def _limits(duration: float) -> confined.Limits:
    """Generous to a slow machine and a heavy source, but never endless. 4K pictures and four encoders need 3 GB."""
    seconds = 600 + 60 * duration
    return confined.Limits(memory=8 << 30, cpu=round(seconds), wall=seconds, file=4 << 30)


class _Progress:
    """Turns ffmpeg's `-progress` lines into `told`, a rising per cent."""

    def __init__(self, duration: float) -> None:
        self.told = _PROBED
        self._duration = duration

    def read(self, line: str) -> None:
        key, _, value = line.partition("=")
        # The clock says N/A until the first frame is out.
        if key == "out_time_us" and value.lstrip("-").isdigit():
            share = min(max(int(value) / 1e6 / self._duration, 0.0), 1.0)
            self.told = max(self.told, _PROBED + round(share * (_ENCODED - 1 - _PROBED)))


def _listing(folder: Path) -> dict[str, str]:
    """Relative path to sha256 of every file below `folder`."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): sha256_file(path) for path in files}
