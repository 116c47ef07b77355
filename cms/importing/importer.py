"""The one verb: a folder of Markdown becomes a course in the editor, whole or not at all."""

from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from cms.importing import carpentries, plain
from cms.importing.course import Writing, Written
from cms.importing.dialect import Progress, Reading
from cms.importing.findings import Findings
from cms.importing.folder import Folder
from cms.importing.library import Library
from cms.importing.plan import CoursePlan
from cms.importing.report import Refused, Report
from content.models import Lesson
from content.rules import Known, course_faults, lesson_faults
from pipeline import mathml
from pipeline.errors import AuthorError

DIALECTS = ((plain.fits, plain.read), (carpentries.fits, carpentries.read))


def _quiet(_what: str, _done: int, _total: int) -> None:
    """Nobody watches."""


def import_course(folder: Path | str, author: Any = None, progress: Progress = _quiet) -> Report:
    """Read the course in `folder`, judge all of it, and write it as drafts of `author`.

    A second import of the same folder updates the same pages, blocks and uploads. A new course belongs to `author`;
    without one it belongs to nobody, and editors look after it. `progress` hears (what, done, total).

    Raises Refused, whose report lists every error, if there is one; then no row and no file was written.
    """
    root, findings = Path(folder), Findings()
    plan = _planned(root, findings, progress)
    if plan is None or findings.any_errors():
        raise Refused(Report(str(root), tuple(findings)))
    library = Library(author)
    try:
        with transaction.atomic():
            writing = Writing(plan, library, author)
            writing.refuse(findings)
            _stop(root, findings)
            written = writing.write(progress)
            _check_blocks(plan, written, findings)
            _stop(root, findings)
    except BaseException as error:
        library.remove_written()
        if isinstance(error, AuthorError) and not isinstance(error, Refused):
            findings.error(plan.file, 0, str(error))
            _stop(root, findings)
        raise
    return Report(
        str(root),
        tuple(findings),
        course=written.course,
        counts=plan.counts(),
        created=tuple(written.created),
        changed=tuple(written.changed),
        moved=tuple(written.moved),
        held_back=tuple(written.held_back),
        unchanged=written.unchanged,
        uploaded=library.created,
    )


def _planned(root: Path, findings: Findings, progress: Progress) -> CoursePlan | None:
    try:
        folder = Folder(root)
    except AuthorError as error:
        findings.error(root.name, 0, str(error))
        return None
    read = next((read for fits, read in DIALECTS if fits(folder.root)), None)
    if read is None:
        findings.error(
            root.name, 0, "This folder holds no course: it needs a file course.md, or a folder episodes with lessons."
        )
        return None
    reading = Reading(folder, findings, progress)
    plan = read(reading)
    if plan:
        reading.finish(plan)
        _judge(plan, findings)
    return plan


def _judge(plan: CoursePlan, findings: Findings) -> None:
    """The authoring faults that the editor shows too, each at its line."""
    fields = {"summary": plan.summary, "cover": plan.cover, "language": plan.language}
    # Two lessons of one address are reported already, by the names of their files.
    lessons = {lesson.slug: lesson.title for lesson in plan.lessons() if not lesson.held_back}
    for fault in course_faults(fields, [(title, slug) for slug, title in lessons.items()]):
        (findings.error if fault.severity == "error" else findings.warning)(plan.file, 0, fault.sentence)
    for lesson in plan.lessons():
        for fault in lesson_faults(lesson.title, lesson.body, Known(formula_trouble=mathml.trouble)):
            note = findings.error if fault.severity == "error" and not lesson.held_back else findings.warning
            note(lesson.file, int(fault.block or 0), fault.sentence)


def _check_blocks(plan: CoursePlan, written: Written, findings: Findings) -> None:
    """Whatever the editor's own forms would refuse, so that no lesson is imported that its author could not save."""
    files = {lesson.slug: lesson.file for lesson in plan.lessons()}
    fresh = {*written.created, *written.changed}
    for lesson in Lesson.objects.descendant_of(written.course).select_related("latest_revision"):
        if files.get(lesson.slug) not in fresh:
            continue
        body = lesson.get_latest_revision_as_object().body
        try:
            body.stream_block.clean(body)
        except ValidationError as error:
            said = " ".join(str(getattr(error, "as_json_data", error.__str__)()).split())
            findings.error(files[lesson.slug], 0, f"The editor would refuse this lesson: {said[:500]}. Correct it.")


def _stop(root: Path, findings: Findings) -> None:
    if findings.any_errors():
        raise Refused(Report(str(root), tuple(findings)))
