"""Courses are found: page by page with the keyboard, by old links, and by machines that read what pages tell them."""

import json
import re

import pytest
from playwright.sync_api import Route, expect

from tests.browser.conftest import Visitor
from tests.browser.places import CATALOGUE, COURSE, EVERY_BLOCK

pytestmark = pytest.mark.browser
MOVED = "/courses/moved/"


@pytest.mark.parametrize("scripts", [True, False])
def test_the_catalogue_is_walked_with_the_keyboard(visit: Visitor, scripts: bool) -> None:
    page = visit(java_script_enabled=scripts).page
    page.goto(CATALOGUE)
    row = page.get_by_role("navigation", name="Pages of the catalogue")
    expect(row.get_by_role("link", name="Page 1", exact=True)).to_have_attribute("aria-current", "page")
    expect(row.get_by_role("link", name="Previous page")).to_have_count(0)
    row.get_by_role("link", name="Page 1", exact=True).focus()
    page.keyboard.press("Tab")
    expect(row.get_by_role("link", name="Page 2", exact=True)).to_be_focused()
    page.keyboard.press("Enter")
    page.wait_for_url("**/catalogue/2/")
    row.get_by_role("link", name="Next page").press("Enter")
    page.wait_for_url("**/catalogue/3/")
    expect(row.locator("[aria-current=page]")).to_have_text("3")
    row.get_by_role("link", name="Page 9", exact=True).press("Enter")
    page.wait_for_url("**/catalogue/9/")
    expect(row.get_by_role("link", name="Next page")).to_have_count(0)
    row.get_by_role("link", name="Page 1", exact=True).press("Enter")
    page.wait_for_url(re.compile(r"//[^/]+/$"))


def test_the_row_of_pages_fits_a_phone(visit: Visitor) -> None:
    page = visit(viewport={"width": 320, "height": 700}).page
    page.goto("/catalogue/5/")
    expect(page.locator(".pages ol a")).to_have_count(5)
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    for box in [link.bounding_box() for link in page.locator(".pages a").all()]:
        assert box
        assert min(box["width"], box["height"]) >= 44


def test_an_old_link_leads_to_the_very_place(visit: Visitor) -> None:
    page = visit().page
    page.goto(f"{MOVED}?from=mail#lessons")
    page.wait_for_url(f"**{COURSE}?from=mail#lessons")


@pytest.mark.parametrize("scripts", [True, False])
def test_an_old_link_leads_to_the_page(visit: Visitor, scripts: bool) -> None:
    page = visit(java_script_enabled=scripts).page
    page.goto(MOVED)
    page.wait_for_url(f"**{COURSE}")


@pytest.mark.parametrize(("path", "kind"), [(COURSE, "Course"), (EVERY_BLOCK, "LearningResource")])
def test_data_for_machines_stands_in_the_page_and_its_policy_has_nothing_against_it(
    visit: Visitor, path: str, kind: str
) -> None:
    """The visit fails at its end if the browser told of a refused script."""
    page = visit().page
    page.goto(path)
    data = json.loads(page.locator("script[type='application/ld+json']").text_content() or "")
    assert data.get("@type", data.get("@graph", [{}])[0].get("@type")) == kind


def test_control_a_script_in_the_page_would_be_told_of(visit: Visitor) -> None:
    def as_script(route: Route) -> None:
        found = route.fetch()
        body = found.text().replace('<script type="application/ld+json">', "<script>")
        route.fulfill(response=found, body=body)

    here = visit()
    here.page.route(f"**{COURSE}", as_script)
    here.page.goto(COURSE)
    expect(here.page.get_by_role("heading", level=1)).to_be_visible()
    assert any("Content Security Policy" in fault for fault in here.faults)
    here.faults.clear()
