"""A release that draws only what changed comes to the same as one that draws everything, and costs what changed."""

import sys
from collections import Counter
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4, uuid5

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as some
from pytest_django import Settings

from content.models import Course, Lesson, Module
from pipeline import approval, frozen_parts, html, outbox, release, rollback, worker
from pipeline.candidate import freeze
from pipeline.errors import AuthorError
from pipeline.frozen import FrozenCourse, FrozenModule
from pipeline.keys import public_key
from pipeline.manifest import assemble
from pipeline.models import BuiltModule, Candidate, ChangeEvent, Publication, Release
from pipeline.released_assets import ReleasedAssets
from pipeline.store.disk import DiskStore
from pipeline.verify import verify
from tests.pipeline import course_factory as school
from tests.pipeline.drawn import build

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def cdn(settings: Settings, tmp_path: Path) -> Path:
    settings.LECTERN_STORE = tmp_path / "cdn"
    return tmp_path / "cdn"


def is_as_if_drawn_whole(cdn: Path, course: Course) -> None:
    """What lies on the store is, to the byte, what the live release's candidate gives when it is drawn at once."""
    store, pointer = DiskStore(cdn), school.pointer(cdn, course)
    made = Publication.objects.get(course=course.uuid).live_release
    assert made is not None
    manifest, lost = assemble(pointer.manifest, store.read)
    assert manifest is not None
    assert lost == []
    frozen = made.candidate.frozen()
    whole = build(frozen, made.number, manifest.parent, ReleasedAssets(frozen, store), html.site())
    assert pointer.manifest == whole.manifest.name()
    assert {key: store.read(key) for key in whole.objects} == whole.objects
    for path, entry in manifest.pages.items():
        assert store.read(path) == whole.objects[f"o/{entry.object}.html"], path
    assert verify(store, public_key()).faults == []


# --- any sequence of changes ----------------------------------------------------------------------------------

Act = Callable[[Course, int], None]


def _pages(course: Course, model: Any) -> list[Any]:
    return list(model.objects.descendant_of(Course.objects.get(pk=course.pk)).order_by("path"))


def _one(course: Course, number: int, model: Any = Lesson) -> Any:
    pages = _pages(course, model)
    return pages[number % len(pages)]


def _shown(course: Course) -> list[Lesson]:
    return [lesson for lesson in _pages(course, Lesson) if not lesson.get_latest_revision_as_object().held_back]


def words(course: Course, number: int) -> None:
    school.rewrite(_one(course, number), f"Words number {number}.")


def title_of_a_lesson(course: Course, number: int) -> None:
    school.edit(_one(course, number), title=f"Lesson called {number}")


def title_of_a_module(course: Course, number: int) -> None:
    school.edit(_one(course, number, Module), title=f"Module called {number}")


def title_of_the_course(course: Course, number: int) -> None:
    school.edit(course, summary=f"Summary {number}.")


def address(course: Course, number: int) -> None:
    school.edit(_one(course, number), slug=f"place-{number}")


def removal(course: Course, number: int) -> None:
    shown = _shown(course)
    if len(shown) > 1:
        school.edit(shown[number % len(shown)], held_back=True)


def return_of_the_removed(course: Course, number: int) -> None:
    for lesson in _pages(course, Lesson):
        school.edit(lesson, held_back=False)


def new_lesson(course: Course, number: int) -> None:
    school.add_lesson(
        _one(course, number, Module), f"Fresh {number} {uuid4().hex[:6]}", [school.text("New."), school.quiz()]
    )


def new_answer(course: Course, number: int) -> None:
    quiz = school.quiz()
    quiz["value"]["questions"][2]["value"]["answer"] = float(number)
    school.edit(_one(course, number), body=[school.text("Quiz:"), quiz])


