"""Pages are a pure function of documents: the same bytes everywhere, every kind of block drawn, nothing unescaped."""

import os
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, get_args
from uuid import uuid4

import pytest
from jinja2 import UndefinedError
from lxml import html as lxml_html

from pipeline import html
from pipeline.documents import (
    Block,
    CalloutBlock,
    Document,
    InnerBlock,
    LessonDocument,
    OutlineDocument,
    SolutionBlock,
)
from pipeline.html_site import Asset, Site
from pipeline.html_views import place
from tests.pipeline import html_example as example

ROOT = Path(__file__).resolve().parents[2]
SITE = Site(
    name="Lectern",
    site_url="https://learn.example.org",
    api_url="https://api.example.org",
    base="",
    assets_base="",
    script=Asset("assets/site-1.js", "sha384-a"),
    modules=(Asset("assets/chunk-1.js", "sha384-b"),),
    early=Asset("assets/early-1.js", "sha384-c"),
    style=Asset("assets/site-1.css", "sha384-d"),
    icon="assets/icon-1.svg",
    fonts=("assets/serif-latin.woff2",),
    files=(),
)
HOSTILE = "</title><script>alert(1)</script>\"'><img src=x onerror=alert(1)>&amp;{{ site }}"


def kinds_of(union: Any) -> set[type[Document]]:
    """The models of a discriminated union."""
    return set(get_args(get_args(union)[0]))


def everywhere(blocks: Iterable[Block]) -> Iterator[Block]:
    for block in blocks:
        yield block
        if isinstance(block, CalloutBlock | SolutionBlock):
            yield from everywhere(block.blocks)


def lesson(*blocks: Block, **changes: Any) -> LessonDocument:
    return example.EVERY_BLOCK.model_copy(update={"blocks": blocks, **changes})


def draw(*blocks: Block, site: Site = SITE, **changes: Any) -> str:
    return html.lesson_page(site, example.COURSE, example.OUTLINE, lesson(*blocks, **changes)).decode()


def every_page() -> dict[str, bytes]:
    lessons = {item.slug: html.lesson_page(SITE, example.COURSE, example.OUTLINE, item) for item in example.LESSONS}
    return {
        "catalogue": html.catalogue_page(SITE, example.CATALOGUE),
        "course": html.course_page(SITE, example.COURSE, example.OUTLINE),
        "arabic": html.lesson_page(SITE, example.ARABIC, example.ARABIC_OUTLINE, example.ARABIC_LESSON),
        "preview": html.lesson_page(
            SITE, example.COURSE, example.OUTLINE, example.EVERY_BLOCK, preview="Not public yet."
        ),
        **lessons,
        **html.fixed_pages(SITE),
    }


def bytes_in_another_process(seed: str, **environment: str) -> str:
    """The sha256 of every page, drawn by a process whose sets and dicts fall in another order."""
    script = (
        "import hashlib, django; django.setup()\n"
        "from tests.pipeline.test_html import every_page\n"
        "print(*(f'{name} {hashlib.sha256(page).hexdigest()}' for name, page in every_page().items()), sep='\\n')"
    )
    return subprocess.run(
        [sys.executable, "-W", "ignore", "-c", script],
        cwd=ROOT,
        env={**os.environ, "PYTHONHASHSEED": seed, "DJANGO_SETTINGS_MODULE": "settings.api", **environment},
        capture_output=True,
        text=True,
        check=True,
    ).stdout


@pytest.mark.slow
def test_two_processes_draw_the_same_bytes() -> None:
    one = bytes_in_another_process("1", TZ="Asia/Tokyo", LANG="de_DE.UTF-8")
    other = bytes_in_another_process("2", TZ="America/Lima", LANG="ar_EG.UTF-8")
    assert one == other
    assert len(one.splitlines()) == len(every_page())


def test_a_page_is_well_formed_and_names_its_language() -> None:
    for name, page in every_page().items():
        tree = lxml_html.fromstring(page.decode())
        ids = tree.xpath("//@id")
        assert len(ids) == len(set(ids)), name
        assert tree.get("lang"), name
        assert len(tree.xpath("//h1")) == 1, name
        inline = "//script[not(@src) and not(@type='application/ld+json')]"
        assert not tree.xpath(f"//*[starts-with(local-name(), 'on')] | //@style | {inline} | //style"), name
        targets = {link.removeprefix("#") for link in tree.xpath("//a/@href") if link.startswith("#")}
        assert targets <= set(ids), name


