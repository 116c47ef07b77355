"""Pages are read without JavaScript, without a mouse, and on any screen."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Visitor
from tests.browser.places import ARABIC, CATALOGUE, COURSE, EVERY_BLOCK, LESSONS, LINKED, VIDEO

pytestmark = pytest.mark.browser


def test_a_lesson_is_read_without_javascript(visit: Visitor) -> None:
    page = visit(java_script_enabled=False).page
    page.goto(EVERY_BLOCK)
    expect(page.get_by_role("heading", level=1)).to_have_text("Reading a table of numbers")
    expect(page.locator("figure.code").first).to_contain_text("return float(numpy.mean(readings, axis=0))")
    expect(page.get_by_role("img", name="A line that rises and falls")).to_be_visible()
    expect(page.get_by_role("group", name="Inflammation by patient and day")).to_contain_text("second visit")
    assert page.locator("math").first.bounding_box()["height"] > 20  # type: ignore[index]  # drawn, so it has a box
    expect(page.get_by_role("link", name="The readings")).to_have_attribute("download", "inflammation-01.csv")
    # By its element: text inside a noscript is no text to the driver's searches.
    expect(page.locator("noscript .needs-script")).to_be_visible()
    # A solution is a fold of the browser's own.
    answer = page.get_by_text("the mean of one value is that value")
    expect(answer).to_be_hidden()
    page.locator("summary", has_text="Solution").click()
    expect(answer).to_be_visible()


def test_a_course_is_walked_without_javascript(visit: Visitor) -> None:
    page = visit(java_script_enabled=False).page
    page.goto(CATALOGUE)
    page.get_by_role("link", name="Reading Data with Python").click()
    page.get_by_role("link", name="Start reading").click()
    for lesson in LESSONS[1:]:
        page.locator("a[rel=next]").click()
        expect(page.get_by_role("heading", level=1)).to_have_text(lesson.title)
    page.get_by_role("link", name="Back to the course").click()
    page.wait_for_url(f"**{COURSE}")


def test_a_video_without_javascript_leads_to_its_stream(visit: Visitor) -> None:
    page = visit(java_script_enabled=False).page
    page.goto(VIDEO)
    links = page.locator("noscript .needs-script a")
    assert [link.get_attribute("href") for link in links.all()] == ["/m/waves/master.m3u8", "/o/en.vtt", "/o/de.vtt"]
    expect(links.first).to_be_visible()
    page.locator("summary", has_text="Transcript").click()
    expect(page.get_by_text("A sensor hears them.")).to_be_visible()


def test_a_form_that_needs_javascript_says_so(visit: Visitor) -> None:
    here = visit(java_script_enabled=False)
    page = here.page
    page.goto("/account/sign-in/")
    expect(page.locator("noscript .panel")).to_be_visible()
    page.goto("/nowhere/at/all/")
    expect(page.get_by_role("heading", level=1)).to_have_text("This page is not here")
    page.get_by_role("link", name="See all courses").click()
    page.wait_for_url("**/")
    assert "404" in here.faults.pop()  # the browser tells of it, as it should


def test_links_between_lessons_and_into_a_lesson(visit: Visitor) -> None:
    page = visit().page
    page.goto(LINKED)
    page.get_by_role("link", name="the table of days").click()
    page.wait_for_url(f"**{EVERY_BLOCK}#a-table-of-days")
    expect(page.get_by_role("heading", name="A table of days")).to_be_in_viewport()
    page.go_back()
    page.get_by_role("link", name="below").click()
    expect(page.get_by_role("heading", name="Further down")).to_be_in_viewport()
    page.get_by_role("link", name="the course").click()
    page.wait_for_url(f"**{COURSE}")


def test_contents_lead_to_headings_and_quizzes(visit: Visitor) -> None:
    page = visit().page
    page.goto(EVERY_BLOCK)
    page.get_by_role("navigation", name="On this page").get_by_role("link", name="Check yourself").click()
    expect(page.get_by_role("heading", name="Check yourself")).to_be_in_viewport()


def test_a_page_from_right_to_left_begins_at_the_right(visit: Visitor) -> None:
    page = visit().page
    page.goto(ARABIC)
    outline = page.get_by_role("navigation", name="Course outline").bounding_box()
    lesson = page.locator("article.lesson").bounding_box()
    assert outline is not None
    assert lesson is not None
    assert outline["x"] > lesson["x"]
    assert page.locator(".code-text").evaluate("element => getComputedStyle(element).direction") == "ltr"
    # English words of the site keep their own order inside: the dot closes the sentence.
    words = page.get_by_text("Sign in to keep your progress.")
    assert words.evaluate("element => getComputedStyle(element).direction") == "ltr"


@pytest.mark.parametrize("width", [320, 390, 768, 1440])
def test_no_page_is_wider_than_the_screen(visit: Visitor, width: int) -> None:
    """320 px are 1280 px at 400 %: WCAG 2.2, 1.4.10."""
    page = visit(viewport={"width": width, "height": 640}).page
    for path in (CATALOGUE, COURSE, EVERY_BLOCK, VIDEO, ARABIC, "/courses/ink/", "/learning/", "/account/sign-in/"):
        page.goto(path)
        expect(page.locator(".waiting")).to_have_count(0)
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= width, f"{path} is {wide} px wide"


LONG = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft"
EVERYTHING_THAT_HOLDS_WORDS = (
    ":is(h1, h2, h3, p, li, a, span, strong, summary, figcaption, td, legend):not(.player *, .button)"
)


@pytest.mark.parametrize("path", [CATALOGUE, COURSE, EVERY_BLOCK])
def test_a_word_without_an_end_breaks(visit: Visitor, path: str) -> None:
    page = visit(viewport={"width": 320, "height": 640}).page
    page.goto(path)
    page.evaluate(
        "([places, word]) => document.querySelectorAll(places).forEach("
        "(place) => place.children.length || place.append(word))",
        ["main " + EVERYTHING_THAT_HOLDS_WORDS, LONG],
    )
    assert page.evaluate("document.documentElement.scrollWidth") <= 320


def test_reduced_motion_moves_nothing(visit: Visitor) -> None:
    still = visit(reduced_motion="reduce").page
    still.goto(EVERY_BLOCK)
    assert still.evaluate("getComputedStyle(document.documentElement).scrollBehavior") == "auto"
    button = still.get_by_role("link", name="Sign in").last
    assert button.evaluate("element => getComputedStyle(element).transitionDuration").split(",")[0] in ("0s", "0ms")
    moving = visit(reduced_motion="no-preference").page
    moving.goto(EVERY_BLOCK)
    assert moving.evaluate("getComputedStyle(document.documentElement).scrollBehavior") == "smooth"


def test_print_holds_the_lesson_and_its_solutions_only(visit: Visitor) -> None:
    page = visit(color_scheme="dark").page
    page.goto(EVERY_BLOCK)
    page.evaluate("document.documentElement.dataset.theme = 'dark'")
    page.emulate_media(media="print")
    expect(page.get_by_text("the mean of one value is that value")).to_be_visible()
    expect(page.get_by_role("banner")).to_be_hidden()
    expect(page.get_by_role("navigation", name="Course outline")).to_be_hidden()
    assert page.evaluate("getComputedStyle(document.body).color") == "rgb(23, 32, 27)"
