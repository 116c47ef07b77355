"""The pages that readers get instead of a release's own: while a course is retired, withdrawn or gone, or is sold."""

from collections.abc import Mapping

from pipeline import html
from pipeline.documents import CourseDocument
from pipeline.html_views import course_path, of_the_course
from pipeline.manifest import Entry
from pipeline.models import Publication, Release
from pipeline.price import Price

Standing = Publication.Standing
# Standings under which the pages of the release itself are there.
OPEN = frozenset({Standing.OPEN, Standing.RETIRED})
CLOSED = frozenset({Standing.WITHDRAWN, Standing.GONE})

RETIRED = "This course takes no new learners."
WITHDRAWN = "This course was withdrawn."
GONE = "This course is no longer offered."
KEPT = "If you were enrolled, your progress is kept."


def instead(publication: Publication, release: int, pages: Mapping[str, Entry]) -> dict[str, bytes]:
    """The page to put at each path of `pages`, which are a release's own, instead of them.

    Of an open course that is a page that says what it costs, if the school sells it; of a retired one it has a notice
    and nothing to enrol with. Their lessons stay as they are.
    """
    if publication.standing in CLOSED:
        return {path: notice(publication, path) for path in pages}
    sold = Price.model_validate(publication.price) if publication.price else None
    if publication.standing == Standing.OPEN and sold is None:
        return {}
    if not any(map(of_the_course, pages)):
        return {}
    row = Release.objects.get(course=publication.course, number=release)
    course, path = CourseDocument.model_validate(row.course_document), f"{course_path(row.slug)}index.html"
    if publication.standing == Standing.RETIRED:
        closed = " ".join(part for part in (RETIRED, publication.standing_note) if part)
        return {path: html.course_page(html.site(), course, row.read_outline(), closed=closed)}
    page = html.course_page(html.site(), course, row.read_outline(), price=sold, own=pages[path].object)
    return {path: page}


def notice(publication: Publication, path: str) -> bytes:
    """The page that says that a course was withdrawn, or is gone. `path` is where it lies, with `index.html`."""
    gone = publication.standing == Standing.GONE
    sentence = " ".join(part for part in (GONE if gone else WITHDRAWN, publication.standing_note, KEPT) if part)
    return html.notice_page(
        html.site(),
        path.removesuffix("index.html"),
        publication.title or "This course",
        sentence,
        "",
        "See all courses",
        publication.course,
        "gone" if gone else "withdrawn",
    )
