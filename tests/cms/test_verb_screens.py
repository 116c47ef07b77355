"""Retire, withdraw, reopen and purge in the admin: what will happen is said first, for those who may publish."""

from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from api.enrolment.models import Enrolment
from api.models import User
from content.models import Course
from pipeline import worker
from pipeline.models import ChangeEvent, Pin, Publication, Release, Tombstone
from tests.cms import cast
from tests.cms.test_reports import words
from tests.pipeline import course_factory as school


@pytest.fixture
def live(db: None, folders: None, sam: User) -> Course:
    """A course with one release that was really built, and one learner."""
    cast.person("Edna", "Editor")
    cast.person("Ada", "Instructor")
    course = school.make_course()
    school.release(course)
    Enrolment.objects.create(user=sam, course=course.uuid)
    return course


@pytest.fixture
def edna(db: None) -> User:
    return User.objects.filter(email="edna@example.org").first() or cast.person("Edna", "Editor")


@pytest.fixture
def ada(db: None) -> User:
    return User.objects.filter(email="ada@example.org").first() or cast.person("Ada", "Instructor")


def url(name: str, course: Course, *more: str) -> str:
    return reverse(f"cms_{name}", args=[course.uuid, *more])


def standing(course: Course) -> tuple[str, str]:
    return Publication.objects.values_list("standing", "standing_note").get(course=course.uuid)


def test_retire_says_what_happens_does_it_and_can_be_undone(live: Course, as_edna: Client, edna: User) -> None:
    page = words(as_edna, url("releases", live))
    assert "Retire the course" in page and "Withdraw the course" in page and "Reopen" not in page
    page = words(as_edna, url("retire", live))
    assert "Its 4 pages stay where they are, and 1 learner may go on" in page
    assert standing(live) == ("open", "")
    answer = as_edna.post(url("retire", live), {"note": "A <b>new</b> edition."}, follow=True).content.decode()
    assert "“Statistics” takes no new learners from now on." in answer
    assert "A &lt;b&gt;new&lt;/b&gt; edition." in answer
    assert "Retire the course" not in answer and "Reopen this course" in answer
    assert standing(live) == ("retired", "A <b>new</b> edition.")
    assert ChangeEvent.objects.get(kind="retired").actor == edna
    worker.drain()
    assert "Statistics Retired" in words(as_edna, reverse("cms_courses"))
    assert "takes learners again" in words(as_edna, url("reopen", live))
    as_edna.post(url("reopen", live))
    assert standing(live) == ("open", "")


def test_withdraw_and_what_is_approved_meanwhile(live: Course, as_edna: Client) -> None:
    assert "Each of the 4 pages of “Statistics” will say" in words(as_edna, url("withdraw", live))
    as_edna.post(url("withdraw", live), {"note": "A lawyer asked."})
    worker.drain()
    page = words(as_edna, url("releases", live))
    assert "Withdrawn: pages say so, no keys" in page and "Readers are told: “A lawyer asked.”" in page
    assert "Readers see this" not in page
    candidate = school.submit(live)
    assert "The course is withdrawn: what is approved stays out of readers’ sight" in words(
        as_edna, reverse("cms_review", args=[candidate.pk])
    )
    answer = as_edna.post(reverse("cms_review_approve", args=[candidate.pk]), follow=True).content.decode()
    assert "readers get release 2 once it is reopened" in answer


def test_what_is_pointless_is_said_where_one_came_from(live: Course, as_edna: Client) -> None:
    assert "is open: there is nothing to undo" in as_edna.post(url("reopen", live), follow=True).content.decode()
    answer = as_edna.post(url("retire", live), {"note": "x" * 501}, follow=True).content.decode()
    assert "501 characters long" in answer
    assert standing(live) == ("open", "")


@pytest.mark.parametrize("name", ["retire", "withdraw", "reopen", "purge", "again"])
def test_nobody_else_may(live: Course, as_bo: Client, as_ada: Client, client: Client, sam: User, name: str) -> None:
    before = ChangeEvent.objects.count()
    for one in (as_ada, as_bo, client, cast.signed_in(sam)):
        assert one.get(url(name, live)).status_code in (302, 405)
        assert one.post(url(name, live)).status_code in (302, 405)
        assert one.post(url("purge_confirm", live, "course", str(live.uuid)), {"understood": "1"}).status_code == 302
    assert ChangeEvent.objects.count() == before
    assert standing(live) == ("open", "")
    assert "Retire the course" not in words(as_ada, url("releases", live))


