"""The README cannot lie by leaving out: every command, every variable and every room stands in it."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text()
READERS = {"text", "choice", "integer", "words", "listed", "required", "secret"}


def commands() -> list[str]:
    return sorted(file.stem for file in ROOT.glob("*/management/commands/*.py") if not file.stem.startswith("_"))


def variables() -> list[str]:
    """The names that settings ask `settings.env` for. A name that is put together counts by its constant end."""
    found = set()
    for file in (ROOT / "settings").glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            if not isinstance(node, ast.Call) or getattr(node.func, "attr", "") not in READERS:
                continue
            if getattr(getattr(node.func, "value", None), "id", "") != "env" or not node.args:
                continue
            name = node.args[0]
            if isinstance(name, ast.JoinedStr):
                found.add(str(getattr(name.values[-1], "value", "")))
            elif isinstance(name, ast.Constant):
                found.add(str(name.value))
    return sorted(found)


def test_the_search_finds_variables() -> None:
    assert {"SITE_URL", "SECRET_KEY", "_CLIENT_ID"} <= set(variables())


@pytest.mark.parametrize("name", variables())
def test_every_variable_is_explained(name: str) -> None:
    assert re.search(rf"`[A-Z_]*{name}`", README), f"{name} is read by the settings and not explained in README.md"


@pytest.mark.parametrize("name", commands())
def test_every_command_is_explained(name: str) -> None:
    assert re.search(rf"`{name}[ `]", README), f"manage.py {name} is not explained in README.md"


@pytest.mark.parametrize("room", ["content", "pipeline", "pipeline/site", "api", "cms"])
def test_every_room_has_its_own_page(room: str) -> None:
    assert f"({room}/README.md)" in README
    page = (ROOT / room / "README.md").read_text()
    assert "belongs" in page, f"{room}/README.md does not say what belongs there and what does not"
    assert re.search(r"\b20\d\d-\d\d-\d\d\b", page), f"{room}/README.md dates no decision"


def test_every_link_of_the_pages_leads_somewhere() -> None:
    for page in [ROOT / "README.md", *ROOT.glob("*/README.md"), *ROOT.glob("*/*/README.md")]:
        if "node_modules" in page.parts:
            continue
        for target in re.findall(r"\]\(([^)#]+)\)", page.read_text()):
            if "://" not in target:
                assert (page.parent / target).exists(), (
                    f"{page.relative_to(ROOT)} links to {target}, which is not there"
                )
