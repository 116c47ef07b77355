"""Authoring faults as sentences: what an author should put right, found in plain raw values.

The functions know no database. They read what a StreamField stores (`[{"type", "value", "id"}, ...]`) and answer
with `Fault`s. An error keeps a course from being submitted; a warning does not.
"""

import re
from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from html import unescape
from typing import Any, Literal, TypeVar

Raw = Mapping[str, Any]
Id = TypeVar("Id", bound=Hashable)

MAX_CODE_LINE = 120  # characters; longer lines scroll sideways on every screen
VAGUE_LINKS = {"here", "click here", "this", "this link", "link", "read more", "more"}
ADDRESS = re.compile(r"[A-Za-z0-9_-]{1,200}")  # what a part of a published address may be
NO_TEXT = "An image has no text alternative: describe it, or tick “Only decoration”."


@dataclass(frozen=True)
class Fault:
    """One sentence with its remedy. `block` is the id of the block it stands in, empty for the page itself."""

    severity: Literal["error", "warning"]
    sentence: str
    block: str = ""


@dataclass(frozen=True)
class Known:
    """What exists beside the lesson. None means "not asked": a check that would need it is left out."""

    pages: Collection[int] | None = None
    captioned_videos: Collection[int] | None = None
    videos: Mapping[int, str] = field(default_factory=dict)
    formula_trouble: Callable[[str], str] | None = None  # why LaTeX cannot be drawn, as the end of a sentence, or ""


def lesson_faults(title: str, body: Sequence[Raw], known: Known | None = None) -> list[Fault]:
    """Every fault of one lesson, in reading order."""
    known = known or Known()
    faults: list[Fault] = []
    if not title.strip():
        faults.append(Fault("error", "The lesson has no title: give it one."))
    blocks = list(walk(body))
    if not any(_says_something(block) for block in blocks):
        faults.append(Fault("error", "The lesson is empty: write it, or tick “leave out of the course for now”."))
    level = 1  # the title is the page's first heading
    for block in blocks:
        faults.extend(_block_faults(block, known))
        for depth, text in _headings(block):
            if not text:
                faults.append(Fault("warning", "A heading is empty: write it or remove it.", _id(block)))
                continue
            if depth > level + 1:
                sentence = f"The heading “{_short(text)}” skips a level: make it a heading {level + 1}."
                faults.append(Fault("warning", sentence, _id(block)))
            level = depth
    return faults


