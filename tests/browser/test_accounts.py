"""Forms of accounts: what the school refuses stands at its field, and every way in leads back to the place before."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Visitor
from tests.browser.places import COURSE, LEARNING, PROFILE, RESET, SIGN_IN, SIGN_UP, VERIFY
from tests.browser.school_api import PASSWORD, SAM

pytestmark = pytest.mark.browser

DOOR = "/_allauth/browser/v1"
WRONG_CODE = "From the message we sent you. That is not the code we sent. Check the newest message."


def pending(flow: str) -> tuple[int, Any]:
    """allauth's answer when another step follows."""
    flows = [{"id": "login"}, {"id": "signup"}, {"id": flow, "is_pending": True}]
    return 401, {"status": 401, "data": {"flows": flows}, "meta": {"is_authenticated": False}}


def refused(param: str | None, code: str, message: str = "No.") -> tuple[int, Any]:
    return 400, {"status": 400, "errors": [{"message": message, "code": code, **({"param": param} if param else {})}]}


SIGNED_IN = (200, {"status": 200, "data": {"user": SAM}, "meta": {"is_authenticated": True}})


def fill(page: Page, email: str = "sam@example.org", password: str = PASSWORD) -> None:
    page.get_by_label("E-mail address").fill(email)
    page.get_by_label("Password", exact=True).fill(password)


def test_a_wrong_password_is_said_at_the_password(visit: Visitor) -> None:
    here = visit()
    here.page.goto(SIGN_IN)
    fill(here.page, password="something else")
    here.page.get_by_role("button", name="Sign in", exact=True).click()
    field = here.page.get_by_label("Password", exact=True)
    expect(field).to_have_accessible_description("That address and password do not belong together.")
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(field).to_be_focused()
    fill(here.page)
    here.page.get_by_role("button", name="Sign in", exact=True).click()
    here.page.wait_for_url(f"**{LEARNING}")
    expect(here.page.get_by_label("Account of Sam")).to_be_visible()


def test_what_is_missing_is_said_before_anything_is_sent(visit: Visitor) -> None:
    here = visit()
    here.page.goto(SIGN_UP)
    fill(here.page, email="sam", password="short")
    here.page.get_by_role("button", name="Create my account").click()
    email = here.page.get_by_label("E-mail address")
    expect(email).to_have_accessible_description("Write an address such as ada@example.org.")
    expect(email).to_be_focused()
    password = here.page.get_by_label("Password", exact=True)
    expect(password).to_have_accessible_description(
        "At least 10 characters. A few words in a row make a good one. Use at least 10 characters."
    )
    assert here.api.sent(f"POST {DOOR}/auth/signup") == []


def test_signing_up_leads_through_the_code_back_to_the_course(visit: Visitor) -> None:
    here = visit()
    here.api.script(
        f"POST {DOOR}/auth/signup", refused("password", "common", "It is too common."), pending("verify_email")
    )
    page = here.page
    page.goto(f"{SIGN_UP}?next=%2Fcourses%2Freading-data%2F")
    fill(page)
    page.get_by_role("button", name="Create my account").click()
    expect(page.get_by_label("Password", exact=True)).to_have_accessible_description(
        "At least 10 characters. A few words in a row make a good one. It is too common."
    )
    page.get_by_role("button", name="Create my account").click()
    page.wait_for_url(f"**{VERIFY}?next=%2Fcourses%2Freading-data%2F")
    here.api.script(f"POST {DOOR}/auth/email/verify", refused("key", "incorrect_code"), SIGNED_IN)
    code = page.get_by_label("Code")
    expect(code).to_be_focused()
    code.fill("ABC-123")
    page.get_by_role("button", name="Confirm").click()
    expect(code).to_have_accessible_description(WRONG_CODE)
    page.get_by_role("button", name="Confirm").click()
    page.wait_for_url(f"**{COURSE}")
    assert here.api.sent(f"POST {DOOR}/auth/email/verify") == [{"key": "ABC-123"}] * 2


def test_a_new_code_is_sent_or_not_yet(visit: Visitor) -> None:
    here = visit()
    here.api.script(
        f"POST {DOOR}/auth/email/verify/resend", (200, {"status": 200}), (403, {"status": 403}), (429, {"status": 429})
    )
    here.page.goto(VERIFY)
    again = here.page.get_by_role("button", name="Send a new code")
    again.click()
    expect(here.page.get_by_text("A new code is on its way.")).to_be_visible()
    again.click()
    expect(here.page.get_by_text("No new code could be sent yet.")).to_be_visible()


