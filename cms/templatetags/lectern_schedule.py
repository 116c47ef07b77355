"""For mails, which Wagtail draws with nothing but the page: when what was approved last is released."""

from django import template

from content.models import Course
from pipeline.models import Candidate, ScheduledRelease
from pipeline.schedule import spoken

register = template.Library()


@register.simple_tag
def release_time(course: Course) -> str:
    """The time that the candidate which was approved last waits for, in the course's own time; empty if it went out."""
    approved = Candidate.objects.filter(course=course.uuid, state=Candidate.State.APPROVED)
    last = approved.order_by("-decided_at", "-pk").values("pk")[:1]
    row = ScheduledRelease.objects.filter(candidate__in=last, state=ScheduledRelease.State.WAITING).first()
    return spoken(row) if row else ""
