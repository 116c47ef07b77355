"""Captions as they are uploaded become clean WebVTT, or one sentence that names the file, the line and the remedy."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.captions import MAX_BYTES, MAX_OPEN, cues, to_webvtt
from pipeline.errors import AuthorError


def made(text: str) -> str:
    return to_webvtt(text.encode(), "talk.vtt").decode()


def one(words: str) -> str:
    """The text of one caption that was uploaded with these words."""
    return cues(f"WEBVTT\n\n00:01.000 --> 00:02.000\n{words}\n".encode(), "talk.vtt")[0].text


def refused(data: bytes) -> str:
    with pytest.raises(AuthorError) as caught:
        to_webvtt(data, "talk.vtt")
    sentence = str(caught.value)
    assert sentence.startswith("talk.vtt")
    assert sentence.endswith(".")
    assert "\n" not in sentence
    return sentence


def test_webvtt_is_made_canonical() -> None:
    text = (
        "WEBVTT - A talk\nKind: captions\n\nSTYLE\n::cue { background: url(http://example.org/x) }\n\n"
        "REGION\nid:r\n\nNOTE nobody reads this\n\nfirst\n"
        "00:01.000 --> 00:02.500 line:80% position:10%,line-left evil:1\n"
        "Hello <b>there</b>\n\nfirst\n01:00:03.5 --> 01:00:04.000\nBye\n"
    )
    assert made(text) == (
        "WEBVTT\n\n00:00:01.000 --> 00:00:02.500 line:80% position:10%,line-left\nHello <b>there</b>\n\n"
        "01:00:03.500 --> 01:00:04.000\nBye\n"
    )
    assert made(made(text)) == made(text)


def test_subrip_becomes_webvtt() -> None:
    text = (
        "1\r\n00:00:01,000 --> 00:00:02,500  X1:40 X2:600\r\n{\\an8}<font color=red>Hello</font>\r\nAda\r\n\r\n"
        "2\r\n00:00:03,000 --> 00:00:04,000\r\nBye\r\n"
    )
    assert made(text) == "WEBVTT\n\n00:00:01.000 --> 00:00:02.500\nHello\nAda\n\n00:00:03.000 --> 00:00:04.000\nBye\n"


def test_captions_that_overlap_stay_in_order_of_time() -> None:
    text = "WEBVTT\n\na\n00:05.000 --> 00:09.000\nsecond\n\na\n00:01.000 --> 00:08.000\nfirst\n"
    assert [cue.text for cue in cues(text.encode(), "talk.vtt")] == ["first", "second"]


@pytest.mark.parametrize(
    "data",
    [
        "WEBVTT\n\n00:01.000 --> 00:02.000\nÉté à Zürich\n".encode("utf-8-sig"),
        "WEBVTT\n\n00:01.000 --> 00:02.000\nÉté à Zürich\n".encode("utf-16"),
        "1\n00:00:01,000 --> 00:00:02,000\nÉté à Zürich\n".encode("cp1252"),
    ],
)
def test_encodings(data: bytes) -> None:
    assert to_webvtt(data, "talk.srt").decode() == "WEBVTT\n\n00:00:01.000 --> 00:00:02.000\nÉté à Zürich\n"


@pytest.mark.parametrize(
    ("encoding", "words"), [("cp1251", "Здравствуйте, коллеги"), ("shift_jis", "こんにちは、みなさん")]
)
def test_another_alphabet_in_an_old_encoding_is_not_published_as_gibberish(encoding: str, words: str) -> None:
    assert "UTF-8" in refused(f"1\n00:00:01,000 --> 00:00:02,000\n{words}\n".encode(encoding))


@pytest.mark.parametrize(
    ("words", "clean"),
    [
        ("<script>alert(1)</script>", "alert(1)"),
        ("<img src=x onerror=alert(1)>", ""),
        ("<b onclick=alert(1)>x</b>", "<b>x</b>"),
        ("<<b>script>x</script>", "&lt;<b>script&gt;x</b>"),
        ("<scr<b></b>ipt>x", "&lt;scr<b></b>ipt&gt;x"),
        ("a < b & c > d", "a &lt; b &amp; c &gt; d"),
        ("a &lt;script&gt; &amp;lt;", "a &lt;script&gt; &amp;lt;"),
        ("<v Ada & Sam><i>Hi", "<v Ada &amp; Sam><i>Hi</i></v>"),
        ("<b><i>x</b>y</i>", "<b><i>x</i></b>y"),
        ("</b>x</i>", "x"),
        ("<c.loud.red>x</c>", "<c.loud.red>x</c>"),
        ("<00:01.500>x", "x"),
        ("x&#13;&#13;STYLE&#10;&#10;y&#0;z&#x85;", "x  STYLE\ny\N{REPLACEMENT CHARACTER}z…"),
        ("<v a&#10;b&#13;c>x", "<v a b c>x</v>"),
    ],
)
def test_only_closed_and_harmless_tags_stay(words: str, clean: str) -> None:
    text = f"WEBVTT\n\n00:01.000 --> 00:02.000\n{words}\n\n00:03.000 --> 00:04.000\nend\n"
    assert [cue.text for cue in cues(text.encode(), "t.vtt")] == [*([clean] if clean else []), "end"]


def test_the_words_alone() -> None:
    (cue,) = cues(b"WEBVTT\n\n00:01.000 --> 00:02.000\n<v Ada>a &lt; <b>b</b>\nc", "talk.vtt")
    assert cue.plain == "a < b c"


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "empty"),
        (b" \n\n", "empty"),
        (b"WEBVTT\n", "holds no captions"),
        (b"hello", "holds no captions"),
        (b"WEBVTT\n\n00:01.000 --> 00:02.000\n\n", "holds no captions"),
        (b"WEBVTT\n\n00:01.000 --> 00:02.000\nx\0y\n", "not a text file"),
        (b"WEBVTT\n\n00:01 --> 00:02\nx\n", "line 3"),
        (b"WEBVTT\n\n00:61:00.000 --> 00:62:00.000\nx\n", "line 3"),
        (b"WEBVTT\n\n00:05.000 --> 00:02.000\nx\n", "ends before it begins"),
        (b"WEBVTT\n\n00:01.000 --> 00:02.000\nx\n00:03.000 --> 00:04.000\ny\n", "line 5"),
        (b"WEBVTT\n\n00:01.000 --> 00:02.000\n<!-- x -->\n", "line 4"),
        (b"x" * (MAX_BYTES + 1), "too large"),
        (b"\x00\x01\x02\xff" * 40, "not a text file"),
    ],
)
def test_what_are_no_captions(data: bytes, words: str) -> None:
    assert words in refused(data)


def test_tags_inside_each_other_without_end_cost_nothing() -> None:
    many = 100_000
    text = one("<b>" * many + "x" + "</i></b>" * many)
    assert text == "<b>" * MAX_OPEN + "x" + "</b>" * MAX_OPEN


def test_half_an_override_without_end_costs_nothing() -> None:
    assert one("{\\" * 400_000).count("{") == 400_000


@given(st.text(alphabet="<>/bivcscript.&;#13= \"'\\{}\u2028\x85-:0\n\r\t", max_size=60))
def test_no_words_break_out_of_their_caption(words: str) -> None:
    try:
        data = to_webvtt(
            f"WEBVTT\n\n00:01.000 --> 00:02.000\nx{words}\n\n00:03.000 --> 00:04.000\nend".encode(), "t.vtt"
        )
    except AuthorError:
        return
    text = data.decode()
    assert text.endswith("\n\n00:00:03.000 --> 00:00:04.000\nend\n")
    assert to_webvtt(data, "t.vtt") == data
    assert "\r" not in text and "\0" not in text
    for tag in re.findall(r"<([^>]*)>", text.replace("-->", "")):
        assert re.fullmatch(r"/?(b|i|u|c|v|ruby|rt|lang)([. ].*)?", tag)
