"""Encode the demo's film as MP4: frames are drawn while the encoder works, and quiet chords are mixed in."""

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import imageio_ffmpeg

from cms.demo import film
from pipeline.errors import PipelineError

# Three soft chords, one for each part: (tones in Hz, first second, last second). They swell for three seconds.
CHORDS = (
    ((110.0, 164.81, 220.0, 277.18), -3, 23),
    ((98.0, 146.83, 220.0, 293.66), 20, 33),
    ((110.0, 138.59, 164.81, 220.0), 30, 49),
)
LOUDNESS = 0.07  # of full scale, each tone: heard in a quiet room, easy to talk over


def write_film(target: Path, report: Callable[[int], None]) -> None:
    """Write the film to `target`, whole or not at all. `report` hears the number of frames done, rising to the last.

    Raises PipelineError with the encoder's own words if it fails.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    unfinished = target.with_name(f".{target.stem}.{os.getpid()}{target.suffix}")
    try:
        _encode(unfinished, report)
        unfinished.replace(target)
    finally:
        unfinished.unlink(missing_ok=True)


def frame_count() -> int:
    return film.SECONDS * film.FPS


def _encode(target: Path, report: Callable[[int], None]) -> None:
    log = target.with_suffix(".log")
    with log.open("wb") as complaints:
        encoder = subprocess.Popen(_command(target), stdin=subprocess.PIPE, stderr=complaints)  # noqa: S603  (our own command)
        assert encoder.stdin is not None  # noqa: S101  (asked for in the line above; this tells the type checker)
        try:
            for number, picture in enumerate(film.frames(), 1):
                encoder.stdin.write(picture.tobytes())
                report(number)
            encoder.stdin.close()
        except BrokenPipeError:
            pass  # it ended by itself; what it said is raised below
        finally:
            if encoder.stdin and not encoder.stdin.closed:
                encoder.kill()
            code = encoder.wait()
    said = log.read_text(errors="replace").strip()
    log.unlink()
    if code:
        raise PipelineError(f"The film could not be encoded ({code}): {said[-500:]}")


def _command(target: Path) -> list[str]:
    sound = f"aevalsrc=exprs='{_sound()}':sample_rate=48000:duration={film.SECONDS}"
    softer = f"aecho=0.8:0.7:90|170:0.3|0.2,lowpass=f=1200,afade=t=in:d=2,afade=t=out:st={film.SECONDS - 3}:d=3"
    return [
        *(imageio_ffmpeg.get_ffmpeg_exe(), "-hide_banner", "-nostdin", "-v", "error", "-y"),
        *("-f", "rawvideo", "-pix_fmt", "rgb24", "-video_size", f"{film.WIDTH}x{film.HEIGHT}"),
        *("-framerate", str(film.FPS), "-i", "pipe:0", "-f", "lavfi", "-i", sound, "-af", softer),
        # BT.709, as every player expects of a picture this size; without it the colours would shift.
        *("-vf", "scale=out_color_matrix=bt709:out_range=tv", "-colorspace", "bt709"),
        *("-color_primaries", "bt709", "-color_trc", "bt709", "-pix_fmt", "yuv420p"),
        *("-c:v", "libx264", "-preset", "veryfast", "-crf", "20", "-tune", "animation"),
        *("-c:a", "aac", "-b:a", "96k", "-ac", "2", "-shortest", "-movflags", "+faststart"),
        *("-map_metadata", "-1", "-fflags", "+bitexact", "-flags:v", "+bitexact", "-flags:a", "+bitexact"),
        str(target),
    ]


def _sound() -> str:
    """An expression of ffmpeg for the sound pressure at `t`: every tone breathes at a pace of its own."""
    chords = []
    for tones, start, end in CHORDS:
        swell = f"clip((t-{start:d})/3,0,1)*clip(({end:d}-t)/3,0,1)"
        voices = "+".join(
            f"sin(2*PI*{tone}*t)*(0.65+0.35*sin(2*PI*{0.05 + 0.017 * place:.3f}*t+{place}))/{1 + place / 2:g}"
            for place, tone in enumerate(tones)
        )
        chords.append(f"{swell}*({voices})")
    return f"{LOUDNESS}*({'+'.join(chords)})"
