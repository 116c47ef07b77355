"""A change is written down with the change itself, or not at all; the bell rings afterwards, once."""

import threading
from collections.abc import Iterator
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import transaction
from huey.contrib.djhuey import HUEY

from content.models import Lesson
from pipeline import outbox, tasks
from pipeline.models import ChangeEvent, Publication
from tests.copied_database import Threads
from tests.pipeline import course_factory as school

COURSE = UUID("11111111-1111-4111-8111-111111111111")
Kind = ChangeEvent.Kind


@pytest.fixture(autouse=True)
def quiet_queue() -> Iterator[None]:
    HUEY.flush()
    yield
    HUEY.flush()


def bells() -> list[str]:
    """The courses that the queue was told of, in order."""
    return [task.args[0] for task in HUEY.pending() if task.name == tasks.build.task_class.__name__]


@pytest.mark.django_db
def test_an_event_raises_what_the_course_wants() -> None:
    first = outbox.record(COURSE, Kind.PUBLISHED, page=uuid4(), actor=school.person("Edna"), note="x" * 300)
    second = outbox.record(COURSE, Kind.MOVED)
    other = outbox.record(uuid4(), Kind.REBUILD)
    row = Publication.objects.get(course=COURSE)
    assert (row.wanted_seq, row.built_seq) == (second.pk, 0)
    assert first.pk < second.pk < other.pk
    assert first.actor == school.person("Edna")
    assert len(first.note) == 255


@pytest.mark.django_db
def test_a_new_change_is_tried_at_once_whatever_failed_before() -> None:
    outbox.record(COURSE, Kind.PUBLISHED)
    Publication.objects.update(attempts=9, next_try_at="2100-01-01T00:00Z")
    outbox.record(COURSE, Kind.PUBLISHED)
    row = Publication.objects.get()
    assert (row.attempts, row.next_try_at) == (0, None)


@pytest.mark.django_db
def test_a_change_that_is_undone_leaves_no_event() -> None:
    course = school.make_course()
    with pytest.raises(RuntimeError), transaction.atomic():
        school.publish(school.lessons(course)[0])
        assert ChangeEvent.objects.count() == 1
        raise RuntimeError("the power went")
    assert not ChangeEvent.objects.exists()
    assert not Publication.objects.exists()
    assert not Lesson.objects.live().exists()


@pytest.mark.django_db
def test_nobody_is_woken_before_the_commit(django_capture_on_commit_callbacks: Any) -> None:
    with django_capture_on_commit_callbacks(execute=True) as rings:
        outbox.record(COURSE, Kind.PUBLISHED)
        assert bells() == []
    assert len(rings) == 1
    assert bells() == [str(COURSE)]


@pytest.mark.django_db
def test_an_approval_of_many_pages_rings_once(django_capture_on_commit_callbacks: Any) -> None:
    course = school.make_course(lessons=3)
    with django_capture_on_commit_callbacks(execute=True):
        school.approve(course)
    assert ChangeEvent.objects.count() == 6, "course, module, three lessons, and the approval"
    assert bells() == [str(course.uuid)]


@pytest.mark.django_db
def test_a_bell_of_an_undone_part_does_not_silence_the_next(django_capture_on_commit_callbacks: Any) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        with pytest.raises(RuntimeError), transaction.atomic():
            outbox.record(COURSE, Kind.PUBLISHED)
            raise RuntimeError
        outbox.record(COURSE, Kind.PUBLISHED)
    assert bells() == [str(COURSE)]


@pytest.mark.django_db
def test_a_queue_that_is_down_undoes_nothing(
    django_capture_on_commit_callbacks: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def down(*_args: object, **_kwargs: object) -> None:
        raise ConnectionError("no queue")

    monkeypatch.setattr(HUEY.storage, "enqueue", down)
    with django_capture_on_commit_callbacks(execute=True):
        outbox.record(COURSE, Kind.PUBLISHED)
    assert Publication.objects.get().wanted_seq == ChangeEvent.objects.get().pk
    assert "the reconciler will ring again" in caplog.text


@pytest.mark.django_db
def test_the_row_is_held_before_the_event_has_its_number(django_assert_num_queries: Any) -> None:
    """Numbers of one course must grow in the order of commits: what is held first decides the order."""
    outbox.record(COURSE, Kind.PUBLISHED)
    with django_assert_num_queries(5) as asked:
        outbox.record(COURSE, Kind.PUBLISHED)
    tables = [query["sql"].split('"')[1] for query in asked if "SAVEPOINT" not in query["sql"]]
    assert tables == ["pipeline_publication", "pipeline_changeevent", "pipeline_publication"]


def test_many_changes_at_once_are_all_wanted(threads: Threads) -> None:
    def change(start: threading.Barrier) -> None:
        start.wait()
        for _ in range(5):
            outbox.record(COURSE, Kind.PUBLISHED)

    threads.at_once(4, change)
    last = threads.one(lambda: ChangeEvent.objects.order_by("-id").values_list("pk", flat=True)[0])
    assert threads.one(ChangeEvent.objects.count) == 20
    assert threads.one(lambda: Publication.objects.get().wanted_seq) == last
