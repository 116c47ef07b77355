"""An uploaded video becomes a stream that every player plays, or one sentence."""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import av
import pytest
from PIL import Image

from pipeline import ladder, video
from pipeline.digests import sha256_file
from pipeline.errors import AuthorError
from pipeline.probe import probe
from tests.pipeline.media_files import FFMPEG, Heard, Seen, ffmpeg, film, listen, watch

pytestmark = pytest.mark.slow


def make(original: Path, folder: Path) -> video.MadeVideo:
    folder.mkdir()
    return video.make(original, "lecture.mp4", folder, lambda _: None)


def check(made: video.MadeVideo, folder: Path) -> None:
    """What holds for every stream: complete, named by its bytes, valid playlists, nothing beside it."""
    on_disk = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()}
    assert made.files == {name: sha256_file(path) for name, path in on_disk.items()}
    master = (folder / "master.m3u8").read_text()
    named = re.findall(r"^[^#\n]+$", master, re.MULTILINE) + re.findall(r'URI="([^"]+)"', master)
    reached = {"master.m3u8", "poster.webp"}
    for address in named:
        playlist = (folder / address).read_text()
        target = int(re.findall(r"#EXT-X-TARGETDURATION:(\d+)", playlist)[0])
        durations = [float(length) for length in re.findall(r"#EXTINF:([0-9.]+)", playlist)]
        assert max(durations) <= target + 0.5  # RFC 8216, 4.3.3.1
        assert playlist.startswith("#EXTM3U\n") and playlist.endswith("#EXT-X-ENDLIST\n")
        parts = re.findall(r"^[^#\n]+$", playlist, re.MULTILINE) + re.findall(r'URI="([^"]+)"', playlist)
        reached |= {address} | {f"{address.rpartition('/')[0]}/{part}" for part in parts}
    assert reached == set(on_disk)


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, video.MadeVideo, Path]]:
    """An original of two rungs and three segments, 5.1 sound and a telling title; what was made of it; and where."""
    root = tmp_path_factory.mktemp("plain")
    original = film(
        root / "original.mp4",
        *("-metadata", "title=Ada at home", "-metadata", "location=+52.5200+013.4050/"),
        pictures="testsrc2=s=854x480:r=24:d=9",
        sound="anoisesrc=d=9:a=0.2,aformat=channel_layouts=5.1",
    )
    yield original, make(original, root / "made"), root / "made" / "out"


def test_the_facts_of_a_made_video(plain: tuple[Path, video.MadeVideo, Path]) -> None:
    _, made, folder = plain
    assert (made.duration, made.width, made.height, made.rungs) == (9.0, 854, 480, (480, 360))
    check(made, folder)


def test_the_rungs_can_be_exchanged_at_every_segment(plain: tuple[Path, video.MadeVideo, Path]) -> None:
    _, _, folder = plain
    best, least = watch(folder / "480p" / "index.m3u8"), watch(folder / "360p" / "index.m3u8")
    assert (best.width, best.height, least.width, least.height) == (854, 480, 640, 360)
    assert best.keyframes == least.keyframes == (0.0, 4.0, 8.0)
    assert best.frames == least.frames == 9 * 24
    assert best.ratio == least.ratio == 1
    assert best.format == "yuv420p"


def test_the_sound_is_stereo(plain: tuple[Path, video.MadeVideo, Path]) -> None:
    heard = listen(plain[2] / "audio" / "index.m3u8")
    assert (heard.layout, heard.rate) == ("stereo", 48000)
    assert heard.seconds == pytest.approx(9, abs=0.1)
    assert heard.silence < 0.05


def test_nothing_of_the_uploads_metadata_is_published(plain: tuple[Path, video.MadeVideo, Path]) -> None:
    original, _, folder = plain
    assert b"Ada at home" in original.read_bytes()
    for path in folder.rglob("*.*"):
        data = path.read_bytes()
        assert not any(word in data for word in (b"Ada at home", b"52.52", b"Lavf", b"lavfi", b"EXIF")), path


def test_the_poster(plain: tuple[Path, video.MadeVideo, Path]) -> None:
    with Image.open(plain[2] / "poster.webp") as poster:
        assert (poster.format, poster.size) == ("WEBP", (854, 480))
        assert not poster.getexif()


def test_the_same_original_has_the_same_name_in_another_process_with_fewer_processors(
    plain: tuple[Path, video.MadeVideo, Path], tmp_path: Path
) -> None:
    original, made, _ = plain
    script = (
        "import os, pathlib, sys; os.sched_setaffinity(0, {min(os.sched_getaffinity(0))});"
        "from pipeline import video; original, folder = map(pathlib.Path, sys.argv[1:]);"
        "print(video.make(original, 'another name', folder, lambda _: None).name)"
    )
    other = subprocess.run(
        [sys.executable, "-c", script, original, tmp_path], check=True, capture_output=True, text=True, timeout=120
    )
    assert other.stdout.strip() == made.name


