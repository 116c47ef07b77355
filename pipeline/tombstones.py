"""What was purged stays away: it is left out of whatever is built, and refused where it comes back in."""

import re
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import Any

from pipeline.errors import AuthorError
from pipeline.frozen import FrozenCourse, FrozenFile, FrozenModule, FrozenPage, FrozenPerson
from pipeline.models import Tombstone
from pipeline.references import CHOOSERS, LINKS, Reference, references

LINK = re.compile(r"<a\b[^>]*>|</a\s*>", re.IGNORECASE)


@dataclass(frozen=True)
class Purged:
    """Names of what was purged: courses and lessons by UUID, files by the sha256 of their originals."""

    courses: frozenset[str]
    lessons: frozenset[str]
    files: frozenset[str]

    @classmethod
    def known(cls) -> "Purged":
        """All of it. One query."""
        rows = list(Tombstone.objects.values_list("kind", "name"))
        course, lesson, file = (
            frozenset(name for kind, name in rows if kind == which)
            for which in (Tombstone.Kind.COURSE, Tombstone.Kind.LESSON, Tombstone.Kind.FILE)
        )
        return cls(course, lesson, file)


def without(frozen: FrozenCourse, purged: Purged | None = None) -> FrozenCourse:
    """A frozen course without whatever of it was purged; the very same one if nothing was."""
    purged = purged or Purged.known()
    if str(frozen.course) in purged.courses:
        return _emptied(frozen)
    if purged.lessons:
        frozen = _without_lessons(frozen, purged.lessons)
    return _without_files(frozen, purged.files) if purged.files else frozen


def holds(frozen: FrozenCourse) -> bool:
    """Whether a frozen course holds anything that was purged."""
    return without(frozen) != frozen


def refuse_file(sha256: str, name: str, title: str) -> None:
    """Raises AuthorError, naming the page, if the file that it uses was purged: the same bytes do not come back."""
    stone = Tombstone.objects.filter(kind=Tombstone.Kind.FILE, name=sha256).first()
    if stone:
        raise AuthorError(
            f"“{title}” uses {name}, which was purged on {stone.at:%-d %B %Y}: choose another file there."
        )


def refuse_course(frozen: FrozenCourse, what: str) -> None:
    """Raises AuthorError if a frozen course holds anything that was purged. `what` names it: “release 3”."""
    if holds(frozen):
        raise AuthorError(f"{what[0].upper()}{what[1:]} holds content that was purged since, so it cannot come back.")


def _emptied(frozen: FrozenCourse) -> FrozenCourse:
    """Its name and its address, for the notice that stands there."""
    kept = {"level", "language", "hours"}
    fields = {name: value if name in kept else _blank(value) for name, value in frozen.page.fields.items()}
    page = frozen.page.model_copy(update={"fields": fields})
    nothing: dict[str, Any] = {"modules": (), "files": {}, "instructors": (), "prerequisites": (), "links": {}}
    return frozen.model_copy(update={"page": page, **nothing})


def _blank(value: Any) -> Any:
    return type(value)() if isinstance(value, str | list | dict) else None


def _without_lessons(frozen: FrozenCourse, lessons: frozenset[str]) -> FrozenCourse:
    if not any(str(lesson.uuid) in lessons for module in frozen.modules for lesson in module.lessons):
        return frozen
    modules = []
    for module in frozen.modules:
        kept = tuple(lesson for lesson in module.lessons if str(lesson.uuid) not in lessons)
        if kept:
            modules.append(FrozenModule(page=module.page, lessons=kept))
    return _only_used(frozen.model_copy(update={"modules": tuple(modules)}))


def _without_files(frozen: FrozenCourse, files: frozenset[str]) -> FrozenCourse:
    shas = {file.sha256 for file in frozen.files.values()}
    shas |= {track.sha256 for file in frozen.files.values() for track in file.tracks}
    if not shas & files:
        return frozen
    gone = frozenset(key for key, file in frozen.files.items() if file.sha256 in files)
    return frozen.model_copy(
        update={
            "page": _without_references(frozen.page, gone),
            "modules": tuple(
                FrozenModule(
                    page=_without_references(module.page, gone),
                    lessons=tuple(_without_references(lesson, gone) for lesson in module.lessons),
                )
                for module in frozen.modules
            ),
            "instructors": tuple(_without_portrait(person, gone) for person in frozen.instructors),
            "files": {key: _without_tracks(file, files) for key, file in frozen.files.items() if key not in gone},
        }
    )


def _only_used(frozen: FrozenCourse) -> FrozenCourse:
    """Without the files that nothing in it uses any more."""
    used = used_files(frozen)
    return frozen.model_copy(update={"files": {key: file for key, file in frozen.files.items() if key in used}})


def used_files(frozen: FrozenCourse, *, but: frozenset[str] = frozenset()) -> set[str]:
    """The keys of the files that its pages and people show, leaving out the lessons `but`, by UUID."""
    pages = [frozen.page]
    for module in frozen.modules:
        pages += [module.page, *(lesson for lesson in module.lessons if str(lesson.uuid) not in but)]
    used = {reference.key for page in pages for reference in references(page.fields)}
    used |= {f"image/{page.fields['cover']}" for page in pages if page.fields.get("cover")}
    return used | {person.portrait for person in frozen.instructors if person.portrait}


def _without_tracks(file: FrozenFile, files: frozenset[str]) -> FrozenFile:
    return file.model_copy(update={"tracks": tuple(track for track in file.tracks if track.sha256 not in files)})


def _without_portrait(person: FrozenPerson, gone: frozenset[str]) -> FrozenPerson:
    return person.model_copy(update={"portrait": None, "portrait_alt": ""}) if person.portrait in gone else person


def _without_references(page: FrozenPage, gone: frozenset[str]) -> FrozenPage:
    fields = {name: _cut(value, gone) for name, value in page.fields.items()}
    if f"image/{fields.get('cover')}" in gone:
        fields |= {"cover": None, "cover_alt": ""}
    return page.model_copy(update={"fields": fields})


def _cut(value: Any, gone: frozenset[str]) -> Any:
    """A raw value without the blocks that show a file of `gone`, at any depth; of links to one the words stay."""
    if isinstance(value, dict):
        return {name: _cut(inner, gone) for name, inner in value.items()}
    if isinstance(value, list):
        return [_cut(inner, gone) for inner in value if not _shows(inner, gone)]
    if isinstance(value, str) and "linktype" in value:
        return _unlinked(value, gone)
    return value


def _shows(block: Any, gone: frozenset[str]) -> bool:
    if not isinstance(block, dict) or block.get("type") not in CHOOSERS or not isinstance(block.get("value"), dict):
        return False
    return Reference(block["type"], block["value"].get(CHOOSERS[block["type"]])).key in gone


def _unlinked(html: str, gone: frozenset[str]) -> str:
    open_links: list[bool] = []

    def tag(match: re.Match[str]) -> str:
        if match.group().startswith("</"):
            return "" if open_links and open_links.pop() else match.group()
        open_links.append(_leads_to(match.group()) in gone)
        return "" if open_links[-1] else match.group()

    return LINK.sub(tag, html)


def _leads_to(tag: str) -> str:
    """The key of the file that an opening `<a>` of rich text leads to, or nothing."""
    found: list[str] = []

    class Reader(HTMLParser):
        def handle_starttag(self, _tag: str, attrs: list[tuple[str, str | None]]) -> None:
            given = dict(attrs)
            kind = LINKS.get(given.get("linktype") or "")
            found.append(f"{kind}/{given.get('id')}" if kind else "")

    Reader().feed(tag)
    return found[0] if found else ""
