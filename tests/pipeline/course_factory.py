"""Small real courses, made of Wagtail pages the way authors make them, and taken through the real doors."""

from pathlib import Path
from typing import Any

from wagtail.models import Locale, Page, Site

from api.models import User
from content.models import Catalogue, Course, Lesson, Module
from pipeline import approval, worker
from pipeline.keys import public_key
from pipeline.manifest import Manifest, Pointer, verified
from pipeline.models import Candidate, Publication, Release
from pipeline.release import read_manifest
from pipeline.store.disk import DiskStore
from pipeline.verify import NOTICE

# Words that stand in answers and explanations of `quiz` and nowhere else. No reader may ever be sent one.
CANARIES = ("heronry", "quokkas", "zeugmatic", "31337.25", "syzygial", "borborygm")


def person(name: str) -> User:
    """Ada writes, Edna approves. Made when first asked for."""
    email = f"{name.lower()}@example.org"
    return User.objects.filter(email=email).first() or User.objects.create_user(email, display_name=name)


def catalogue() -> Catalogue:
    """The page above all courses; made anew where a test that commits has emptied the tables."""
    found = Catalogue.objects.first()
    if found:
        return found
    locale = Locale.objects.get_or_create(language_code="en")[0]
    root = Page.get_first_root_node() or Page.add_root(title="Root", slug="root", locale=locale)
    made: Catalogue = root.add_child(instance=Catalogue(title="Courses", slug="courses", locale=locale))
    Site.objects.get_or_create(hostname="localhost", defaults={"root_page": made, "is_default_site": True})
    return made


def make_course(title: str = "Statistics", lessons: int = 3, modules: int = 1) -> Course:
    """A course of drafts by Ada: each of `modules` modules has `lessons` lessons, the first of them with a quiz."""
    ada, slug = person("Ada"), title.lower().replace(" ", "-")
    course = Course(title=title, slug=slug, summary=f"All of {title}.", owner=ada, live=False, hours=2)
    catalogue().add_child(instance=course)
    course.topics.add("numbers")
    course.save_revision(user=ada)
    for number in range(1, modules + 1):
        module = Module(title=f"Module {number}", slug=f"module-{number}", owner=ada, live=False)
        course.add_child(instance=module)
        module.save_revision(user=ada)
        for place in range(1, lessons + 1):
            body = [text(f"Lesson {number}.{place} says little."), code(), *([quiz()] if place == 1 else [])]
            add_lesson(module, f"Lesson {number}.{place}", body)
    return Course.objects.get(pk=course.pk)


def add_lesson(module: Module, title: str, body: list[dict[str, Any]] | None = None) -> Lesson:
    ada, slug = person("Ada"), title.lower().replace(" ", "-").replace(".", "-")
    lesson = Lesson(title=title, slug=slug, owner=ada, live=False, body=body or [text(f"{title} says little.")])
    Module.objects.get(pk=module.pk).add_child(instance=lesson)
    lesson.save_revision(user=ada)
    return Lesson.objects.get(pk=lesson.pk)


def text(words: str, block: str = "text-1") -> dict[str, Any]:
    return {"type": "text", "id": block, "value": f"<p>{words}</p>"}


def code(block: str = "code-1") -> dict[str, Any]:
    value = {"language": "python", "code": "print(1)", "highlight": "", "filename": "", "output": "1"}
    return {"type": "code", "id": block, "value": value | {"output_kind": "output"}}


def quiz(block: str = "quiz-1") -> dict[str, Any]:
    """One question of each kind. CANARIES stand in what is right, and in why."""

    def question(kind: str, number: int, **value: Any) -> dict[str, Any]:
        told = {"prompt": f"Question {number}?", "points": 1, "explanation": f"Because of the {CANARIES[number]}."}
        return {"type": kind, "id": f"{block}-q{number}", "value": told | value}

    def item(name: str, value: Any) -> dict[str, Any]:
        return {"type": "item", "id": f"{block}-{name}", "value": value}

    choices = [item("c1", {"text": "Yes", "correct": True}), item("c2", {"text": "No", "correct": False})]
    questions = [
        question("single", 0, choices=choices),
        question("multiple", 1, choices=choices),
        question("number", 2, answer=float(CANARIES[3]), tolerance=0.5, unit="m"),
        question("short_text", 4, accepted=[item("a1", CANARIES[5])], case_sensitive=False),
    ]
    return {"type": "quiz", "id": block, "value": {"title": "Check", "pass_percent": 60, "questions": questions}}


# --- what people do -------------------------------------------------------------------------------------------


def lessons(course: Course) -> list[Lesson]:
    """In the order of the course."""
    return list(Lesson.objects.descendant_of(course).order_by("path"))


def edit(page: Any, **changes: Any) -> Any:
    """Ada saves a new draft of a page: as it stands in its last draft, with `changes`."""
    draft = type(page).objects.get(pk=page.pk).get_latest_revision_as_object()
    for name, value in changes.items():
        setattr(draft, name, value)
    return draft.save_revision(user=person("Ada"))


def rewrite(lesson: Lesson, words: str) -> Any:
    """Ada changes the first paragraph of a lesson and nothing else of it."""
    draft = Lesson.objects.get(pk=lesson.pk).get_latest_revision_as_object()
    raw = list(draft.body.raw_data)
    return edit(lesson, body=[text(words, raw[0]["id"]), *raw[1:]])


def publish(page: Any, **changes: Any) -> None:
    """Edna publishes a page directly, without a review."""
    edit(page, **changes).publish(user=person("Edna"), skip_permission_checks=True)


def submit(course: Course) -> Candidate:
    return approval.submit(Course.objects.get(pk=course.pk), person("Ada"))


def approve(course: Course) -> Release:
    """Ada submits, Edna approves; the worker has not come yet."""
    return approval.approve(submit(course), person("Edna"))


def release(course: Course) -> Release:
    """Ada submits, Edna approves, the worker comes: the release is live for readers."""
    made = approve(course)
    worker.drain()
    made.refresh_from_db()
    publication = Publication.objects.get(course=course.uuid)
    assert made.state == Release.State.LIVE, publication.last_error or publication.waiting_for
    return made


# --- what lies on the store -----------------------------------------------------------------------------------


def files(root: Path) -> dict[str, tuple[int, int]]:
    """Every file that a static host would serve, and what changes when it is written again."""
    return {
        key: ((root / key).stat().st_ino, (root / key).stat().st_mtime_ns) for key in sorted(DiskStore(root).keys(""))
    }


def written(before: dict[str, tuple[int, int]], root: Path) -> set[str]:
    """The keys that were written, or written again, since `before`."""
    return {key for key, facts in files(root).items() if before.get(key) != facts}


def notice(root: Path, path: str) -> tuple[str, str] | None:
    """The kind of notice at an address (`courses/x/`) and the address that it leads to, or None for a page."""
    found = NOTICE.search((root / path / "index.html").read_bytes())
    return (found.group(1).decode(), found.group(2).decode()) if found else None


def pointer(root: Path, course: Course) -> Pointer:
    return verified((root / f"c/{course.uuid}/current.json").read_bytes(), public_key())


def manifest(root: Path, course: Course) -> Manifest:
    """The whole manifest that the pointer names."""
    return read_manifest(DiskStore(root), pointer(root, course).manifest)