def test_signing_in_by_a_code(visit: Visitor) -> None:
    here = visit()
    page = here.page
    here.api.script(f"POST {DOOR}/auth/code/request", pending("login_by_code"))
    here.api.script(f"POST {DOOR}/auth/code/confirm", refused("code", "incorrect_code"), SIGNED_IN)
    page.goto(SIGN_IN)
    page.get_by_label("E-mail address").fill("sam@example.org")
    page.get_by_role("button", name="E-mail me a sign-in code").click()
    expect(page.get_by_label("E-mail address")).to_have_value("sam@example.org")
    page.get_by_role("button", name="Send me a code").click()
    expect(page.get_by_role("status")).to_contain_text("If sam@example.org has an account here")
    page.get_by_label("Code").fill("WRONG1")
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_label("Code")).to_have_accessible_description(WRONG_CODE)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url(f"**{LEARNING}")


def test_a_forgotten_password(visit: Visitor) -> None:
    here = visit()
    page = here.page
    here.api.script(f"POST {DOOR}/auth/password/request", pending("password_reset_by_code"))
    here.api.script(
        f"POST {DOOR}/auth/password/reset",
        refused("key", "incorrect_code"),
        (401, {"status": 401, "data": {"flows": [{"id": "login"}]}, "meta": {"is_authenticated": False}}),
    )
    page.goto(RESET)
    page.get_by_label("E-mail address").fill("sam@example.org")
    page.get_by_role("button", name="Send me a code").click()
    page.get_by_label("Code").fill("ABC-123")
    page.get_by_label("Password", exact=True).fill("another long password")
    page.get_by_role("button", name="Set my password").click()
    expect(page.get_by_label("Code")).to_be_focused()
    page.get_by_role("button", name="Set my password").click()
    expect(page.get_by_text("Your password is changed.")).to_be_visible()
    expect(page.get_by_role("main").get_by_role("link", name="Sign in")).to_be_focused()
    assert here.api.sent(f"POST {DOOR}/auth/password/reset")[-1] == {
        "key": "ABC-123",
        "password": "another long password",
    }


@pytest.mark.parametrize(
    ("status", "sentence"),
    [
        (409, "This step is over already. Start again."),
        (429, "That was too many tries. Please wait a few minutes and try again."),
        (500, "Something went wrong at the school. Please try again."),
    ],
)
def test_what_is_wrong_with_no_field_is_said_for_the_form(visit: Visitor, status: int, sentence: str) -> None:
    here = visit()
    here.api.script(f"POST {DOOR}/auth/login", (status, {"status": status}))
    here.page.goto(SIGN_IN)
    fill(here.page)
    button = here.page.get_by_role("button", name="Sign in", exact=True)
    button.click()
    expect(here.page.get_by_role("alert")).to_have_text(sentence)
    expect(button).to_be_enabled()


def test_a_token_that_was_kept_too_long_is_asked_for_anew(visit: Visitor) -> None:
    here = visit()
    here.api.script(f"POST {DOOR}/auth/login", (403, {"detail": "stale", "code": "csrf"}))
    here.page.goto(SIGN_IN)
    fill(here.page)
    here.page.get_by_role("button", name="Sign in", exact=True).click()
    here.page.wait_for_url(f"**{LEARNING}")


@pytest.mark.parametrize(
    "target",
    ["https://evil.example/", "//evil.example/", "/\\evil.example/", "/\t/evil.example/", "javascript:alert(1)"],
)
def test_signing_in_never_leads_to_another_site(visit: Visitor, target: str) -> None:
    here = visit(signed_in=True)
    here.page.goto(f"{SIGN_IN}?next={'%09'.join(target.split(chr(9))).replace('&', '%26')}")
    here.page.wait_for_url(f"**{LEARNING}")


def test_signing_in_leads_to_the_place_with_its_anchor(visit: Visitor) -> None:
    here = visit(signed_in=True)
    here.page.goto(f"{SIGN_IN}?next=%2Fcourses%2Freading-data%2Fchoices%2F%23further-down")
    here.page.wait_for_url("**/courses/reading-data/choices/#further-down")


def test_another_service_is_asked_by_a_form_of_the_browser(visit: Visitor) -> None:
    here = visit()
    here.api.providers = ["google", "github"]
    here.page.goto(f"{SIGN_IN}?error=social")
    expect(here.page.get_by_role("alert").first).to_contain_text("did not sign you in")
    with here.page.expect_request(f"**{DOOR}/auth/provider/redirect") as sent:
        here.page.get_by_role("button", name="Continue with GitHub").click()
    body = sent.value.post_data or ""
    assert sent.value.method == "POST"
    for part in ("provider=github", "process=login", "csrfmiddlewaretoken=", "callback_url=http"):
        assert part in body


def test_a_school_that_is_away_offers_to_try_again(visit: Visitor) -> None:
    here = visit()
    here.api.reachable = False
    for path in (SIGN_IN, SIGN_UP, PROFILE):
        here.page.goto(path)
        expect(here.page.get_by_role("alert")).to_contain_text("cannot be reached")
    here.api.reachable = True
    here.page.get_by_role("button", name="Try again").click()
    expect(here.page.get_by_text("Sign in to see your profile.")).to_be_visible()


