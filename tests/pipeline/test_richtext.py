"""The editor's rich text: links lead where their pages are now, and nothing but the closed list gets out."""

import pytest

from pipeline import richtext, sanitise
from pipeline.references import Reference


def address(reference: Reference) -> str | None:
    known = {Reference("page", 3): "../../../courses/ink/", Reference("attachment", 4): "../../../o/abc.csv"}
    return known.get(reference)


@pytest.mark.parametrize(
    ("stored", "shown"),
    [
        ("", ""),
        ("<p>a <b>b</b> <i>c</i></p>", "<p>a <strong>b</strong> <em>c</em></p>"),
        ('<p><a linktype="page" id="3">ink</a></p>', '<p><a href="../../../courses/ink/">ink</a></p>'),
        ('<p><a linktype="document" id="4">data</a></p>', '<p><a href="../../../o/abc.csv">data</a></p>'),
        ('<p>see <a linktype="page" id="9">gone</a>.</p>', "<p>see gone.</p>"),
        ('<p><a linktype="page" id="x">odd</a></p>', "<p>odd</p>"),
        ("<h2>H</h2><hr/><ul><li>x</li></ul>", "<h2>H</h2><hr><ul><li>x</li></ul>"),
        ("<p>a\x00b\x0b</p>", "<p>ab</p>"),
    ],
)
def test_stored_and_shown(stored: str, shown: str) -> None:
    assert richtext.prose(stored, address) == shown


@pytest.mark.parametrize(
    "hostile",
    [
        "<p>x<script>alert(1)</script></p>",
        '<p onclick="x">x</p>',
        '<p>x<a href="javascript:alert(1)">a</a></p>',
        '<p>x</p><embed embedtype="image" id="1" format="left"/>',
        '<p style="x">x<iframe src="//y"></iframe></p>',
        "<p>x<math><mtext></p><style><img src=y onerror=z></style></mtext></math>",
        '<p>x<svg><a xlink:href="javascript:z">a</a></svg></p>',
    ],
)
def test_what_an_import_or_an_api_could_have_stored_is_not_published(hostile: str) -> None:
    html = richtext.prose(hostile, address)
    assert "x" in html
    for forbidden in ("script", "onclick", "onerror", "iframe", "style", "embed", "<svg", "<img"):
        assert forbidden not in html


def test_headings_get_ids_that_no_template_and_no_other_heading_has() -> None:
    anchors = sanitise.Anchors()
    first = anchors.set("<h2>Main</h2><h3>A &amp; b</h3>")
    assert first == '<h2 id="main-2">Main</h2><h3 id="a-b">A &amp; b</h3>'
    assert anchors.set("<h2>A b</h2><h2>?</h2>") == '<h2 id="a-b-2">A b</h2><h2 id="part">?</h2>'
