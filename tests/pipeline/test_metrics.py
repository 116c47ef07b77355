"""Lag and failures as numbers: nothing at rest, and each trouble in its own line."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import Settings

from pipeline.metrics import HELP, LATE, Metrics, in_words, measure, prometheus
from pipeline.models import (
    Candidate,
    ChangeEvent,
    Invalidation,
    Publication,
    Rendition,
    ScheduledRelease,
    ScheduleFault,
)
from tests.pipeline import course_factory as school

pytestmark = pytest.mark.django_db

REST = Metrics(*[0] * len(HELP))


@pytest.fixture(autouse=True)
def cdn(settings: Settings, tmp_path: Path) -> None:
    settings.LECTERN_STORE = tmp_path / "cdn"


def test_a_school_at_rest_counts_nothing() -> None:
    school.release(school.make_course())
    assert measure() == REST
    assert in_words(REST) == []


def test_the_oldest_change_that_readers_do_not_see() -> None:
    course, other = school.make_course(), school.make_course("Other")
    school.release(course)
    ChangeEvent.objects.update(at=timezone.now() - timedelta(days=3))
    school.approve(course)
    now = timezone.now()
    ChangeEvent.objects.filter(kind="approved").order_by("-id").first()
    unbuilt = Publication.objects.get(course=course.uuid).built_seq
    ChangeEvent.objects.filter(course=course.uuid, id__gt=unbuilt).update(at=now - timedelta(seconds=90))
    school.approve(other)
    found = measure(now)
    assert (found.wanting, found.oldest_seconds) == (2, 90)
    Publication.objects.filter(course=course.uuid).update(last_error="No.", attempts=2)
    Publication.objects.filter(course=other.uuid).update(waiting_for="A video.")
    found = measure(now)
    assert (found.failing, found.waiting) == (1, 1)
    assert ("Courses that failed", "1", True) in in_words(found)
    assert ("Oldest change on its way", "90 s", False) in in_words(found)


def test_renditions_schedules_and_the_cdn() -> None:
    for number, state in enumerate(("wanted", "working", "ready", "failed")):
        Rendition.objects.create(kind="image", original=f"{number:064}", recipe="1", name="x", state=state)
    now = timezone.now()
    candidate = school.submit(school.make_course())
    Candidate.objects.update(state="approved")
    facts: dict[str, Any] = {"candidate": candidate, "wall": "2026-01-01T09:00", "zone": "UTC"}
    for course, due in ((candidate.course, now - LATE - timedelta(seconds=1)), (school.make_course("B").uuid, now)):
        ScheduledRelease.objects.create(course=course, due_at=due, **facts)
    ScheduleFault.objects.create(page_id=7, title="T", error="No.", next_try_at=now)
    Invalidation.objects.create(paths=["/"])
    Invalidation.objects.create(paths=["/"], done_at=now)
    found = measure(now)
    assert (found.renditions_waiting, found.renditions_failed) == (2, 1)
    assert (found.schedules_overdue, found.schedules_failing, found.invalidations_open) == (1, 1, 1)


def test_the_text_that_a_machine_reads() -> None:
    lines = prometheus(measure()).splitlines()
    assert len(lines) == 3 * len(HELP)
    assert "# TYPE lectern_publish_failing gauge" in lines and "lectern_publish_failing 0" in lines
    assert prometheus(REST).endswith("\n")


def test_the_numbers_cost_the_same_in_a_large_school(django_assert_num_queries: Any) -> None:
    school.approve(school.make_course())
    with django_assert_num_queries(10):
        measure()
    for title in ("B", "C"):
        school.approve(school.make_course(title))
    with django_assert_num_queries(10):
        measure()
