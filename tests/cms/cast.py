"""The standing cast of the CMS, a small course, and the forms that people send."""

from typing import Any

from django.contrib.auth.models import Group
from django.test import Client
from django.utils import timezone
from wagtail.test.utils.form_data import inline_formset, nested_form_data, rich_text, streamfield

from api.models import User
from content.models import Catalogue, Course, Lesson, Module
from pipeline.approval import approve, submit
from pipeline.models import Publication, Release

BACKEND = "django.contrib.auth.backends.ModelBackend"


def person(name: str, role: str | None = None, **fields: Any) -> User:
    """Somebody with one of the three roles, or a learner without any."""
    user = User.objects.create_user(
        f"{name.lower()}@example.org", "a long enough password", display_name=name, **fields
    )
    if role:
        user.groups.add(Group.objects.get(name=role))
    return user


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user, backend=BACKEND)
    return client


# --- pages ----------------------------------------------------------------------------------------------------


def text(html: str, block: str = "block-1") -> dict[str, Any]:
    return {"type": "text", "value": html, "id": block}


def quiz(right: bool = True) -> dict[str, Any]:
    choices = [
        {"type": "item", "id": f"c-{word}", "value": {"text": word, "correct": right and word == "Air"}}
        for word in ("Air", "Tea")
    ]
    question = {"type": "single", "value": {"prompt": "What moves?", "choices": choices, "points": 1}, "id": "q-1"}
    return {"type": "quiz", "value": {"title": "Check", "pass_percent": 60, "questions": [question]}, "id": "quiz-1"}


def make_course(owner: User, title: str = "Weather", lessons: tuple[str, ...] = ("Wind", "Rain")) -> Course:
    """A course of drafts with one module, "Basics"; each lesson says its own title."""
    catalogue = Catalogue.objects.get()
    course = catalogue.add_child(
        instance=Course(title=title, slug=title.lower(), summary=f"About {title}.", owner=owner, live=False)
    )
    course.save_revision(user=owner)
    module = course.add_child(instance=Module(title="Basics", slug="basics", owner=owner, live=False))
    module.save_revision(user=owner)
    for lesson in lessons:
        add_lesson(module, lesson)
    return Course.objects.get(pk=course.pk)


def add_lesson(module: Module, title: str, *blocks: dict[str, Any]) -> Lesson:
    module = Module.objects.get(pk=module.pk)
    body = list(blocks) or [text(f"<p>{title} in a word.</p>")]
    lesson = Lesson(title=title, slug=title.lower().replace(" ", "-"), owner=module.owner, live=False, body=body)
    module.add_child(instance=lesson)
    lesson.save_revision(user=module.owner)
    return Lesson.objects.get(pk=lesson.pk)


def the_lesson(title: str) -> Lesson:
    return Lesson.objects.get(draft_title=title)


def edit(page: Any, by: User, **changes: Any) -> Any:
    """Save a new draft of a page, as it stands now with `changes`."""
    draft = type(page).objects.get(pk=page.pk).get_latest_revision_as_object()
    for name, value in changes.items():
        setattr(draft, name, value)
    return draft.save_revision(user=by)


def draft_of(page: Any) -> Any:
    return type(page).objects.get(pk=page.pk).get_latest_revision_as_object()


def release(course: Course, author: User, editor: User) -> Release:
    """Submit and approve what the drafts say now, and let it be live for readers."""
    return let_live(approve(submit(Course.objects.get(pk=course.pk), author), editor))


def let_live(made: Release) -> Release:
    """What the worker writes into the database at the end of a release."""
    Release.objects.filter(course=made.course, state=Release.State.LIVE).update(state=Release.State.PAST)
    Release.objects.filter(pk=made.pk).update(state=Release.State.LIVE, built_at=timezone.now(), manifest="0" * 64)
    publication = Publication.objects.get(course=made.course)
    publication.live_release, publication.built_seq = made, publication.wanted_seq
    publication.title = made.candidate.title
    publication.save()
    return Release.objects.get(pk=made.pk)


# --- forms ----------------------------------------------------------------------------------------------------

COMMENTS = {"comments": inline_formset([])}


def course_form(course: Course, **changes: Any) -> dict[str, Any]:
    draft = draft_of(course)
    fields = {
        "title": draft.title,
        "slug": draft.slug,
        "summary": draft.summary,
        "description": rich_text("<p>About it.</p>"),
        "cover": "",
        "cover_alt": "",
        "level": draft.level,
        "language": draft.language,
        "hours": str(draft.hours),
        "topics": "",
        "price_label": draft.price_label,
        "outcomes": streamfield([]),
        "instructors": inline_formset([]),
        "prerequisites": inline_formset([]),
    }
    return dict(nested_form_data({**fields, **COMMENTS, **changes}))


def new_course_form(**changes: Any) -> dict[str, Any]:
    new = Course(title="Clouds", slug="clouds", summary="About clouds.")
    fields = {name: getattr(new, name) for name in ("title", "slug", "summary", "level", "language", "price_label")}
    empty = {"description": rich_text(""), "cover": "", "cover_alt": "", "hours": "0", "topics": ""}
    inlines = {"outcomes": streamfield([]), "instructors": inline_formset([]), "prerequisites": inline_formset([])}
    return dict(nested_form_data({**fields, **empty, **inlines, **COMMENTS, **changes}))


def lesson_form(title: str, html: str = "<p>Said in the editor.</p>", **changes: Any) -> dict[str, Any]:
    slug = title.lower().replace(" ", "-")
    body = streamfield([("text", rich_text(html))])
    fields = {"title": title, "slug": slug, "summary": "", "minutes": "5", "body": body}
    return dict(nested_form_data({**fields, **COMMENTS, **changes}))