def test_the_profile_is_changed(visit: Visitor) -> None:
    here = visit(signed_in=True)
    page = here.page
    page.goto(PROFILE)
    page.get_by_label("Name", exact=True).fill("Samira")
    page.get_by_label("Language").select_option("pt")
    page.get_by_label("Time zone").select_option("Africa/Lagos")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved.")).to_be_visible()
    expect(page.get_by_label("Account of Samira")).to_be_visible()
    assert here.api.sent("PATCH /v1/me") == [{"name": "Samira", "language": "pt", "time_zone": "Africa/Lagos"}]


def test_a_picture_that_is_too_large_is_not_sent_and_a_refusal_is_said(visit: Visitor) -> None:
    here = visit(signed_in=True)
    page = here.page
    page.goto(PROFILE)
    field = page.locator("input[type=file]")
    field.set_input_files({"name": "a.png", "mimeType": "image/png", "buffer": b"\0" * 5_000_001})
    expect(page.get_by_text("larger than 5 MB")).to_be_visible()
    assert here.api.sent("POST /v1/me/avatar") == []
    here.api.script("POST /v1/me/avatar", (415, {"detail": "This is not a picture.", "code": "not_an_image"}))
    field.set_input_files({"name": "a.png", "mimeType": "image/png", "buffer": b"text"})
    expect(page.get_by_text("This is not a picture.")).to_be_visible()


def test_a_password_is_changed_and_can_be_looked_at(visit: Visitor) -> None:
    here = visit(signed_in=True)
    page = here.page
    door = f"POST {DOOR}/account/password/change"
    here.api.script(door, refused("current_password", "enter_current_password", "That is not it."), SIGNED_IN)
    page.goto(PROFILE)
    page.locator("summary", has_text="Change your password").click()
    current, new = page.get_by_label("Current password", exact=True), page.get_by_label("New password", exact=True)
    current.fill("guess")
    new.fill("another long password")
    page.get_by_role("button", name="Show new password").click()
    expect(new).to_have_attribute("type", "text")
    page.get_by_role("button", name="Change password").click()
    expect(current).to_have_accessible_description("That is not it.")
    page.get_by_role("button", name="Change password").click()
    expect(page.get_by_text("Your password is changed.")).to_be_visible()
    expect(new).to_have_value("")


def test_signing_out_forgets(visit: Visitor) -> None:
    here = visit(enrolled=True)
    page = here.page
    page.goto(COURSE)
    menu = page.get_by_label("Account of Sam")
    menu.click()
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Sign out")).to_be_hidden()
    expect(menu).to_be_focused()
    menu.click()
    page.get_by_role("button", name="Sign out").click()
    expect(page).to_have_url("/")
    expect(page.get_by_role("link", name="Sign in")).to_be_visible()
    assert here.api.user is None
    assert page.evaluate("[localStorage.getItem('lectern.signed-in'), sessionStorage.getItem('lectern.session')]") == [
        None,
        None,
    ]


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ((500, None), "You are still signed in. Something went wrong at the school. Please try again."),
        ((429, None), "You are still signed in. That was many tries in a short time."),
        (None, "You are still signed in. The school cannot be reached at the moment. Please try again."),
    ],
    ids=["fault", "limit", "unreachable"],
)
@pytest.mark.parametrize("place", ["menu", "profile"])
def test_signing_out_that_failed_is_said(
    visit: Visitor, answer: tuple[int, Any] | None, words: str, place: str
) -> None:
    here = visit(signed_in=True)
    page = here.page
    page.goto(PROFILE if place == "profile" else COURSE)
    out = page.get_by_role("main" if place == "profile" else "banner").get_by_role("button", name="Sign out")
    if place == "menu":
        page.get_by_label("Account of Sam").click()
    expect(out).to_be_visible()
    if answer:
        here.api.script(f"DELETE {DOOR}/auth/session", answer)
    here.api.reachable = answer is not None
    out.click()
    expect(page.get_by_role("alert").filter(has_text="still signed in")).to_contain_text(words)
    expect(page.get_by_label("Account of Sam")).to_be_visible()
    assert here.api.user is not None
    here.api.reachable = True
    out.click()
    expect(page).to_have_url("/")
    expect(page.get_by_role("link", name="Sign in")).to_be_visible()
    assert here.api.user is None


def test_signing_out_of_a_session_that_is_over_is_done(visit: Visitor) -> None:
    here = visit(signed_in=True)
    here.page.goto(COURSE)
    here.page.get_by_label("Account of Sam").click()
    here.api.user = None
    here.page.get_by_role("button", name="Sign out").click()
    expect(here.page).to_have_url("/")
    expect(here.page.get_by_role("link", name="Sign in")).to_be_visible()
