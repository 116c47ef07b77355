"""The releases of each course: who approved them and when, what they wrote, and the way back to an older one."""

from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET
from wagtail.admin import messages

from cms import workflow
from cms.heading import heading
from cms.reports.changed import in_words as changes_in_words
from cms.standing import standings
from cms.whole import whole
from content.models import Course
from pipeline.metrics import in_words, measure
from pipeline.models import ChangeEvent, Publication, Release
from pipeline.rollback import roll_back
from pipeline.standing import CHANGES

OPEN, GONE = Publication.Standing.OPEN, Publication.Standing.GONE
MOST_GONE = 50


@require_GET
def courses(request: HttpRequest) -> HttpResponse:
    """Every course and where it stands, and for those who publish how the whole school's publishing does."""
    reviews = workflow.reviews(request.user)
    rows = Course.objects.all() if reviews else Course.objects.filter(owner=request.user)
    page = Paginator(rows.order_by("title"), 50).get_page(request.GET.get("p"))
    gone = Publication.objects.filter(standing=Publication.Standing.GONE, live_release__isnull=False)
    context = {
        "page": page,
        "standings": standings(page.object_list),
        "gone": list(gone.order_by("title")[:MOST_GONE]) if reviews else [],
        "figures": in_words(measure()) if reviews else [],
        **heading("Releases", "history"),
    }
    return render(request, "cms/reports/courses.html", context)


@require_GET
def releases(request: HttpRequest, course: UUID) -> HttpResponse:
    """One course's releases, newest first, its publication, and what can be done with it."""
    found, may_publish = course_of(request, course)
    rows = (
        Release.objects.filter(course=course)
        .select_related("approved_by", "candidate__submitted_by")
        .defer("candidate__content", "built", "course_document")
    )
    page = Paginator(rows, 20).get_page(request.GET.get("p"))
    publication = Publication.objects.filter(course=course).select_related("live_release").first()
    changed = changes_in_words(page.object_list)
    context = {
        "course": found,
        "uuid": course,
        "page": page,
        "releases": [(release, changed[release.pk]) for release in page.object_list],
        "publication": publication,
        "on_its_way": bool(publication and publication.built_seq < publication.wanted_seq),
        "told": publication.get_standing_display() if publication else "",
        "changed_by": _last(course, *CHANGES) if publication and publication.standing != OPEN else None,
        "may_publish": may_publish,
        "may_roll_back": may_publish and not (publication and publication.standing == GONE),
        **heading(f"Releases of “{title_of(found, course)}”", "history", ("Releases", reverse("cms_courses"))),
    }
    return render(request, "cms/reports/releases.html", context)


@whole
def rollback(request: HttpRequest, course: UUID, number: int) -> HttpResponse:
    """Ask, and on POST put an older release back for readers."""
    found, may_roll_back = course_of(request, course)
    if not may_roll_back:
        raise PermissionDenied
    release = get_object_or_404(Release, course=course, number=number)
    if request.method == "POST":
        roll_back(course, number, by=request.user)
        messages.success(request, f"Release {number} of “{title_of(found, course)}” is on its way back to readers.")
        return redirect("cms_releases", course=course)
    title = title_of(found, course)
    above = ("Releases", reverse("cms_courses")), (f"Releases of “{title}”", reverse("cms_releases", args=[course]))
    context = {"course": found, "title": title, "release": release, **heading("Roll back", "history", *above)}
    return render(request, "cms/reports/rollback.html", context)


def course_of(request: HttpRequest, uuid: UUID) -> tuple[Course | None, bool]:
    """The course, None if it was deleted since; and whether this person may roll it back."""
    course = Course.objects.filter(uuid=uuid).first()
    if course is None:
        if not workflow.reviews(request.user):
            raise PermissionDenied
        get_object_or_404(Publication, course=uuid)
        return None, True
    permissions = course.permissions_for_user(request.user)
    if not (permissions.can_publish() or permissions.can_edit()):
        raise PermissionDenied
    return course, bool(permissions.can_publish())


def title_of(course: Course | None, uuid: UUID) -> str:
    if course:
        return str(course.title)
    return str(Publication.objects.filter(course=uuid).values_list("title", flat=True).first() or uuid)


def _last(course: UUID, *kinds: str) -> ChangeEvent | None:
    found = ChangeEvent.objects.filter(course=course, kind__in=kinds).select_related("actor")
    return found.order_by("-id").first()
