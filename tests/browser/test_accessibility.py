"""axe-core finds nothing to say about any page: light and dark, on a telephone and on a desk."""

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from pipeline.site import build
from tests.browser.conftest import Visit, Visitor
from tests.browser.places import (
    ARABIC,
    ARABIC_COURSE,
    CATALOGUE,
    COURSE,
    EVERY_BLOCK,
    LEARNING,
    PROFILE,
    RESET,
    SIGN_IN,
    SIGN_UP,
    VERIFY,
    VIDEO,
)

pytestmark = pytest.mark.browser

AXE = (Path(build.__file__).parent / "node_modules" / "axe-core" / "axe.min.js").read_text()
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
PUBLIC = [CATALOGUE, COURSE, EVERY_BLOCK, VIDEO, ARABIC, ARABIC_COURSE, "/courses/ink/", "/404.html"]
FORMS = [LEARNING, SIGN_IN, SIGN_UP, VERIFY, RESET, PROFILE]
SCREENS = [(width, theme) for width in (390, 1440) for theme in ("light", "dark")]


def faults(page: Page) -> list[str]:
    """What axe finds, as lines of rule and element."""
    page.evaluate(f"() => {{ {AXE} }}")
    found: list[dict[str, Any]] = page.evaluate(
        "(tags) => axe.run({ runOnly: tags, resultTypes: ['violations'] }).then(({ violations }) => violations)", RULES
    )
    return [f"{rule['id']}: {node['html'][:160]}" for rule in found for node in rule["nodes"]]


def look(here: Visit, path: str) -> None:
    here.page.goto(path)
    expect(here.page.locator(".waiting")).to_have_count(0)
    assert faults(here.page) == [], path


@pytest.mark.parametrize(("width", "theme"), SCREENS)
def test_every_page_of_a_visitor(visit: Visitor, width: int, theme: str) -> None:
    here = visit(viewport={"width": width, "height": 900}, color_scheme=theme, reduced_motion="reduce")
    here.api.providers = ["google", "github"]
    for path in (*PUBLIC, *FORMS):
        look(here, path)


@pytest.mark.parametrize(("width", "theme"), SCREENS)
def test_every_state_of_a_learner(visit: Visitor, width: int, theme: str) -> None:
    here = visit(enrolled=True, viewport={"width": width, "height": 900}, color_scheme=theme, reduced_motion="reduce")
    page = here.page
    for path in (COURSE, LEARNING, PROFILE, VIDEO):
        look(here, path)
    page.goto(COURSE)
    page.get_by_role("button", name="Leave the course").click()
    assert faults(page) == [], "the dialog"
    page.goto(EVERY_BLOCK)
    page.get_by_label("Account of Sam").click()
    page.get_by_role("button", name="Check my answers").click()
    assert faults(page) == [], "missing answers"
    page.locator("[name=q-single][value=a]").check()
    page.locator("[name=q-multiple][value=c]").check()
    page.locator("[name=q-number]").fill("21.5")
    page.locator("[name=q-text]").fill("y")
    page.get_by_role("button", name="Check my answers").click()
    expect(page.locator(".verdict")).to_have_count(4)
    page.get_by_role("button", name="Mark as done").click()
    page.evaluate("document.querySelectorAll('details').forEach((fold) => { fold.open = true; })")
    assert faults(page) == [], "results, and every fold open"


def test_the_negative_control(visit: Visitor) -> None:
    page = visit().page
    page.goto(CATALOGUE)
    page.evaluate("document.querySelector('.lede').style.color = '#999'")
    page.evaluate("document.documentElement.lang = ''")
    found = " ".join(faults(page))
    assert "color-contrast" in found
    assert "html-has-lang" in found