def test_every_kind_of_block_has_a_template_and_is_drawn() -> None:
    kinds = {kind.model_fields["kind"].default for kind in kinds_of(Block)}
    assert {path.stem for path in (html.TEMPLATES / "blocks").iterdir()} == kinds
    shown = {block.kind for one in example.LESSONS for block in everywhere(one.blocks)}
    assert shown == kinds
    assert kinds_of(InnerBlock) < kinds_of(Block)
    page = html.lesson_page(SITE, example.COURSE, example.OUTLINE, example.EVERY_BLOCK).decode()
    for kind in shown - {"prose", "solution", "video", "maths"}:
        assert f'class="{kind}' in page, kind


# Fields that hold a word of a closed list, or markup that has passed the sanitiser.
TYPED = {"kind", "variant", "provider", "level", "mathml", "rows", "header", "schema_"}


def hostile(document: Any) -> Any:
    """A document in whose every plain text stands an attack. What the renderer has sanitised stays as it is."""
    if isinstance(document, Document):
        changes = {name: hostile(value) for name, value in document if not name.endswith("html") and name not in TYPED}
        if "id" in type(document).model_fields:
            changes["id"] = f'"><script>{uuid4()}</script>'
        return document.model_copy(update=changes)
    if isinstance(document, tuple):
        return tuple(hostile(item) for item in document)
    return HOSTILE if isinstance(document, str) else document


def test_a_hostile_author_writes_text_and_nothing_else() -> None:
    course, outline = hostile(example.COURSE), hostile(example.OUTLINE)
    pages = [
        html.catalogue_page(replace(SITE, name=HOSTILE), hostile(example.CATALOGUE)),
        html.course_page(SITE, course, outline),
        *(html.lesson_page(SITE, course, outline, hostile(one), preview=HOSTILE) for one in example.LESSONS),
    ]
    for page in pages:
        text = page.decode()
        tree = lxml_html.fromstring(text)
        scripts = tree.xpath("//script[not(@type='application/ld+json')]")
        assert {script.get("src") for script in scripts} <= {"/assets/early-1.js", "/assets/site-1.js"}
        assert len(tree.xpath("//script")) - len(scripts) == text.count('<script type="application/ld+json">') <= 1
        assert not tree.xpath("//img[@onerror] | //img[@src='x']")
        assert "<script>" not in text
        assert HOSTILE in "".join(tree.itertext())


def test_the_negative_control_of_the_hostile_author() -> None:
    """What is marked safe in a document is drawn as it is: only the sanitiser keeps it clean."""
    block = example.prose("p", "<p>before</p><script>alert(1)</script>")
    assert "<script>alert(1)" in draw(block)


# What the renderer has sanitised or drawn: nothing else is printed as it is.
SAFE = {
    "block.html",
    "block.mathml",
    "block.transcript_html",
    "cell",
    "choice.html",
    "course.description_html",
    "person.bio_html",
    "question.prompt_html",
}


def test_templates_print_as_it_is_what_the_sanitiser_has_seen_and_nothing_else() -> None:
    source = "\n".join(path.read_text() for path in html.TEMPLATES.rglob("*.html"))
    assert set(re.findall(r"{{ ([^}]*?) *\| *safe\b", source)) == SAFE
    assert len(re.findall(r"\bsafe\b", source)) == len(re.findall(r"{{ [\w.]+\|safe }}", source))
    assert "autoescape" not in source


def test_text_is_written_as_ever() -> None:
    """Other names for the same marks would make every published page another."""
    page = draw(title="""It's "R&D" <now>""")
    assert "<h1>It&#x27;s &quot;R&amp;D&quot; &lt;now&gt;</h1>" in page


@pytest.mark.parametrize(
    "asked", ["{{ titel }}", "{{ site.nmae }}", "{{ course.titel }}", "{% if coures %}{% endif %}"]
)
def test_a_misspelt_name_is_an_error(asked: str) -> None:
    with pytest.raises(UndefinedError):
        html.engine().from_string(asked).render(site=SITE, course=example.COURSE)