def test_progress_rises_to_the_end_and_what_it_raises_stops_the_encoder(tmp_path: Path) -> None:
    class Stop(Exception):
        pass

    told: list[int] = []
    original = film(tmp_path / "f.mp4", pictures="testsrc2=s=128x72:d=2", sound=None)
    video.make(original, "f.mp4", tmp_path, told.append)
    assert told == sorted(told)
    assert (told[0], told[-1]) == (0, 96)

    def stop_while_encoding(progress: int) -> None:
        if progress > 0:
            raise Stop

    (tmp_path / "again").mkdir()
    with pytest.raises(Stop):
        video.make(original, "f.mp4", tmp_path / "again", stop_while_encoding)


def seen(folder: Path, made: video.MadeVideo) -> Seen:
    check(made, folder)
    return watch(folder / f"{made.rungs[0]}p" / "index.m3u8")


def test_a_film_without_sound(tmp_path: Path) -> None:
    made = make(film(tmp_path / "f.mp4", sound=None), tmp_path / "m")
    assert seen(tmp_path / "m" / "out", made).frames == 25
    assert not (tmp_path / "m" / "out" / "audio").exists()
    assert "AUDIO" not in (tmp_path / "m" / "out" / "master.m3u8").read_text()


def test_odd_dimensions(tmp_path: Path) -> None:
    codec = ("-c:v", "ffv1", "-pix_fmt", "yuv444p")
    made = make(film(tmp_path / "f.mkv", pictures="testsrc2=s=427x241:d=0.4", codec=codec), tmp_path / "m")
    shown = seen(tmp_path / "m" / "out", made)
    assert (shown.width, shown.height, shown.format) == (426, 240, "yuv420p")


def test_a_film_held_upright_is_turned_and_says_so_no_more(tmp_path: Path) -> None:
    # Red above, blue below; a player turns it a quarter, so that red is left or right.
    film(tmp_path / "f.mp4", pictures="color=red:s=320x90:d=0.4,pad=320:180:0:0:blue", sound=None)
    ffmpeg("-display_rotation", 90, "-i", tmp_path / "f.mp4", "-c", "copy", tmp_path / "upright.mp4")
    made = make(tmp_path / "upright.mp4", tmp_path / "m")
    shown = seen(tmp_path / "m" / "out", made)
    assert (shown.width, shown.height, shown.rotation, made.rungs) == (180, 320, 0, (180,))
    middle = 3 * (180 * 160)
    left, right = shown.first[middle + 3 * 20 :][:3], shown.first[middle + 3 * 160 :][:3]
    assert (left[0] > 200, left[2] < 60) == (True, True)  # red
    assert (right[0] < 60, right[2] > 200) == (True, True)  # blue


def test_pixels_that_are_not_square_become_so(tmp_path: Path) -> None:
    made = make(film(tmp_path / "f.mp4", pictures="testsrc2=s=320x180:d=0.4,setsar=4/3", sound=None), tmp_path / "m")
    shown = seen(tmp_path / "m" / "out", made)
    assert (shown.width, shown.height, shown.ratio) == (426, 180, 1)


def test_an_uneven_frame_rate_becomes_even(tmp_path: Path) -> None:
    pictures = "testsrc2=s=160x90:r=25:d=2,select='not(mod(n\\,7))+lt(n\\,10)'"
    made = make(film(tmp_path / "f.mp4", "-fps_mode", "vfr", pictures=pictures, sound=None), tmp_path / "m")
    assert seen(tmp_path / "m" / "out", made).frames == pytest.approx(30 * made.duration, abs=1)


@pytest.mark.parametrize("curve", ["smpte2084", "arib-std-b67", "bt709"])
def test_ten_bits_and_hdr_become_ordinary_pictures(tmp_path: Path, curve: str) -> None:
    x265 = f"log-level=error:colorprim=bt2020:transfer={curve}:colormatrix=bt2020nc"
    codec = ("-pix_fmt", "yuv420p10le", "-c:v", "libx265", "-preset", "ultrafast", "-x265-params", x265)
    pictures = "color=white:s=128x72:d=0.4"
    made = make(film(tmp_path / "f.mp4", pictures=pictures, sound=None, codec=codec), tmp_path / "m")
    shown = seen(tmp_path / "m" / "out", made)
    assert shown.format == "yuv420p"
    assert min(shown.first) > 200  # white stays white


