"""The editor's rich text: links lead where their pages are now, and nothing but the closed list gets out."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

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


# --- the quick way and the slow way -----------------------------------------------------------------------------

WORDS = st.text(
    st.sampled_from("ab é–‘\u00a0\u2028\t\n\r\x0b\x85\ufeff\x00'\";<>&😀") | st.characters(), max_size=12
).map(lambda words: words.replace("<", "&lt;"))
ENTITIES = st.sampled_from(["&amp;", "&lt;", "&gt;", "&quot;", "&#x27;", "&#39;", "&nbsp;", "&hellip;", "&amp", "&"])
KEYS = st.sampled_from(["", ' data-block-key="k3x"', ' class="x"', " data-block-key='k'"])
LINKS = [
    'linktype="page" id="3"',
    'id="3" linktype="page"',
    'linktype="document" id="4"',
    'linktype="page" id="9"',
    'linktype="page" id="5"',
    'linktype="page" id="6"',
    'linktype="page" id="x"',
    'linktype="odd" id="3"',
    'href="https://example.org/a?b=1&amp;c=(2)#d"',
    'href="https://example.org/ä b"',
    'href="mailto:a@example.org"',
    'href="javascript:alert(1)"',
    'href="#here"',
    'href="a" title="b"',
]
LINKED = st.sampled_from(LINKS)
TAGS = ("b", "i", "em", "strong", "code", "sub", "sup")


def tagged(tags: tuple[str, ...], inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.builds(lambda tag, inside: f"<{tag}>{inside}</{tag}>", st.sampled_from(tags), inner)


def several(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.lists(inner, max_size=4).map("".join)


PLAIN = WORDS | ENTITIES | st.sampled_from(["<br/>", "<br>", "<br />"])
MARKED = PLAIN | tagged(TAGS, several(PLAIN)) | tagged(TAGS, several(tagged(TAGS, several(PLAIN))))
INLINE = several(MARKED | st.builds(lambda link, inside: f"<a {link}>{inside}</a>", LINKED, several(MARKED)))
ITEMS = st.lists(st.builds(lambda key, inside: f"<li{key}>{inside}</li>", KEYS, INLINE), max_size=3).map("".join)
BLOCKS = (
    st.builds(
        lambda tag, key, inside: f"<{tag}{key}>{inside}</{tag}>",
        st.sampled_from(["p", "h2", "h3", "h4"]),
        KEYS,
        INLINE,
    )
    | st.builds(lambda tag, key, inside: f"<{tag}{key}>{inside}</{tag}>", st.sampled_from(["ul", "ol"]), KEYS, ITEMS)
    | st.sampled_from(
        ["<hr/>", "<hr>", "\n", " ", "loose", "<ul><li>a<ul><li>b</li></ul></li></ul>", "<p>open", "</p>"]
    )
)


def anywhere(reference: Reference) -> str | None:
    """As `address`, with a place that has to be escaped and one that leads to another host."""
    odd = {
        Reference("page", 5): "../../../courses/a b&\"c'/ü/",
        Reference("page", 6): "https://cdn.example.org/o/1.csv",
    }
    return odd.get(reference) or address(reference)


@given(several(BLOCKS))
@settings(max_examples=300)
def test_the_quick_way_gives_what_the_parser_gives(value: str) -> None:
    quick = richtext.quickly_resolved(value, anywhere)
    if quick is not None:
        assert sanitise.prose(quick) == sanitise.prose(richtext.slowly_resolved(value, anywhere))


@pytest.mark.parametrize("link", LINKS)
def test_every_link_leads_the_same_way(link: str) -> None:
    value = f"<p>to <a {link}>it, <b>and</b></a></p>"
    assert richtext.prose(value, anywhere) == sanitise.prose(richtext.slowly_resolved(value, anywhere))


def test_what_the_editor_writes_goes_the_quick_way() -> None:
    value = (
        '<h2 data-block-key="a1">It&#x27;s &quot;here&quot;</h2><p data-block-key="b2">a <b>b</b> <i>c</i> <code>d'
        '</code><br/><a linktype="page" id="3">in<b>k</b></a> <a linktype="page" id="9">gone</a> '
        '<a id="4" linktype="document">data</a> <a href="https://example.org/?a=1&amp;b=2">far</a></p>'
        '<hr/><ul><li data-block-key="c3">x</li></ul><ol><li>y</li></ol>'
    )
    quick = richtext.quickly_resolved(value, address)
    assert quick is not None
    assert sanitise.prose(quick) == sanitise.prose(richtext.slowly_resolved(value, address))


def test_nothing_takes_long_to_turn_out_unusual() -> None:
    value = "<p>" + "a&amp;<b>b</b>" * 20_000 + "<u>"
    assert richtext.quickly_resolved(value, address) is None


@given(st.text(alphabet="a \t\n<>&;/=\"'pbrh&x0;\u00a0\u2003", max_size=40))
def test_whether_html_says_something_is_told_at_a_glance_as_by_its_text(written: str) -> None:
    for html in (sanitise.prose(written), sanitise.prose(f"<p>{written}</p>"), f'<a title="{written}"></a>'):
        assert sanitise.says_something(html) == (bool(sanitise.text(html)) or "<hr" in html), html
