"""A real Chromium, the example school behind the folder server, and pages that tell of every fault they meet."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, sync_playwright

from pipeline import html
from pipeline.folder_server import server
from tests.browser import site_folder
from tests.browser.school_api import SchoolApi

API = "http://localhost:9"  # the discard port: what is not answered at the edge reaches nothing
TELL = """
document.addEventListener("securitypolicyviolation", (event) =>
  console.error(`policy: ${event.violatedDirective} refused ${event.blockedURI} ${event.sample}`));
"""


@dataclass
class Served:
    """The example school: where it is served, and from which folder."""

    address: str
    folder: Path
    site: html.Site


@pytest.fixture(scope="package")
def school(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("school")
    with server(folder, "127.0.0.1", 0) as running:
        address = f"http://localhost:{running.server_port}"
        site = replace(html.site(), site_url=address, api_url=API, base="", assets_base="")
        site_folder.write(folder, site)
        thread = threading.Thread(target=running.serve_forever)
        thread.start()
        yield Served(address, folder, site)
        running.shutdown()
        thread.join()


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium",
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        yield browser
        browser.close()


@dataclass
class Visit:
    """One browser context and the API it talks to. `faults` is every error the console told."""

    context: BrowserContext
    page: Page
    api: SchoolApi
    faults: list[str] = field(default_factory=list)

    def hear(self, message: ConsoleMessage) -> None:
        # The browser itself reports every answer that is not 2xx; the API's refusals are part of its contract.
        if message.type in ("error", "warning") and not message.location["url"].startswith(API):
            self.faults.append(f"{message.text} ({message.location['url']})")


Visitor = Callable[..., Visit]


@pytest.fixture
def visit(chromium: Browser, school: Served) -> Iterator[Visitor]:
    """Opens a context; at the end none of its pages may have told of an error or a refused resource."""
    opened: list[Visit] = []

    def open_context(*, signed_in: bool = False, enrolled: bool = False, **options: object) -> Visit:
        hint = [{"name": "lectern.signed-in", "value": "true"}] if signed_in or enrolled else []
        context = chromium.new_context(
            base_url=school.address,
            storage_state={"cookies": [], "origins": [{"origin": school.address, "localStorage": hint}]},
            **{"viewport": {"width": 1440, "height": 900}, **options},  # type: ignore[arg-type]  # names of Playwright's own
        )
        context.set_default_timeout(10_000)
        context.add_init_script(TELL)
        api = SchoolApi(school.address)
        if hint:
            api.sign_in(enrolled=enrolled)
        context.route(f"{API}/**", api.route)
        made = Visit(context, context.new_page(), api)
        context.on("console", made.hear)
        context.on("weberror", lambda error: made.faults.append(str(error.error)))
        opened.append(made)
        return made

    yield open_context
    faults = [fault for one in opened for fault in one.faults]
    for one in opened:
        one.context.close()
    assert not faults