def test_one_picture_under_long_sound_is_held_to_its_end(tmp_path: Path) -> None:
    made = make(film(tmp_path / "f.mp4", pictures="testsrc2=s=128x72:d=0.04", sound="sine=d=3"), tmp_path / "m")
    assert made.duration == pytest.approx(3, abs=0.1)
    assert seen(tmp_path / "m" / "out", made).frames == pytest.approx(75, abs=2)
    assert listen(tmp_path / "m" / "out" / "audio" / "index.m3u8").seconds == pytest.approx(3, abs=0.1)


def test_one_picture_alone(tmp_path: Path) -> None:
    made = make(film(tmp_path / "f.mp4", pictures="testsrc2=s=128x72:d=0.04", sound=None), tmp_path / "m")
    assert seen(tmp_path / "m" / "out", made).frames == 1
    assert "poster.webp" in made.files


def test_sound_that_begins_late_stays_late(tmp_path: Path) -> None:
    film(tmp_path / "f.mp4", pictures="testsrc2=s=128x72:d=2")
    arguments = ["-i", tmp_path / "f.mp4", "-itsoffset", 0.7, "-i", tmp_path / "f.mp4", "-map", "0:v", "-map", "1:a"]
    ffmpeg(*arguments, "-c", "copy", tmp_path / "late.mp4")
    make(tmp_path / "late.mp4", tmp_path / "m")
    heard: Heard = listen(tmp_path / "m" / "out" / "audio" / "index.m3u8")
    assert heard.silence == pytest.approx(0.7, abs=0.05)


def test_a_cover_picture_is_not_the_film(tmp_path: Path) -> None:
    ffmpeg("-f", "lavfi", "-i", "color=red:s=64x64", "-frames:v", 1, tmp_path / "cover.png")
    film(tmp_path / "f.mp4", pictures="testsrc2=s=128x72:d=0.4", sound=None)
    arguments = ["-i", tmp_path / "cover.png", "-i", tmp_path / "f.mp4", "-map", 0, "-map", 1, "-c", "copy"]
    ffmpeg(*arguments, "-disposition:v:0", "attached_pic", tmp_path / "covered.mp4")
    made = make(tmp_path / "covered.mp4", tmp_path / "m")
    assert seen(tmp_path / "m" / "out", made).frames == 10


def test_pictures_that_change_their_size_midway(tmp_path: Path) -> None:
    for name, size in (("a", "128x72"), ("b", "256x144")):
        film(tmp_path / f"{name}.h264", pictures=f"testsrc2=s={size}:r=25:d=2", sound=None)
    (tmp_path / "ab.h264").write_bytes((tmp_path / "a.h264").read_bytes() + (tmp_path / "b.h264").read_bytes())
    ffmpeg("-r", 25, "-i", tmp_path / "ab.h264", "-c", "copy", tmp_path / "f.mkv")
    made = make(tmp_path / "f.mkv", tmp_path / "m")
    assert (made.width, made.height) == (128, 72)
    assert made.duration == pytest.approx(4, abs=0.2)


def test_a_film_that_is_mostly_noise_is_the_authors_to_mend(tmp_path: Path) -> None:
    path = film(tmp_path / "f.mp4", "-g", "10", pictures="testsrc2=s=320x180:d=4", sound=None)
    with av.open(str(path)) as container:
        places = [(packet.pos, packet.size) for packet in container.demux(video=0) if packet.size]
    data = bytearray(path.read_bytes())
    for at, size in places[12:]:
        data[at : at + size] = b"\xa5" * size
    path.write_bytes(data)
    with pytest.raises(AuthorError, match=r"^lecture\.mp4 (is damaged|breaks off).*\.$"):
        make(path, tmp_path / "m")


def test_a_script_that_names_its_neighbour_reads_nothing(tmp_path: Path) -> None:
    """The encoder's own flags hold even for a file that came past the look at its first bytes."""
    neighbour = film(tmp_path / "neighbour.mp4", pictures="testsrc2=s=128x72:d=0.2", sound=None)
    script = tmp_path / "lecture.mp4"
    script.write_text("ffconcat version 1.0\nfile neighbour.mp4\n")
    with pytest.raises(AuthorError, match="not a video"):
        make(script, tmp_path / "m")

    facts = probe(neighbour, "n.mp4")
    (tmp_path / "out" / "72p").mkdir(parents=True)
    command = ladder.command(FFMPEG, str(script), facts)
    refused = subprocess.run(command, cwd=tmp_path / "out", capture_output=True, check=False, timeout=60)
    assert refused.returncode != 0
    assert not (tmp_path / "out" / "72p" / "index.m3u8").exists()
    # The same command without the list of formats does read the neighbour: it is the list that keeps it out.
    at = command.index("-format_whitelist")
    subprocess.run([*command[:at], *command[at + 2 :]], cwd=tmp_path / "out", check=True, timeout=60)
    assert (tmp_path / "out" / "72p" / "index.m3u8").exists()
