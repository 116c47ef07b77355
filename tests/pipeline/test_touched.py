"""A release of lessons that were published alone is the one that a freeze of everything gives, and costs only them."""

import io
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.files.images import ImageFile
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given
from hypothesis import settings as limits
from hypothesis import strategies as st
from PIL import Image
from pytest_django import Settings
from wagtail.models import PageViewRestriction

from content.models import Course, ImageOriginal, Lesson, Module
from pipeline import approval, direct, frozen_parts, outbox, rollback, worker
from pipeline.errors import AuthorError
from pipeline.lease import Lease
from pipeline.models import Candidate, ChangeEvent, Publication, Release, Tombstone
from pipeline.touched import Made, touched
from tests.pipeline import course_factory as school

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def folders(settings: Settings, tmp_path: Path) -> None:
    settings.LECTERN_STORE = tmp_path / "cdn"
    settings.LECTERN_ORIGINALS = tmp_path / "originals"
    settings.MEDIA_ROOT = tmp_path / "media"


def goes_live(release: Release) -> None:
    """What a worker's last step leaves in the database, without drawing anything."""
    Release.objects.filter(course=release.course, state=Release.State.LIVE).update(state=Release.State.PAST)
    Release.objects.filter(pk=release.pk).update(state=Release.State.LIVE, manifest="0" * 64)
    seq = outbox.lock(release.course).wanted_seq
    Publication.objects.filter(course=release.course).update(live_release=release, built_seq=seq)


def unbuilt(course: Course) -> list[ChangeEvent]:
    built = Publication.objects.get(course=course.uuid).built_seq
    return list(ChangeEvent.objects.filter(course=course.uuid, id__gt=built).order_by("id"))


def fast(course: Course) -> Made | None:
    had = Publication.objects.get(course=course.uuid).live_release
    assert had
    return touched(Course.objects.get(pk=course.pk), had, direct._published(unbuilt(course)))


def full(course: Course) -> Made:
    had = Publication.objects.get(course=course.uuid).live_release
    edited = {event.note for event in unbuilt(course) if event.kind == ChangeEvent.Kind.EDITED}
    made = direct._everything(Course.objects.get(pk=course.pk), had, edited)
    assert made
    return made


def link(page: Any) -> str:
    return f'See <a linktype="page" id="{page.pk}">there</a>.'


def make_school() -> tuple[Course, Course]:
    """Two modules of three lessons: of the first module one leads to another course, one to the last, one shows a
    picture and leads to the course itself. All live."""
    course, other = school.make_course(lessons=3, modules=2), school.make_course("Algebra", lessons=1)
    first, second, third, *_, last = school.lessons(course)
    picture = io.BytesIO()
    Image.new("RGB", (8, 4), "navy").save(picture, "PNG")
    blue = ImageOriginal.objects.create(title="Blue", file=ImageFile(picture, "blue.png"))
    image = {"type": "image", "id": "i", "value": {"image": blue.pk, "alt": "Blue"}}
    school.edit(first, body=[school.text("Far."), school.text(link(school.lessons(other)[0]), "l")])
    school.edit(second, body=[school.text("Near."), school.text(link(last), "l")])
    school.edit(third, body=[school.text("Blue."), school.text(link(course), "l"), image])
    goes_live(school.approve(other))
    goes_live(school.approve(course))
    return course, other


def say(lesson: Lesson, words: str) -> None:
    raw = list(Lesson.objects.get(pk=lesson.pk).get_latest_revision_as_object().body.raw_data)
    school.publish(lesson, body=[school.text(words, raw[0]["id"]), *raw[1:]])


def restrict(page: Any) -> None:
    PageViewRestriction.objects.create(page=page, restriction_type=PageViewRestriction.LOGIN)


# What people do in the editor. Each gets the course, the other course, a number and a word.
Act = Callable[[Course, Course, int, str], object]


def one(course: Course, number: int) -> Lesson:
    found = school.lessons(course)
    return found[number % len(found)]


