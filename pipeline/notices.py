"""The pages that readers get instead of a release's own while a course is retired, withdrawn or gone."""

from pipeline import html
from pipeline.documents import CourseDocument
from pipeline.html_views import course_path
from pipeline.manifest import Manifest
from pipeline.models import Publication, Release

Standing = Publication.Standing
# Standings under which the pages of the release itself are there.
OPEN = frozenset({Standing.OPEN, Standing.RETIRED})
CLOSED = frozenset({Standing.WITHDRAWN, Standing.GONE})

RETIRED = "This course takes no new learners."
WITHDRAWN = "This course was withdrawn."
GONE = "This course is no longer offered."
KEPT = "If you were enrolled, your progress is kept."


def instead(publication: Publication, manifest: Manifest) -> dict[str, bytes]:
    """The page to put at each of a release's paths instead of its own, by path. Empty for an open course.

    A retired course's own page has a notice and nothing to enrol with; its lessons stay as they are.
    """
    if publication.standing == Standing.OPEN:
        return {}
    if publication.standing in CLOSED:
        return {path: notice(publication, path) for path in manifest.pages}
    return _retired(publication, manifest)


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


def _retired(publication: Publication, manifest: Manifest) -> dict[str, bytes]:
    release = Release.objects.get(course=manifest.course, number=manifest.release)
    course = CourseDocument.model_validate(release.course_document)
    closed = " ".join(part for part in (RETIRED, publication.standing_note) if part)
    page = html.course_page(html.site(), course, release.read_outline(), closed=closed)
    return {f"{course_path(course.slug)}index.html": page}
