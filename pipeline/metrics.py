"""How publishing does, in numbers: for a machine that watches, and for people at the head of the Releases screen."""

from dataclasses import asdict, dataclass, fields
from datetime import datetime, timedelta

from django.db.models import F, Min, OuterRef, Q, Subquery
from django.utils import timezone

from pipeline.models import ChangeEvent, Invalidation, Publication, Rendition, ScheduledRelease, ScheduleFault

# A schedule that is this late was not merely picked up by the next round.
LATE = timedelta(minutes=2)


@dataclass(frozen=True)
class Metrics:
    """Counts at one moment. `oldest_seconds` is the age of the oldest change that readers do not see yet."""

    wanting: int
    oldest_seconds: int
    failing: int
    waiting: int
    renditions_waiting: int
    renditions_failed: int
    schedules_overdue: int
    schedules_failing: int
    invalidations_open: int


HELP = {
    "wanting": "Courses with changes that readers do not see yet.",
    "oldest_seconds": "Age in seconds of the oldest change that readers do not see yet.",
    "failing": "Courses whose last try to publish failed.",
    "waiting": "Courses that wait for a video or an image.",
    "renditions_waiting": "Videos and images that are being made or wait for it.",
    "renditions_failed": "Videos and images that cannot be used.",
    "schedules_overdue": "Scheduled releases whose time has passed.",
    "schedules_failing": "Pages and releases whose time came and that could not go live.",
    "invalidations_open": "Requests to the CDN that it has not taken yet.",
}


def measure(now: datetime | None = None) -> Metrics:
    """The numbers at `now`. A handful of queries, whatever the size of the school."""
    now = now or timezone.now()
    wanting = Publication.objects.filter(built_seq__lt=F("wanted_seq"))
    upto = Publication.objects.filter(course=OuterRef("course")).values("built_seq")[:1]
    unbuilt = ChangeEvent.objects.filter(course__in=wanting.values("course"), id__gt=Subquery(upto))
    oldest = unbuilt.aggregate(at=Min("at"))["at"]
    schedules = ScheduledRelease.objects.filter(state=ScheduledRelease.State.WAITING)
    made = Rendition.State
    return Metrics(
        wanting=wanting.count(),
        oldest_seconds=max(0, int((now - oldest).total_seconds())) if oldest else 0,
        failing=wanting.exclude(last_error="").count(),
        waiting=wanting.exclude(waiting_for="").count(),
        renditions_waiting=Rendition.objects.filter(state__in=(made.WANTED, made.WORKING)).count(),
        renditions_failed=Rendition.objects.filter(state=made.FAILED).count(),
        schedules_overdue=schedules.filter(due_at__lt=now - LATE).count(),
        schedules_failing=ScheduleFault.objects.count() + schedules.filter(~Q(error="")).count(),
        invalidations_open=Invalidation.objects.filter(done_at=None).count(),
    )


def prometheus(metrics: Metrics) -> str:
    """Every number as a gauge, in the text format of Prometheus:
    https://prometheus.io/docs/instrumenting/exposition_formats/
    """
    lines = []
    for name, value in asdict(metrics).items():
        full = f"lectern_publish_{name}"
        lines += [f"# HELP {full} {HELP[name]}", f"# TYPE {full} gauge", f"{full} {value}"]
    return "\n".join(lines) + "\n"


def in_words(metrics: Metrics) -> list[tuple[str, str, bool]]:
    """What is not at rest: a label, the number, and whether somebody has to look. Empty if all is well."""
    trouble = {"failing", "renditions_failed", "schedules_overdue", "schedules_failing"}
    told = []
    for field in fields(metrics):
        value = getattr(metrics, field.name)
        if value:
            shown = _duration(value) if field.name == "oldest_seconds" else f"{value:,}"
            told.append((WORDS[field.name], shown, field.name in trouble))
    return told


WORDS = {
    "wanting": "Courses on their way",
    "oldest_seconds": "Oldest change on its way",
    "failing": "Courses that failed",
    "waiting": "Courses that wait for media",
    "renditions_waiting": "Media being prepared",
    "renditions_failed": "Media that cannot be used",
    "schedules_overdue": "Overdue schedules",
    "schedules_failing": "Schedules that failed",
    "invalidations_open": "Open requests to the CDN",
}


def _duration(seconds: int) -> str:
    if seconds < 120:
        return f"{seconds} s"
    minutes = seconds // 60
    return f"{minutes} min" if minutes < 120 else f"{minutes // 60} h"
