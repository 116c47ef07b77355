"""Progress is marked, undone, shown, and never lost; courses are joined and left."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Visit, Visitor
from tests.browser.places import COURSE, EVERY_BLOCK, LEARNING, LESSONS, VIDEO
from tests.browser.school_api import MISSING, PASSWORD
from tests.pipeline import html_example as example

pytestmark = pytest.mark.browser

ITEM = str(LESSONS[0].item)
KEPT = "Kept on this device. It is sent as soon as the school can be reached."

SOMEBODY_ELSE = "Somebody else has signed in on this device. Reload the page to go on."


KEPT_EVENTS = "Object.keys(localStorage).filter((key) => key.startsWith('lectern.event.')).length"


def kept(page: Page) -> int:
    return int(page.evaluate(KEPT_EVENTS))


def reading(here: Visit) -> Page:
    """A learner's page of a lesson, once the school knows that they opened it."""
    with here.page.expect_response("**/v1/progress"):
        here.page.goto(EVERY_BLOCK)
    expect(here.page.get_by_role("button", name="Mark as done")).to_be_visible()
    here.page.wait_for_function("!Object.keys(localStorage).some((key) => key.startsWith('lectern.event.'))")
    return here.page


def kinds(bodies: list[dict[str, list[dict[str, str]]]]) -> list[str]:
    return [event["kind"] for body in bodies for event in body["events"]]


def test_a_lesson_is_marked_and_taken_back(visit: Visitor) -> None:
    here = visit(enrolled=True)
    page = here.page
    page.goto(EVERY_BLOCK)
    page.get_by_role("button", name="Mark as done").click()
    expect(page.get_by_text("Lesson marked as done.")).to_be_visible()
    row = page.get_by_role("navigation", name="Course outline").get_by_role("link", name="Reading a table of numbers")
    expect(row).to_have_accessible_name("Completed: Reading a table of numbers")
    expect(page.get_by_role("progressbar", name="Course progress")).to_have_js_property("value", 14)
    undo = page.get_by_role("button", name="Undo")
    expect(undo).to_be_focused()  # the keyboard stays where it was
    undo.click()
    expect(page.get_by_role("button", name="Mark as done")).to_be_focused()
    expect(page.get_by_role("progressbar", name="Course progress")).to_have_js_property("value", 0)
    assert kinds(here.api.sent("POST /v1/progress")) == ["viewed", "completed", "reopened"]
    assert kept(page) == 0


def test_progress_is_kept_until_the_school_is_back(visit: Visitor) -> None:
    here = visit(enrolled=True)
    page = here.page
    page.goto(EVERY_BLOCK)
    expect(page.get_by_role("button", name="Mark as done")).to_be_visible()
    here.api.reachable = False
    page.get_by_role("button", name="Mark as done").click()
    expect(page.get_by_text(KEPT)).to_be_visible()
    expect(page.get_by_text("Done", exact=True)).to_be_visible()
    waiting = kept(page)
    assert waiting >= 1
    # The reader goes on, the school still away; then it is back, and the next lesson brings everything along.
    page.goto(VIDEO)
    assert kept(page) == waiting
    here.api.reachable = True
    page.goto(EVERY_BLOCK)
    expect(page.get_by_text("14 % complete")).to_be_visible()
    assert kept(page) == 0
    assert "completed" in kinds(here.api.sent("POST /v1/progress"))
    assert here.api.items[ITEM]["state"] == "completed"


def test_a_page_left_open_tries_again_by_itself(visit: Visitor) -> None:
    here = visit(enrolled=True)
    page = here.page
    page.clock.install()
    page.goto(EVERY_BLOCK)
    expect(page.get_by_role("button", name="Mark as done")).to_be_visible()
    here.api.reachable = False
    page.get_by_role("button", name="Mark as done").click()
    expect(page.get_by_text(KEPT)).to_be_visible()
    here.api.reachable = True
    page.clock.fast_forward("00:20")
    expect(page.get_by_text("Your progress has reached the school.")).to_be_visible()
    assert here.api.items[ITEM]["state"] == "completed"


def test_my_learning_sends_what_a_lesson_could_not(visit: Visitor) -> None:
    here = visit(enrolled=True)
    page = here.page
    page.goto(EVERY_BLOCK)
    expect(page.get_by_role("button", name="Mark as done")).to_be_visible()
    here.api.reachable = False
    page.get_by_role("button", name="Mark as done").click()
    expect(page.get_by_text(KEPT)).to_be_visible()
    page.close()
    here.api.reachable = True
    page = here.context.new_page()
    page.goto(LEARNING)
    expect(page.get_by_text("14 % · 1 of 7 done")).to_be_visible()
    assert kept(page) == 0


