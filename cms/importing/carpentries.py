"""The Carpentries' dialect: `episodes/*.md` in the order of `config.yaml`, a first page, and folders beside them.

Source: The Carpentries Workbench, "Introduction to The Carpentries Workbench", and its component guide.
"""

from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any

from cms.importing import commonmark
from cms.importing.dialect import Page, Reading, lesson_slugs
from cms.importing.divs import Div, Node, Text
from cms.importing.folder import numbered, slug_of, without_number
from cms.importing.front_matter import Fields, YamlFault, parsed
from cms.importing.markdown_blocks import blocks_of
from cms.importing.plan import CoursePlan, LessonPlan, ModulePlan
from cms.importing.rich_text import description, short_rich_text
from cms.importing.source import Raw, Source
from content.models import Course
from pipeline.errors import AuthorError

EPISODES, CONFIG, INDEX = "episodes", "config.yaml", "index.md"
# Front matter of episodes that steers their own generator.
GENERATORS = ("editor_options", "source", "layout", "root", "permalink", "site", "output", "break")


def fits(root: Path) -> bool:
    return (root / EPISODES).is_dir()


def read(reading: Reading) -> CoursePlan | None:
    """The course in the folder; None if its settings cannot be read."""
    reading.templates = True
    config = _config(reading)
    if config is None:
        return None
    pages = {path: reading.page(path) for path in _episodes(reading, config)}
    slugs = {path: reading.slug(page, without_number(path.stem)) for path, page in pages.items() if page}
    lesson_slugs(reading, slugs)
    module = ModulePlan(EPISODES, EPISODES, "Episodes", "")
    for done, (path, page) in enumerate(pages.items(), 1):
        reading.progress("Reading lessons", done, len(pages))
        if page:
            module.lessons.append(_lesson(reading, page, slugs[path]))
    return _course(reading, config, [module] if module.lessons else [])


def _config(reading: Reading) -> Fields | None:
    path = reading.folder.root / CONFIG
    if not path.is_file():
        return Fields({}, reading.findings, CONFIG, 1)
    try:
        return Fields(parsed(reading.folder.text(path)), reading.findings, CONFIG, 1)
    except YamlFault as fault:
        reading.findings.error(CONFIG, fault.line, str(fault))
    except AuthorError as fault:
        reading.findings.error(CONFIG, 0, str(fault))
    return None


def _episodes(reading: Reading, config: Fields) -> list[Path]:
    """The episodes in order. One that is listed and missing is an error, one that is not listed a warning."""
    folder = reading.folder.root / EPISODES
    present = [path.resolve() for path in numbered(folder) if path.suffix.lower() == ".md"]
    present += sorted({path.resolve() for path in folder.glob("*.md")} - set(present))
    listed = config.texts("episodes", most=200)
    if not listed:
        return present
    found = []
    for name in listed:
        try:
            found.append(reading.folder.named(name, (folder,)))
        except AuthorError as error:
            reading.findings.error(CONFIG, 0, f"Under “episodes”: {error}")
    for path in present:
        if path not in found:
            reading.findings.warning(
                f"{EPISODES}/{path.name}", 0, f"This episode is not listed in {CONFIG} and is left out: list it there."
            )
    return list(dict.fromkeys(found))


def _lesson(reading: Reading, page: Page, slug: str) -> LessonPlan:
    fields = page.fields
    plan = LessonPlan(
        file=reading.folder.name(page.path),
        slug=slug,
        title=commonmark.plain_words(fields.text("title", most=255)),
        summary=fields.text("summary", most=300),
        minutes=fields.whole("teaching") + fields.whole("exercises"),
        held_back=False,
        body=[],
    )
    fields.refuse_unknown(GENERATORS)
    root = reading.folder.root
    plan.body = reading.body(page, reading.source(page, root, root / EPISODES))
    return plan


def _course(reading: Reading, config: Fields, modules: list[ModulePlan]) -> CoursePlan:
    minutes = sum(lesson.minutes for module in modules for lesson in module.lessons)
    path = reading.folder.root / INDEX
    page = reading.page(path) if path.is_file() else None
    identity = config.text("url") or config.text("source")
    slug = slug_of(identity.rstrip("/").rpartition("/")[2] or reading.folder.root.name)
    plan = CoursePlan(
        file=INDEX if page else CONFIG,
        identity=identity or slug,
        slug="",
        title=config.text("title", slug.replace("-", " ").capitalize(), most=255),
        summary=config.text("description", most=300),
        description="",
        cover=None,
        cover_alt="",
        level=Course.Level.BEGINNER.value,
        language=config.text("lang", "en", most=12),
        hours=(Decimal(minutes) / 60).quantize(Decimal("0.1")),
        topics=_topics(config),
        price_label="Free",
        outcomes=[],
        people=[],
        modules=modules,
    )
    if page:
        _describe(plan, reading, page)
    plan.description += short_rich_text(_terms(config))
    return plan


def _topics(config: Fields) -> list[str]:
    value = config.raw("keywords")
    words = value if isinstance(value, list) else str(value or "").split(",")
    return [str(word).strip()[:100] for word in words if str(word).strip()]


def _describe(plan: CoursePlan, reading: Reading, page: Page) -> None:
    """The first page becomes the description, its first picture the cover, its first paragraph the summary."""
    source = reading.source(page, reading.folder.root / EPISODES)
    nodes = reading.tree(page)
    picture = _first_picture(nodes, source)
    if picture:
        plan.cover, plan.cover_alt = picture["value"]["image"], picture["value"]["alt"]
        if len(plan.cover_alt) > 300:
            source.warning(int(picture["id"]), "The text alternative of the cover is cut at 300 characters.")
            plan.cover_alt = plan.cover_alt[:299] + "…"
    plan.description = description(nodes, source)
    plan.summary = plan.summary or _first_words(page)


def _first_picture(nodes: list[Node], source: Source) -> Raw | None:
    """The first image of the text, taken out of it."""
    for node in nodes:
        if isinstance(node, Div):
            continue
        for token in commonmark.parsed("\n".join(node.lines)):
            alone = token.type == "inline" and token.map and token.children and token.children[0].type == "image"
            if not alone or not token.map:
                continue
            start, end = token.map
            taken = Text(node.line + start, node.lines[start:end])
            blocks = blocks_of(taken, source)
            if len(blocks) == 1 and blocks[0]["type"] == "image":
                node.lines[start:end] = [""] * (end - start)
                return blocks[0]
            return None
    return None


def _first_words(page: Page) -> str:
    """At most 300 characters of the first paragraph, cut at the end of a sentence or a word."""
    tokens: list[Any] = commonmark.parsed(page.body)
    for before, token in pairwise(tokens):
        if before.type == "paragraph_open" and (words := commonmark.plain(token)):
            if len(words) <= 300:
                return words.rstrip(":")
            cut = words[:299]
            sentence = cut.rfind(". ")
            return cut[: sentence + 1] if sentence > 80 else cut.rpartition(" ")[0] + "…"
    return ""


def _terms(config: Fields) -> str:
    """Whose work it is, and on which terms: licences that ask for it ask for it on the page."""
    licence, source = config.text("license"), config.text("source")
    parts = [f"Licence: {licence}." if licence else ""]
    parts.append(f"Source: <{source}>" if source.startswith(("https://", "http://")) else "")
    return " ".join(part for part in parts if part)