def test_purge_is_chosen_explained_confirmed_and_done(live: Course, as_edna: Client, edna: User) -> None:
    lesson = school.lessons(live)[0]
    confirm = url("purge_confirm", live, "lesson", str(lesson.uuid))
    assert confirm in as_edna.get(url("purge", live)).content.decode()
    page = words(as_edna, confirm)
    assert "It is in 1 release of 1 course" in page and "1 learner is enrolled" in page
    assert "I know that there is no undo" in page
    assert "Tick that you know" in as_edna.post(confirm, {"reason": "A court."}, follow=True).content.decode()
    assert "Say why" in as_edna.post(confirm, {"reason": " ", "understood": "1"}, follow=True).content.decode()
    assert not Tombstone.objects.exists()
    as_edna.post(confirm, {"reason": "A court <order>.", "understood": "1"})
    worker.drain()
    stone = Tombstone.objects.get()
    assert (stone.by, stone.keys) == (edna, [])
    page = as_edna.get(url("purge", live)).content.decode()
    assert "A court &lt;order&gt;." in page and confirm not in page


def test_a_pin_is_shown_and_has_to_be_overruled(live: Course, as_edna: Client) -> None:
    Pin.objects.create(release=Release.objects.get(), holder="enrolment/7")
    confirm = url("purge_confirm", live, "course", str(live.uuid))
    assert "1 learner is pinned to a release that holds it" in words(as_edna, confirm)
    told = {"reason": "A court.", "understood": "1"}
    assert "Force the purge" in as_edna.post(confirm, told, follow=True).content.decode()
    as_edna.post(confirm, told | {"force": "1"})
    assert Tombstone.objects.get().forced


@pytest.mark.parametrize(("kind", "name"), [("lesson", "x"), ("nothing", "x"), ("file", "0" * 64), ("course", "x")])
def test_what_no_release_holds_has_no_screen(live: Course, as_edna: Client, kind: str, name: str) -> None:
    assert as_edna.get(url("purge_confirm", live, kind, name)).status_code == 404
    assert as_edna.post(url("purge_confirm", live, kind, name), {"understood": "1"}).status_code == 404


def test_what_a_release_changed_is_counted(live: Course, as_edna: Client) -> None:
    first, second, _ = school.lessons(live)
    school.rewrite(first, "Other words.")
    school.edit(second, held_back=True)
    school.release(live)
    page = words(as_edna, url("releases", live))
    assert "1 lesson changed, 1 lesson removed." in page and "The first release: 3 lessons." in page


def test_trouble_has_a_next_try_and_a_button(live: Course, as_edna: Client) -> None:
    school.edit(school.lessons(live)[0], slug="x" * 230)
    school.approve(live)
    worker.drain()
    page = words(as_edna, url("releases", live))
    assert "cannot be published" in page and "Tried 1 time; the next try is at" in page
    as_edna.post(url("again", live))
    assert Publication.objects.get(course=live.uuid).next_try_at is None
    assert ChangeEvent.objects.filter(course=live.uuid, kind="rebuild").count() == 1


def test_a_deleted_course_is_listed_and_can_be_reopened(live: Course, as_edna: Client, cast_cdn: Path) -> None:
    from pipeline.withdraw import gone

    gone(live.uuid, None, "Statistics")
    worker.drain()
    assert "Deleted courses Statistics Deleted" in words(as_edna, reverse("cms_courses"))
    page = words(as_edna, url("releases", live))
    assert "Reopen this course" in page and "Retire the course" not in page and "Roll back" not in page
    as_edna.post(url("reopen", live))
    worker.drain()
    assert "says little" in (cast_cdn / "courses/statistics/lesson-1-1/index.html").read_text()


@pytest.fixture
def cast_cdn(settings: Any) -> Path:
    return Path(settings.LECTERN_STORE)
