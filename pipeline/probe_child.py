"""The child process that opens one uploaded video: `python -m pipeline.probe_child FILE`.

It prints the facts of `pipeline.probe.Probe` as one JSON object, or `{"fault": code}` with a code of `probe.FAULTS`.
It reads every packet of the pictures, because a header goes on promising ten minutes after a broken upload, and
decodes one frame, because only a frame tells how it is turned.
"""

import json
import sys
from fractions import Fraction
from itertools import pairwise
from typing import Any

import av
from av.video.stream import VideoStream

FORMATS = "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm"  # nothing that names other files: no playlists, no scripts
HDR = {16, 18}  # ITU-T H.273 transfer characteristics: SMPTE ST 2084 (PQ) and ARIB STD-B67 (HLG)
EVEN = Fraction(1, 50)  # how far one frame's duration may be from the next in a constant frame rate


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
        except (av.error.FFmpegError, StopIteration):
            return {"fault": "undecodable"}
        first, last, count, steps = _packets(container, stream)
        if count == 0:
            return {"fault": "undecodable"}
        base = stream.time_base or Fraction(1, 1000)
        duration = float((last - first) * base)
        codec = stream.codec_context
        ratio = codec.sample_aspect_ratio or Fraction(1)
        return {
            "duration": duration,
            "promised": promised,
            "codec": codec.name,
            "pixel_format": codec.pix_fmt or "",
            "width": codec.width,
            "height": codec.height,
            "sample_ratio": float(ratio) if 0 < ratio < 100 else 1.0,
            "rotation": round(rotation) % 360,
            "fps": count / duration if duration > 0 else 0.0,
            "steady": _is_steady(steps),
            "hdr": codec.color_trc in HDR,
            "transfer": "arib-std-b67" if codec.color_trc == 18 else "smpte2084",
            "audio": audio is not None and audio.codec_context.sample_rate > 0,
            "channels": audio.codec_context.channels if audio else 0,
        }


def _is_cover(stream: VideoStream) -> bool:
    """Whether the stream is a cover picture and not the film."""
    return bool(stream.disposition & av.stream.Disposition.attached_pic)


def _promised(container: "av.container.InputContainer", stream: VideoStream) -> float:
    """The duration in seconds that the header claims, 0 if it claims none."""
    if stream.duration and stream.time_base:
        return float(stream.duration * stream.time_base)
    return (container.duration or 0) / av.time_base


def _packets(container: "av.container.InputContainer", stream: VideoStream) -> tuple[int, int, int, list[int]]:
    """First and last presentation time, number of packets, and the steps between the first 2,000, in time bases."""
    times: list[int] = []
    first = last = count = 0
    try:
        for packet in container.demux(stream):
            if packet.pts is None or packet.is_corrupt:
                continue
            end = packet.pts + (packet.duration or 0)
            first = packet.pts if count == 0 else min(first, packet.pts)
            last = max(last, end)
            count += 1
            if len(times) < 2000:
                times.append(packet.pts)
    except av.error.FFmpegError:
        pass  # the file ends here; the caller compares with what it promised
    times.sort()
    return first, last, count, [after - before for before, after in pairwise(times)]


def _is_steady(steps: list[int]) -> bool:
    """Whether frames follow each other evenly, give or take the rounding of their clock."""
    # The last sorted times may lack neighbours that come later in the file, so the tail is not judged.
    judged = sorted(steps[: max(1, len(steps) - 16)])
    if not judged:
        return True
    middle = judged[len(judged) // 2]
    return judged[-1] - judged[0] <= max(2.0, float(2 * middle * EVEN))


if __name__ == "__main__":
    av.logging.set_level(av.logging.PANIC)
    print(json.dumps(probe(sys.argv[1])))
