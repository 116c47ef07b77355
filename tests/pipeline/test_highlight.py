"""Source code as HTML: every line is a span, and the text of all spans is the code."""

import re
from html import unescape

import pytest

from content.blocks.code import LANGUAGES
from pipeline.highlight import highlighted, language


def plain(html: str) -> str:
    return unescape(re.sub(r"<[^>]+>", "", html))


@pytest.mark.parametrize(
    "code", ["", "x = 1", 'x = """a\n  b\n"""\n\n# <end> & "so"', "\n\nlate", "a\tb\r", "def f(:\n\x00"]
)
def test_no_character_is_lost_and_no_line(code: str) -> None:
    html = highlighted(code, "python")
    assert plain(html) == code.replace("\r", "\n") if "\r" in code else plain(html) == code
    assert html.count('<span class="line">') == plain(html).count("\n") + 1


def test_a_token_of_several_lines_is_coloured_on_each() -> None:
    first, second = highlighted('"""a\nb"""', "python").split("\n")
    assert "<span class=" in first.removeprefix('<code><span class="line">')
    assert "<span class=" in second.removeprefix('<span class="line">')


@pytest.mark.parametrize("name", [name for name, _ in LANGUAGES])
def test_every_language_of_the_editor_is_known(name: str) -> None:
    assert language(name) == name
    assert plain(highlighted("a = <1>", name)) == "a = <1>"


@pytest.mark.parametrize(
    ("info", "name"), [("", "text"), ("py", "python"), ("{.python}", "python"), ("sh x=1", "bash"), ("klingon", "text")]
)
def test_what_stands_behind_a_fence(info: str, name: str) -> None:
    assert language(info) == name