def move(course: Course, number: int) -> None:
    lesson, module = _one(course, number), _one(course, number // 3, Module)
    lesson.move(module, pos="first-child" if number % 2 else "last-child")


ACTS: list[Act] = [
    words,
    words,
    title_of_a_lesson,
    title_of_a_module,
    title_of_the_course,
    address,
    removal,
    return_of_the_removed,
    new_lesson,
    new_answer,
    move,
]


@hypothesis_settings(
    max_examples=12,
    deadline=None,
    database=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    steps=some.lists(
        some.tuples(
            some.lists(some.tuples(some.sampled_from(ACTS), some.integers(0, 99)), max_size=2), some.integers(0, 3)
        ),
        min_size=2,
        max_size=4,
    )
)
def test_any_sequence_of_changes_comes_to_the_same(cdn: Path, steps: list[Any]) -> None:
    course = school.make_course(f"Course {uuid4().hex[:8]}", lessons=2, modules=2)
    school.release(course)
    for acts, end in steps:
        for act, number in acts:
            act(course, number)
        if end == 0 and Release.objects.filter(course=course.uuid).exclude(manifest="").count() > 1:
            try:
                rollback.roll_back(course.uuid, 1, None)
            except AuthorError:
                school.release(course)
            worker.drain()
        else:
            school.release(course)
        assert Publication.objects.get(course=course.uuid).last_error == ""
        is_as_if_drawn_whole(cdn, course)


def test_a_lesson_at_the_end_of_a_module_is_named_by_the_page_after_it(cdn: Path) -> None:
    course = school.make_course(lessons=2, modules=3)
    school.release(course)
    before = school.files(cdn)
    school.edit(school.lessons(course)[3], title="Renamed")
    school.release(course)
    pages = {key for key in school.written(before, cdn) if key.startswith("courses/")}
    assert pages == {
        "courses/statistics/index.html",
        "courses/statistics/lesson-2-1/index.html",
        "courses/statistics/lesson-2-2/index.html",
        "courses/statistics/lesson-3-1/index.html",
    }
    is_as_if_drawn_whole(cdn, course)


# --- what a change costs --------------------------------------------------------------------------------------

QUERIES = 21  # of the worker for one edited lesson, however large the course
UNTOUCHED = 11  # of the worker for a course that the site's new look does not change


def multiplied(course: Course, modules: int, lessons: int, said: str = "little") -> FrozenCourse:
    """A course with the look of a small one and as many lessons as are asked for; the last of them says `said`."""
    frozen = freeze(course)
    first = frozen.modules[0]
    text = [block for block in first.lessons[0].fields["body"] if block["type"] == "text"]

    def lesson(number: int, place: int) -> Any:
        name = f"lesson-{number}-{place}"
        last = (number, place) == (modules, lessons)
        body = [text[0] | {"value": f"<p>It says {said if last else 'little'}.</p>"}]
        fields = first.lessons[0].fields | {"body": body}
        facts = {"uuid": uuid5(course.uuid, name), "slug": name, "title": name, "page_id": 10_000 * number + place}
        return first.lessons[0].model_copy(update=facts | {"fields": fields})

    made = [
        FrozenModule(
            page=first.page.model_copy(
                update={"uuid": uuid5(course.uuid, str(number)), "title": f"Module {number}", "page_id": 10**7 + number}
            ),
            lessons=tuple(lesson(number, place) for place in range(1, lessons + 1)),
        )
        for number in range(1, modules + 1)
    ]
    return frozen.model_copy(update={"modules": tuple(made)})


def approved(frozen: FrozenCourse) -> Release:
    """As an approval leaves it behind, without a page in the editor for each lesson."""
    candidate = frozen_parts.candidate(frozen_parts.keep(frozen), state=Candidate.State.APPROVED)
    made = approval.number(candidate, None)
    outbox.record(frozen.course, ChangeEvent.Kind.APPROVED, release=made)
    return made


def shipped(frozen: FrozenCourse) -> Release:
    made = approved(frozen)
    worker.drain()
    made.refresh_from_db()
    assert made.state == Release.State.LIVE, Publication.objects.get(course=frozen.course).last_error
    return made


@pytest.mark.parametrize("modules", [2, 10])
def test_an_edit_asks_as_often_in_a_large_course_as_in_a_small_one(cdn: Path, modules: int) -> None:
    course = school.make_course(lessons=1)
    shipped(multiplied(course, modules, 10))
    before = school.files(cdn)
    made = approved(multiplied(course, modules, 10, "much"))
    with CaptureQueriesContext(connection) as asked:
        assert worker.work(course.uuid)
    written = school.written(before, cdn)
    assert len(written) == 6, "document, page object, shard, manifest, pointer, page"
    told = [query["sql"][:150] for query in asked if "SAVEPOINT" not in query["sql"]]
    assert len(told) == QUERIES, told
    made.refresh_from_db()
    assert made.state == Release.State.LIVE
    is_as_if_drawn_whole(cdn, course)


@pytest.mark.parametrize("modules", [2, 10])
def test_a_site_that_looks_as_it_did_costs_the_same_however_large_the_course(
    cdn: Path, settings: Settings, modules: int
) -> None:
    course = school.make_course(lessons=1)
    made = shipped(multiplied(course, modules, 10))
    before, generation = school.files(cdn), school.pointer(cdn, course).generation
    outbox.record(course.uuid, ChangeEvent.Kind.SITE)
    with CaptureQueriesContext(connection) as asked:
        assert worker.work(course.uuid)
    assert school.written(before, cdn) == set()
    told = [query["sql"][:150] for query in asked if "SAVEPOINT" not in query["sql"]]
    assert len(told) == UNTOUCHED, told
    assert worker.work(course.uuid) is False

    settings.SCHOOL_NAME = "Another name"
    outbox.record(course.uuid, ChangeEvent.Kind.SITE)
    assert worker.work(course.uuid)
    pages = {path for path in school.written(before, cdn) if path.startswith("courses/")}
    assert len(pages) == modules * 10 + 1
    assert all(b"Another name" in (cdn / page).read_bytes() for page in pages)
    assert school.pointer(cdn, course).generation == generation + 1
    made.refresh_from_db()
    assert made.state == Release.State.LIVE
    is_as_if_drawn_whole(cdn, course)


@pytest.mark.parametrize("point", ["half_objects", "manifest", "pointer", "half_pages", "pages"])
def test_a_new_look_whose_first_try_dies_comes_all_the_same(
    cdn: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch, point: str
) -> None:
    """What the dying try wrote down of the live release must not make the next one think that readers have it."""

    def dies(reached: str) -> None:
        if reached == point:
            raise OSError("the machine is gone")

    course = school.make_course(lessons=1)
    frozen = multiplied(course, 2, 3)
    shipped(frozen)
    settings.SCHOOL_NAME = "Another name"
    outbox.record(course.uuid, ChangeEvent.Kind.SITE)
    with monkeypatch.context() as patched:
        patched.setattr(release, "checkpoint", dies)
        assert worker.work(course.uuid) is False
    Publication.objects.update(next_try_at=None)
    assert worker.work(course.uuid)
    pages = [*(cdn / "courses").rglob("index.html")]
    assert len(pages) == 7
    assert all(b"Another name" in page.read_bytes() for page in pages)
    is_as_if_drawn_whole(cdn, course)


def test_a_site_that_is_published_while_the_pointer_is_not_ours_is_drawn_whole(cdn: Path) -> None:
    course = school.make_course(lessons=1)
    shipped(multiplied(course, 2, 2))
    (cdn / f"c/{course.uuid}/current.json").unlink()
    page = next((cdn / "courses").rglob("*/index.html"))
    page.unlink()
    outbox.record(course.uuid, ChangeEvent.Kind.SITE)
    assert worker.work(course.uuid)
    assert page.is_file()
    is_as_if_drawn_whole(cdn, course)


def test_a_whole_course_costs_what_its_lessons_do(cdn: Path) -> None:
    """Counted in calls of our own functions: in a module of 240 lessons each lesson costs what it does in one of 80."""
    calls = {}
    for lessons in (80, 240):
        course = school.make_course(f"Course of {lessons}", lessons=1)
        frozen = multiplied(course, 1, lessons, said=f"{lessons}")
        made = approved(frozen)
        calls[lessons] = _calls(partial(worker.work, course.uuid))
        made.refresh_from_db()
        assert made.state == Release.State.LIVE, Publication.objects.get(course=course.uuid).last_error
    growth = {name: calls[240][name] / count for name, count in calls[80].items() if calls[240][name] > 200}
    assert len(growth) > 10, "or nothing was counted"
    assert {name: times for name, times in growth.items() if times > 3.3} == {}


def _calls(act: Callable[[], object]) -> Counter[str]:
    """How often each function of the pipeline was called, leaving out what templates ask for."""
    counted: Counter[str] = Counter()

    def count(frame: Any, event: str, _argument: Any) -> None:
        if event == "call" and "/pipeline/" in frame.f_code.co_filename:
            name = Path(frame.f_code.co_filename).name
            if name not in {"html_filters.py", "html_words.py"}:
                counted[f"{name}:{frame.f_code.co_qualname}"] += 1

    sys.setprofile(count)
    try:
        act()
    finally:
        sys.setprofile(None)
    return counted


# --- when only what changed may not be enough -----------------------------------------------------------------


def killed_after_its_pages(cdn: Path, monkeypatch: pytest.MonkeyPatch) -> Course:
    """Release 2 changed a lesson, moved the pointer, wrote its page and died; release 3 takes the change back."""
    course = school.make_course(lessons=2, modules=2)
    school.release(course)
    first, last = school.lessons(course)[0], school.lessons(course)[3]
    school.rewrite(first, "Words that did not stay.")
    school.approve(course)

    def die(point: str) -> None:
        if point == "pages":
            raise OSError("killed")

    with monkeypatch.context() as patched:
        patched.setattr(release, "checkpoint", die)
        worker.drain()
    assert b"did not stay" in (cdn / f"courses/statistics/{first.slug}/index.html").read_bytes()
    school.rewrite(first, "Lesson 1.1 says little.")
    school.rewrite(last, "Other words.")
    school.approve(course)
    Publication.objects.update(next_try_at=None)
    return course


def test_pages_of_a_killed_release_do_not_stay(cdn: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    course = killed_after_its_pages(cdn, monkeypatch)
    worker.drain()
    assert school.pointer(cdn, course).release == 3
    is_as_if_drawn_whole(cdn, course)


def test_without_a_look_at_the_pointer_they_would(cdn: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    course = killed_after_its_pages(cdn, monkeypatch)
    monkeypatch.setattr(release, "_went_before", lambda publication, _store: publication.live_release)
    worker.drain()
    assert school.pointer(cdn, course).release == 3
    lesson = school.lessons(course)[0]
    assert b"did not stay" in (cdn / f"courses/statistics/{lesson.slug}/index.html").read_bytes()


@pytest.mark.parametrize("lost", ["row", "shard", "damaged shard"])
def test_what_cannot_be_gone_on_from_is_built_whole(cdn: Path, lost: str) -> None:
    course = school.make_course(lessons=2, modules=2)
    school.release(course)
    shard = cdn / f"o/{school.manifest(cdn, course).modules[0].shard}"
    if lost == "row":
        BuiltModule.objects.all().delete()
    elif lost == "shard":
        shard.unlink()
    else:
        data = shard.read_bytes()
        shard.unlink()
        shard.write_bytes(data[:-1] + b" ")
    school.rewrite(school.lessons(course)[0], "Other words.")
    if lost == "damaged shard":  # no store writes over an object: somebody has to delete it
        school.release(course)
        shard.unlink()
        outbox.record(course.uuid, ChangeEvent.Kind.REBUILD)
        worker.drain()
    else:
        school.release(course)
    is_as_if_drawn_whole(cdn, course)


def test_an_item_is_another_one_in_every_multiplied_course() -> None:
    course = school.make_course(lessons=1)
    frozen = multiplied(course, 2, 2)
    items: set[UUID] = {lesson.uuid for module in frozen.modules for lesson in module.lessons}
    assert len(items) == 4
