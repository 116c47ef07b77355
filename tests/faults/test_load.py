"""kill -9 of real processes, again and again, while editors publish and readers read: nothing acknowledged is lost."""

import os
import random
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest

from pipeline.keys import public_key, signing_key
from pipeline.manifest import Manifest, Pointer, sign
from pipeline.store.disk import DiskStore
from pipeline.verify import verify
from tests.faults.busy import Busy, busy
from tests.faults.load import Editor, Reader, delays, lost, mark, median_and_p99
from tests.faults.oracle import unfinished
from tests.journeys.school import until
from tests.pipeline import course_factory

pytestmark = pytest.mark.slow
ROUNDS, KILLS = 3, 17  # in each round so many are killed; then everything has to arrive
CALM = 20  # publishes of a last round in which nobody is killed
SEED = int(os.environ.get("LECTERN_SEED") or random.SystemRandom().randrange(1_000_000))
Tell = Callable[[str, object], None]


def test_nothing_acknowledged_is_lost(
    django_db_setup: None, django_db_blocker: Any, tmp_path: Path, record_property: Tell
) -> None:
    chance = random.Random(SEED)  # noqa: S311  (no secret: it is told, so that it can be drawn again)
    record_property("figures", f"load: LECTERN_SEED={SEED}")
    with busy(django_db_blocker, tmp_path, ("Statistics", "Geometry"), lessons=4) as school:
        with school, ExitStack() as reading:
            readers = [reading.enter_context(school.reader()) for _ in range(2)]
            editors = school.editors()
            for _round in range(ROUNDS):
                with publishing(editors):
                    storm(school, editors, chance)
                arrive(school, readers)
                assert [lost(editors, reader) for reader in readers] == [[], []]
            stormy = [delay for editor in editors for delay in delays(editor.acknowledged, readers[0])]
            before = [len(editor.acknowledged) for editor in editors]
            with publishing(editors):
                for place in range(CALM):
                    wait_for(editors[place % 2])
            arrive(school, readers)
            told = school.manage("reconcile")
        tell(record_property, school, editors, readers)
        calm = [
            delay
            for editor, number in zip(editors, before, strict=True)
            for delay in delays(editor.acknowledged[number:], readers[0])
        ]
        record_property("figures", f"load: from the success message to live, under kills: {median_and_p99(stormy)}")
        record_property("figures", f"load: from the success message to live, without kills: {median_and_p99(calm)}")
        assert [one for reader in readers for one in reader.told] == []
        assert [one for editor in editors for one in editor.refused] == []
        assert [lost(editors, reader) for reader in readers] == [[], []]
        assert school.killed.total() >= 50
        assert sum(len(editor.acknowledged) for editor in editors) > 50
        assert told == "Everything is as it should be.\n"
        assert school.threads.one(unfinished) == []
        assert verify(DiskStore(school.cdn), public_key()).faults == []


def test_control_a_school_without_its_outbox_is_found(
    django_db_setup: None, django_db_blocker: Any, tmp_path: Path, record_property: Tell
) -> None:
    """Nobody is even killed."""
    with busy(django_db_blocker, tmp_path, ("Statistics",), lessons=2, loads="tests.faults.planted.deaf") as school:
        with school, school.reader() as reader:
            editors = school.editors()
            with publishing(editors):
                for editor in editors:
                    wait_for(editor)
            arrive(school, [reader])
            assert lost(editors, reader) != []
        tell(record_property, school, editors, [reader], "control, deaf")


