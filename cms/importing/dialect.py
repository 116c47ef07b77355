"""What both dialects share: one folder being read, its findings and files, and how one Markdown file becomes a body."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from cms.importing import boxes, commonmark, divs
from cms.importing.findings import Findings
from cms.importing.folder import Folder, slug_of
from cms.importing.front_matter import Fields, YamlFault, parsed, split
from cms.importing.plan import CoursePlan
from cms.importing.source import Source
from cms.importing.uploads import Uploads, looks_meant
from content.rules import walk
from pipeline.errors import AuthorError
from pipeline.markdown import parts
from pipeline.sanitise import Anchors

Progress = Callable[[str, int, int], None]


@dataclass
class Page:
    """A Markdown file, its front matter taken off. `line` is the file's line in which `body` begins."""

    path: Path
    fields: Fields
    body: str
    line: int


@dataclass
class Reading:
    """One import's reading of one folder."""

    folder: Folder
    findings: Findings
    progress: Progress
    templates: bool = False
    lessons: dict[Path, str] = field(default_factory=dict)
    sources: list[Source] = field(default_factory=list)
    uploads: Uploads = field(init=False)

    def __post_init__(self) -> None:
        self.uploads = Uploads(self.folder, lambda name, sentence: self.findings.warning(name, 0, sentence))

    def page(self, path: Path) -> Page | None:
        """The file at `path`; None, and an error, if it cannot be read."""
        name = self.folder.name(path) if path.is_relative_to(self.folder.root) else path.name
        try:
            yaml, body, line = split(self.folder.text(path))
            return Page(path, Fields(parsed(yaml), self.findings, name, 1), body, line)
        except YamlFault as fault:
            self.findings.error(name, fault.line + 1, str(fault))
        except AuthorError as fault:
            self.findings.error(name, 0, str(fault))
        return None

    def source(self, page: Page, *bases: Path) -> Source:
        made = Source(
            self.folder,
            page.path,
            (page.path.parent, *bases),
            self.lessons,
            self.uploads,
            self.findings,
            references=commonmark.references(divs.without_fences(page.body)),
            templates=self.templates,
        )
        self.sources.append(made)
        return made

    def tree(self, page: Page) -> list[divs.Node]:
        return divs.tree(page.body, page.line, self.findings, self.folder.name(page.path))

    def body(self, page: Page, source: Source) -> list[dict[str, object]]:
        """The raw blocks of a lesson's file."""
        return boxes.lesson_body(self.tree(page), source)

    def slug(self, page: Page, default: str) -> str:
        """The address an author wrote, or one made of the file's name."""
        given = page.fields.text("slug", most=100)
        made = slug_of(given or default)
        if given and given != made:
            page.fields.findings.error(
                page.fields.file, 1, f"“slug: {given}” cannot be an address: write it as “{made or 'like-this'}”."
            )
        return made

    def finish(self, plan: CoursePlan) -> None:
        """Say what can only be said of the whole course: where anchors lead, what was left out."""
        plan.uploads = list(self.uploads)
        plan.tracks = {video: list(tracks.values()) for video, tracks in self.uploads.tracks.items()}
        self._say_what_is_unused()
        headings = {lesson.slug: _headings(lesson.body) for lesson in plan.lessons()}
        for source in self.sources:
            source.say_what_was_left_out()
            own = self.lessons.get(source.path, "")
            for line, slug, fragment in source.anchors:
                if (slug or own) in headings and fragment.casefold() not in headings[slug or own]:
                    where = "there" if slug else "in this lesson"
                    source.warning(
                        line,
                        f"No heading {where} is called “#{fragment}”: it leads to the top of the page. Correct it.",
                    )

    def _say_what_is_unused(self) -> None:
        unused: dict[Path, list[str]] = {}
        for path in sorted(self.folder.root.rglob("*")):
            if path.is_file() and looks_meant(path) and not self.uploads.knows(path.resolve()):
                unused.setdefault(path.parent, []).append(path.name)
        for parent, names in unused.items():
            listed = ", ".join(names[:4]) + (" …" if len(names) > 4 else "")
            many = f"{len(names)} files here are" if len(names) > 1 else "A file here is"
            self.findings.warning(
                f"{self.folder.name(parent)}/",
                0,
                f"{many} named by no lesson and not uploaded ({listed}): link to them where learners need them.",
            )


def _headings(body: list[dict[str, object]]) -> set[str]:
    """The anchors that the published page of a lesson will have."""
    anchors = Anchors()
    found: set[str] = set()
    for block in walk(body):
        if block["type"] == "markdown":
            for part in parts(str(block["value"])):
                html = anchors.set(getattr(part, "html", ""))
                found.update(piece.partition('"')[0] for piece in html.split(' id="')[1:])
    return found


def lesson_slugs(reading: Reading, slugs: Mapping[Path, str]) -> None:
    """Note the addresses of all lessons, before one of them is read: links lead forwards too."""
    taken: dict[str, Path] = {}
    for path, slug in slugs.items():
        if slug in taken:
            other = reading.folder.name(taken[slug])
            reading.findings.error(
                reading.folder.name(path),
                0,
                f"This lesson and {other} share the address “{slug}”, so one would hide the other: rename one of the "
                "files, or give one a “slug”.",
            )
        taken.setdefault(slug, path)
    reading.lessons.update(slugs)