def course_faults(
    fields: Raw, lessons: Sequence[tuple[str, str]], cycle: Sequence[str] = (), *, language: str = "", address: str = ""
) -> list[Fault]:
    """Every fault of a course's own page. `lessons` are (title, slug) in order, `cycle` titles from `cycle_of`,
    `address` the course's own slug where `fields` does not hold it."""
    faults = []
    if not lessons:
        faults.append(Fault("error", "The course has no lessons: add a module, and a lesson to it."))
    own = address or str(fields.get("slug") or "")
    for whose, slug in [("the course", own), *((f"“{title}”", slug) for title, slug in lessons)]:
        if slug and not ADDRESS.fullmatch(slug):
            sentence = f"The address “{_short(slug)}” of {whose} cannot be published: use only English letters, "
            faults.append(Fault("error", sentence + "digits, hyphens and underscores, at most 200 of them."))
    seen: dict[str, str] = {}
    for title, slug in lessons:
        if slug in seen:
            sentence = f"The lessons “{seen[slug]}” and “{title}” share the address “{slug}”: change one of them."
            faults.append(Fault("error", sentence))
        seen.setdefault(slug, title)
    if cycle:
        sentence = f"The prerequisites lead in a circle ({' → '.join(cycle)}): remove one of them."
        faults.append(Fault("error", sentence))
    if not str(fields.get("summary") or "").strip():
        faults.append(Fault("error", "The course has no summary: write one or two sentences for the catalogue."))
    if not fields.get("cover"):
        faults.append(Fault("warning", "The course has no cover: choose an image for the catalogue."))
    tag = language or str(fields.get("language") or "")
    if tag and not re.fullmatch(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*", tag):
        faults.append(Fault("error", f"“{tag}” is not a language tag: write one such as en, de or pt-BR."))
    return faults


def cycle_of(course: Id, required: Mapping[Id, Iterable[Id]]) -> list[Id]:
    """The way from `course` through its prerequisites back to itself, both ends included; empty if there is none."""
    path: list[Id] = []
    done: set[Id] = set()

    def visit(node: Id) -> bool:
        if path and node == course:
            return True
        if node in done:
            return False
        done.add(node)
        path.append(node)
        if any(visit(following) for following in required.get(node, ())):
            return True
        path.pop()
        return False

    return [*path, course] if visit(course) else []


def walk(blocks: Iterable[Raw]) -> Iterator[Raw]:
    """Every block of a stream and of the boxes in it, in reading order."""
    for block in blocks:
        yield block
        if block.get("type") in {"callout", "solution"}:
            yield from walk((block.get("value") or {}).get("body") or ())


# --- one block ------------------------------------------------------------------------------------------------


def _block_faults(block: Raw, known: Known) -> list[Fault]:
    check = CHECKS.get(str(block.get("type")))
    return (
        [Fault(severity, sentence, _id(block)) for severity, sentence in check(block.get("value"), known)]
        if check
        else []
    )


Found = Iterator[tuple[Literal["error", "warning"], str]]


def _text(value: Any, known: Known) -> Found:
    html = str(value or "")
    for attributes, inner in re.findall(r"<a\b([^>]*)>(.*?)</a>", html, re.S):
        text = _plain(inner)
        if text.casefold().strip(" .…>»") in VAGUE_LINKS:
            yield "warning", f"A link says only “{text}”: let it say where it leads."
        page = re.search(r'\bid="(\d+)"', attributes) if 'linktype="page"' in attributes else None
        if page and known.pages is not None and int(page.group(1)) not in known.pages:
            yield "error", f"The link “{_short(text)}” leads to a page that is gone: choose another or remove it."


def _markdown(value: Any, _known: Known) -> Found:
    for image, text in re.findall(r"(!?)\[([^\]]*)\]\([^)]*\)", _without_code(str(value or ""))):
        if image and not text.strip():
            yield "warning", NO_TEXT
        elif not image and text.casefold().strip(" .…>»*_") in VAGUE_LINKS:
            yield "warning", f"A link says only “{text}”: let it say where it leads."


def _code(value: Any, _known: Known) -> Found:
    lines = str((value or {}).get("code") or "").splitlines()
    for number, line in enumerate(lines, 1):
        if len(line) > MAX_CODE_LINE:
            yield (
                "warning",
                f"Line {number} of the code is {len(line)} characters long: break it, or readers must scroll.",
            )
            return


def _image(value: Any, _known: Known) -> Found:
    value = value or {}
    if not value.get("image"):
        yield "error", "An image block has no image: choose one or remove the block."
    elif not value.get("decorative") and not str(value.get("alt") or "").strip():
        yield "error", NO_TEXT


def _video(value: Any, known: Known) -> Found:
    video = (value or {}).get("video")
    if not video:
        yield "error", "A video block has no video: choose one or remove the block."
    elif known.captioned_videos is not None and video not in known.captioned_videos:
        name = known.videos.get(video) or (value or {}).get("title") or "A video"
        yield "warning", f"“{name}” has no captions: add a WebVTT or SubRip file under Media."


def _attachment(value: Any, _known: Known) -> Found:
    if not (value or {}).get("attachment"):
        yield "error", "An attachment block has no file: choose one or remove the block."


def _maths(value: Any, known: Known) -> Found:
    latex = str((value or {}).get("latex") or "").strip()
    trouble = known.formula_trouble(latex) if known.formula_trouble else ""
    if trouble:
        yield (
            "warning",
            f"The formula “{_short(latex)}” cannot be drawn ({trouble}): readers would see it as it is written.",
        )


def _embed(value: Any, _known: Known) -> Found:
    if not str((value or {}).get("title") or "").strip():
        yield "error", "A video elsewhere has no title: say what it shows."


def _quiz(value: Any, _known: Known) -> Found:
    questions = (value or {}).get("questions") or []
    if not questions:
        yield "error", "A quiz has no questions: add one or remove the quiz."
    for number, question in enumerate(questions, 1):
        yield from _question(number, str(question.get("type")), question.get("value") or {})


def _question(number: int, kind: str, value: Raw) -> Found:
    if not str(value.get("prompt") or "").strip():
        yield "error", f"Question {number} of a quiz asks nothing: write it or remove it."
    if kind in {"single", "multiple"}:
        choices = [item.get("value") or {} for item in value.get("choices") or []]
        right = sum(bool(choice.get("correct")) for choice in choices)
        if not right:
            yield "error", f"Question {number} of a quiz has no right answer: mark one."
        elif kind == "single" and right > 1:
            yield (
                "error",
                f"Question {number} of a quiz has {right} right answers: mark one, or let it ask for several.",
            )
    elif kind == "number" and value.get("answer") is None:
        yield "error", f"Question {number} of a quiz has no right answer: write the number."
    elif kind == "short_text" and not any(str(item.get("value") or "").strip() for item in value.get("accepted") or []):
        yield "error", f"Question {number} of a quiz accepts no answer: write at least one."


CHECKS: dict[str, Callable[[Any, Known], Found]] = {
    "text": _text,
    "markdown": _markdown,
    "code": _code,
    "image": _image,
    "video": _video,
    "attachment": _attachment,
    "embed": _embed,
    "maths": _maths,
    "quiz": _quiz,
}


# --- reading --------------------------------------------------------------------------------------------------


def _says_something(block: Raw) -> bool:
    value = block.get("value")
    if block.get("type") == "text":
        return bool(_plain(str(value or "")))
    if block.get("type") in {"callout", "solution"}:
        return False  # what stands inside is walked by itself
    return bool(value.strip()) if isinstance(value, str) else bool(value)


def _headings(block: Raw) -> list[tuple[int, str]]:
    """(level, text) of each heading. In Markdown `#` and `##` both make a heading 2: the title is heading 1."""
    value = str(block.get("value") or "")
    if block.get("type") == "text":
        return [(int(level), _plain(text)) for level, text in re.findall(r"<h([2-6])\b[^>]*>(.*?)</h\1>", value, re.S)]
    if block.get("type") == "markdown":
        found = re.findall(r"^ {0,3}(#{1,6})(?:[ \t]+(.*?))?[ \t]*#*[ \t]*$", _without_code(value), re.M)
        return [(max(2, len(marks)), text.strip()) for marks, text in found]
    return []


def _without_code(markdown: str) -> str:
    fenced = re.sub(r"^( {0,3})(`{3,}|~{3,}).*?^ {0,3}\2[`~]*[ \t]*$", "", markdown, flags=re.M | re.S)
    return re.sub(r"(`+)(?!`).+?\1", "", fenced)


def _plain(html: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())


def _short(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:59]}…"


def _id(block: Raw) -> str:
    return str(block.get("id") or "")