@pytest.mark.django_db
def test_control_a_reader_notices_what_no_reader_may_meet(settings: Any, tmp_path: Path) -> None:
    settings.LECTERN_STORE = tmp_path / "cdn"
    store, course = DiskStore(tmp_path / "cdn"), course_factory.make_course(lessons=2)
    lesson, page = course_factory.lessons(course)[0], "courses/statistics/lesson-1-1/index.html"

    def publish(number: int) -> None:
        course_factory.edit(
            lesson, title=f"Lesson {mark(lesson.pk, number)}", body=[course_factory.text(mark(lesson.pk, number))]
        )
        course_factory.release(course)

    def found(kind: str, **spoiled: bytes | None) -> bool:
        before = {key: store.read(key) for key in spoiled}
        reader.faults.clear()
        for key, data in spoiled.items():
            store.delete(key) if data is None else (tmp_path / "cdn" / key).write_bytes(data)
        reader.look()
        for key, data in before.items():
            (tmp_path / "cdn" / key).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / "cdn" / key).write_bytes(data or b"")
        return set(reader.faults) == {kind}

    publish(1)
    pointer = f"c/{course.uuid}/current.json"
    older = store.read(pointer)
    publish(2)
    reader = Reader(store, {course.uuid: [page]})
    reader.look()
    assert reader.told == []
    said = course_factory.manifest(tmp_path / "cdn", course).documents[str(lesson.uuid)].object
    assert found("404", **{f"o/{said}": None})
    assert found("torn", **{f"o/{said}": b"{}"})
    assert found("404", **{page: None})
    assert found("torn", **{page: (store.read(page) or b"")[:-9]})
    assert found("backward", **{pointer: older})
    assert found("mixed", **{pointer: mixed(store, older, store.read(pointer))})


def mixed(store: DiskStore, *pointers: bytes | None) -> bytes:
    """A pointer, signed, to the documents of a second release beside the outlines of a first: all of it whole."""
    first, second = (Pointer.model_validate_json(pointer or b"") for pointer in pointers)
    one, two = (Manifest.model_validate_json(store.read(f"o/{one.manifest}") or b"") for one in (first, second))
    pairs = zip(one.modules, two.modules, strict=True)
    parts = two.model_copy(
        update={"modules": tuple(new.model_copy(update={"outline": old.outline}) for old, new in pairs)}
    )
    store.create(f"o/{parts.name()}", parts.to_bytes())
    return sign(second.model_copy(update={"manifest": parts.name()}), signing_key()).to_bytes()


@contextmanager
def publishing(editors: list[Editor]) -> Iterator[None]:
    with ExitStack() as stack:
        for editor in editors:
            stack.enter_context(editor)
        yield


def storm(school: Busy, editors: list[Editor], chance: random.Random) -> None:
    """Kill one after another, in the middle of whatever it does: after some publishes, and a moment."""
    for _ in range(KILLS):
        for _ in range(chance.randrange(3)):
            wait_for(chance.choice(editors))
        threading.Event().wait(chance.random() * 0.3)
        school.kill(chance.choice(list(school.commands)))


def wait_for(editor: Editor) -> None:
    """Until it has published once more."""
    assert editor.told.acquire(timeout=120), f"{editor.email} cannot publish any more: {editor.refused}"


def arrive(school: Busy, readers: list[Reader]) -> None:
    """Until the school says that nothing is left to do, and readers have looked after that."""
    until(school.settled, "everything is built")
    looks = [reader.reads for reader in readers]
    for reader, before in zip(readers, looks, strict=True):
        until(lambda: reader.reads >= before + 2 * len(school.pages), "readers look")  # noqa: B023  (called at once)


def tell(record_property: Tell, school: Busy, editors: list[Editor], readers: list[Reader], name: str = "load") -> None:
    faults: Counter[str] = sum((reader.faults for reader in readers), start=Counter())
    record_property(
        "figures",
        f"{name}: {school.killed.total()} kills ({school.killed['web']} of the CMS, {school.killed['worker']} of "
        f"workers), {sum(len(editor.acknowledged) for editor in editors)} publishes acknowledged, "
        f"{sum(editor.unanswered for editor in editors)} unanswered, "
        f"lost {len({one for reader in readers for one in lost(editors, reader)})}; "
        f"{sum(reader.reads for reader in readers)} reads, mixed {faults['mixed']}, torn {faults['torn']}, "
        f"backward {faults['backward']}, 404 {faults['404']}; "
        f"the database was locked for too long {len(school.said('database is locked'))} times",
    )
