"""Check a course and submit it: its faults, what it would change, and a word to the reviewer, on one page."""

from contextlib import suppress

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from wagtail.admin import messages

from cms import workflow
from cms.faults import draft_faults
from cms.heading import heading
from cms.standing import standings
from cms.whole import whole
from content.models import Course
from pipeline.candidate import keep_originals
from pipeline.errors import AuthorError


def check(request: HttpRequest, page_id: int) -> HttpResponse:
    """The faults of the drafts; on POST submits them, with `note` for the reviewer."""
    course = get_object_or_404(Course, pk=page_id)
    if not course.permissions_for_user(request.user).can_edit():
        raise PermissionDenied
    if request.method == "POST":
        # Before the transaction begins: a film is gigabytes, and nobody else could write while they are copied.
        with suppress(AuthorError):  # said below, where it is shown
            keep_originals(course)
    answer: HttpResponse = _check(request, page_id=page_id)
    return answer


@whole
def _check(request: HttpRequest, page_id: int) -> HttpResponse:
    course = Course.objects.get(pk=page_id)
    if request.method == "POST":
        candidate = workflow.submit_course(course, by=request.user, comment=request.POST.get("note", "").strip())
        messages.success(request, f"“{course.title}” was submitted for review as it stands now.")
        return redirect(reverse("cms_review", args=[candidate.pk]))
    faults = draft_faults(course)
    catalogue, own = course.get_parent(), reverse("wagtailadmin_explore", args=[course.pk])
    above = ("Courses", reverse("wagtailadmin_explore", args=[catalogue.pk])), (course.title, own)
    context = {
        "course": course,
        "standing": standings([course])[0],
        "faults": faults,
        "forbidden": any(one.is_error for one in faults),
        **heading(f"Check “{course.title}”", "check", *above),
    }
    return render(request, "cms/review/check.html", context)