def test_events_of_one_learner_are_never_sent_for_another(visit: Visitor) -> None:
    here = visit(enrolled=True)
    page = here.page
    page.goto(EVERY_BLOCK)
    expect(page.get_by_role("button", name="Mark as done")).to_be_visible()
    here.api.reachable = False
    page.get_by_role("button", name="Mark as done").click()
    expect(page.get_by_text(KEPT)).to_be_visible()
    here.api.reachable = True
    assert here.api.user is not None
    here.api.user["id"] = 8
    here.api.asked.clear()
    page.evaluate("sessionStorage.clear()")
    page.goto(VIDEO)
    expect(page.get_by_role("button", name="Mark as done")).to_be_visible()
    page.goto(LEARNING)
    expect(page.get_by_role("link", name="Reading Data with Python", exact=True)).to_be_visible()
    assert set(kinds(here.api.sent("POST /v1/progress"))) == {"viewed"}
    assert kept(page) >= 1


def test_a_page_left_open_sends_nothing_for_who_signed_in_after(visit: Visitor) -> None:
    here = visit(enrolled=True)
    page = reading(here)
    here.api.somebody_else_signs_in()
    here.api.events.clear()
    page.get_by_role("button", name="Mark as done").click()
    expect(page.get_by_text(SOMEBODY_ELSE)).to_be_visible()
    page.get_by_role("button", name="Undo").click()  # and no second try either, now that a token for Noor is at hand
    expect(page.get_by_role("button", name="Mark as done")).to_be_visible()
    expect(page.get_by_text(SOMEBODY_ELSE)).to_be_visible()
    assert here.api.events == {}
    assert kept(page) == 2
    page.reload()
    expect(page.get_by_label("Account of Noor")).to_be_visible()
    expect(page.get_by_role("button", name="Mark as done")).to_be_visible()
    page.wait_for_function(f"{KEPT_EVENTS} === 2")  # the answer to what Noor has opened may still be on its way
    assert kinds([{"events": list(here.api.events.values())}]) == ["viewed"]


def test_a_tab_does_not_remember_who_was_here_before(visit: Visitor) -> None:
    """Turning a page in the first learner's tab, after somebody else has signed in in another."""
    here = visit(enrolled=True)
    page = here.page
    page.goto(EVERY_BLOCK)
    expect(page.get_by_label("Account of Sam")).to_be_visible()
    here.api.somebody_else_signs_in()
    other = here.context.new_page()
    other.goto(LEARNING)
    expect(other.get_by_label("Account of Noor")).to_be_visible()
    page.goto(COURSE)
    expect(page.get_by_label("Account of Noor")).to_be_visible()


def test_a_proxy_that_refuses_costs_no_progress(visit: Visitor) -> None:
    here = visit(enrolled=True)
    page = reading(here)
    for status in (404, 403, 403, 405):  # a 403 is asked again with a new token
        here.api.script("POST /v1/progress", (status, None))
    for expected in (1, 2, 3):
        page.locator("lec-done button").click()
        expect(page.get_by_text(KEPT)).to_be_visible()
        assert kept(page) == expected
    page.locator("lec-done button").click()
    expect(page.get_by_text("Your progress has reached the school.")).to_be_visible()
    assert kept(page) == 0


def test_one_bad_event_takes_no_other_with_it(visit: Visitor) -> None:
    here = visit(enrolled=True)
    page = reading(here)
    bad = {"id": "bad", "item": ITEM, "kind": "viewed", "at": "2026-01-01T00:00:00Z"}
    page.evaluate(
        "(kept) => localStorage.setItem('lectern.event.7.bad', JSON.stringify(kept))",
        {"course": str(example.COURSE.course), "event": bad},
    )
    invalid = (422, {"detail": "Please correct events[0].id: it is not a UUID.", "code": "invalid"})
    here.api.script("POST /v1/progress", invalid, invalid)  # the batch, and then the first by itself
    page.get_by_role("button", name="Mark as done").click()
    expect(page.get_by_text("Lesson marked as done.")).to_be_visible()
    expect(page.get_by_text("14 % complete")).to_be_visible()
    assert kept(page) == 0
    assert "bad" not in here.api.events
    assert here.api.items[ITEM]["state"] == "completed"


def test_what_the_school_cannot_take_is_said(visit: Visitor) -> None:
    here = visit(enrolled=True)
    page = reading(here)
    full = (422, {"detail": "You have begun 5000 items in this course.", "code": "too_many_items"})
    here.api.script("POST /v1/progress", full)
    page.get_by_role("button", name="Mark as done").click()
    expect(page.get_by_text(full[1]["detail"])).to_be_visible()
    assert kept(page) == 0


def test_a_course_that_was_left_stands_in_no_others_way(visit: Visitor) -> None:
    here = visit(enrolled=True)
    page = reading(here)
    left = {"id": str(example.QUIZ.item), "item": ITEM, "kind": "viewed", "at": "2026-01-01T00:00:00Z"}
    page.evaluate(
        "(kept) => localStorage.setItem('lectern.event.7.left', JSON.stringify(kept))",
        {"course": str(example.INK.course), "event": left},
    )
    here.api.script("POST /v1/progress", MISSING)
    page.get_by_role("button", name="Mark as done").click()
    expect(page.get_by_text(MISSING[1]["detail"])).to_be_visible()
    assert kept(page) == 0
    assert here.api.items[ITEM]["state"] == "completed"


