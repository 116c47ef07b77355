"""Judging an uploaded video before anything else touches it: facts, or one sentence."""

import random
from pathlib import Path

import av
import pytest

from pipeline.errors import AuthorError
from pipeline.probe import probe
from tests.pipeline.media_files import H264, cut, ffmpeg, film


def refused(path: Path) -> str:
    with pytest.raises(AuthorError) as caught:
        probe(path, "lecture.mp4")
    sentence = str(caught.value)
    assert sentence.startswith("lecture.mp4 ")
    assert sentence.endswith(".")
    assert "\n" not in sentence
    assert str(path.parent) not in sentence
    return sentence


def test_an_ordinary_film(tmp_path: Path) -> None:
    facts = probe(film(tmp_path / "f.mp4"), "f.mp4")
    assert (facts.width, facts.height, facts.fps, facts.steady) == (320, 180, 25.0, True)
    assert (facts.duration, facts.still, facts.audio, facts.channels) == (1.0, 0.0, True, 1)
    assert (facts.codec, facts.rotation, facts.hdr) == ("h264", 0, False)


def test_a_film_without_sound(tmp_path: Path) -> None:
    facts = probe(film(tmp_path / "f.mp4", sound=None), "f.mp4")
    assert (facts.audio, facts.channels) == (False, 0)


def test_width_and_height_are_those_a_viewer_sees(tmp_path: Path) -> None:
    film(tmp_path / "flat.mp4")
    ffmpeg("-display_rotation", 90, "-i", tmp_path / "flat.mp4", "-c", "copy", tmp_path / "upright.mp4")
    upright = probe(tmp_path / "upright.mp4", "f.mp4")
    assert (upright.rotation, upright.width, upright.height) == (90, 180, 320)
    stretched = probe(film(tmp_path / "f.mp4", pictures="testsrc2=s=320x180:d=1,setsar=4/3"), "f.mp4")
    assert (stretched.width, stretched.height) == (427, 180)


def test_an_uneven_frame_rate_is_noticed(tmp_path: Path) -> None:
    pictures = "testsrc2=s=160x90:r=25:d=3,select='not(mod(n\\,7))+lt(n\\,40)'"
    facts = probe(film(tmp_path / "f.mp4", "-fps_mode", "vfr", pictures=pictures, sound=None), "f.mp4")
    assert not facts.steady


def test_one_dropped_frame_makes_no_film_uneven(tmp_path: Path) -> None:
    pictures = "testsrc2=s=64x64:r=30000/1001:d=8,select=not(eq(n\\,100))"
    path = film(tmp_path / "f.mkv", "-fps_mode", "passthrough", pictures=pictures, sound=None)  # a clock of 1 ms
    facts = probe(path, "f.mkv")
    assert facts.steady
    assert facts.fps == pytest.approx(29.97, abs=0.01)


@pytest.mark.parametrize(("curve", "hdr"), [("smpte2084", True), ("arib-std-b67", True), ("bt709", False)])
def test_hdr_is_told_from_ten_bits(tmp_path: Path, curve: str, hdr: bool) -> None:
    x265 = f"log-level=error:colorprim=bt2020:transfer={curve}:colormatrix=bt2020nc"
    codec = ("-pix_fmt", "yuv420p10le", "-c:v", "libx265", "-preset", "ultrafast", "-x265-params", x265)
    facts = probe(film(tmp_path / "f.mp4", pictures="testsrc2=s=64x64:d=0.2", sound=None, codec=codec), "f.mp4")
    assert facts.hdr is hdr
    assert facts.pixel_format == "yuv420p10le"
    if hdr:
        assert facts.transfer == curve


def test_sound_that_goes_on_after_the_pictures_counts(tmp_path: Path) -> None:
    facts = probe(film(tmp_path / "f.mp4", sound="sine=d=3"), "f.mp4")
    assert facts.duration == pytest.approx(3, abs=0.05)
    assert facts.still == pytest.approx(2, abs=0.05)


def test_a_track_of_sound_that_holds_none_is_silence(tmp_path: Path) -> None:
    source = film(tmp_path / "f.mp4")
    with av.open(str(source)) as whole, av.open(str(tmp_path / "quiet.mkv"), "w") as quiet:
        pictures = quiet.add_stream_from_template(whole.streams.video[0])
        quiet.add_stream_from_template(whole.streams.audio[0])
        for packet in whole.demux(whole.streams.video[0]):
            if packet.dts is not None:
                packet.stream = pictures
                quiet.mux(packet)
    facts = probe(tmp_path / "quiet.mkv", "quiet.mkv")
    assert (facts.audio, facts.channels) == (False, 0)


