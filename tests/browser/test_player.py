"""A video that the pipeline encoded really plays: pictures, sound, captions, choices, keyboard, and the place kept."""

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import imageio_ffmpeg
import pytest
from playwright.sync_api import Page, expect

from pipeline import video
from tests.browser.conftest import Served, Visitor
from tests.browser.places import LESSONS, VIDEO

pytestmark = [pytest.mark.browser, pytest.mark.slow]

SECONDS = 16
LESSON = str(LESSONS[1].item)


@pytest.fixture(scope="module", autouse=True)
def stream(school: Served, tmp_path_factory: pytest.TempPathFactory) -> Iterator[video.MadeVideo]:
    """A clip with a tone, as the pipeline makes it, where the lesson's page expects it."""
    work = tmp_path_factory.mktemp("video")
    clip = work / "waves.mp4"
    pictures, sound = f"testsrc2=size=854x480:rate=12:duration={SECONDS}", f"sine=frequency=330:duration={SECONDS}"
    command = [
        imageio_ffmpeg.get_ffmpeg_exe(),
        "-v",
        "error",
        "-f",
        "lavfi",
        "-i",
        pictures,
        "-f",
        "lavfi",
        "-i",
        sound,
    ]
    subprocess.run([*command, "-pix_fmt", "yuv420p", "-preset", "ultrafast", "-c:a", "aac", str(clip)], check=True)
    (work / "made").mkdir()
    made = video.make(clip, clip.name, work / "made", lambda _percent: None)
    published = school.folder / "m" / "waves"
    for name in made.files:
        (published / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(Path(work / "made" / "out" / name), published / name)
    yield made
    shutil.rmtree(published)


GONE = "This video could not be loaded. Reload the page to try again."
WATCH = """(wanted) => new Promise((done) => {
  const video = document.querySelector("video");
  const state = () => ({
    time: video.currentTime,
    frames: video.getVideoPlaybackQuality().totalVideoFrames,
    dropped: video.getVideoPlaybackQuality().droppedVideoFrames,
    sound: video.webkitAudioDecodedByteCount,
    width: video.videoWidth,
    rate: video.playbackRate,
    muted: video.muted,
    volume: video.volume,
    caption: [...(video.textTracks[0].activeCues ?? [])].map((cue) => cue.text).join(),
  });
  const look = () => {
    if (state().frames < wanted) return;
    video.removeEventListener("timeupdate", look);
    done(state());
  };
  video.addEventListener("timeupdate", look);
  look();
})"""


def watched(page: Page, frames: int = 0) -> dict[str, float]:
    """The state of the video once it has shown so many frames. `currentTime` alone runs without any picture."""
    found: dict[str, float] = page.evaluate(WATCH, frames)
    return found


def start(page: Page) -> None:
    page.get_by_role("button", name="Play the video").click()


def test_pictures_and_sound_play_through_media_source(visit: Visitor) -> None:
    here = visit()
    asked: list[str] = []
    here.context.on("request", lambda request: asked.append(request.url))
    page = here.page
    page.goto(VIDEO)
    assert not [url for url in asked if "/m/" in url or "hls" in url]  # a page that is only read loads no video
    start(page)
    first = watched(page, 6)
    later = watched(page, int(first["frames"]) + 12)
    assert later["width"] in (640, 854)
    assert later["sound"] > 0
    assert later["time"] > first["time"]
    assert page.locator("video").evaluate("video => video.src").startswith("blob:")
    assert [url for url in asked if url.endswith(".m4s")]
    expect(page.get_by_role("button", name="Pause (k)")).to_be_focused()


def test_captions_are_shown_and_remembered(visit: Visitor) -> None:
    page = visit().page
    page.goto(VIDEO)
    start(page)
    page.get_by_role("button", name="Turn captions on (c)").click()
    frames = watched(page, 2)["frames"]
    assert watched(page, int(frames) + 4)["caption"] == "Warmth comes in waves."
    page.reload()
    expect(page.get_by_role("button", name="Turn captions off (c)")).to_have_attribute("aria-pressed", "true")
    page.get_by_label("Settings").click()
    page.get_by_role("combobox", name="Captions").select_option("Deutsch")
    assert page.locator("video").evaluate("video => [...video.textTracks].map(({ mode }) => mode)") == [
        "disabled",
        "showing",
    ]


def test_speed_and_quality_are_chosen(visit: Visitor) -> None:
    page = visit().page
    page.goto(VIDEO)
    start(page)
    watched(page, 2)
    page.get_by_label("Settings").click()
    quality = page.get_by_label("Quality")
    assert quality.locator("option").all_inner_texts() == ["Automatic", "480p", "360p"]
    page.get_by_label("Speed").select_option("1.5×")
    assert watched(page)["rate"] == 1.5
    with page.expect_request("**/m/waves/360p/*.m4s"):
        quality.select_option("480p")
        quality.select_option("360p")
    page.keyboard.press("Escape")
    expect(quality).to_be_hidden()
    expect(page.get_by_label("Settings")).to_be_focused()


def test_the_keyboard_does_what_it_does_elsewhere(visit: Visitor) -> None:
    page = visit().page
    page.goto(VIDEO)
    start(page)
    watched(page, 2)
    page.keyboard.press("k")
    expect(page.get_by_role("button", name="Play (k)")).to_be_visible()
    for key, at in (("5", 8), ("ArrowRight", 13), ("j", 3), ("l", 13), ("ArrowLeft", 8), ("0", 0)):
        page.keyboard.press(key)
        assert round(watched(page)["time"]) == at, key
    page.keyboard.press("m")
    assert watched(page)["muted"]
    page.keyboard.press("m")
    page.keyboard.press("ArrowDown")
    assert watched(page)["volume"] == pytest.approx(0.9)
    page.keyboard.press(">")
    expect(page.get_by_text("Speed 1.25×")).to_be_visible()
    page.keyboard.press("c")
    expect(page.get_by_role("button", name="Turn captions off (c)")).to_be_visible()
    page.keyboard.press(" ")  # the focused button is pressed once, not twice
    expect(page.get_by_role("button", name="Pause (k)")).to_be_visible()
    page.keyboard.press("Control+k")
    expect(page.get_by_role("button", name="Pause (k)")).to_be_visible()


def test_a_visitor_goes_on_where_this_browser_stopped(visit: Visitor) -> None:
    page = visit().page
    page.goto(VIDEO)
    start(page)
    watched(page, 2)
    page.keyboard.press("5")
    page.keyboard.press("k")
    expect(page.get_by_role("button", name="Play (k)")).to_be_visible()
    page.reload()
    start(page)
    expect(page.get_by_text("0:08 / 0:16")).to_be_visible()
    assert 8 <= watched(page, 2)["time"] < 12


def test_a_learner_goes_on_where_another_device_stopped(visit: Visitor) -> None:
    here = visit(enrolled=True)
    here.api.items[LESSON] = {"state": "started", "position": 7.0}
    page = here.page
    page.goto(VIDEO)
    start(page)
    assert watched(page, 2)["time"] >= 7
    page.keyboard.press("k")
    page.goto("/")
    positions = [event["position"] for event in here.api.events.values() if event["kind"] == "position"]
    assert positions
    assert all(7 <= position < SECONDS for position in positions)


def test_a_video_seen_to_its_end_begins_anew(visit: Visitor) -> None:
    page = visit().page
    page.goto(VIDEO)
    start(page)
    watched(page, 2)
    page.keyboard.press("9")
    page.keyboard.press("l")
    expect(page.get_by_role("button", name="Play (k)")).to_be_visible()
    page.reload()
    start(page)
    assert watched(page, 2)["time"] < 5


def test_a_connection_that_breaks_is_waited_for(visit: Visitor) -> None:
    here = visit()
    page = here.page
    page.goto(VIDEO)
    here.context.route("**/m/waves/*.m3u8", lambda route: route.abort("internetdisconnected"))
    page.evaluate(
        "Object.defineProperty(navigator, 'onLine', { get: () => window.online ?? false, configurable: true })"
    )
    start(page)
    expect(page.locator(".player-said")).to_have_text("You are offline. The video goes on when you are connected.")
    here.context.unroute("**/m/waves/*.m3u8")
    page.evaluate("() => { window.online = true; dispatchEvent(new Event('online')); }")
    assert watched(page, 2)["width"] > 0
    assert all("m3u8" in fault for fault in here.faults)
    here.faults.clear()


def test_a_stream_that_is_gone_says_so(visit: Visitor) -> None:
    here = visit()
    here.context.route("**/m/waves/**", lambda route: route.fulfill(status=404, body=""))
    here.page.goto(VIDEO)
    start(here.page)
    expect(here.page.locator(".player-said")).to_have_text(GONE)
    assert here.faults
    assert all("404" in fault for fault in here.faults)
    here.faults.clear()
