"""Pages: documents drawn as HTML by the site's templates. The same documents and site give the same bytes."""

from dataclasses import asdict
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, Literal
from uuid import UUID

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from pipeline.digests import digest as value_digest
from pipeline.digests import sha256
from pipeline.documents import CatalogueDocument, CourseDocument, LessonDocument, OutlineDocument
from pipeline.html_data import course_data, lesson_data
from pipeline.html_filters import ADDRESSES, FILTERS, escaped
from pipeline.html_policy import policy
from pipeline.html_site import Asset, Site, assets, site
from pipeline.html_views import (
    ModuleLink,
    Place,
    catalogue_path,
    course_path,
    embed_providers,
    headings,
    lesson_path,
    page_links,
    place,
)
from pipeline.price import Price

__all__ = [
    "Asset",
    "Notice",
    "Site",
    "assets",
    "catalogue_page",
    "course_page",
    "digest",
    "fixed_pages",
    "lesson_page",
    "notice_page",
    "site",
]

Notice = Literal["redirect", "removed", "withdrawn", "gone"]

TEMPLATES = Path(__file__).resolve().parent / "site" / "templates"

# Every page that is the same for everybody and holds no course: its path, template and title.
FIXED = {
    "404.html": ("404.html", "Page not found"),
    "account/index.html": ("account/profile.html", "Your profile"),
    "account/reset/index.html": ("account/reset.html", "Reset your password"),
    "account/sign-in/index.html": ("account/sign_in.html", "Sign in"),
    "account/sign-up/index.html": ("account/sign_up.html", "Create your account"),
    "account/verify/index.html": ("account/verify.html", "Confirm your e-mail address"),
    "learning/index.html": ("learning.html", "My learning"),
}
# What `base.html` asks of every page, as it is where a page says nothing.
UNSAID = {
    "language": "en",
    "subtitle": "",
    "description": "",
    "course": None,
    "lesson": None,
    "picture": None,
    "data": None,
    "preview": None,
    "feed": False,
    "private": False,
}


@cache
def engine() -> Environment:
    """Templates of this folder alone, each read and compiled once a process.

    Whatever they print is escaped, and a name that nobody gave them is an error.
    """
    found = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=escaped,
        keep_trailing_newline=True,
        auto_reload=False,
    )
    found.filters |= FILTERS
    found.globals = ADDRESSES
    return found


@lru_cache(maxsize=8)
def digest(site: Site) -> str:
    """The sha256 of all that pages are made of besides documents: it changes when any page would.

    A process looks once: `engine` keeps the templates that it has read, too.
    """
    here = Path(__file__).resolve().parent
    sources = sorted([*TEMPLATES.rglob("*.html"), *here.glob("html*.py")])
    parts = {path.relative_to(here).as_posix(): sha256(path.read_bytes()) for path in sources}
    return value_digest({"site": asdict(site), "sources": parts})


def lesson_page(
    site: Site,
    course: CourseDocument,
    where: OutlineDocument | Place,
    lesson: LessonDocument,
    *,
    preview: str | None = None,
) -> bytes:
    """A lesson's page. `preview` is a sentence for a banner: the page is then a draft, not indexed, and calls no API.

    `where` is the lesson's place; or the whole outline, in which one place is looked for.
    In a preview, links lead to the published site and scripts and styles come from `site.assets_base`.
    """
    at = where if isinstance(where, Place) else place(where, lesson.item)
    base = _links_base(site, preview)
    return draw(
        "lesson.html",
        site,
        title=lesson.title,
        subtitle=course.title,
        description=lesson.summary or course.summary,
        path=lesson_path(course.slug, lesson.slug),
        language=lesson.language,
        picture=course.cover,
        csp=policy(site, embeds=embed_providers(lesson), preview=preview is not None),
        preview=preview,
        data=lesson_data(site, course, lesson) if preview is None else None,
        course=course,
        lesson=lesson,
        place=at,
        navigation=_navigation(base, course.slug, at, lesson.item),
        headings=headings(lesson),
    )


def _navigation(base: str, course: str, place: Place, lesson: UUID) -> Markup:
    """The course's outline as the page of `lesson` shows it, with a mark on that very lesson.

    Drawn once a module: the lessons of a module are told apart by the mark alone.
    """
    key = (base, course)
    if key not in place.drawn:
        place.drawn[key] = _outline_list(base, course, place.modules)
    drawn = place.drawn[key]
    end = drawn.index('">', drawn.index(f'<li data-item="{lesson}"><a href="') + len(f'<li data-item="{lesson}">')) + 1
    return Markup(f'{drawn[:end]} aria-current="page"{drawn[end:]}')  # noqa: S704  # drawn, so escaped


