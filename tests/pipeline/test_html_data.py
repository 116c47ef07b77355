"""What pages tell search engines: what the documents say, nothing that was guessed, and no markup."""

import json
from typing import Any

import pytest
from lxml import html as lxml_html

from pipeline import html
from pipeline.html_data import course_data, lesson_data
from tests.pipeline import html_example as example
from tests.pipeline.test_html import SITE, hostile

COURSE, OUTLINE, LESSON = example.COURSE, example.OUTLINE, example.EVERY_BLOCK
URL = f"{SITE.site_url}/courses/{COURSE.slug}/"


def told(page: bytes) -> list[Any]:
    """The data of a page, read as a search engine does."""
    tree = lxml_html.fromstring(page.decode())
    return [json.loads(text) for text in tree.xpath("//script[@type='application/ld+json']/text()")]


def course(**changes: Any) -> Any:
    return json.loads(course_data(SITE, COURSE.model_copy(update=changes), OUTLINE))


def test_a_course_page_describes_its_course() -> None:
    (data,) = told(html.course_page(SITE, COURSE, OUTLINE))
    assert (data["@context"], data["@type"], data["url"]) == ("https://schema.org", "Course", URL)
    assert (data["name"], data["description"], data["inLanguage"]) == (COURSE.title, COURSE.summary, COURSE.language)
    assert data["provider"] == {"@type": "Organization", "name": SITE.name, "url": f"{SITE.site_url}/"}
    assert data["teaches"] == list(COURSE.outcomes)
    assert data["educationalLevel"] == COURSE.level.capitalize()
    instance = data["hasCourseInstance"]
    assert instance["courseMode"] == "Online"
    assert [person["name"] for person in instance["instructor"]] == [person.name for person in COURSE.instructors]
    assert COURSE.cover
    assert data["image"] == f"{SITE.site_url}/{COURSE.cover.fallback.src}"


def test_a_lesson_page_describes_the_lesson_and_the_way_to_it() -> None:
    (data,) = told(html.lesson_page(SITE, COURSE, OUTLINE, LESSON))
    resource, crumbs = data["@graph"]
    assert (resource["@type"], resource["url"]) == ("LearningResource", f"{URL}{LESSON.slug}/")
    assert resource["isPartOf"]["@id"] == URL
    assert [(one["position"], one["item"]) for one in crumbs["itemListElement"]] == [
        (1, f"{SITE.site_url}/"),
        (2, URL),
        (3, f"{URL}{LESSON.slug}/"),
    ]


def test_a_lesson_says_of_its_course_what_draws_it_again_and_no_more() -> None:
    """Another level, price, topic or instructor leaves every lesson's page as it is."""
    other = COURSE.model_copy(
        update={
            "level": "advanced",
            "hours": 99.0,
            "price_label": "EUR 9",
            "topics": (),
            "outcomes": (),
            "instructors": (),
        }
    )
    assert lesson_data(SITE, other, LESSON) == lesson_data(SITE, COURSE, LESSON)


@pytest.mark.parametrize(
    ("hours", "minutes", "duration"),
    [(2.0, 10, "PT2H"), (1.5, 10, "PT1H30M"), (0.0, 25, "PT50M"), (0.0, 60, "PT2H"), (0.0, 0, None)],
)
def test_the_time_that_a_course_takes(hours: float, minutes: int, duration: str | None) -> None:
    module = OUTLINE.modules[0]
    lessons = tuple(one.model_copy(update={"minutes": minutes}) for one in module.lessons[:2])
    outline = OUTLINE.model_copy(update={"modules": (module.model_copy(update={"lessons": lessons}),)})
    data = json.loads(course_data(SITE, COURSE.model_copy(update={"hours": hours}), outline))
    assert data.get("timeRequired") == duration
    assert data["hasCourseInstance"].get("courseWorkload") == duration


@pytest.mark.parametrize(
    ("label", "offer"),
    [
        ("Free", {"category": "Free"}),
        (" free ", {"category": "Free"}),
        ("EUR 49", {"category": "Paid", "price": "49", "priceCurrency": "EUR"}),
        ("49.50 €", {"category": "Paid", "price": "49.50", "priceCurrency": "EUR"}),
        ("€49", {"category": "Paid", "price": "49", "priceCurrency": "EUR"}),
        ("120 USD", {"category": "Paid", "price": "120", "priceCurrency": "USD"}),
        ("$49", None),
        ("1,200 EUR", None),
        ("from EUR 49", None),
        ("EUR 49 a month", None),
        ("Free for members", None),
        ("٤٩ EUR", None),
        ("", None),
    ],
)
def test_a_price_is_told_only_if_it_reads_in_one_way(label: str, offer: dict[str, str] | None) -> None:
    assert course(price_label=label).get("offers") == (offer and {"@type": "Offer", **offer})


def test_what_a_course_does_not_say_is_left_out() -> None:
    data = course(summary="", outcomes=(), topics=(), instructors=(), prerequisites=(), cover=None)
    assert not {"description", "teaches", "keywords", "coursePrerequisites", "image"} & set(data)
    assert "instructor" not in data["hasCourseInstance"]


def test_a_course_that_takes_nobody_offers_nothing() -> None:
    (data,) = told(html.course_page(SITE, COURSE, OUTLINE, closed="No longer."))
    assert not {"offers", "hasCourseInstance"} & set(data)


def test_drafts_and_pages_of_one_person_tell_nothing() -> None:
    pages = [
        html.course_page(SITE, COURSE, OUTLINE, preview="Not public."),
        html.lesson_page(SITE, COURSE, OUTLINE, LESSON, preview="Not public."),
        html.notice_page(SITE, "courses/x/", "T", "S", "", "L", COURSE.course, "withdrawn"),
        *html.fixed_pages(SITE).values(),
    ]
    for page in pages:
        assert told(page) == []
        assert b"og:" not in page
        assert b'<meta name="robots" content="noindex">' in page


def test_no_text_leaves_its_element() -> None:
    nasty = "</script><!--<script>&\u2028\u2029"
    data = course_data(SITE, COURSE.model_copy(update={"title": nasty, "outcomes": (nasty,)}), OUTLINE)
    assert not set("<>&\u2028\u2029") & set(data)
    assert json.loads(data)["name"] == nasty
    (found,) = told(html.course_page(SITE, hostile(COURSE), hostile(OUTLINE)))
    assert found["name"] == hostile(COURSE).title


def test_what_is_shared_has_a_picture_with_a_whole_address_and_a_locale() -> None:
    tree = lxml_html.fromstring(html.course_page(SITE, COURSE, OUTLINE).decode())
    meta = {one.get("property") or one.get("name"): one.get("content") for one in tree.iter("meta")}
    assert COURSE.cover
    assert meta["og:image"] == f"https://learn.example.org/{COURSE.cover.fallback.src}"
    assert (meta["og:title"], meta["og:description"]) == (COURSE.title, COURSE.summary)
    assert (meta["og:site_name"], meta["og:type"], meta["og:locale"]) == (SITE.name, "website", "en")
    assert meta["twitter:card"] == "summary_large_image"
    bare = html.course_page(SITE, COURSE.model_copy(update={"cover": None, "language": "pt-br"}), OUTLINE).decode()
    assert '<meta property="og:locale" content="pt_BR">' in bare
    assert "og:image" not in bare
    assert '<meta name="twitter:card" content="summary">' in bare
    arabic = html.lesson_page(SITE, example.ARABIC, example.ARABIC_OUTLINE, example.ARABIC_LESSON).decode()
    assert '<meta property="og:locale" content="ar">' in arabic
