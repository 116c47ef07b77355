"""An uploaded SVG is published as a picture that neither acts nor reaches elsewhere."""

import base64
import io
import re
import socket
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree
from PIL import Image

from pipeline import svg, svg_styles
from pipeline.errors import AuthorError

HEAD = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="0 0 40 30"'


def clean(inside: str, *, attributes: str = "") -> str:
    return svg.clean(f"{HEAD} {attributes}>{inside}</svg>".encode(), "plan.svg").data.decode()


def refused(data: str) -> str:
    with pytest.raises(AuthorError) as caught:
        svg.clean(data.encode(), "plan.svg")
    sentence = str(caught.value)
    assert sentence.startswith("plan.svg ")
    assert sentence.endswith(".")
    assert "\n" not in sentence
    return sentence


@pytest.mark.parametrize(
    "inside",
    [
        "<script>alert(1)</script>",
        "<script xlink:href='http://example.org/x.js'/>",
        "<g><script type='text/javascript'><![CDATA[alert(1)]]></script></g>",
        "<rect width='1' height='1' onload='alert(1)' onclick='alert(1)'/>",
        "<foreignObject><body xmlns='http://www.w3.org/1999/xhtml'><script>alert(1)</script></body></foreignObject>",
        "<foreignObject width='9' height='9'><iframe src='javascript:alert(1)'/></foreignObject>",
        "<a xlink:href='javascript:alert(1)'><rect width='1' height='1'/></a>",
        "<a href='http://example.org'><rect width='1' height='1'/></a>",
        "<image href='http://example.org/x.png'/>",
        "<image xlink:href='file:///etc/passwd'/>",
        "<image href='x.png'/>",
        "<image href='data:image/svg+xml;base64,PHN2Zy8+'/>",
        "<image href='data:text/html,alert(1)'/>",
        "<use href='http://example.org/x.svg#a'/>",
        "<use xlink:href='data:image/svg+xml,x#a'/>",
        "<linearGradient id='g' href='x.svg#g'/>",
        "<feImage href='http://example.org/x.png'/>",
        "<animate attributeName='href' to='javascript:alert(1)'/>",
        "<set attributeName='onload' to='alert(1)'/>",
        "<handler xmlns='http://www.w3.org/2001/xml-events'>alert(1)</handler>",
        "<style>@import url(http://example.org/x.css);</style>",
        "<style>@import 'http://example.org/x.css';rect{}</style>",
        "<style>@font-face{font-family:x;src:url(http://example.org/x.woff)}</style>",
        "<style>rect{fill:url(http://example.org/x)}</style>",
        "<style>rect{background:url(http://example.org/x)}</style>",
        "<style>rect{fill:u\\72l(http://example.org/x)}</style>",
        "<style>rect{fill:u/**/rl(http://example.org/x)}</style>",
        "<style>rect{fill:image-set('http://example.org/x' 1x)}</style>",
        "<style>@media all{rect{fill:url(http://example.org/x)}}</style>",
        "<style>&lt;/style>&lt;script>alert(1)&lt;/script></style>",
        "<style>url(http://example.org/x){fill:red}</style>",
        "<style>a{font-family:'}\nurl(http://example.org/x){fill:red}</style>",
        "<style><![CDATA[@import url(http://example.org/x.css);]]></style>",
        "<rect style='fill:url(http://example.org/x)'/>",
        "<rect style='fill:url(\"http://example.org/x\")'/>",
        "<rect style='behavior:url(http://example.org/x)'/>",
        "<rect fill='url(http://example.org/x)'/>",
        "<rect fill='url(//example.org/x#a)'/>",
        "<rect filter='url(http://example.org/x#f)'/>",
        "<rect clip-path='u\\72l(http://example.org/x)'/>",
        "<text class='url(http://example.org/x)'/>",
        "<?xml-stylesheet href='http://example.org/x.css'?>",
        "<!-- alert(1) -->",
        "<metadata><x xmlns='http://ns.adobe.com/xap/1.0/'>alert(1)</x></metadata>",
        "<html:script xmlns:html='http://www.w3.org/1999/xhtml'>alert(1)</html:script>",
    ],
)
def test_nothing_acts_and_nothing_reaches_elsewhere(inside: str) -> None:
    text = clean(inside)
    assert not re.search(r"script|alert|example\.org|passwd|javascript|foreign|import|\bon\w+=|data:|@", text)
    assert etree.fromstring(text).tag == "{http://www.w3.org/2000/svg}svg"


def test_the_root_may_not_act_either() -> None:
    assert "alert" not in clean("", attributes="onload='alert(1)' style='fill:url(http://example.org/alert)'")


