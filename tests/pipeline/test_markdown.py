"""Markdown of a block: what stands by itself becomes a part of its own, and nothing an author writes becomes code."""

import pytest

from pipeline import markdown
from pipeline.markdown import Code, Maths, Table, Text


def test_parts_come_in_reading_order() -> None:
    source = (
        "One.\n\n| a | b |\n|---|---|\n| 1 | **2** |\n\nTwo.\n\n```py\nx = 1\n```\n\n$$\n\\frac{a}{b}\n$$\n\nThree."
    )
    assert list(markdown.parts(source)) == [
        Text("<p>One.</p>"),
        Table(("a", "b"), (("1", "<strong>2</strong>"),)),
        Text("<p>Two.</p>"),
        Code("x = 1", "py"),
        Maths("\\frac{a}{b}"),
        Text("<p>Three.</p>"),
    ]


def test_code_and_tables_inside_a_list_stay_in_their_place() -> None:
    parts = list(markdown.parts("1. one\n\n   ```python\n   y\n   ```\n2. two"))
    assert len(parts) == 1
    assert isinstance(parts[0], Text)
    assert "<pre><code>y\n</code></pre>" in parts[0].html


def test_nothing_is_no_part() -> None:
    assert list(markdown.parts("  \n\n")) == []


def test_a_table_without_words_in_its_head_has_no_header() -> None:
    (table,) = markdown.parts("| | |\n|---|---|\n| 1 | 2 |")
    assert table == Table((), (("1", "2"),))


@pytest.mark.parametrize(
    ("written", "drawn"),
    [("# A", "<h2>A</h2>"), ("## A", "<h2>A</h2>"), ("### A", "<h3>A</h3>"), ("###### A", "<h4>A</h4>")],
)
def test_headings_begin_below_the_title_of_the_page(written: str, drawn: str) -> None:
    assert markdown.prose(written) == drawn


def test_prices_are_not_formulas() -> None:
    assert markdown.prose("from $5 to $6") == "<p>from $5 to $6</p>"


def test_a_formula_in_a_line() -> None:
    assert markdown.prose("so $a < b$ holds") == (
        '<p>so <math display="inline"><mrow><mi>a</mi><mo>&lt;</mo><mi>b</mi></mrow></math> holds</p>'
    )


def test_a_picture_elsewhere_becomes_a_link() -> None:
    assert markdown.prose("![A hill](https://example.org/hill.png)") == (
        '<p><a href="https://example.org/hill.png">A hill</a></p>'
    )
    assert markdown.prose("![A hill](hill.png)") == "<p>A hill</p>"


@pytest.mark.parametrize(
    "hostile",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "[a](javascript:alert(1))",
        "[a](JaVaScRiPt&colon;alert(1))",
        "[a](data:text/html;base64,PHNjcmlwdD4=)",
        "![a](javascript:alert(1))",
        "$\\text{<script>alert(1)</script>}$",
        "$\\href{javascript:alert(1)}{x}$",
        "$\\style{background:url(//x)}{x}$",
        "| <b onclick=x>a</b> | b |\n|---|---|\n| <svg onload=x> | 2 |",
        '[a](https://x "\\" onmouseover=\\"alert(1)")',
    ],
)
def test_hostile_markdown_is_text(hostile: str) -> None:
    html = "".join(
        part.html if isinstance(part, Text) else "".join((*part.header, *sum(part.rows, ())))
        for part in markdown.parts(hostile)
        if isinstance(part, Text | Table)
    )
    assert html, "what was written is still shown"
    for forbidden in ("<script", "<img", "<svg", "<b ", 'href="javascript', 'href="data', "style="):
        assert forbidden not in html
    assert ' onmouseover="' not in html
