"""Say, in words, what would be written again and why."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from pipeline import html, tombstones
from pipeline.candidate import freeze
from pipeline.documents import CourseDocument
from pipeline.errors import LecternError
from pipeline.inputs import inputs
from pipeline.models import Publication, Release
from pipeline.named import course_named
from pipeline.plan import reason
from pipeline.render import RENDERER, render_course, render_outline
from pipeline.renditions import ReleasedAssets
from pipeline.store import the_store


class Command(BaseCommand):
    help = "Compares a course's drafts with its live release: each document and page that would be rebuilt, and why."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("course", help="the course's slug or UUID")
        parser.add_argument("lesson", nargs="?", help="only the lesson with this slug")

    def handle(self, *args: Any, course: str, lesson: str | None, **options: Any) -> None:
        try:
            frozen = freeze(course_named(course), keep=False)
            wanted = {str(page.uuid) for module in frozen.modules for page in module.lessons if page.slug == lesson}
            if lesson and not wanted:
                raise CommandError(f"“{frozen.page.title}” has no lesson with the slug {lesson!r}.")
            assets = ReleasedAssets(frozen, the_store(), looking=True)
            look = html.digest(html.site())
            course_document, outline = render_course(frozen, assets), render_outline(frozen)
            now = inputs(frozen, course_document, outline, look=look, renderer=RENDERER)
        except LecternError as error:
            raise CommandError(str(error)) from error
        row = Publication.objects.filter(course=frozen.course).select_related("live_release__candidate").first()
        before = _inputs(row.live_release) if row and row.live_release else {}
        shown = {key: parts for key, parts in now.items() if not lesson or key.removeprefix("page:") in wanted}
        reasons = [told for key, parts in shown.items() if (told := reason(parts["name"], before.get(key), parts))]
        gone = [] if lesson else [f"“{parts['name']}” is removed." for key, parts in before.items() if key not in now]
        for told in [*reasons, *gone]:
            self.stdout.write(told)
        self.stdout.write(f"{len(reasons)} of {len(shown)} would be written again, {len(gone)} removed.")


def _inputs(live: Release) -> dict[str, dict[str, Any]]:
    """What the live release was made of, by what its row remembers."""
    document, built = CourseDocument.model_validate(live.course_document), live.built or {}
    frozen = tombstones.without(live.candidate.frozen())
    return inputs(frozen, document, live.read_outline(), look=built["look"], renderer=built["renderer"])
