"""What a public page tells search engines of itself: schema.org data as JSON-LD, from the documents alone.

The terms are those of https://schema.org/Course, CourseInstance, LearningResource and BreadcrumbList. What the
documents do not say is left out: nothing is guessed. A `<script type="application/ld+json">` is data that no browser
runs (HTML, "prepare the script element"), so the page's policy for scripts does not speak of it.
"""

import re
from collections.abc import Mapping
from typing import Any

from markupsafe import Markup

from pipeline.digests import canonical_json
from pipeline.documents import CourseDocument, LessonDocument, OutlineDocument
from pipeline.html_site import Site
from pipeline.html_views import course_path, lesson_path
from pipeline.price import Ask, Price

# A price that can be read in one way only: digits, perhaps two more after a point, and a currency's ISO 4217 code or
# the one sign that no two currencies share. `$` is a dozen currencies, and `1,200` two numbers.
AMOUNT = r"(?P<amount>[0-9]+(?:\.[0-9]{2})?)"
CURRENCY = r"(?P<currency>[A-Z]{3}|€)"
PRICES = (re.compile(rf"{CURRENCY}\s?{AMOUNT}"), re.compile(rf"{AMOUNT}\s?{CURRENCY}"))
FREE = {"@type": "Offer", "category": "Free"}
DURATIONS = {"month": "P1M", "year": "P1Y"}
# They would end the element, begin a comment in it, or end a line in a script.
ESCAPED = {ord(sign): f"\\u{ord(sign):04x}" for sign in "<>&\u2028\u2029"}


def course_data(
    site: Site, course: CourseDocument, outline: OutlineDocument, price: Price | None = None, *, closed: bool = False
) -> Markup:
    """A course for the head of its page. One that is `closed` to new learners is offered to nobody.

    `price` is what the school sells it for; without one, the label that its authors wrote may say it.
    """
    instance = {
        "@type": "CourseInstance",
        "courseMode": "Online",
        "courseWorkload": _workload(course, outline),
        "inLanguage": course.language,
        "instructor": [{"@type": "Person", "name": person.name} for person in course.instructors],
    }
    return _script(
        {
            **_course(site, course),
            "description": course.summary,
            "educationalLevel": course.level.capitalize(),
            "teaches": list(course.outcomes),
            "keywords": list(course.topics),
            "timeRequired": _workload(course, outline),
            "coursePrerequisites": [
                {"@type": "Course", "name": link.title, "url": f"{site.site_url}/{course_path(link.slug)}"}
                for link in course.prerequisites
            ],
            "syllabusSections": [
                {"@type": "Syllabus", "name": module.title, "description": module.summary} for module in outline.modules
            ],
            "hasCourseInstance": None if closed else instance,
            "offers": None if closed else _offers(price) if price else _offer(course.price_label),
        }
    )


def lesson_data(site: Site, course: CourseDocument, lesson: LessonDocument) -> Markup:
    """A lesson, and the way to it, for the head of its page.

    Of the course it says no more than the lesson's page does: another price draws no lesson again.
    """
    address = f"{site.site_url}/{lesson_path(course.slug, lesson.slug)}"
    trail = (
        ("Courses", f"{site.site_url}/"),
        (course.title, f"{site.site_url}/{course_path(course.slug)}"),
        (lesson.title, address),
    )
    resource = {
        "@type": "LearningResource",
        "@id": address,
        "url": address,
        "name": lesson.title,
        "description": lesson.summary,
        "inLanguage": lesson.language,
        "learningResourceType": "Lesson",
        "timeRequired": _minutes(lesson.minutes),
        "isPartOf": _course(site, course),
    }
    crumbs = {
        "@type": "BreadcrumbList",
        "itemListElement": [
            {"@type": "ListItem", "position": place, "name": name, "item": url}
            for place, (name, url) in enumerate(trail, start=1)
        ],
    }
    return _script({"@graph": [resource, crumbs]})


def _course(site: Site, course: CourseDocument) -> dict[str, Any]:
    address = f"{site.site_url}/{course_path(course.slug)}"
    return {
        "@type": "Course",
        "@id": address,
        "url": address,
        "name": course.title,
        "inLanguage": course.language,
        "image": f"{site.site_url}/{course.cover.fallback.src}" if course.cover else None,
        "provider": {"@type": "Organization", "name": site.name, "url": f"{site.site_url}/"},
    }


def _workload(course: CourseDocument, outline: OutlineDocument) -> str:
    """What the author says of the whole course, or else what the lessons come to. An ISO 8601 duration, or nothing."""
    return _minutes(round(course.hours * 60) or sum(lesson.minutes for lesson in outline.lessons()))


def _minutes(minutes: int) -> str:
    hours, rest = divmod(minutes, 60)
    return f"PT{f'{hours}H' if hours else ''}{f'{rest}M' if rest else ''}" if minutes > 0 else ""


def _offers(price: Price) -> list[dict[str, Any]] | dict[str, Any]:
    """Each price of each offer (https://schema.org/Offer); one that is paid again and again says how often."""
    if not price.asks:
        return FREE
    return [
        {"@type": "Offer", "category": "Paid", **_asked(ask)}
        if ask.every is None
        else {
            "@type": "Offer",
            "category": "Subscription",
            **_asked(ask),
            "priceSpecification": {
                "@type": "UnitPriceSpecification",
                **_asked(ask),
                "billingDuration": DURATIONS[ask.every],
            },
        }
        for ask in price.asks
    ]


def _asked(ask: Ask) -> dict[str, str]:
    return {"price": ask.amount, "priceCurrency": ask.currency}


def _offer(label: str) -> dict[str, Any] | None:
    """The offer that a price label makes, if it can be read in one way only."""
    label = label.strip()
    if label.casefold() == "free":
        return FREE
    found = next((match for price in PRICES if (match := price.fullmatch(label))), None)
    if found is None:
        return None
    currency = "EUR" if found["currency"] == "€" else found["currency"]
    return {"@type": "Offer", "category": "Paid", "price": found["amount"], "priceCurrency": currency}


def _script(facts: Mapping[str, Any]) -> Markup:
    """JSON that may stand inside a script element. Facts that say nothing are left out."""
    text = canonical_json({"@context": "https://schema.org", **_said(facts)}).decode()
    return Markup(text.translate(ESCAPED))  # noqa: S704  # no sign of markup is left in it


def _said(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: said for name, inner in value.items() if (said := _said(inner)) not in (None, "", [], {})}
    if isinstance(value, list):
        return [_said(inner) for inner in value]
    return value
