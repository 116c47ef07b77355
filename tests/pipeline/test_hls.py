"""Reading the encoder's playlists and writing the master playlist."""

from pathlib import Path

import pytest

from pipeline import hls
from pipeline.errors import PipelineError

MEDIA = """#EXTM3U
#EXT-X-VERSION:7
#EXT-X-TARGETDURATION:4
#EXT-X-MEDIA-SEQUENCE:0
#EXT-X-PLAYLIST-TYPE:VOD
#EXT-X-INDEPENDENT-SEGMENTS
#EXT-X-MAP:URI="init.mp4"
#EXTINF:4.000000,
00000.m4s
#EXTINF:2.500000,
00001.m4s
#EXT-X-ENDLIST
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "720p").mkdir()
    (tmp_path / "720p" / "index.m3u8").write_text(MEDIA)
    (tmp_path / "720p" / "00000.m4s").write_bytes(b"x" * 1000)
    (tmp_path / "720p" / "00001.m4s").write_bytes(b"x" * 1000)
    return tmp_path


def test_a_track_knows_its_length_and_what_it_spends(folder: Path) -> None:
    track = hls.read(folder, "720p")
    assert (track.durations, track.sizes, track.seconds) == ((4.0, 2.5), (1000, 1000), 6.5)
    assert track.peak == 3200  # the second segment: 8000 bits in 2.5 seconds
    assert track.average == 2462


@pytest.mark.parametrize("playlist", ["", "#EXTM3U\n#EXT-X-ENDLIST\n", MEDIA.removesuffix("#EXT-X-ENDLIST\n")])
def test_a_playlist_that_was_not_finished_is_ours_to_mend(folder: Path, playlist: str) -> None:
    (folder / "720p" / "index.m3u8").write_text(playlist)
    with pytest.raises(PipelineError):
        hls.read(folder, "720p")


def test_the_codec_is_read_from_the_initialisation_segment() -> None:
    assert hls.avc_codec(b"....avcC\x01\x64\x00\x1f\xff") == "avc1.64001f"
    for broken in (b"", b"hvcC\x01\x64\x00\x1f", b"avcC\x01\x64"):
        with pytest.raises(PipelineError):
            hls.avc_codec(broken)


def test_the_master_playlist(folder: Path) -> None:
    track = hls.read(folder, "720p")
    sound = hls.Track("audio", (6.5,), (650,))
    text = hls.master([hls.Variant(track, 1280, 720, 25.0, "avc1.64001f")], sound)
    assert text == (
        "#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-INDEPENDENT-SEGMENTS\n"
        '#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="audio",NAME="Sound",DEFAULT=YES,AUTOSELECT=YES,CHANNELS="2",'
        'URI="audio/index.m3u8"\n'
        "#EXT-X-STREAM-INF:BANDWIDTH=4000,AVERAGE-BANDWIDTH=3262,RESOLUTION=1280x720,FRAME-RATE=25.000,"
        'CODECS="avc1.64001f,mp4a.40.2",AUDIO="audio"\n720p/index.m3u8\n'
    )
    silent = hls.master([hls.Variant(track, 1280, 720, 25.0, "avc1.64001f")], None)
    assert "AUDIO" not in silent and "mp4a" not in silent