def rename_elsewhere(course: Course, other: Course, number: int, word: str) -> None:
    """And the lessons that lead there are published too: in those that nobody touches the reconciler finds it."""
    target = school.lessons(other)[0]
    school.publish(target, title=f"Far {word}", slug=f"far-{number}")
    for lesson in school.lessons(course):
        if f'id="{target.pk}"' in str(lesson.body.raw_data):
            say(lesson, word)


def go_live(course: Course, *_rest: Any) -> None:
    try:
        tree, parts = fast(course) or full(course)
    except AuthorError:
        return  # no lesson is left that readers may see
    frozen_parts.keep_parts(course.uuid, parts)
    goes_live(approval.release_directly(tree, None))


def rename(course: Course, number: int) -> None:
    lesson = one(course, number)
    school.publish(lesson, slug=f"slug-{lesson.pk}")


def add(course: Course) -> None:
    module = Module.objects.descendant_of(course).first()
    school.publish(school.add_lesson(module, f"New {Lesson.objects.latest('pk').pk}"))


def alone(course: Course, number: int) -> None:
    """A lesson without what comes after its first block: a picture or a link less."""
    lesson = one(course, number)
    school.publish(lesson, body=list(lesson.body.raw_data)[:1])


WORDS: dict[str, Act] = {
    "say": lambda course, _other, number, word: say(one(course, number), word),
    "say again": lambda course, _other, number, word: say(one(course, number), word),
    "minutes": lambda course, _other, number, _word: school.publish(one(course, number), minutes=number),
    "draft": lambda course, _other, number, word: school.rewrite(one(course, number), word),
    "shorten": lambda course, _other, number, _word: alone(course, number),
    "rename elsewhere": rename_elsewhere,
    "go live": go_live,
}
ELSE: dict[str, Act] = {
    "title": lambda course, _other, number, word: school.publish(one(course, number), title=f"T {word}"),
    "slug": lambda course, _other, number, _word: rename(course, number),
    "lead": lambda course, other, number, _word: say(one(course, number), link(school.lessons(other)[0])),
    "lead near": lambda course, _other, number, _word: say(one(course, number), link(one(course, number + 1))),
    "hold back": lambda course, _other, number, _word: school.publish(one(course, number), held_back=True),
    "unpublish": lambda course, _other, number, _word: Lesson.objects.get(pk=one(course, number).pk).unpublish(),
    "hide": lambda course, _other, number, _word: restrict(one(course, number)),
    "hide module": lambda course, _other, number, _word: restrict(Module.objects.descendant_of(course)[number % 2]),
    "module": lambda course, _other, number, word: school.publish(
        Module.objects.descendant_of(course)[number % 2], summary=word
    ),
    "course": lambda course, _other, _number, word: school.publish(course, summary=word),
    "move": lambda course, _other, number, _word: one(course, number).move(
        Module.objects.descendant_of(course)[(number + 1) % 2], "last-child"
    ),
    "add": lambda course, _other, _number, _word: add(course),
    "delete": lambda course, _other, number, _word: Lesson.objects.get(pk=one(course, number).pk).delete(),
    "picture": lambda _course, _other, _number, _word: ImageOriginal.objects.get().save(),
}
acts = st.lists(
    st.tuples(
        st.sampled_from([*WORDS] * 4 + [*ELSE]),
        st.integers(0, 11),
        st.text("abc d", max_size=4).map(lambda one: f"w{one}"),
    ),
    min_size=1,
    max_size=5,
)


def test_it_is_the_tree_that_a_freeze_of_everything_gives(record_property: Callable[[str, object], None]) -> None:
    course, other = make_school()
    taken = Counter[str]()

    @limits(max_examples=40, deadline=None, database=None, derandomize=True, suppress_health_check=list(HealthCheck))
    @given(acts)
    def lives(sequence: list[tuple[str, int, str]]) -> None:
        with transaction.atomic():
            for name, number, word in sequence:
                {**WORDS, **ELSE}[name](course, other, number, word)
            say(one(course, 0), "the last word")
            made = fast(course)
            taken["fast" if made else "full"] += 1
            if made:
                tree, parts = full(course)
                assert made[0] == tree
                assert made[1].items() <= parts.items()
            transaction.set_rollback(True)

    lives()
    told = f"{taken['fast']} alone, {taken['full']} with everything, differences from freezing everything 0"
    record_property("figures", f"direct releases of published lessons: {told}")
    assert taken["fast"] >= 10, taken
    assert taken["full"] >= 3, taken


