"""Approve a candidate for a time, and call a scheduled release off: two pages that say what will happen, and ask."""

from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from wagtail.admin import messages

from cms import workflow
from cms.heading import heading
from cms.review import to_decide
from cms.schedule_shown import planned_for
from cms.whole import whole
from content.models import Course
from pipeline import schedule
from pipeline.errors import AuthorError
from pipeline.models import Candidate


class TimeForm(forms.Form):
    """A day and a time on the clocks of the course's zone."""

    date = forms.DateField(label="Date", widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}))
    time = forms.TimeField(label="Time", widget=forms.TimeInput(format="%H:%M", attrs={"type": "time"}))

    def wall(self) -> str:
        """What the clocks show, as `pipeline.wall_clock.instant` reads it."""
        return f"{self.cleaned_data['date']:%Y-%m-%d}T{self.cleaned_data['time']:%H:%M}"


def release_at(request: HttpRequest, candidate: int) -> HttpResponse:
    """Ask when, and on POST approve the candidate for that time."""
    row, course = to_decide(request, candidate)
    if row.state != Candidate.State.IN_REVIEW:
        messages.error(request, f"“{row.title}” is not under review any more.")
        return redirect("cms_review", candidate=row.pk)
    form = TimeForm(request.POST or None)
    zone = draft_zone(course)
    if request.method == "POST" and form.is_valid():
        try:
            made = workflow.approve_course_for(row, request.user, form.wall(), zone)
        except AuthorError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, f"“{row.title}” is approved, and is released on {schedule.spoken(made)}.")
            return redirect("cms_review", candidate=row.pk)
    context = {
        "candidate": row,
        "course": course,
        "form": form,
        "zone": zone,
        "now": timezone.now(),
        **_heading(row, "Approve and release at…"),
    }
    return render(request, "cms/review/release_at.html", context, status=422 if form.errors else 200)


@whole
def cancel(request: HttpRequest, candidate: int) -> HttpResponse:
    """Ask, and on POST call the scheduled release off."""
    row, course = to_decide(request, candidate)
    planned = planned_for(row, course, request.user)
    if planned.own is None:
        raise Http404
    if request.method == "POST":
        schedule.cancel(planned.own, request.user)
        messages.success(request, f"The release of “{row.title}” is cancelled. The course can be submitted again.")
        return redirect("cms_review", candidate=row.pk)
    if not planned.waiting:
        return redirect("cms_review", candidate=row.pk)
    context = {"candidate": row, "planned": planned, **_heading(row, "Cancel the release")}
    return render(request, "cms/review/cancel_release.html", context)


def draft_zone(course: Course) -> str:
    """The time zone that the course's latest draft names: no reader sees it, so it waits for no approval."""
    return str(course.get_latest_revision_as_object().zone)


def _heading(candidate: Candidate, title: str) -> dict[str, Any]:
    review = f"Review of “{candidate.title}”", reverse("cms_review", args=[candidate.pk])
    return heading(title, "calendar-alt", ("Reviews", reverse("cms_reviews")), review)
