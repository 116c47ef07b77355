"""One screen for each act that takes something from readers, and for its undo: what will happen, then a button."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST
from wagtail.admin import messages

from api.enrolment.models import Enrolment
from cms.heading import heading
from cms.reports.releases import course_of, title_of
from cms.whole import whole
from pipeline import outbox
from pipeline.models import ChangeEvent, Publication
from pipeline.reopen import reopen as reopen_course
from pipeline.retire import retire as retire_course
from pipeline.standing import LONGEST_NOTE
from pipeline.withdraw import withdraw as withdraw_course

Standing = Publication.Standing


@dataclass(frozen=True)
class Verb:
    """`sentences` says what will happen to readers; `act` is called with the course, the person and the note."""

    name: str
    button: str
    done: str
    note: str
    sentences: Callable[[Publication, str], list[str]]
    act: Callable[[UUID, Any, str], None]


def counted(number: int, word: str) -> str:
    return f"{number:,} {word}{'' if number == 1 else 's'}"


def learners(course: UUID) -> int:
    """How many people are enrolled in the course now."""
    return Enrolment.objects.filter(course=course, left_at=None).count()


def pages(publication: Publication) -> int:
    """How many pages of the course readers have."""
    live = publication.live_release
    return 1 + len(live.read_outline().lessons()) if live else 0


def _retire(publication: Publication, title: str) -> list[str]:
    return [
        f"“{title}” leaves the catalogue, and nobody can enrol any more. Its page says so.",
        f"Its {counted(pages(publication), 'page')} stay where they are, and "
        f"{counted(learners(publication.course), 'learner')} may go on and finish it.",
        "It can be undone: reopening the course puts it back into the catalogue.",
    ]


def _withdraw(publication: Publication, title: str) -> list[str]:
    return [
        f"Each of the {counted(pages(publication), 'page')} of “{title}” will say that the course was withdrawn, and "
        "nothing else. It leaves the catalogue.",
        f"{counted(learners(publication.course), 'learner')} can read nothing of it any more, nor have answers "
        "graded. Their progress is kept, and they are told under “My learning”.",
        "What is approved meanwhile is built and stays out of sight.",
        "It can be undone: reopening the course puts its pages back. Nothing is deleted from the store.",
    ]


def _reopen(publication: Publication, title: str) -> list[str]:
    live = publication.live_release
    was = {Standing.RETIRED: "takes learners again", Standing.WITHDRAWN: "has its pages back"}
    told = was.get(Standing(publication.standing), "has its pages back, as it was before it was deleted in the editor")
    return [
        f"“{title}” {told} and returns to the catalogue. Readers get release {live.number if live else 0}.",
        f"{counted(learners(publication.course), 'learner')} may go on where they stopped.",
    ]


RETIRE = Verb(
    "Retire", "Retire this course", "“{}” takes no new learners from now on.", "What readers are told about it",
    _retire, retire_course,
)  # fmt: skip
WITHDRAW = Verb(
    "Withdraw", "Withdraw this course", "“{}” is withdrawn: its pages are being replaced.",
    "What readers are told about it", _withdraw, withdraw_course,
)  # fmt: skip
REOPEN = Verb(
    "Reopen", "Reopen this course", "“{}” is open again: its pages are on their way.", "",
    _reopen, lambda course, by, _note: reopen_course(course, by),
)  # fmt: skip


@whole
def retire(request: HttpRequest, course: UUID) -> HttpResponse:
    return _screen(request, course, RETIRE)


@whole
def withdraw(request: HttpRequest, course: UUID) -> HttpResponse:
    return _screen(request, course, WITHDRAW)


@whole
def reopen(request: HttpRequest, course: UUID) -> HttpResponse:
    return _screen(request, course, REOPEN)


@require_POST
@whole
def again(request: HttpRequest, course: UUID) -> HttpResponse:
    """Do not wait for the next try: build what is due now."""
    found, may = course_of(request, course)
    if not may:
        raise PermissionDenied
    by: Any = request.user
    outbox.record(course, ChangeEvent.Kind.REBUILD, actor=by, note="tried again by hand")
    messages.success(request, f"“{title_of(found, course)}” is being tried again.")
    return redirect("cms_releases", course=course)


def trail(course: UUID, title: str) -> tuple[tuple[str, str], ...]:
    """The way back from a verb's screen."""
    return ("Releases", reverse("cms_courses")), (f"Releases of “{title}”", reverse("cms_releases", args=[course]))


def _screen(request: HttpRequest, course: UUID, verb: Verb) -> HttpResponse:
    found, may = course_of(request, course)
    if not may:
        raise PermissionDenied
    title = title_of(found, course)
    if request.method == "POST":
        verb.act(course, request.user, request.POST.get("note", ""))
        messages.success(request, verb.done.format(title))
        return redirect("cms_releases", course=course)
    publication = Publication.objects.filter(course=course).select_related("live_release").first()
    context = {
        "verb": verb,
        "sentences": verb.sentences(publication, title) if publication else [],
        "longest": LONGEST_NOTE,
        "back": reverse("cms_releases", args=[course]),
        **heading(f"{verb.name} “{title}”", "history", *trail(course, title)),
    }
    return render(request, "cms/reports/verb.html", context)