def unsaid(document: Any) -> Any:
    """A document in which all is empty that may be."""
    if isinstance(document, Document):
        changes = {name: unsaid(value) for name, value in document if name not in TYPED}
        optional = {
            name for name, field in type(document).model_fields.items() if type(None) in get_args(field.annotation)
        }
        return document.model_copy(update=changes | dict.fromkeys(optional))
    if isinstance(document, tuple):
        return tuple(unsaid(item) for item in document)
    return type(document)() if isinstance(document, str | int | float) else document


def test_a_document_that_says_little_lacks_no_name_that_a_template_asks_for() -> None:
    course, outline = unsaid(example.COURSE), unsaid(example.OUTLINE)
    pages = [
        html.catalogue_page(SITE, unsaid(example.CATALOGUE)),
        html.catalogue_page(SITE, example.CATALOGUE, 2, 9),
        html.course_page(SITE, course, outline),
        html.course_page(SITE, course, outline, closed=""),
        html.notice_page(SITE, "", "", "", "", "", course.course, "redirect"),
        *(html.lesson_page(SITE, course, outline, unsaid(one)) for one in example.LESSONS),
    ]
    assert all(lxml_html.fromstring(page.decode()).xpath("//main") for page in pages)


def test_a_lesson_renamed_elsewhere_leaves_a_page_as_it_is() -> None:
    titles = [place.title for place in example.OUTLINE.lessons()]

    def renamed(title: str) -> OutlineDocument:
        modules = tuple(
            module.model_copy(
                update={
                    "lessons": tuple(
                        one.model_copy(update={"title": "Renamed", "slug": "renamed"}) if one.title == title else one
                        for one in module.lessons
                    )
                }
            )
            for module in example.OUTLINE.modules
        )
        return example.OUTLINE.model_copy(update={"modules": modules})

    def changed(title: str) -> list[str]:
        other = renamed(title)
        return [
            one.title
            for one in example.LESSONS
            if html.lesson_page(SITE, example.COURSE, example.OUTLINE, one)
            != html.lesson_page(SITE, example.COURSE, other, one)
        ]

    # "Functions" is alone in its module and its first lesson, to which every outline links.
    assert changed("Functions") == titles
    # "Seeing the numbers" stands inside its module: that module, and no page of another.
    assert changed("Seeing the numbers") == titles[:3]
    # The last lesson of a module is also its successor's neighbour.
    assert changed(titles[4]) == titles[3:]


def test_the_digest_knows_the_site_and_the_templates() -> None:
    assert html.digest(SITE) == html.digest(replace(SITE))
    assert html.digest(SITE) != html.digest(replace(SITE, name="Another school"))
    assert html.digest(SITE) != html.digest(replace(SITE, style=Asset("assets/site-2.css", "sha384-e")))


def test_links_of_a_lesson_stay_in_its_course() -> None:
    block = example.prose("p", '<p><a href="../choices/">Choices</a> <a href="#x">x</a></p><h2 id="x">X</h2>')
    page = draw(block)
    assert 'href="../choices/"' in page
    assert 'href="/courses/reading-data/seeing-the-numbers/"' in page


def test_a_site_below_a_path_says_so_in_every_address() -> None:
    page = draw(*example.EVERYTHING, site=replace(SITE, base="/school", assets_base="/school"))
    tree = lxml_html.fromstring(page)
    addresses = [*tree.xpath("//@href"), *tree.xpath("//@src")]
    own = [address for address in addresses if address.startswith("/")]
    assert own
    assert all(address.startswith("/school/") for address in own)
    assert all(one.strip().startswith("/school/") for s in tree.xpath("//@srcset") for one in s.split(","))


def test_a_preview_calls_no_api_is_not_indexed_and_leads_to_the_published_site() -> None:
    page = html.lesson_page(SITE, example.COURSE, example.OUTLINE, example.EVERY_BLOCK, preview="Not public.").decode()
    tree = lxml_html.fromstring(page)
    assert tree.get("data-api") is None
    assert tree.xpath("//meta[@name='robots']/@content") == ["noindex"]
    assert not tree.xpath("//link[@rel='canonical'] | //lec-session | //lec-done")
    assert "Not public." in page
    assert 'href="https://learn.example.org/courses/reading-data/"' in page
    assert "https://api.example.org" not in tree.xpath("//meta[@http-equiv]/@content")[0].partition("connect-src")[2]