@lru_cache(maxsize=64)
def _outline_list(base: str, course: str, modules: tuple[ModuleLink, ...]) -> str:
    """Of the modules that are edited these days: an edited lesson leaves the list of its module as it was."""
    return outline_list(base, course, modules)


def outline_list(base: str, course: str, modules: tuple[ModuleLink, ...], current: UUID | None = None) -> str:
    """Modules, and the lessons of the one that is shown, as a list. `current` is marked as the page one is on."""
    facts = {"links_base": base, "course_slug": course, "modules": modules, "current": current}
    return engine().get_template("parts/outline.html").render(facts)


def course_page(
    site: Site,
    course: CourseDocument,
    outline: OutlineDocument,
    *,
    preview: str | None = None,
    closed: str | None = None,
    price: Price | None = None,
    own: str = "",
) -> bytes:
    """A course's page: what it teaches, who teaches it, and every lesson of it. `preview` as for a lesson's page.

    `closed` is a sentence for those who cannot enrol any more: it stands where they would. `price` is what the course
    costs, if the school sells it: then the page stands in for the release's own, whose object is called `own`.
    """
    lessons = outline.lessons()
    if price:
        course = course.model_copy(update={"price_label": price.label})
    return draw(
        "retired.html" if closed is not None else "priced.html" if price else "course.html",
        site,
        title=course.title,
        description=course.summary,
        path=course_path(course.slug),
        language=course.language,
        picture=course.cover,
        csp=policy(site, preview=preview is not None),
        preview=preview,
        data=course_data(site, course, outline, price, closed=closed is not None) if preview is None else None,
        feed=preview is None,
        course=course,
        closed=closed,
        price=price,
        own=own,
        outline=outline,
        lessons=lessons,
        total_minutes=sum(lesson.minutes for lesson in lessons),
    )


def catalogue_page(site: Site, catalogue: CatalogueDocument, number: int = 1, pages: int = 1) -> bytes:
    """One page of the courses that can be taken: page `number` of `pages`, the first of which is the front page.

    `catalogue` holds the courses of this page alone.
    """
    return draw(
        "catalogue.html",
        site,
        title=f"Courses, page {number}" if number > 1 else "Courses",
        description=f"Every course of {site.name}." if number == 1 else f"Courses of {site.name}, page {number}.",
        path=catalogue_path(number),
        csp=policy(site),
        feed=True,
        catalogue=catalogue,
        number=number,
        pages=pages,
        page_links=page_links(number, pages),
        previous_path=catalogue_path(number - 1) if number > 1 else None,
        next_path=catalogue_path(number + 1) if number < pages else None,
    )


def notice_page(
    site: Site,
    path: str,
    title: str,
    sentence: str,
    link_path: str,
    link_text: str,
    course_uuid: UUID,
    kind: Notice,
) -> bytes:
    """A page that stands where another was: what happened in one sentence, and one link.

    `path` and `link_path` are addresses below the site's root (`courses/x/`, empty for the catalogue). `kind` stands
    in `<meta name="lectern" content="kind:course">`, by which `verify` knows the page; a `redirect` follows its link
    at once, without scripts.
    """
    return draw(
        "notice.html",
        site,
        title=title,
        path=path,
        csp=policy(site),
        private=True,
        sentence=sentence,
        link_path=link_path,
        link_text=link_text,
        course_uuid=course_uuid,
        kind=kind,
    )


def fixed_pages(site: Site) -> dict[str, bytes]:
    """The pages that hold no course, by their path in the store. None of them is for search engines."""
    account = policy(site, account=True)
    return {
        path: draw(template, site, title=title, path=path.removesuffix("index.html"), csp=account, private=True)
        for path, (template, title) in FIXED.items()
    }


def draw(template: str, site: Site, **facts: Any) -> bytes:
    """One page as UTF-8."""
    facts = {**UNSAID, "site": site, "assets": _assets(site), **facts}
    return engine().get_template(template).render(facts, links_base=_links_base(site, facts["preview"])).encode()


@lru_cache(maxsize=8)
def _assets(site: Site) -> Markup:
    """The part of a page's head that names scripts, styles and fonts: the same on every page of a site."""
    return Markup(engine().get_template("parts/assets.html").render(site=site))  # noqa: S704  # drawn, so escaped


def _links_base(site: Site, preview: str | None) -> str:
    return site.base if preview is None else site.site_url
