"""The child process that opens one uploaded video: `python -m pipeline.probe_child FILE`.

It prints the facts of `pipeline.probe.Probe` as one JSON object, or `{"fault": code}` with a code of `probe.FAULTS`.
It reads every packet of the pictures, because a header goes on promising ten minutes after a broken upload, and
decodes one frame, because only a frame tells how it is turned, and a little sound, because a track may hold none.
"""

import json
import sys
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import Any

import av
from av.audio.stream import AudioStream
from av.video.stream import VideoStream

FORMATS = "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm"  # nothing that names other files: no playlists, no scripts
HDR = {16, 18}  # ITU-T H.273 transfer characteristics: SMPTE ST 2084 (PQ) and ARIB STD-B67 (HLG)
LAG = Fraction(1, 2)  # seconds by which sound may begin earlier or end later than the pictures unnoticed
TRIES = 50  # packets of sound that may fail before all of it does
ONE_PICTURE = 0.1  # seconds that a single picture lasts that does not say how long
EVEN = Fraction(1, 50)  # how far one frame's duration may be from the usual one in a constant frame rate
MOSTLY = 0.99  # of the frames that keep to it


def probe(address: str) -> dict[str, Any]:
    options = {"protocol_whitelist": "file", "format_whitelist": FORMATS, "enable_drefs": "0"}
    try:
        container = av.open("file:" + address, options=options)
    except av.error.FFmpegError:
        return {"fault": "unreadable"}
    with container:
        videos = [stream for stream in container.streams.video if not _is_cover(stream)]
        if not videos:
            return {"fault": "no pictures"}
        stream, audio = videos[0], next(iter(container.streams.audio), None)
        promised = _promised(container, stream)
        try:
            frame = next(container.decode(stream))
            rotation = frame.rotation
            container.seek(0)
            heard = _is_heard(container, audio) if audio else False
            container.seek(0)
        except (av.error.FFmpegError, StopIteration):
            return {"fault": "undecodable"}
        if heard is None:
            return {"fault": "no sound"}
        pictures, times = _packets(container, stream, audio if heard else None)
        if pictures.count == 0:
            return {"fault": "undecodable"}
        start, end = pictures.together()
        codec = stream.codec_context
        ratio = codec.sample_aspect_ratio or Fraction(1)
        seconds = float(pictures.last - pictures.first)
        step, steady = _pace(times)
        base = float(stream.time_base or 0)
        return {
            "duration": float(end - start) or ONE_PICTURE,
            "still": float(end - pictures.last),
            "promised": promised,
            "codec": codec.name,
            "pixel_format": codec.pix_fmt or "",
            "width": codec.width,
            "height": codec.height,
            "sample_ratio": float(ratio) if 0 < ratio < 100 else 1.0,
            "rotation": round(rotation) % 360,
            "fps": 1 / (step * base) if steady and step * base else pictures.count / seconds if seconds else 0.0,
            "steady": steady,
            "hdr": codec.color_trc in HDR,
            "transfer": "arib-std-b67" if codec.color_trc == 18 else "smpte2084",
            "audio": heard is True,
            "channels": audio.codec_context.channels if audio and heard else 0,
        }


def _is_cover(stream: VideoStream) -> bool:
    """Whether the stream is a cover picture and not the film."""
    return bool(stream.disposition & av.stream.Disposition.attached_pic)


def _promised(container: "av.container.InputContainer", stream: VideoStream) -> float:
    """The duration in seconds that the header claims, 0 if it claims none."""
    if stream.duration and stream.time_base:
        return float(stream.duration * stream.time_base)
    return (container.duration or 0) / av.time_base


def _is_heard(container: "av.container.InputContainer", audio: AudioStream) -> bool | None:
    """Whether there is sound; None if there is some that cannot be decoded. Recorders write tracks without any."""
    tries = 0
    for packet in container.demux(audio):
        try:
            if packet.decode():
                return True
        except av.error.FFmpegError:
            pass  # a scratch; many in a row are no sound
        tries += packet.size > 0
        if tries > TRIES:
            break
    return None if tries else False


@dataclass
class _Span:
    """When the pictures begin and end, and when the sound does, in seconds; how many packets of pictures there are."""

    first: Fraction = Fraction(0)
    last: Fraction = Fraction(0)
    count: int = 0
    sound: tuple[Fraction, Fraction] | None = None

    def together(self) -> tuple[Fraction, Fraction]:
        """The beginning and end of both. A few milliseconds of lead-in and padding are no sound of their own."""
        start, end = self.sound or (self.first, self.last)
        return (
            start if start < self.first - LAG else self.first,
            end if end > self.last + LAG else self.last,
        )


def _packets(
    container: "av.container.InputContainer", stream: VideoStream, audio: AudioStream | None
) -> tuple[_Span, list[int]]:
    """The span of pictures and sound, and the presentation times of all pictures, in order."""
    span = _Span()
    times: list[int] = []
    try:
        for packet in container.demux(*filter(None, (stream, audio))):
            if packet.pts is None or packet.is_corrupt or not packet.time_base:
                continue
            begins = packet.pts * packet.time_base
            ends = begins + (packet.duration or 0) * packet.time_base
            if audio and packet.stream.index == audio.index:
                first, last = span.sound or (begins, ends)
                span.sound = (min(first, begins), max(last, ends))
                continue
            span.first = begins if span.count == 0 else min(span.first, begins)
            span.last = ends if span.count == 0 else max(span.last, ends)
            span.count += 1
            times.append(packet.pts)
    except av.error.FFmpegError:
        pass  # the file ends here; the caller compares with what it promised
    return span, sorted(times)


def _pace(times: list[int]) -> tuple[float, bool]:
    """The usual step from one picture to the next, in units of `times`, and whether nearly all steps are so.

    A step may differ by the rounding of the file's clock; a dropped frame here and there makes no film uneven.
    """
    steps = sorted(after - before for before, after in pairwise(times))
    if not steps:
        return 0.0, True
    middle = steps[len(steps) // 2]
    even = [step for step in steps if abs(step - middle) <= max(1.0, float(middle * EVEN))]
    return sum(even) / len(even), len(even) >= len(steps) * MOSTLY


if __name__ == "__main__":
    av.logging.set_level(av.logging.PANIC)
    print(json.dumps(probe(sys.argv[1])))
