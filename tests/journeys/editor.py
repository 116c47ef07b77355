"""What a person does in the Wagtail editor, in a real Chromium."""

import re
from pathlib import Path

from playwright.sync_api import Locator, Page, expect


def sign_in(page: Page, cms: str, email: str, password: str) -> None:
    page.goto(f"{cms}/admin/login/")
    page.get_by_label(re.compile("e-mail", re.IGNORECASE)).fill(email)
    page.get_by_label("Password", exact=False).first.fill(password)
    page.get_by_role("button", name="Sign in").click()
    expect(page).to_have_url(re.compile(r"/admin/$"))


def save_draft(page: Page) -> None:
    """Press "Save draft" and wait until the editor says that it was saved."""
    page.get_by_role("button", name=re.compile("Save draft|Page settings saved", re.IGNORECASE)).first.click()
    expect(page.locator(".messages .success, [data-w-messages-target] .success").first).to_be_visible(timeout=20_000)


def add_block(page: Page, name: str, *, within: Locator | None = None) -> None:
    """Add a block of this name at the end of a stream."""
    scope = within if within is not None else page.locator("[data-contentpath='body']").first
    scope.locator("button.c-sf-add-button").last.click()
    page.get_by_role("option", name=name, exact=True).click()
    # While this list closes, a click that opens the next one may be taken for one beside it.
    expect(page.get_by_role("option")).to_have_count(0)


def page_id(page: Page) -> int:
    match = re.search(r"/pages/(\d+)/", page.url)
    assert match, page.url
    return int(match.group(1))


def write_title(page: Page, title: str) -> None:
    """Type a title and leave the field, as a person does: the slug is made when the field is left."""
    page.locator("#id_title").fill(title)
    page.locator("#id_title").press("Tab")
    expect(page.locator("#id_slug")).not_to_have_value("")


def write_markdown(page: Page, block: int, text: str) -> None:
    page.locator(f"textarea[name=body-{block}-value]").fill(text)


def write_quiz(page: Page, block: int, *, prompt: str, right: str, wrong: str, explanation: str) -> None:
    """A quiz of one question with one right answer, in the quiz block at this place."""
    add_block(page, "One right answer", within=page.locator("[data-contentpath='questions']").last)
    question = f"body-{block}-value-questions-0-value"
    page.locator(f"[name='{question}-prompt']").fill(prompt)
    for number, text in enumerate((right, wrong)):
        field = page.locator(f"[name='{question}-choices-{number}-value-text']")
        if not field.count():
            page.locator("[data-contentpath='choices'] [data-streamfield-list-add]").last.click()
        field.fill(text)
    page.locator(f"[name='{question}-choices-0-value-correct']").check()
    page.locator(f"[name='{question}-explanation']").fill(explanation)


def choose_video(page: Page, title: str) -> None:
    """Choose an uploaded video in the last video block."""
    page.get_by_role("button", name="Choose video").last.click()
    page.get_by_role("dialog").get_by_role("link", name=title).first.click()
    expect(page.get_by_role("dialog")).to_have_count(0)


def upload_video(page: Page, cms: str, file: Path, title: str, *, captions: str) -> None:
    """Upload a video under "Videos" and give it English captions that last two seconds."""
    page.goto(f"{cms}/admin/media/video/add/")
    page.locator("input[type=file]").first.set_input_files(file)
    page.get_by_label("Title").first.fill(title)
    page.get_by_role("button", name="Upload", exact=False).last.click()
    page.get_by_role("link", name=title, exact=True).first.click()
    page.get_by_role("link", name=re.compile(r"\d+ tracks?")).click()
    words = f"WEBVTT\n\n00:00.000 --> 00:02.000\n{captions}\n".encode()
    page.locator("input[type=file]").set_input_files({"name": "en.vtt", "mimeType": "text/vtt", "buffer": words})
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("is saved. Readers get it with the next release.")).to_be_visible()


def new_course(page: Page, cms: str, title: str, summary: str) -> int:
    """Write a course below the catalogue; the id of its page."""
    page.goto(f"{cms}/admin/pages/")
    page.get_by_role("link", name=re.compile("Add child page|Add")).first.click()
    write_title(page, title)
    page.locator("#id_summary").fill(summary)
    save_draft(page)
    return page_id(page)


def start_page(page: Page, cms: str, kind: str, parent: int, title: str) -> None:
    page.goto(f"{cms}/admin/pages/add/content/{kind}/{parent}/")
    write_title(page, title)


def new_page(page: Page, cms: str, kind: str, parent: int, title: str) -> int:
    """A saved page of this kind below `parent`; its id."""
    start_page(page, cms, kind, parent, title)
    save_draft(page)
    return page_id(page)