def test_what_a_picture_needs_stays() -> None:
    inside = (
        "<title>Plan</title><defs><linearGradient id='g'><stop offset='0' stop-color='red'/></linearGradient>"
        "<clipPath id='c'><rect width='9' height='9'/></clipPath></defs>"
        "<style>.a > rect:hover { fill: url( '#g' ); stroke-width: calc(1px + 2px) }"
        " @media print { rect { fill: red } } #b{fill:rgb(1,2,3)}</style>"
        "<g class='a' transform='translate(1 2)' clip-path='url(#c)'>"
        "<rect style='fill:url(#g);opacity:.5' width='5'/></g>"
        "<use xlink:href='#g'/><text x='1'>a<tspan>b</tspan>c</text>"
        "<a href='http://example.org'><circle r='1'/></a>"
    )
    text = clean(inside)
    for kept in (
        "<title>Plan</title>",
        "url( '#g' )",
        "calc(1px + 2px)",
        "#b{fill:rgb(1,2,3)}",
        'clip-path="url(#c)"',
        'style="fill:url(#g);opacity:.5"',
        '<use href="#g"></use>',
        '<text x="1">a<tspan>b</tspan>c</text>',
        '<circle r="1"></circle>',
    ):
        assert kept in text


def test_the_same_picture_has_the_same_bytes() -> None:
    one = clean("<rect x='1' y=\"2\"/>")
    two = clean('<rect y="2"   x="1"></rect><!-- saved today -->')
    assert one == two
    assert svg.clean(one.encode(), "plan.svg").data.decode() == one


@pytest.mark.parametrize(
    ("attributes", "size"),
    [
        ("viewBox='0 0 40 30'", (40, 30)),
        ("viewBox='0 0 40 30' width='100%' height='100%'", (40, 30)),
        ("viewBox='0 0 40 30' width='80'", (80, 60)),
        ("width='1in' height='2.54cm'", (96, 96)),
        ("width='40' height='30' viewBox='0 0 nan 30'", (40, 30)),
        ("width='40' height='30' viewBox='inf 0 4 3'", (40, 30)),
    ],
)
def test_the_size_it_shows_at(attributes: str, size: tuple[int, int]) -> None:
    made = svg.clean(f"<svg xmlns='http://www.w3.org/2000/svg' {attributes}/>".encode(), "plan.svg")
    assert (made.width, made.height) == size
    root = etree.fromstring(made.data)
    assert float(root.get("width", "")) == size[0]
    assert len(root.get("viewBox", "").split()) == 4
    assert "nan" not in root.get("viewBox", "") and "inf" not in root.get("viewBox", "")


NO_SIZE = ["", "width='10'", "width='0' height='0'", "viewBox='0 0 0 0'", "viewBox='0 0 900000000 .0001' height='9'"]


@pytest.mark.parametrize("attributes", NO_SIZE)
def test_a_picture_without_a_size(attributes: str) -> None:
    assert "how large" in refused(f"<svg xmlns='http://www.w3.org/2000/svg' {attributes}/>")


def laughs() -> str:
    """A billion of one letter, by nine entities that each name the one before ten times."""
    entities = "".join(f"<!ENTITY a{n} '" + f"&a{n - 1};" * 10 + "'>" for n in range(1, 10))
    return f"<!DOCTYPE svg [<!ENTITY a0 'ha'>{entities}]>"


def chain(links: int) -> str:
    """Parts that each draw the next one."""
    return "".join(f"<g id='a{n}'><use href='#a{n + 1}'/></g>" for n in range(links))


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ("<svg", "not a well-formed SVG"),
        ("<!DOCTYPE html><html><body/></html>", "<html> instead of <svg>"),
        ("<svg xmlns='http://www.w3.org/1999/xhtml'/>", "instead of <svg>"),
        (f"{laughs()}{HEAD}><text>&a9;</text></svg>", "not a well-formed SVG"),
        (f"{laughs()}{HEAD} id='&a9;'/>", "not a well-formed SVG"),
        (f"{HEAD}>{'<g>' * 5000}{'</g>' * 5000}</svg>", "not a well-formed SVG"),
        (f"{HEAD}>{chain(3000)}</svg>", "a thousand deep"),
        (f"{HEAD}><g id='a'><use href='#a'/></g></svg>", "repeats its own parts"),
        (f"{HEAD}><g id='a'><use href='#b'/></g><g id='b'><use href='#a'/></g></svg>", "repeats its own parts"),
    ],
)
def test_what_is_no_picture(data: str, words: str) -> None:
    assert words in refused(data)