def test_a_picture_offers_every_width_in_every_format() -> None:
    image = example.FIGURE
    avif = tuple(
        source.model_copy(update={"src": source.src.replace(".webp", ".avif"), "media_type": "image/avif"})
        for source in image.sources
    )
    both = image.model_copy(update={"sources": (*avif, *image.sources)})
    block = example.EVERYTHING[5].model_copy(update={"image": both})
    tree = lxml_html.fromstring(draw(block))
    first, second = tree.xpath("//figure[@class='image']//source")
    assert (first.get("type"), second.get("type")) == ("image/avif", "image/webp")
    assert second.get("srcset") == (
        "/o/temperature-480.webp 480w, /o/temperature-960.webp 960w, /o/temperature-1200.webp 1200w"
    )
    (shown,) = tree.xpath("//figure[@class='image']//img")
    assert (shown.get("src"), shown.get("width"), shown.get("height")) == ("/o/temperature.png", "1200", "675")
    assert shown.get("alt") == image.alt


def test_a_quiz_shows_questions_and_no_answer() -> None:
    tree = lxml_html.fromstring(draw(example.QUIZ))
    fields = tree.xpath("//form//input")
    assert {field.get("type") for field in fields} == {"radio", "checkbox", "text"}
    assert not tree.xpath("//form//input[@checked] | //form//input[@value and @type='text']")


def test_highlighted_lines_are_those_the_document_names() -> None:
    block = example.code("k", "one\ntwo\nthree", highlighted=(1, 3))
    lines = lxml_html.fromstring(draw(block)).xpath("//span[contains(@class, 'line')]")
    assert ["highlighted" in line.get("class") for line in lines] == [True, False, True]


def test_fixed_pages_are_for_people_not_for_search_engines() -> None:
    pages = html.fixed_pages(SITE)
    assert set(pages) == set(html.FIXED)
    for page in pages.values():
        assert b'<meta name="robots" content="noindex">' in page
        assert b"<noscript>" in page or b"This page is not here" in page


def test_an_empty_catalogue_says_what_comes() -> None:
    page = html.catalogue_page(SITE, example.CATALOGUE.model_copy(update={"courses": ()})).decode()
    assert "The first course is on its way" in page


def test_a_course_without_lessons_or_people_is_still_a_page() -> None:
    bare = example.COURSE.model_copy(update={"instructors": (), "topics": (), "outcomes": (), "prerequisites": ()})
    empty = example.OUTLINE.model_copy(update={"modules": ()})
    page = html.course_page(SITE, bare, empty).decode()
    assert "Taught by" not in page
    assert "Start reading" not in page


@pytest.mark.parametrize("base", ["", "/school", "https://learn.example.org"])
def test_the_outline_that_is_drawn_once_a_module_is_what_each_lesson_would_draw(base: str) -> None:
    title = HOSTILE + '<li data-item="">"><a href="">'
    modules = tuple(
        module.model_copy(
            update={
                "title": title,
                "lessons": tuple(lesson.model_copy(update={"title": title}) for lesson in module.lessons),
            }
        )
        for module in example.OUTLINE.modules
    )
    outline = example.OUTLINE.model_copy(update={"modules": (*modules, modules[0].model_copy(update={"lessons": ()}))})
    site = replace(SITE, base=base)
    for other in outline.lessons():
        document = example.EVERY_BLOCK.model_copy(update={"item": other.item})
        plain = html.outline_list(base, outline.slug, place(outline, other.item).modules, other.item)
        assert plain.count('aria-current="page"') == 1
        assert plain in html.lesson_page(site, example.COURSE, outline, document).decode()


def test_an_outline_that_changed_is_drawn_anew() -> None:
    def renamed(title: str) -> OutlineDocument:
        modules = tuple(module.model_copy(update={"title": title}) for module in example.OUTLINE.modules)
        return example.OUTLINE.model_copy(update={"modules": modules})

    pages = [
        html.lesson_page(site, example.COURSE, outline, example.EVERY_BLOCK)
        for outline in (renamed("First"), renamed("Second"))
        for site in (SITE, replace(SITE, base="/below"))
    ]
    assert len(set(pages)) == 4
    assert [b"Second" in page for page in pages] == [False, False, True, True]
    assert [b'href="/courses/' in page for page in pages] == [True, False, True, False]
