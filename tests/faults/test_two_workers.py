"""Two worker processes race for one course: each change is one release, live in its order, and nobody goes back."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from huey.contrib.djhuey import HUEY

from content.models import Lesson
from pipeline import outbox
from pipeline.keys import public_key
from pipeline.models import Publication, Release
from pipeline.store.disk import DiskStore
from pipeline.verify import verify
from settings.huey import queue
from tests.faults.busy import Busy, busy
from tests.faults.load import mark
from tests.faults.oracle import unfinished
from tests.journeys.school import until
from tests.pipeline import course_factory

pytestmark = pytest.mark.slow
PUBLISHES = 15
BELLS = 3  # more for each publish, so that the other worker comes too
Racing = Callable[[str], tuple[Busy, list[str]]]


@pytest.fixture
def racing(
    django_db_setup: None,
    django_db_blocker: Any,
    tmp_path: Path,
    settings: Any,
    monkeypatch: pytest.MonkeyPatch,
    record_property: Callable[[str, object], None],
) -> Iterator[Racing]:
    """One lesson is published again and again, until something is wrong: the school, whose workers are gone, and what
    is wrong. `loads` names a fault that is planted in both workers."""

    def run(loads: str) -> tuple[Busy, list[str]]:
        school = opened.enter_context(busy(django_db_blocker, tmp_path, ("Statistics",), lessons=2, loads=loads))
        (course,), lesson, number = school.pages, next(iter(school.lessons)), 0
        del school.commands["web"]  # the test itself is the editor
        awake = ("--delay", "0.02", "--max-delay", "0.05")  # the last word counts
        school.commands = {name: (*words, *awake) for name, words in school.commands.items()}
        monkeypatch.setattr(HUEY, "storage", queue(tmp_path, settings.SECRET_KEY).storage)
        with school, school.reader() as reader:

            def wrong() -> list[str]:
                return reader.told + school.threads.one(partial(too_much, course, number))

            while number < PUBLISHES and not wrong():
                number += 1
                school.threads.one(partial(publish, course, lesson, number))
                until(lambda: school.settled() or wrong(), f"publish {number} is built")
                looks = reader.reads
                until(lambda looks=looks: reader.reads > looks + 1, "readers look")  # type: ignore[misc]
                if not wrong():
                    assert reader.live[lesson] == number
        assert all("tasks.build" in log.read_text() for log in tmp_path.glob("worker-*.log")), "both were rung"
        found = wrong()
        record_property(
            "figures",
            f"two workers{', control' * bool(loads)}: {number} publishes, {reader.reads} reads, "
            f"backward {reader.faults['backward']}, mixed {reader.faults['mixed']}, 404 {reader.faults['404']}; "
            f"{found[0] if found else 'one release and one pointer for each'}",
        )
        return school, found

    with ExitStack() as opened:
        yield run


def test_two_workers_and_one_course(racing: Racing) -> None:
    school, wrong = racing("")
    assert wrong == []
    assert school.threads.one(lambda: list(Release.objects.order_by("number").values_list("number", flat=True))) == [
        *range(1, PUBLISHES + 2)
    ]
    assert school.threads.one(unfinished) == []
    assert verify(DiskStore(school.folder / "cdn"), public_key()).faults == []


def test_control_two_workers_without_lease_or_fence(racing: Racing) -> None:
    assert racing("tests.faults.planted.blind")[1] != []


def publish(course: UUID, lesson: int, number: int) -> None:
    word = mark(lesson, number)
    body = [course_factory.text(f"It says {word}.")]
    course_factory.publish(Lesson.objects.get(pk=lesson), title=f"Lesson {word}", body=body)
    for _ in range(BELLS):
        outbox.ring(course)


def too_much(course: UUID, publishes: int) -> list[str]:
    """What was made or moved more often than somebody published. The first release was there before."""
    releases = Release.objects.filter(course=course).count() - 1
    pointers = Publication.objects.get(course=course).generation - 1
    counted = {"releases": releases, "pointers": pointers}
    return [f"{count} {what} of {publishes} publishes" for what, count in counted.items() if count > publishes]