@pytest.mark.parametrize(
    "step",
    [
        "<g id='a{n}'>" + "<use href='#a{m}'/>" * 10 + "</g>",
        "<g id='a{n}'>" + "<use xlink:href='#a{m}'/>" * 10 + "</g>",
        "<pattern id='a{n}'>" + "<rect fill='url(#a{m})'/>" * 10 + "</pattern>",
        "<mask id='a{n}'>" + "<rect style='mask:url( \"#a{m}\" )'/>" * 10 + "</mask>",
        "<clipPath id='a{n}'>" + "<rect clip-path='url(#a{m})'/>" * 10 + "</clipPath>",
        "<marker id='a{n}'>" + "<path marker-end='url(#a{m})'/>" * 10 + "</marker>",
    ],
)
def test_a_picture_that_multiplies_itself(step: str) -> None:
    parts = "".join(step.format(n=n, m=n - 1) for n in range(1, 10))
    assert "repeats its own parts" in refused(f"{HEAD}><g id='a0'/><rect id='a0'/>{parts}</svg>")
    few = "".join(step.format(n=n, m=n - 1) for n in range(1, 4))
    assert clean(f"<rect id='a0'/>{few}").count("#a") == 30


def test_of_two_parts_with_one_name_the_first_counts_as_in_browsers() -> None:
    heavy = f"<g id='x'>{'<rect/>' * 1000}</g>"
    uses = "<use href='#x'/>" * 1000
    assert "repeats its own parts" in refused(f"{HEAD}>{heavy}<g id='x'/>{uses}</svg>")


def test_entities_read_no_file_and_ask_no_server(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("a secret")
    with socket.create_server(("127.0.0.1", 0)) as canary:
        canary.setblocking(False)
        address = f"http://127.0.0.1:{canary.getsockname()[1]}/x"
        data = (
            f"<!DOCTYPE svg SYSTEM '{address}.dtd' [<!ENTITY f SYSTEM 'file://{tmp_path}/secret'>"
            f"<!ENTITY n SYSTEM '{address}'><!ENTITY % p SYSTEM '{address}.ent'> %p; <!ENTITY own 'mine'>]>"
            f"{HEAD}><text>before&f;&n;after</text><xi:include xmlns:xi='http://www.w3.org/2001/XInclude' "
            f"href='file://{tmp_path}/secret' parse='text'/></svg>"
        )
        text = svg.clean(data.encode(), "plan.svg").data.decode()
        assert "secret" not in text
        assert "<text>beforeafter</text>" in text
        with pytest.raises(BlockingIOError):
            canary.accept()


def bitmap(kind: str, **options: object) -> str:
    written = io.BytesIO()
    Image.new("RGB", (8, 6), (3, 3, 3)).save(written, kind, **options)
    return base64.b64encode(written.getvalue()).decode()


def embedded(text: str) -> Image.Image:
    match = re.search(r'href="data:image/\w+;base64,([^"]+)"', text)
    assert match
    return Image.open(io.BytesIO(base64.b64decode(match[1])))


def test_a_bitmap_inside_stays_without_its_metadata() -> None:
    exif = Image.Exif()
    exif[0x010E] = "Ada at home"
    for kind in ("PNG", "JPEG"):
        text = clean(f"<image width='8' height='6' href='data:image/{kind.lower()};base64,{bitmap(kind, exif=exif)}'/>")
        image = embedded(text)
        assert (image.format, image.size) == (kind, (8, 6))
        assert not image.getexif()
    xmp = b"<x:xmpmeta>Ada at home</x:xmpmeta>"
    image = embedded(clean(f"<image href='data:image/jpeg;base64,{bitmap('JPEG', xmp=xmp, comment=b'Ada')}'/>"))
    assert "xmp" not in image.info and "comment" not in image.info


def test_a_transparent_bitmap_inside_stays_transparent() -> None:
    exif = Image.Exif()
    exif[0x010E] = "Ada at home"
    image = embedded(clean(f"<image href='data:image/png;base64,{bitmap('PNG', exif=exif, transparency=(3, 3, 3))}'/>"))
    assert image.convert("RGBA").getpixel((0, 0))[3] == 0  # type: ignore[index]


@pytest.mark.parametrize("data", ["", "AAAA", "not base64!", base64.b64encode(b"GIF89a" + bytes(30)).decode()])
def test_a_bitmap_that_is_none_is_left_out(data: str) -> None:
    assert "<image" not in clean(f"<image href='data:image/png;base64,{data}'/>")


@given(st.text(alphabet="url(#a)\\'\"@:;{}/* \n<htp&imor!-.", max_size=40))
def test_no_style_loads_anything(text: str) -> None:
    for safe in (
        svg_styles.declarations(f"fill:{text}"),
        svg_styles.sheet(f"rect{{fill:{text}}}"),
        svg_styles.sheet(text),
    ):
        rest = re.sub(r"url\(\s*(['\"]?)#[\w.:-]+\1\s*\)", "", safe.lower())
        assert not any(sign in rest for sign in ("url(", "@", "\\", "<", "/*"))
        assert rest.count('"') % 2 == 0
        assert safe.count("{") == safe.count("}")
