"""The screens of purge: what of a course could be removed for good, what that would take away, and the decision."""

from dataclasses import dataclass
from itertools import chain
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET
from wagtail.admin import messages

from cms.heading import heading
from cms.reports.releases import course_of, title_of
from cms.reports.verbs import counted, learners, trail
from cms.whole import whole
from pipeline import frozen_parts
from pipeline.doomed import Doomed, doomed
from pipeline.errors import AuthorError
from pipeline.models import Candidate, Pin, Release, Tombstone
from pipeline.purge import purge
from pipeline.store import the_store

Kind = Tombstone.Kind


@dataclass(frozen=True)
class Choice:
    """Something that a release of the course holds: a lesson by its UUID, or a file by its original's sha256."""

    kind: str
    name: str
    title: str


@require_GET
def choose(request: HttpRequest, course: UUID) -> HttpResponse:
    """Every lesson and every file that any built release of the course holds, and the course itself."""
    title = _may(request, course)
    purged = Tombstone.objects.select_related("by").order_by("-id")
    choices = _choices(course)
    gone = {(stone.kind, stone.name) for stone in purged}
    context = {
        "uuid": course,
        "lessons": [one for one in choices if one.kind == Kind.LESSON and (one.kind, one.name) not in gone],
        "files": [one for one in choices if one.kind == Kind.FILE and (one.kind, one.name) not in gone],
        "whole": (Kind.COURSE, str(course)) not in gone,
        "purged": [stone for stone in purged if stone.name in {str(course), *(one.name for one in choices)}],
        **heading(f"Purge content of “{title}”", "bin", *trail(course, title)),
    }
    return render(request, "cms/reports/purge.html", context)


@whole
def confirm(request: HttpRequest, course: UUID, kind: str, name: str) -> HttpResponse:
    """What would be deleted, why, and the button. `name` is what some release of this course holds."""
    title = _may(request, course)
    known = {(one.kind, one.name) for one in _choices(course)} | {(Kind.COURSE, str(course))}
    if (kind, name) not in known:
        raise Http404
    if request.method == "POST":
        if not request.POST.get("understood"):
            raise AuthorError("Tick that you know that there is no undo: nothing was purged.")
        force = bool(request.POST.get("force"))
        stone = purge(Kind(kind), name, request.user, request.POST.get("reason", ""), force=force)
        messages.success(request, f"“{stone.title}” is being removed from every release.")
        return redirect("cms_releases", course=course)
    found = doomed(the_store(), kind, name)
    context = {
        "what": found.title,
        "sentences": _sentences(kind, course, found),
        "pins": Pin.objects.filter(release__in=[release.pk for release in found.releases]).count(),
        "back": reverse("cms_purge", args=[course]),
        **heading(
            f"Purge “{found.title}”", "bin", *trail(course, title), ("Purge", reverse("cms_purge", args=[course]))
        ),
    }
    return render(request, "cms/reports/purge_confirm.html", context)


def _may(request: HttpRequest, course: UUID) -> str:
    found, may = course_of(request, course)
    if not may:
        raise PermissionDenied
    return title_of(found, course)


def _choices(course: UUID) -> list[Choice]:
    built = Release.objects.filter(course=course).exclude(manifest="")
    trees = [one.tree() for one in Candidate.objects.filter(pk__in=built.values("candidate")).order_by("-id")]
    modules = frozen_parts.modules(course, (leaf.part for tree in trees for leaf in tree.modules))
    # Newest first: what a page or a file was called last is what it is called here.
    names = dict.fromkeys(one.part for tree in trees for leaf in tree.modules for one in modules[leaf.part].lessons)
    parts = frozen_parts.lessons(course, names)
    lessons: dict[str, str] = {}
    files: dict[str, str] = {}
    for name in names:
        lessons.setdefault(str(parts[name].page.uuid), parts[name].page.title)
    held = [tree.files for tree in trees] + [
        part.files for part in (*modules.values(), *(parts[name] for name in names))
    ]
    for file in chain.from_iterable(one.values() for one in held):
        files.setdefault(file.sha256, file.title or file.name)
    return [
        *(Choice(Kind.LESSON, name, title) for name, title in lessons.items()),
        *(Choice(Kind.FILE, name, title) for name, title in sorted(files.items(), key=lambda item: item[1].casefold())),
    ]


def _sentences(kind: str, course: UUID, found: Doomed) -> list[str]:
    what = {
        Kind.COURSE: "All its pages say that it was withdrawn. Its records and its learners’ progress are kept.",
        Kind.LESSON: "Readers get a new release without it, and its page says that it was removed. What learners did "
        "in it is kept.",
        Kind.FILE: "Readers get a new release without it: blocks that show it are left out. It leaves the library too.",
    }[Kind(kind)]
    told = [
        what,
        f"It is in {counted(len(found.releases), 'release')} of {counted(len(found.courses), 'course')}; none can "
        "be put back afterwards.",
        f"{counted(len(found.keys), 'file')} on the store and {counted(len(found.originals), 'original')} are deleted.",
        f"{counted(learners(course), 'learner')} {'is' if learners(course) == 1 else 'are'} enrolled in this course.",
        "Nothing brings it back: no rebuild, no rollback, no import, and not the same file uploaded again.",
    ]
    if kind == Kind.LESSON:
        told.append("Its page stays in the editor and is left out of every release. Delete it there too.")
    return told