@pytest.mark.parametrize(
    ("data", "word"),
    [
        (b"", "empty"),
        (b"These are only words, whatever the name says.", "not a video"),
        (b"ffconcat version 1.0\nfile sibling.mp4\n", "not a video"),
        (b"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nsibling.mp4\n#EXT-X-ENDLIST\n", "not a video"),
        (b"<?xml version='1.0'?><MPD><BaseURL>sibling.mp4</BaseURL></MPD>", "not a video"),
        (b"concat:sibling.mp4|sibling.mp4", "not a video"),
        (b"GIF89a" + b"\0" * 60, "not a video"),
        (b"\0\0\0\x18ftypisom\0\0\2\0isommp42" + b"\0" * 64, "damaged"),
        (b"\x1a\x45\xdf\xa3" + b"\xff" * 64, "damaged"),
    ],
)
def test_what_is_no_video(tmp_path: Path, data: bytes, word: str) -> None:
    (tmp_path / "f.mp4").write_bytes(data)
    assert word in refused(tmp_path / "f.mp4")


def test_sound_alone_is_no_video(tmp_path: Path) -> None:
    ffmpeg("-f", "lavfi", "-i", "sine=d=1", "-c:a", "aac", tmp_path / "f.mp4")
    assert "no moving pictures" in refused(tmp_path / "f.mp4")


@pytest.mark.parametrize("share", [0.5, 0.98])
@pytest.mark.parametrize("options", [("-movflags", "+faststart"), ("-movflags", "frag_keyframe+empty_moov"), ()])
def test_a_broken_upload(tmp_path: Path, options: tuple[str, ...], share: float) -> None:
    path = cut(film(tmp_path / "f.mp4", "-g", "5", *options, pictures="testsrc2=s=320x180:d=3"), share)
    assert "cut short" in refused(path)


def test_a_broken_upload_of_matroska(tmp_path: Path) -> None:
    path = cut(film(tmp_path / "f.mkv", pictures="testsrc2=s=320x180:d=6", sound="sine=d=6"), 0.5)
    assert "cut short" in refused(path)


def test_junk_after_the_last_box_is_no_broken_upload(tmp_path: Path) -> None:
    path = film(tmp_path / "f.mp4")
    path.write_bytes(path.read_bytes() + b"\x7f\xff\xff\xffjunk" + b"\0" * 100)
    assert probe(path, "f.mp4").duration == 1.0


def noise(path: Path, kind: str) -> Path:
    """`path` with every packet of one kind of stream replaced by noise."""
    data, chance = bytearray(path.read_bytes()), random.Random(7)  # noqa: S311  the same noise each time
    with av.open(str(path)) as container:
        places = [(packet.pos, packet.size) for packet in container.demux(**{kind: 0}) if packet.size]
    for at, size in places:
        data[at : at + size] = chance.randbytes(size)
    path.write_bytes(data)
    return path


def test_noise_instead_of_pictures_or_sound(tmp_path: Path) -> None:
    assert "no picture that can be decoded" in refused(noise(film(tmp_path / "f.mp4"), "video"))
    assert "sound that cannot be decoded" in refused(
        noise(film(tmp_path / "g.mp4", pictures="testsrc2=s=64x64:d=3", sound="sine=d=3"), "audio")
    )


@pytest.mark.parametrize(("size", "word"), [("8x8", "too small"), ("8194x64", "export it at 1920 by 1080")])
def test_sizes_no_page_can_show(tmp_path: Path, size: str, word: str) -> None:
    codec = (*H264, "-pix_fmt", "yuv420p")
    assert word in refused(film(tmp_path / "f.mp4", pictures=f"color=s={size}:d=0.08", sound=None, codec=codec))


def test_twelve_hours_are_too_long(tmp_path: Path) -> None:
    pictures = "testsrc2=s=64x64:d=0.2,setpts=PTS*300000"
    path = film(tmp_path / "f.mkv", "-fps_mode", "passthrough", pictures=pictures, sound=None)
    assert "cut it into parts" in refused(path)


def test_one_picture_is_a_film(tmp_path: Path) -> None:
    path = film(tmp_path / "f.mp4", pictures="testsrc2=s=128x72:d=0.04", sound=None)
    assert probe(path, "f.mp4").duration == pytest.approx(0.04)


def test_whoever_waits_is_told_that_it_goes_on_and_may_stop_it(tmp_path: Path) -> None:
    class Stop(Exception):
        pass

    def stop() -> None:
        raise Stop

    path = film(tmp_path / "f.mp4", sound=None)
    with pytest.raises(Stop):
        probe(path, "f.mp4", stop)
