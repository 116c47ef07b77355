"""Links are found as a parser finds them, by whichever of two ways."""

from hypothesis import given
from hypothesis import strategies as st

from pipeline import references
from pipeline.references import Reference

PIECES = [
    '<a linktype="page" id="3">',
    '<a id="12" linktype="document">',
    '<a id="4" linktype="other">',
    '<a class="x" linktype="page" id="5">',
    '<a linktype="page" id="٣">',
    '<A LINKTYPE="page" ID="6">',
    '<img alt="',
    "<img alt='",
    "<img alt=",
    "</a>",
    "<p>",
    "<!-- ",
    " -->",
    "<![CDATA[",
    "<script>",
    "</script>",
    "<style>",
    "<title>",
    "<plaintext>",
    "<",
    ">",
    '"',
    "'",
    "/",
    " linktype ",
    "words & ",
    "\n",
]


@given(st.lists(st.sampled_from(PIECES), max_size=8).map("".join))
def test_both_ways_find_the_same(html: str) -> None:
    parsed = references._Links()
    parsed.feed(html)
    assert list(references._links(html)) == parsed.found


def test_what_wagtail_writes_is_not_parsed() -> None:
    told = '<p>See <a linktype="page" id="3">there</a> &amp; <a id="12" linktype="document">here</a>.</p><hr/>'
    assert references.PLAIN.fullmatch(told)
    assert list(references.references({"value": told})) == [Reference("page", 3), Reference("attachment", 12)]
