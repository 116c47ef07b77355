"""What is live, made of what readers have: only the lessons that were published since are frozen anew.

An editor's edit of one lesson costs one lesson, however many the course has. It is the very tree that a freeze of
everything gives, as long as nothing but these lessons' own words changed; whatever else may have makes `touched` answer
None, and everything is frozen.
"""

from uuid import UUID

from django.db.models import Q

from content.models import Course, Lesson, Module
from content.privacy import any_private
from pipeline.candidate import live_pages, page_links
from pipeline.digests import sha256
from pipeline.frozen import FrozenPage, FrozenPageLink
from pipeline.frozen_parts import lessons as lesson_parts
from pipeline.frozen_parts import modules as module_parts
from pipeline.frozen_tree import CourseTree, Leaf, LessonPart, ModulePart
from pipeline.models import Candidate, Release, Tombstone
from pipeline.references import references

MOST = 50  # lessons; of more, a freeze of everything is as cheap
STEP = Course.steplen

Made = tuple[CourseTree, dict[str, bytes]]


def touched(course: Course, had: Release, lessons: set[UUID]) -> Made | None:
    """The tree of `course` as it is live and the bytes of its new parts by name, if it differs from that of `had` in
    the words of `lessons` alone; else None.

    `had` is the live release, `lessons` are the pages that were published since it was built. About ten queries,
    whatever the number of lessons.
    """
    if not 0 < len(lessons) <= MOST or not _the_editor_says(had):
        return None
    old = had.candidate.tree()
    places = {leaf.uuid: place for place, leaf in enumerate(old.modules)}
    found = dict(live_pages(Lesson, Lesson.objects.live().filter(alias_of=None, uuid__in=lessons)))
    homes = {path[:-STEP] for path in found}
    modules = dict(live_pages(Module, Module.objects.live().filter(alias_of=None, path__in=homes)))
    if (
        (old.page.slug, old.page.title) != (course.slug, course.title)
        or {page.uuid for page in found.values()} != lessons
        or any(page.fields["held_back"] for page in found.values())
        or modules.keys() != homes
        or any(home[:-STEP] != course.path for home in homes)
        or any(page.uuid not in places for page in modules.values())
        or any_private(found)
    ):
        return None
    parts = module_parts(course.uuid, [old.modules[places[page.uuid]].part for page in modules.values()])
    fresh: dict[str, bytes] = {}
    leaves = list(old.modules)
    for home, page in modules.items():
        place = places[page.uuid]
        inside = [lesson for path, lesson in found.items() if path[:-STEP] == home]
        module = _module(course, parts[leaves[place].part], page, inside, fresh)
        if module is None:
            return None
        leaves[place] = module
    return old.model_copy(update={"modules": tuple(leaves)}), fresh


def _the_editor_says(had: Release) -> bool:
    """Whether the editor says what `had` says, but for the changes that are unbuilt. It does not after a rollback, or
    once an approval was stopped; nor if a purge took something away that the editor still has.

    A direct release that waits, for a video or for a worker that died, was made of the editor and changed nothing in
    it.
    """
    if had.candidate.kind == Candidate.Kind.PURGED:
        return False
    direct = Q(state=Release.State.WAITING, manifest="", candidate__kind=Candidate.Kind.DIRECT)
    return not Release.objects.filter(~direct, course=had.course, number__gt=had.number).exists()


def _module(
    course: Course, old: ModulePart, page: FrozenPage, lessons: list[FrozenPage], fresh: dict[str, bytes]
) -> Leaf | None:
    """The module with these lessons anew, whose parts go to `fresh`. None if anything but their words changed."""
    places = {leaf.uuid: place for place, leaf in enumerate(old.lessons)}
    if old.page != page or not all(lesson.uuid in places for lesson in lessons):
        return None
    leaves = list(old.lessons)
    parts = lesson_parts(course.uuid, [leaves[places[lesson.uuid]].part for lesson in lessons])
    for lesson in lessons:
        place = places[lesson.uuid]
        part = _lesson(course, parts[leaves[place].part], lesson)
        if part is None:
            return None
        leaves[place] = _leaf(part, fresh)
    return _leaf(old.model_copy(update={"lessons": tuple(leaves)}), fresh)


def _lesson(course: Course, old: LessonPart, page: FrozenPage) -> LessonPart | None:
    """The lesson's part as it says now. None if it was renamed or shows what it did not show."""
    used = set(references(page.fields))
    if (page.slug, page.title, page.page_id) != (old.page.slug, old.page.title, old.page.page_id):
        return None
    if not used <= set(references(old.page.fields)):
        return None
    files = {one.key for one in used if one.kind != "page"}
    links = _links(course, old, [one.id for one in used if one.kind == "page"])
    if links is None or not files <= old.files.keys():
        return None
    part = LessonPart(page=page, files={key: old.files[key] for key in files}, links=links)
    shas = {file.sha256 for file in part.files.values()}
    shas |= {track.sha256 for file in part.files.values() for track in file.tracks}
    if Tombstone.objects.filter(name__in=[str(course.uuid), str(page.uuid), *shas]).exists():
        return None
    return part


def _links(course: Course, old: LessonPart, ids: list[int]) -> dict[str, FrozenPageLink] | None:
    """Where the links lead now. None if one leads to a lesson of this course that is not called what it was."""
    if not ids:
        return {}
    links = page_links(ids, {}, course)  # of other courses, and to this one itself
    here = Lesson.objects.descendant_of(course).live().filter(pk__in=ids).values_list("pk", "slug", "title")
    for pk, slug, title in here:
        link = FrozenPageLink(course_slug=course.slug, lesson_slug=slug, title=title)
        if old.links.get(str(pk)) != link:
            return None
        links[str(pk)] = link
    return links


def _leaf(part: LessonPart, fresh: dict[str, bytes]) -> Leaf:
    data = part.to_bytes()
    name = sha256(data)
    fresh[name] = data
    return Leaf(uuid=part.page.uuid, part=name)
