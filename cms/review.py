"""The review screen: what a candidate changes for readers, its faults, and the decision."""

from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST
from wagtail.admin import messages
from wagtail.models import Page

from cms import workflow
from cms.changes_shown import shown
from cms.faults import candidate_faults
from cms.heading import heading
from cms.schedule_shown import all_planned, planned_for
from cms.standing import STANDING
from cms.whole import whole
from content.models import Course
from pipeline.changes import compare
from pipeline.frozen import FrozenCourse
from pipeline.models import Candidate, Publication, Release
from pipeline.notices import CLOSED

OPEN = Candidate.State.IN_REVIEW


def waiting_for(user: Any) -> QuerySet[Candidate]:
    """Candidates that `user` may decide on if they may publish, oldest first. Without their content."""
    rows = Candidate.objects.filter(state=OPEN).exclude(submitted_by=user)
    return rows.defer("content").select_related("submitted_by").order_by("id")


@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """Everything under review, and what was decided last."""
    mine = Q() if workflow.reviews(request.user) else _of(request.user)
    rows = Candidate.objects.filter(mine, kind=Candidate.Kind.SUBMITTED).defer("content")
    rows = rows.select_related("submitted_by", "decided_by")
    context = {
        "open": list(rows.filter(state=OPEN).order_by("id")),
        "scheduled": all_planned(rows),
        "decided": list(rows.exclude(state=OPEN).order_by("-decided_at", "-id")[:50]),
        **heading("Reviews", "clipboard-list"),
    }
    return render(request, "cms/review/index.html", context)


@require_GET
def show(request: HttpRequest, candidate: int) -> HttpResponse:
    """One candidate beside the live release."""
    row = get_object_or_404(Candidate.objects.select_related("submitted_by", "decided_by"), pk=candidate)
    course = course_for(row, request.user)
    frozen = row.frozen()
    live = _live(row)
    before = live.candidate.frozen() if live else None
    changes = compare(before, frozen)
    review = getattr(row, "review", None)
    planned = planned_for(row, course, request.user)
    context = {
        "candidate": row,
        "course": course,
        "live": live,
        "changes": changes,
        "modules": shown(changes, _pictures(before), _pictures(frozen)),
        "faults": candidate_faults(frozen),
        "note": review.note if review else "",
        "closed": closed(row.course) if row.state == OPEN else "",
        "edited": _edited_since(row, course) if course and (row.state == OPEN or planned.waiting) else None,
        "planned": planned,
        "may_decide": row.state == OPEN and course and workflow.may_review(request.user, row, course),
        "may_withdraw": row.state == OPEN and row.submitted_by_id == request.user.pk,
        **heading(f"Review of “{row.title}”", "clipboard-list", ("Reviews", reverse("cms_reviews"))),
    }
    return render(request, "cms/review/show.html", context)


@require_POST
@whole
def approve(request: HttpRequest, candidate: int) -> HttpResponse:
    row, _course = to_decide(request, candidate)
    release = workflow.approve_course(row, by=request.user)
    if standing := closed(row.course):
        later = f"readers get release {release.number} once it is reopened."
        messages.warning(request, f"“{row.title}” is approved. The course is {standing}: {later}")
    else:
        messages.success(request, f"“{row.title}” is approved: release {release.number} is on its way to readers.")
    return redirect("cms_releases", course=row.course)


@require_POST
@whole
def request_changes(request: HttpRequest, candidate: int) -> HttpResponse:
    row, _course = to_decide(request, candidate)
    workflow.request_changes(row, by=request.user, comment=request.POST.get("comment", ""))
    messages.success(request, f"“{row.title}” went back to its author with your comment.")
    return redirect("cms_reviews")


@require_POST
@whole
def withdraw(request: HttpRequest, candidate: int) -> HttpResponse:
    row = get_object_or_404(Candidate, pk=candidate)
    if row.submitted_by_id != request.user.pk:
        raise PermissionDenied
    workflow.withdraw(row, by=request.user)
    messages.success(request, f"“{row.title}” is no longer under review.")
    return redirect("wagtailadmin_home")


def course_for(candidate: Candidate, user: Any) -> Course | None:
    """The course of a candidate, None if it is gone. PermissionDenied unless `user` reviews or wrote it."""
    course: Course | None = Course.objects.filter(uuid=candidate.course).first()
    if course is None:
        if not workflow.reviews(user):
            raise PermissionDenied
        return None
    permissions = course.permissions_for_user(user)
    if not (permissions.can_publish() or permissions.can_edit()):
        raise PermissionDenied
    return course


def closed(course: UUID) -> str:
    """Whether what is approved stays out of readers' sight: the standing of such a course in a word, or nothing."""
    standing = Publication.objects.filter(course=course, standing__in=CLOSED).values_list("standing", flat=True).first()
    return STANDING[standing].lower() if standing else ""


def to_decide(request: HttpRequest, candidate: int) -> tuple[Candidate, Course]:
    """The candidate and its course, for somebody who may publish it. PermissionDenied for everybody else."""
    row = get_object_or_404(Candidate, pk=candidate)
    course = course_for(row, request.user)
    # Who submitted it passes here and is refused by pipeline.approval, with a sentence.
    if course is None or not course.permissions_for_user(request.user).can_publish():
        raise PermissionDenied
    return row, course


def _of(user: Any) -> Q:
    return Q(course__in=Course.objects.filter(owner=user).values("uuid")) | Q(submitted_by=user)


def _live(candidate: Candidate) -> Release | None:
    """The release this candidate is compared with: the live one, or for an approved candidate the one before it."""
    own = candidate.releases.first()
    if own:
        return (
            Release.objects.filter(course=candidate.course, number__lt=own.number, built_at__isnull=False)
            .select_related("candidate")
            .first()
        )
    row = Publication.objects.filter(course=candidate.course).select_related("live_release__candidate").first()
    return row.live_release if row else None


def _edited_since(candidate: Candidate, course: Course) -> dict[str, Any] | None:
    pages = (
        Page.objects.descendant_of(course, inclusive=True)
        .filter(latest_revision_created_at__gt=candidate.submitted_at)
        .select_related("latest_revision__user")
    )
    listed = list(pages)
    if not listed:
        return None
    names = sorted(
        {str(page.latest_revision.user) for page in listed if page.latest_revision and page.latest_revision.user}
    )
    return {"pages": listed, "who": ", ".join(names) or "Somebody"}


def _pictures(frozen: FrozenCourse | None) -> dict[str, str]:
    """{`image/<id>`: address of the picture as it was frozen}. The upload itself may show another one by now."""
    return {
        key: reverse("cms_preview_original", args=[file.sha256, file.name])
        for key, file in (frozen.files.items() if frozen else ())
        if key.startswith("image/")
    }
