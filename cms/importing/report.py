"""What came of an import, for the person who started it."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby

from cms.importing.findings import Finding
from content.models import Course
from pipeline.errors import AuthorError

COUNTED = {
    "lesson": "lessons",
    "markdown": "pieces of text",
    "code": "pieces of code",
    "output": "outputs",
    "image": "images",
    "table": "tables",
    "challenge": "challenges",
    "callout": "other callouts",
    "solution": "solutions",
    "quiz": "quizzes",
    "video": "videos",
    "embed": "videos elsewhere",
    "maths": "formulas",
    "quote": "quotes",
    "attachment": "attachments",
}


@dataclass(frozen=True)
class Report:
    """`course` is None if nothing was written. Pages are named by their file, or by their title where it is gone."""

    folder: str
    findings: tuple[Finding, ...] = ()
    course: Course | None = None
    counts: Counter[str] = field(default_factory=Counter)
    created: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    moved: tuple[str, ...] = ()
    held_back: tuple[str, ...] = ()
    unchanged: int = 0
    uploaded: int = 0

    @property
    def errors(self) -> tuple[Finding, ...]:
        return tuple(finding for finding in self.findings if finding.is_error)

    @property
    def warnings(self) -> tuple[Finding, ...]:
        return tuple(finding for finding in self.findings if not finding.is_error)

    @property
    def nothing_changed(self) -> bool:
        return not (self.created or self.changed or self.moved or self.held_back)

    def lines(self) -> Iterator[str]:
        """The report as plain lines: findings by file, then what was written."""
        yield from _by_file(self.findings)
        if self.course is None:
            yield f"Nothing was imported from {self.folder}: {_plural(len(self.errors), 'error')} to put right."
            return
        yield f"“{self.course.title}”: " + ", ".join(_counted(self.counts)) + "."
        for verb, names in (("new", self.created), ("changed", self.changed), ("moved", self.moved)):
            if names:
                yield f"  {verb}: {', '.join(names)}"
        if self.held_back:
            gone = ", ".join(self.held_back)
            yield f"  left out from the next release on, because the folder has them no more: {gone}"
        yield f"  {_plural(self.unchanged, 'page')} unchanged, {_plural(self.uploaded, 'new upload')}."


class Refused(AuthorError):
    """The folder has errors; nothing was written. `report` lists them."""

    def __init__(self, report: Report) -> None:
        self.report = report
        first = report.errors[0]
        rest = f" (and {len(report.errors) - 1} more)" if len(report.errors) > 1 else ""
        super().__init__(f"{first.place}: {first.sentence}{rest}")


def _by_file(findings: Sequence[Finding]) -> Iterator[str]:
    ordered = sorted(findings, key=lambda one: (one.file, not one.is_error, one.line))
    for file, group in groupby(ordered, key=lambda one: one.file):
        found = list(group)
        errors = sum(one.is_error for one in found)
        counts = [_plural(errors, "error")] * bool(errors)
        counts += [_plural(len(found) - errors, "warning")] * (len(found) > errors)
        yield f"{file} ({', '.join(counts)})"
        for one in found:
            line = f"line {one.line}: " if one.line else ""
            yield f"  {one.severity}: {line}{one.sentence}"


def _counted(counts: Counter[str]) -> Iterator[str]:
    for name, plural in COUNTED.items():
        if counts[name]:
            singular = plural.removesuffix("s") if name not in {"markdown", "code", "quiz", "embed", "callout"} else ""
            singular = singular or {"markdown": "piece of text", "code": "piece of code", "quiz": "quiz"}.get(
                name, "video elsewhere" if name == "embed" else "other callout"
            )
            yield f"{counts[name]} {singular if counts[name] == 1 else plural}"


def _plural(number: int, word: str) -> str:
    return f"{number} {word}" if number == 1 else f"{number} {word}s"
