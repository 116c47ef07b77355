"""Decides what is made of a video: its rungs, its frame rate and the one ffmpeg command that makes them."""

from dataclasses import dataclass

from pipeline.probe import Probe

SEGMENT_SECONDS = 4
# Lines of a rung and the most it may spend, in kbit/s.
RUNGS = ((1080, 5000), (720, 2800), (480, 1400), (360, 800))
MAX_FPS, MIN_FPS = 60, 10
AUDIO = "audio"
POSTER = "poster.webp"
POSTER_AT = 0.1  # of the duration
# x264 gives other bytes with another number of threads: a rendition made again on a larger machine must have its name.
THREADS = 4

# What an untrusted file may make ffmpeg do: read itself, as one of these containers. A playlist or a concat script
# that calls itself .mp4 would otherwise read its neighbours, or the network.
_UNTRUSTED = [
    *("-protocol_whitelist", "file"),
    *("-format_whitelist", "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm"),
]
_BITEXACT = ["-map_metadata", "-1", "-map_chapters", "-1", "-fflags", "+bitexact"]  # a phone's film says where it was


@dataclass(frozen=True)
class Rung:
    """One size of the pictures. `width` and `height` in pixels, both even; `peak` in kbit/s."""

    folder: str
    width: int
    height: int
    peak: int


def rungs(width: int, height: int) -> tuple[Rung, ...]:
    """The ladder for pictures of this size, best first, never larger than they are.

    A rung counts the lines of the shorter side, so that a film held upright keeps the sharpness of one held flat.
    """
    lines = min(width, height)
    wanted = [(rung, peak) for rung, peak in RUNGS if rung <= lines] or [(lines, RUNGS[-1][1])]
    made = []
    for rung, peak in wanted:
        across, down = (_even(side * rung / lines, side) for side in (width, height))
        made.append(Rung(f"{min(across, down)}p", across, down, peak))
    return tuple(made)


def _even(wanted: float, most: int) -> int:
    """The nearest even number, at most the largest even one in `most`: H.264 halves its colours in both directions."""
    return max(2, min(round(wanted / 2) * 2, most // 2 * 2))


def frame_rate(probe: Probe) -> float:
    """Frames per second of every rung. A phone or a screen recorder varies its rate; players and editors do not."""
    if probe.steady and MIN_FPS <= probe.fps <= MAX_FPS:
        return probe.fps
    return float(MAX_FPS if probe.fps > 30.5 else 30 if probe.fps > MIN_FPS / 2 or not probe.steady else MIN_FPS)


def command(ffmpeg: str, address: str, probe: Probe) -> list[str]:
    """The ffmpeg run that makes every rung, the sound and the poster of the file at `address`, in its own folder."""
    ladder = rungs(probe.width, probe.height)
    arguments = [ffmpeg, "-hide_banner", "-nostdin", "-v", "error", "-y", "-progress", "pipe:1", "-stats_period", "1"]
    arguments += ["-max_alloc", str(1 << 30), *_UNTRUSTED, "-i", f"file:{address}"]
    arguments += ["-filter_complex", _graph(probe, ladder)]
    for number, rung in enumerate(ladder):
        arguments += ["-map", f"[rung{number}]", *_BITEXACT, "-c:v", "libx264", "-preset", "veryfast", "-crf", "23"]
        arguments += ["-maxrate", f"{rung.peak}k", "-bufsize", f"{2 * rung.peak}k", "-flags:v", "+bitexact"]
        arguments += ["-threads:v", str(THREADS)]
        # Every rung starts a segment at the same moments, whatever the frame rate, so that a player can change
        # quality at each of them. `-g` only has to stay out of the way.
        arguments += ["-force_key_frames", f"expr:gte(t,n_forced*{SEGMENT_SECONDS})", "-forced-idr", "1"]
        arguments += ["-sc_threshold", "0", "-g", "100000", *_hls(rung.folder)]
    if probe.audio:
        arguments += ["-map", "0:a:0", *_BITEXACT, "-flags:a", "+bitexact"]
        # Silence where the sound starts late or has holes: segments count time from zero.
        arguments += ["-af", "aresample=async=1000:first_pts=0", "-ac", "2", "-ar", "48000"]
        arguments += ["-c:a", "aac", "-b:a", "128k", *_hls(AUDIO)]
    arguments += ["-map", "[poster]", *_BITEXACT, "-frames:v", "1", "-c:v", "libwebp", "-quality", "80"]
    return [*arguments, "-f", "webp", POSTER]


def _graph(probe: Probe, ladder: tuple[Rung, ...]) -> str:
    """The filters: even frames, one split, each rung scaled from the source (a cascade blurs the small ones)."""
    top = ladder[0]
    steps = ["bwdif=mode=send_frame:deint=interlaced", f"fps=fps={frame_rate(probe):.6f}:start_time=0"]
    if probe.still:
        # Sound that goes on after the last picture: without pictures below it a player would stop there.
        steps.append(f"tpad=stop_mode=clone:stop_duration={probe.still:.3f}")
    if probe.hdr:
        # Shown as they are, HDR pictures look grey on every ordinary screen.
        steps += [
            f"zscale=w={top.width}:h={top.height}:tin={probe.transfer}:min=bt2020nc:pin=bt2020:rin=tv:t=linear:npl=100",
            "format=gbrpf32le,zscale=p=bt709,tonemap=tonemap=hable:desat=0,zscale=t=bt709:m=bt709:r=tv",
        ]
    names = [f"[in{number}]" for number in range(len(ladder))]
    graph = [f"[0:V:0]{','.join(steps)},split={len(ladder) + 1}{''.join(names)}[still]"]
    for number, rung in enumerate(ladder):
        graph.append(
            f"[in{number}]scale={rung.width}:{rung.height}:flags=bicubic,setsar=1,format=yuv420p[rung{number}]"
        )
    still = f"trim=start={probe.duration * POSTER_AT:.3f},select=eq(n\\,0),scale={top.width}:{top.height}"
    graph.append(f"[still]{still},setsar=1,format=yuv420p[poster]")
    return ";".join(graph)


def _hls(folder: str) -> list[str]:
    return [
        *("-f", "hls", "-hls_time", str(SEGMENT_SECONDS), "-hls_playlist_type", "vod"),
        *("-hls_segment_type", "fmp4", "-hls_flags", "independent_segments"),
        # Without edit lists: players read them differently, and pictures would start 80 ms after the sound.
        *("-hls_segment_options", "movflags=+negative_cts_offsets:use_editlist=0"),
        *("-hls_segment_filename", f"{folder}/%05d.m4s", f"{folder}/index.m3u8"),
    ]
