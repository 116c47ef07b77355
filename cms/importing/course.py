"""Writes a plan into the editor: finds the pages that an earlier import made, and changes what differs."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from taggit.models import Tag

from cms.importing import identity, pages
from cms.importing.findings import Findings
from cms.importing.folder import slug_of
from cms.importing.library import Library
from cms.importing.plan import CoursePlan, LessonPlan, ModulePlan, PersonPlan
from cms.importing.source import Raw
from cms.importing.uploads import Upload
from content.models import Catalogue, Course, InstructorProfile, Lesson, Module
from pipeline.errors import AuthorError

IMPORTED = 5  # the version of the UUIDs that an import gives; the editor gives version 4
_TENTH = Decimal("0.1")


@dataclass
class Written:
    """What was done to pages, each named by its file, or by its title where the file is gone."""

    course: Course | None = None
    created: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    moved: list[str] = field(default_factory=list)
    held_back: list[str] = field(default_factory=list)
    unchanged: int = 0

    def note(self, file: str, fresh: bool, changed: bool) -> None:
        if fresh:
            self.created.append(file)
        elif changed:
            self.changed.append(file)
        else:
            self.unchanged += 1


class Writing:
    """One import's writing. The caller holds the transaction."""

    def __init__(self, plan: CoursePlan, library: Library, author: Any) -> None:
        self.plan, self.library, self.author = plan, library, author
        self.done = Written()
        self.uuid = identity.course_uuid(plan.identity)
        self.course = Course.objects.filter(uuid=self.uuid).first()
        below = self.course.path if self.course else "-"
        self.modules = list(Module.objects.filter(path__startswith=below).order_by("path"))
        self.lessons = list(Lesson.objects.filter(path__startswith=below).order_by("path"))
        self.home = {lesson.pk: lesson.path[: -Lesson.steplen] for lesson in self.lessons}

    def refuse(self, findings: Findings) -> None:
        """Note what stands in the way in the editor, before anything is written."""
        slug = self.plan.slug or (self.course.slug if self.course else slug_of(self.plan.title))
        twin = Course.objects.filter(slug=slug).exclude(uuid=self.uuid).first()
        if twin:
            findings.error(
                self.plan.file,
                0,
                f"The address “{slug}” belongs to the course “{twin.title}”, which was not imported from this folder: "
                "give this one another “slug”.",
            )
        if self.author and not self._may_write():
            whose = f"change “{self.course.title}”" if self.course else "add courses"
            findings.error(self.plan.file, 0, f"{self.author} may not {whose}: name an author who may.")
        ours = {identity.lesson_uuid(self.uuid, lesson.slug): lesson for lesson in self.plan.lessons()}
        here = [lesson.pk for lesson in self.lessons]
        for lost in Lesson.objects.filter(uuid__in=ours).exclude(pk__in=here):
            sentence = f"This lesson was moved to another course in the editor (“{lost.title}”): move it back there."
            findings.error(ours[lost.uuid].file, 0, sentence)

    def write(self, progress: Any) -> Written:
        """Raises AuthorError for a page that is locked."""
        if self.course is None:
            self.course = self._new_course()
            fresh = True
        else:
            fresh = False
        self.done.note(self.plan.file, fresh, self._write_course())
        for video, tracks in self.plan.tracks.items():
            self.library.keep_tracks(video, tracks)
        matched = self._matched(list(self.plan.lessons()), self.lessons, identity.lesson_uuid)
        modules = self._matched(self.plan.modules, self.modules, identity.module_uuid)
        written, kept, number = [], set(), 0
        total = sum(1 for _ in self.plan.lessons())
        for module in self.plan.modules:
            page = self._module(module, modules.get(module.slug))
            written.append(page)
            inside = []
            for lesson in module.lessons:
                number += 1
                progress("Writing lessons", number, total)
                inside.append(self._lesson(lesson, matched.get(lesson.slug), page))
            kept |= {lesson.pk for lesson in inside}
            self._arrange(page, inside, [lesson.file for lesson in module.lessons])
        self._arrange(self.course, written, [module.file for module in self.plan.modules])
        self._hold_back(kept, {page.pk for page in written})
        # Fetched anew: who submits an instance that knows of no revision makes one of what the instance still says.
        self.done.course = Course.objects.get(pk=self.course.pk)
        return self.done

    # --- the course -------------------------------------------------------------------------------------------

    def _may_write(self) -> bool:
        if self.course:
            return bool(self.course.permissions_for_user(self.author).can_edit())
        catalogue = Catalogue.objects.first()
        return bool(catalogue and catalogue.permissions_for_user(self.author).can_add_subpage())

    def _new_course(self) -> Course:
        catalogue = Catalogue.objects.first()
        if catalogue is None:
            raise AuthorError("This school has no catalogue yet: run “manage.py migrate”.")
        course = Course(
            title=self.plan.title,
            slug=self.plan.slug or slug_of(self.plan.title),
            uuid=self.uuid,
            summary=self.plan.summary,
            owner=self.author,
            live=False,
        )
        catalogue.add_child(instance=course)
        return course

    def _write_course(self) -> bool:
        assert self.course is not None  # noqa: S101  (made or found before)
        plan = self.plan
        _, slug, before = pages.draft(self.course)
        outcomes = [{"type": "outcome", "value": text, "id": ""} for text in plan.outcomes]
        fields = {
            "summary": plan.summary,
            "description": plan.description,
            "cover": self.library.row(plan.cover) if plan.cover else None,
            "cover_alt": plan.cover_alt,
            "level": plan.level,
            "language": plan.language,
            "hours": str(plan.hours.quantize(_TENTH)),
            "price_label": plan.price_label,
            "outcomes": identity.with_ids(outcomes, before["outcomes"], self.uuid),
            "topics": sorted(_topic(name) for name in dict.fromkeys(plan.topics)),
            "instructors": [self._person(person) for person in plan.people],
            "prerequisites": before["prerequisites"],
        }
        return pages.write(self.course, plan.title, plan.slug or slug, fields, self.author)

    def _person(self, plan: PersonPlan) -> int:
        """The profile of that name. One that belongs to a user is theirs to change, not the folder's."""
        person = InstructorProfile.objects.filter(name__iexact=plan.name).order_by("pk").first()
        if person is None:
            own = self.author and str(self.author) == plan.name
            free = own and not InstructorProfile.objects.filter(user=self.author).exists()
            person = InstructorProfile(name=plan.name, user=self.author if free else None)
        elif person.user_id or (person.headline, person.bio) == (plan.headline, plan.bio):
            return person.pk
        person.headline, person.bio = plan.headline, plan.bio
        person.save()
        return person.pk

    # --- modules and lessons ----------------------------------------------------------------------------------

    def _matched(self, plans: Sequence[Any], found: Sequence[Any], uuid_of: Any) -> dict[str, Any]:
        """{slug of a plan: the page that it is}: by UUID, then by address, then by title."""
        matched: dict[str, Any] = {}
        left = list(found)
        ways: tuple[Callable[[Any, Any], bool], ...] = (
            lambda plan, page: bool(page.uuid == uuid_of(self.uuid, plan.slug)),
            lambda plan, page: bool(page.slug == plan.slug),
            lambda plan, page: page.uuid.version == IMPORTED and pages.draft(page)[0] == plan.title,
        )
        for same in ways:
            for plan in plans:
                page = next((page for page in left if same(plan, page)), None) if plan.slug not in matched else None
                if page:
                    matched[plan.slug] = page
                    left.remove(page)
        return matched

    def _module(self, plan: ModulePlan, page: Any) -> Any:
        fresh = page is None
        if page is None:
            taken = {module.slug for module in self.modules}
            slug = next(one for one in (plan.slug, *(f"{plan.slug}-{n}" for n in range(2, 999))) if one not in taken)
            page = Module(title=plan.title, slug=slug, uuid=identity.module_uuid(self.uuid, plan.slug), live=False)
            self._add(self.course, page)
        fields = {"summary": plan.summary, "held_back": False}
        self.done.note(plan.file, fresh, pages.write(page, plan.title, page.slug, fields, self.author))
        return page

    def _lesson(self, plan: LessonPlan, page: Any, module: Any) -> Any:
        fresh = page is None
        if page is None:
            page = Lesson(title=plan.title, slug=plan.slug, uuid=identity.lesson_uuid(self.uuid, plan.slug), live=False)
            self._add(module, page)
            before: list[Raw] = []
        else:
            before = pages.draft(page)[2]["body"]
        fields = {
            "summary": plan.summary,
            "minutes": plan.minutes,
            "body": identity.with_ids([self._resolved(block) for block in plan.body], before, page.uuid),
            "held_back": plan.held_back,
        }
        self.done.note(plan.file, fresh, pages.write(page, plan.title, plan.slug, fields, self.author))
        return page

    def _add(self, parent: Any, page: Any) -> None:
        # Fetched anew: treebeard counts children on the instance, and earlier additions changed the row.
        fresh = type(parent).objects.get(pk=parent.pk)
        page.owner = self.author
        fresh.add_child(instance=page)

    def _resolved(self, value: Any) -> Any:
        """`value` with the ids of rows in the place of uploads."""
        if isinstance(value, Upload):
            return self.library.row(value)
        if isinstance(value, dict):
            return {name: self._resolved(inner) for name, inner in value.items()}
        return [self._resolved(inner) for inner in value] if isinstance(value, list) else value

    def _arrange(self, parent: Any, wanted: list[Any], files: list[str]) -> None:
        known = {page.pk for page in (*self.modules, *self.lessons)}
        names = {page.pk: file for page, file in zip(wanted, files, strict=True)}
        self.done.moved += [names[page.pk] for page in pages.arrange(parent, wanted) if page.pk in known]

    def _hold_back(self, lessons: Iterable[int], modules: Iterable[int]) -> None:
        """Leave out what an earlier import made and the folder has no more. What was written in the editor stays."""
        gone = [lesson for lesson in self.lessons if lesson.pk not in lessons and lesson.uuid.version == IMPORTED]
        written_here = {self.home[one.pk] for one in self.lessons if one.uuid.version != IMPORTED}
        empty = [
            module
            for module in self.modules
            if module.pk not in modules and module.uuid.version == IMPORTED and module.path not in written_here
        ]
        for page in (*gone, *empty):
            fresh = type(page).objects.get(pk=page.pk)
            title, slug, fields = pages.draft(fresh)
            if pages.write(fresh, title, slug, {**fields, "held_back": True}, self.author):
                self.done.held_back.append(title)


def _topic(name: str) -> str:
    """The tag as it is known already: “Python” and “python” are one topic."""
    known: str | None = Tag.objects.filter(name__iexact=name).values_list("name", flat=True).first()
    return known or name
