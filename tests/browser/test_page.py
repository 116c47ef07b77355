"""What a page does by itself: its policy, its theme, its copy buttons, its embeds, and the way of the keyboard."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Served, Visitor
from tests.browser.places import COURSE, EVERY_BLOCK, SIGN_IN
from tests.pipeline import html_example as example

pytestmark = pytest.mark.browser


def test_the_policy_refuses_what_the_page_did_not_bring(visit: Visitor) -> None:
    """The negative control of every other test here: a refusal is heard."""
    here = visit()
    here.page.goto(EVERY_BLOCK)
    here.page.evaluate(
        """() => new Promise((done) => {
          document.addEventListener("securitypolicyviolation", done, { once: true });
          const image = document.createElement("img");
          image.src = "https://tracker.example/pixel.gif";
          document.body.append(image);
        })"""
    )
    assert any("policy: img-src refused https://tracker.example" in fault for fault in here.faults)
    here.faults.clear()


def test_trusted_types_are_enforced(visit: Visitor) -> None:
    here = visit()
    here.page.goto(EVERY_BLOCK)
    tried = """(sink) => {
      try {
        if (sink === "html") document.body.innerHTML = "<p>x";
        else trustedTypes.createPolicy("other", {});
        return "done";
      } catch (error) {
        return error.constructor.name;
      }
    }"""
    assert here.page.evaluate(tried, "html") == "TypeError"
    assert here.page.evaluate(tried, "policy") == "TypeError"
    assert here.faults
    here.faults.clear()


def test_a_file_that_was_changed_on_the_way_does_not_run(visit: Visitor, school: Served) -> None:
    here = visit()
    script = school.site.script.key
    here.context.route(f"**/{script}", lambda route: route.fulfill(body="document.title = 'changed'", status=200))
    here.page.goto(COURSE)
    expect(here.page.get_by_role("heading", level=1)).to_be_visible()
    assert here.page.title() != "changed"
    assert any("integrity" in fault for fault in here.faults)
    here.faults.clear()


@pytest.mark.parametrize(("system", "first", "second"), [("light", "dark", "light"), ("dark", "light", "dark")])
def test_the_theme_follows_the_system_until_it_is_chosen(visit: Visitor, system: str, first: str, second: str) -> None:
    page = visit(color_scheme=system).page
    page.goto(COURSE)
    ground = "getComputedStyle(document.documentElement).backgroundColor"
    before = page.evaluate(ground)
    page.get_by_role("button", name=f"Use the {first} theme").click()
    chosen = page.evaluate(ground)
    assert chosen != before
    expect(page.get_by_role("button", name=f"Use the {second} theme")).to_be_focused()
    page.goto(EVERY_BLOCK)
    assert page.evaluate(ground) == chosen
    assert page.locator("html").get_attribute("data-theme") == first


def test_code_is_copied_as_its_author_wrote_it(visit: Visitor) -> None:
    here = visit()
    here.context.grant_permissions(["clipboard-read", "clipboard-write"])
    here.page.goto(EVERY_BLOCK)
    here.page.get_by_role("button", name="Copy").first.click()
    expect(here.page.get_by_role("status").filter(has_text="Copied")).to_have_count(1)
    assert here.page.evaluate("navigator.clipboard.readText()") == example.READ


def test_lines_of_code_stand_one_below_the_other(visit: Visitor) -> None:
    page = visit().page
    page.goto(EVERY_BLOCK)
    code = page.locator(".code-text code").first
    height, line = code.evaluate("code => [code.offsetHeight, parseFloat(getComputedStyle(code).lineHeight)]")
    assert height == pytest.approx(line * len(example.READ.splitlines()), abs=line / 2)


def test_an_embed_asks_its_provider_nothing_before_the_click(visit: Visitor) -> None:
    here = visit()
    asked: list[str] = []
    here.context.on("request", lambda request: asked.append(request.url))
    here.context.route(
        "https://www.youtube-nocookie.com/**",
        lambda route: route.fulfill(status=200, content_type="text/html", body="<!doctype html><title>player</title>"),
    )
    page = here.page
    page.goto(EVERY_BLOCK)
    embed = page.get_by_role("link", name="Play: A lecture on arrays")
    embed.scroll_into_view_if_needed()
    assert not [url for url in asked if not url.startswith(("http://localhost", "blob:"))]
    embed.click()
    frame = page.locator("iframe.embed-frame")
    expect(frame).to_be_focused()
    expect(frame).to_have_attribute("title", "A lecture on arrays")
    expect(page.frame_locator("iframe.embed-frame").locator("html")).to_be_attached()
    assert [url for url in asked if "youtube-nocookie.com" in url]


def test_a_page_is_reached_by_its_skip_link(visit: Visitor) -> None:
    page = visit().page
    page.goto(EVERY_BLOCK)
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Skip to the content")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()


def test_the_keyboard_reaches_everything_once_and_is_always_seen(visit: Visitor) -> None:
    page = visit(enrolled=True).page
    page.goto(EVERY_BLOCK)
    expect(page.get_by_role("button", name="Check my answers")).to_be_visible()
    page.evaluate("document.querySelector('details.solution').open = true")
    seen: list[str] = []
    for _ in range(200):
        page.keyboard.press("Tab")
        where = page.evaluate(
            """() => {
              const here = document.activeElement;
              if (!here || here === document.body) return null;
              window.known ??= new Map();
              const again = window.known.has(here);
              window.known.set(here, true);
              const shown = [here, here.closest("label"), here.nextElementSibling].filter(Boolean).some((element) => {
                const { outlineStyle, outlineWidth } = getComputedStyle(element);
                return outlineStyle !== "none" && parseFloat(outlineWidth) >= 2;
              });
              const { width, height } = here.getBoundingClientRect();
              const name = here.getAttribute("aria-label") ?? here.textContent.trim().slice(0, 40);
              return { again, shown, size: width * height, name: `${here.localName} ${name}` };
            }"""
        )
        if where is None:
            break
        assert not where["again"], where
        assert where["shown"], where
        assert where["size"] > 0, where
        seen.append(where["name"])
    else:
        raise AssertionError("the keyboard never left the page")
    text = "\n".join(seen)
    for reached in ("Skip to", "Use the dark theme", "Reading a file", "mean.py", "Copy", "Formula", "Solution"):
        assert reached in text
    for reached in ("The readings", "A lecture on arrays", "Check my answers", "Mark as done", "Next"):
        assert reached in text
    # One stop for a group of radio buttons, one for each box and field.
    assert text.count("input ") == 1 + 3 + 2


def test_a_form_is_sent_by_the_enter_key(visit: Visitor) -> None:
    page = visit().page
    page.goto(SIGN_IN)
    page.get_by_label("E-mail address").press("Enter")
    expect(page.get_by_label("E-mail address")).to_be_focused()
    expect(page.get_by_text("Fill in: e-mail address.")).to_be_visible()