def test_a_visitor_asks_the_api_nothing(visit: Visitor) -> None:
    """A reader who never signed in costs the CDN and nobody else."""
    here = visit()
    for path in ("/", COURSE, EVERY_BLOCK, VIDEO):
        here.page.goto(path)
        expect(here.page.get_by_role("button", name="Use the dark theme")).to_be_visible()  # the scripts have run
    assert here.api.asked == []


def test_enrolling_by_way_of_signing_in(visit: Visitor) -> None:
    here = visit()
    page = here.page
    page.goto(COURSE)
    page.locator("lec-enrol").get_by_role("link", name="Enrol").click()
    page.get_by_label("E-mail address").fill("sam@example.org")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url(f"**{COURSE}")
    expect(page.get_by_text("0 % · next: Reading a table of numbers")).to_be_visible()
    assert here.api.sent("POST /v1/enrolments") == [{"course": str(example.COURSE.course)}]


def test_leaving_a_course_asks_first(visit: Visitor) -> None:
    here = visit(enrolled=True)
    page = here.page
    page.goto(COURSE)
    leave = page.get_by_role("button", name="Leave the course")
    leave.click()
    dialog = page.get_by_role("dialog", name="Leave this course?")
    expect(dialog).to_be_visible()
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(leave).to_be_focused()
    leave.click()
    dialog.get_by_role("button", name="Stay").click()
    assert here.api.courses
    leave.click()
    dialog.get_by_role("button", name="Leave the course").click()
    enrol = page.locator("lec-enrol").get_by_role("button", name="Enrol")
    expect(enrol).to_be_focused()
    assert not here.api.courses
    enrol.click()
    expect(page.get_by_role("progressbar", name="Course progress").first).to_be_visible()


def test_a_refusal_to_enrol_is_a_sentence(visit: Visitor) -> None:
    here = visit(signed_in=True)
    here.api.script("POST /v1/enrolments", (402, {"detail": "This course has to be bought first.", "code": "payment"}))
    here.page.goto(COURSE)
    here.page.locator("lec-enrol").get_by_role("button", name="Enrol").click()
    expect(here.page.locator("lec-enrol").get_by_role("alert")).to_have_text("This course has to be bought first.")
    expect(here.page.locator("lec-enrol").get_by_role("button", name="Enrol")).to_be_enabled()


def test_my_learning_leads_back_in(visit: Visitor) -> None:
    here = visit(enrolled=True)
    here.api.items = {str(lesson.item): {"state": "completed"} for lesson in LESSONS[:2]}
    here.page.goto(LEARNING)
    expect(here.page.get_by_text("29 % · 2 of 7 done")).to_be_visible()
    expect(here.page.locator("img.learning-cover")).to_have_js_property("naturalWidth", 1280)
    here.page.get_by_role("link", name="Continue Reading Data with Python").click()
    expect(here.page.get_by_role("heading", level=1)).to_have_text(LESSONS[2].title)


@pytest.mark.parametrize("width", [390, 1440])
def test_a_course_without_a_cover_stands_in_line_with_the_others(visit: Visitor, width: int) -> None:
    here = visit(enrolled=True, viewport={"width": width, "height": 900})
    covered = here.api.enrolment(str(example.COURSE.course))
    plain = {**covered, "title": "écriture", "cover": None}
    here.api.script("GET /v1/enrolments", (200, {"enrolments": [covered, plain]}))
    here.page.goto(LEARNING)
    expect(here.page.locator(".learning-letter")).to_have_text("É")
    places = here.page.locator(".learning-row h2").evaluate_all(
        "all => all.map((one) => one.getBoundingClientRect().x)"
    )
    assert places[0] == places[1]


def test_my_learning_of_nobody_and_of_a_newcomer(visit: Visitor) -> None:
    nobody = visit().page
    nobody.goto(LEARNING)
    expect(nobody.get_by_role("heading", name="Sign in to see your courses")).to_be_visible()
    newcomer = visit(signed_in=True).page
    newcomer.goto(LEARNING)
    expect(newcomer.get_by_role("heading", name="Nothing here yet")).to_be_visible()


def test_my_learning_without_the_school_tries_again(visit: Visitor) -> None:
    here = visit(enrolled=True)
    here.api.reachable = False
    here.page.goto(LEARNING)
    expect(here.page.get_by_role("alert")).to_contain_text("cannot be reached")
    here.api.reachable = True
    here.page.get_by_role("button", name="Try again").click()
    expect(here.page.get_by_role("link", name="Reading Data with Python", exact=True)).to_be_visible()