def test_it_costs_as_many_questions_for_60_lessons_as_for_3() -> None:
    asked = []
    for title, count in (("Small", 3), ("Large", 60)):
        course = school.make_course(title, lessons=count)
        goes_live(school.approve(course))
        say(school.lessons(course)[0], "Another word.")
        lease = Lease.take(course.uuid)
        assert lease
        publication, changes = lease.publication(), unbuilt(course)
        with CaptureQueriesContext(connection) as queries:
            release = direct.release(lease, publication, changes)
        assert release
        assert "Another word." in release.candidate.frozen().model_dump_json()
        asked.append(len(queries))
    assert asked[0] == asked[1] <= 15, asked


@pytest.fixture
def course() -> Course:
    course = school.make_course(lessons=2, modules=2)
    goes_live(school.approve(course))
    say(school.lessons(course)[0], "Another word.")
    assert fast(course)
    return course


@pytest.mark.parametrize("above", [0, 1, 2, 3])
def test_a_lesson_that_is_private_is_not_published_even_if_nobody_told_of_it(course: Course, above: int) -> None:
    page: Any = school.lessons(course)[0]
    for _ in range(above):
        page = page.get_parent()
    PageViewRestriction.objects.bulk_create([PageViewRestriction(page_id=page.pk, restriction_type="login")])
    assert fast(course) is None


def test_after_a_rollback_the_editor_says_something_else(course: Course) -> None:
    go_live(course)
    second = Publication.objects.get(course=course.uuid).live_release
    assert second
    rollback.roll_back(course.uuid, 1, None)
    goes_live(Release.objects.get(course=course.uuid, number=1))
    say(school.lessons(course)[3], "Another word.")
    assert fast(course) is None
    assert full(course)[0].modules[0] == second.candidate.tree().modules[0]


def test_after_an_approval_that_was_stopped_too(course: Course) -> None:
    school.rewrite(school.lessons(course)[1], "Approved.")
    made = school.approve(course)
    Release.objects.filter(pk=made.pk).update(state=Release.State.SKIPPED)
    Publication.objects.filter(course=course.uuid).update(built_seq=outbox.lock(course.uuid).wanted_seq)
    say(school.lessons(course)[3], "Another word.")
    assert fast(course) is None


def test_a_direct_release_that_waits_changed_nothing_in_the_editor(course: Course) -> None:
    tree, parts = fast(course) or full(course)
    frozen_parts.keep_parts(course.uuid, parts)
    made = approval.release_directly(tree, None)
    again = fast(course)
    assert again
    assert again[0] == tree
    Candidate.objects.filter(pk=made.candidate_id).update(kind=Candidate.Kind.PURGED)
    assert fast(course) is None


@pytest.mark.parametrize("kind", list(Tombstone.Kind))
def test_what_was_purged_is_for_a_freeze_of_everything(kind: str) -> None:
    course, _other = make_school()
    lesson = school.lessons(course)[2]
    say(lesson, "Another word.")
    assert fast(course)
    had = Publication.objects.get(course=course.uuid).live_release
    assert had
    (file,) = had.candidate.frozen().files.values()
    name = {"course": course.uuid, "lesson": lesson.uuid, "file": file.sha256}[kind]
    Tombstone.objects.create(kind=kind, name=str(name), title="It", reason="Because.")
    assert fast(course) is None


def test_it_goes_all_the_way_to_readers(tmp_path: Path) -> None:
    course = school.make_course(lessons=2, modules=2)
    school.release(course)
    before = school.manifest(tmp_path / "cdn", course).documents
    lesson = school.lessons(course)[3]
    say(lesson, "Another word.")
    worker.drain()
    now = school.manifest(tmp_path / "cdn", course).documents
    assert {item for item in now if now[item] != before[item]} == {str(lesson.uuid)}
    assert "Another word." in (tmp_path / "cdn/courses/statistics/lesson-2-2/index.html").read_text()
    assert full(course)[0].digest() == Release.objects.get(course=course.uuid, number=2).candidate.digest
