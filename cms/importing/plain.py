"""The plain dialect: `course.md`, and folders `NN-name/` of lessons `NN-name.md`."""

from pathlib import Path

from cms.importing.dialect import Page, Reading, lesson_slugs
from cms.importing.folder import NUMBERED, numbered, slug_of, without_number
from cms.importing.front_matter import Fields
from cms.importing.plan import CoursePlan, LessonPlan, ModulePlan, PersonPlan
from cms.importing.rich_text import description, short_rich_text
from content.models import Course

COURSE, MODULE = "course.md", "module.md"


def fits(root: Path) -> bool:
    return (root / COURSE).is_file()


def read(reading: Reading) -> CoursePlan | None:
    """The course in the folder; None if `course.md` itself cannot be read."""
    root = reading.folder.root
    page = reading.page(root / COURSE)
    modules = [(folder, _lesson_files(reading, folder)) for folder in numbered(root) if folder.is_dir()]
    pages = {path: reading.page(path) for _, files in modules for path in files}
    slugs = {path: reading.slug(found, without_number(path.stem)) for path, found in pages.items() if found}
    lesson_slugs(reading, slugs)
    done = 0
    planned = []
    for folder, files in modules:
        module = _module(reading, folder)
        for path in files:
            done += 1
            reading.progress("Reading lessons", done, len(pages))
            if found := pages[path]:
                module.lessons.append(_lesson(reading, found, slugs[path]))
        if module.lessons:
            planned.append(module)
        else:
            reading.findings.warning(module.file, 0, "This module has no lesson and is left out: add one (01-name.md).")
    return _course(reading, page, planned) if page else None


def _lesson_files(reading: Reading, folder: Path) -> list[Path]:
    found = []
    for path in sorted(folder.iterdir()):
        if path.suffix.lower() != ".md" or not path.is_file() or path.name == MODULE:
            continue
        if NUMBERED.match(path.name):
            found.append(path)
        else:
            reading.findings.warning(
                reading.folder.name(path),
                0,
                "The name begins with no number, so it is no lesson: call it 01-name.md.",
            )
    order = {path: place for place, path in enumerate(numbered(folder))}
    return sorted(found, key=lambda path: order[path])


def _module(reading: Reading, folder: Path) -> ModulePlan:
    name = without_number(folder.name)
    title, summary = name.replace("-", " ").replace("_", " ").strip().capitalize(), ""
    file = reading.folder.name(folder)
    page = reading.page(folder / MODULE) if (folder / MODULE).is_file() else None
    if page:
        title, summary = page.fields.text("title", title, most=255), page.fields.text("summary", most=300)
        file = reading.folder.name(page.path)
        page.fields.refuse_unknown()
        if page.body.strip():
            reading.findings.warning(file, page.line, "A module holds no text of its own: write it into a lesson.")
    return ModulePlan(file, slug_of(name), title, summary)


def _lesson(reading: Reading, page: Page, slug: str) -> LessonPlan:
    fields = page.fields
    plan = LessonPlan(
        file=reading.folder.name(page.path),
        slug=slug,
        title=fields.text("title", most=255),
        summary=fields.text("summary", most=300),
        minutes=fields.whole("minutes"),
        held_back=fields.flag("held_back"),
        body=[],
    )
    fields.refuse_unknown()
    plan.body = reading.body(page, reading.source(page, reading.folder.root))
    return plan


def _course(reading: Reading, page: Page, modules: list[ModulePlan]) -> CoursePlan:
    fields, source = page.fields, reading.source(page)
    slug = reading.slug(page, "") if fields.has("slug") else ""
    cover = fields.text("cover")
    plan = CoursePlan(
        file=COURSE,
        identity=slug or slug_of(reading.folder.root.name),
        slug=slug,
        title=fields.text("title", most=255),
        summary=fields.text("summary", most=300),
        description=description(reading.tree(page), source),
        cover=source.upload("image", cover, 1) if cover else None,
        cover_alt=fields.text("cover_alt", most=300),
        level=fields.choice("level", tuple(Course.Level.values), Course.Level.BEGINNER.value),
        language=fields.text("language", "en", most=12),
        hours=fields.number("hours"),
        topics=fields.texts("topics", most=100),
        price_label=fields.text("price_label", "Free", most=60),
        outcomes=fields.texts("outcomes", most=200),
        people=[_person(reading, raw) for raw in fields.items("instructors")],
        modules=modules,
    )
    fields.text("slug")
    fields.refuse_unknown()
    if not plan.title:
        source.error(1, "The course has no title: write “title: …” into the front matter.")
    return plan


def _person(reading: Reading, raw: object) -> PersonPlan:
    fields = Fields({"name": raw} if isinstance(raw, str) else raw, reading.findings, COURSE, 1)
    person = PersonPlan(
        fields.text("name", most=120), fields.text("headline", most=160), short_rich_text(fields.text("bio"))
    )
    fields.refuse_unknown()
    if not person.name:
        reading.findings.error(COURSE, 1, "An instructor has no name: write “name: …”.")
    return person
