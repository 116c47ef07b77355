"""A quiz is answered on the page and graded by the API; nothing typed is lost, and no answer is ever in the page."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Served, Visit, Visitor
from tests.browser.places import COURSE, EVERY_BLOCK
from tests.pipeline import html_example as example

pytestmark = pytest.mark.browser

# An explanation with all that a hostile one would try, around words and a link that are fine.
HOSTILE = (
    '<p>Rows are <strong>axis 0</strong>. See <a href="../many-files-at-once/">the later lesson</a>.</p>'
    "<img src=x onerror=\"document.title='owned'\"><script>document.title='owned'</script>"
    "<a href=\"java&#9;script:document.title='owned'\">a trap</a>"
)
ATTEMPTS = f"/v1/quizzes/{example.QUIZ.item}/attempts"


def answer(page: Page, *, number: str = "21,5", text: str = "y") -> None:
    quiz = page.locator("lec-quiz")
    quiz.locator("[name=q-single][value=a]").check()
    quiz.locator("[name=q-multiple][value=a]").check()
    quiz.locator("[name=q-multiple][value=b]").check()
    quiz.locator("[name=q-number]").fill(number)
    quiz.locator("[name=q-text]").fill(text)


def at_the_quiz(visit: Visitor, **options: object) -> Visit:
    here = visit(enrolled=True, **options)
    here.page.goto(EVERY_BLOCK)
    expect(here.page.get_by_role("button", name="Check my answers")).to_be_visible()
    return here


def check(page: Page) -> None:
    page.get_by_role("button", name="Check my answers").click()


def test_answers_are_sent_as_the_contract_says_and_results_are_shown(visit: Visitor) -> None:
    here = at_the_quiz(visit)
    answer(here.page, text="the letter z")
    check(here.page)
    expect(here.page.locator(".quiz-said")).to_contain_text("4 of 5 points")
    expect(here.page.locator(".quiz-said")).to_contain_text("Passed")
    expect(here.page.locator(".quiz-said")).to_be_focused()
    expect(here.page.locator(".verdict-word")).to_have_text(["Right", "Right", "Right", "Not right"])
    (sent,) = here.api.sent(f"POST {ATTEMPTS}")
    assert sent["course"] == str(example.COURSE.course)
    assert sent["answers"] == {
        "q-single": ["a"],
        "q-multiple": ["a", "b"],
        "q-number": 21.5,
        "q-text": "the letter z",
    }


def test_an_explanation_is_text_and_links_and_never_runs(visit: Visitor) -> None:
    here = at_the_quiz(visit)
    here.api.why = HOSTILE
    page = here.page
    answer(page)
    check(page)
    verdict = page.locator(".verdict").first
    expect(verdict.get_by_role("link", name="the later lesson")).to_have_attribute("href", "../many-files-at-once/")
    expect(verdict.locator("img, script")).to_have_count(0)
    assert verdict.get_by_text("a trap").get_attribute("href") is None
    assert page.title() != "owned"
    # The policy would have refused the handler, had it ever been part of the page.
    assert here.faults
    assert all("script-src" in fault for fault in here.faults)
    here.faults.clear()


def test_missing_answers_are_said_at_their_question(visit: Visitor) -> None:
    here = at_the_quiz(visit)
    answer(here.page, number="about twenty", text=" ")
    check(here.page)
    number = here.page.locator("[name=q-number]")
    expect(number).to_be_focused()
    expect(number).to_have_accessible_description("Write a number, such as 12.5.")
    expect(here.page.locator("[name=q-text]")).to_have_accessible_description("Answer this question.")
    assert here.page.locator("[name=q-single]").first.get_attribute("aria-invalid") is None
    assert here.api.sent(f"POST {ATTEMPTS}") == []


def test_a_draft_survives_a_reload_and_ends_with_the_attempt(visit: Visitor) -> None:
    page = at_the_quiz(visit).page
    answer(page)
    page.reload()
    expect(page.locator("[name=q-text]")).to_have_value("y")
    expect(page.locator("[name=q-multiple][value=b]")).to_be_checked()
    check(page)
    expect(page.locator(".quiz-said")).to_contain_text("5 of 5 points")
    page.reload()
    expect(page.get_by_text("Your best so far: 5 of 5, passed")).to_be_visible()
    expect(page.locator("[name=q-text]")).to_have_value("")


def test_a_failure_says_so_and_the_same_attempt_is_sent_again(visit: Visitor) -> None:
    here = at_the_quiz(visit)
    here.api.script(f"POST {ATTEMPTS}", (503, {"detail": "down", "code": "down"}))
    answer(here.page)
    here.api.reachable = False
    check(here.page)
    expect(here.page.locator(".quiz-said")).to_have_text(
        "The school cannot be reached at the moment. Please try again."
    )
    expect(here.page.locator("[name=q-text]")).to_have_value("y")
    here.api.reachable = True
    check(here.page)
    expect(here.page.locator(".quiz-said")).to_have_text("Something went wrong at the school. Please try again.")
    check(here.page)
    expect(here.page.locator(".quiz-said")).to_contain_text("5 of 5 points")
    first, second = here.api.sent(f"POST {ATTEMPTS}")
    assert first["id"] == second["id"]  # so the school counts it once, should the first have arrived


def test_try_again_is_a_new_attempt_with_empty_fields(visit: Visitor) -> None:
    here = at_the_quiz(visit)
    answer(here.page)
    check(here.page)
    here.page.get_by_role("button", name="Try again").click()
    expect(here.page.locator("[name=q-single]").first).to_be_focused()
    expect(here.page.locator("[name=q-single][value=a]")).not_to_be_checked()
    expect(here.page.locator(".verdict")).to_have_count(0)
    answer(here.page)
    check(here.page)
    expect(here.page.locator(".quiz-said")).to_contain_text("5 of 5 points")
    first, second = here.api.sent(f"POST {ATTEMPTS}")
    assert first["id"] != second["id"]


def test_a_limit_of_the_school_is_said_in_its_words(visit: Visitor) -> None:
    here = at_the_quiz(visit)
    words = "This quiz has no attempts left."
    here.api.script(f"POST {ATTEMPTS}", (409, {"detail": words, "code": "no_attempts"}))
    answer(here.page)
    check(here.page)
    expect(here.page.locator(".quiz-said")).to_have_text(words)


def test_corrected_answers_are_another_attempt(visit: Visitor) -> None:
    """The school may have graded the first ones: only its answer was lost."""
    here = at_the_quiz(visit)
    trouble = (500, {"detail": "Something went wrong.", "code": "fault"})
    here.api.script(f"POST {ATTEMPTS}", trouble, trouble)
    answer(here.page, text="x")
    for _ in range(2):
        check(here.page)
        expect(here.page.locator(".quiz-said")).to_contain_text("Something went wrong")
    here.page.locator("[name=q-text]").fill("y")
    check(here.page)
    expect(here.page.locator(".quiz-said")).to_contain_text("5 of 5 points")
    first, again, corrected = here.api.sent(f"POST {ATTEMPTS}")
    assert first["id"] == again["id"] != corrected["id"]


def test_a_session_that_ended_keeps_the_answers(visit: Visitor) -> None:
    here = at_the_quiz(visit)
    answer(here.page)
    here.api.user = None
    check(here.page)
    expect(here.page.locator(".quiz-said")).to_contain_text("You are signed out")
    here.page.reload()
    expect(here.page.locator("[name=q-text]")).to_have_value("y")


def test_visitors_and_readers_are_told_what_to_do(visit: Visitor) -> None:
    visitor = visit().page
    visitor.goto(EVERY_BLOCK)
    link = visitor.locator("lec-quiz").get_by_role("link", name="Sign in")
    expect(link).to_have_attribute("href", f"/account/sign-in/?next={EVERY_BLOCK.replace('/', '%2F')}")
    reader = visit(signed_in=True)
    reader.page.goto(EVERY_BLOCK)
    reader.page.locator("lec-quiz").get_by_role("button", name="Enrol").click()
    expect(reader.page.get_by_role("button", name="Check my answers")).to_be_visible()
    expect(reader.page.locator("lec-quiz .question input").first).to_be_focused()
    assert reader.api.sent("POST /v1/enrolments") == [{"course": str(example.COURSE.course)}]


def test_a_passed_quiz_is_done_in_the_outline(visit: Visitor) -> None:
    here = at_the_quiz(visit)
    answer(here.page)
    check(here.page)
    expect(here.page.locator(".quiz-said")).to_contain_text("Passed")
    here.page.goto(COURSE)
    expect(here.page.get_by_text("14 % complete")).to_be_visible()


def test_no_answer_is_anywhere_in_what_is_served(school: Served) -> None:
    """The answer of the last question is a word that stands nowhere else; the key's words stand in no file at all."""
    for path in school.folder.rglob("*"):
        if path.suffix in {".html", ".json"}:
            text = path.read_text()
            assert "21.5" not in text
            assert "21,5" not in text
            assert "tolerance" not in text
            assert "accepted" not in text
