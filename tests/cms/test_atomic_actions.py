"""An act whose event cannot be written did not happen: nothing of it remains, from code and from the admin."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.urls import reverse
from wagtail.actions.publish_page_revision import PublishPageRevisionAction
from wagtail.models import Page, PageLogEntry, PageViewRestriction, Revision
from wagtail.signals import page_slug_changed, post_page_move

from api.models import User
from cms import atomic_actions
from content.models import Course, Lesson, Module
from pipeline.models import ChangeEvent, Publication
from tests.cms import cast
from tests.copied_database import Threads


@pytest.fixture
def released(ada: User, edna: User, course: Course) -> Course:
    """Ada's course, live for readers, with an empty second module and a later draft of "Wind"."""
    second = course.add_child(instance=Module(title="More", slug="more", owner=ada, live=False))
    second.save_revision(user=ada)
    cast.release(course, ada, edna)
    cast.edit(cast.the_lesson("Wind"), ada, title="Storm", slug="storm")
    ChangeEvent.objects.all().delete()
    return Course.objects.get(pk=course.pk)


@contextmanager
def outbox_that_fails() -> Iterator[None]:
    """The database refuses the row of the outbox, and takes everything else."""

    def refuse(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        if sql.startswith("INSERT") and "pipeline_changeevent" in sql:
            raise DatabaseError("the outbox cannot be written")
        return execute(sql, params, many, context)

    with connection.execute_wrapper(refuse):
        yield


def everything() -> list[Any]:
    """All that an act on a page may write."""
    tables = (Page, Lesson, Module, Revision, PageLogEntry, PageViewRestriction, ChangeEvent, Publication)
    return [list(table.objects.order_by("pk").values()) for table in tables]


def wind() -> Lesson:
    return Lesson.objects.get(slug="wind")


def more() -> Module:
    return Module.objects.get(slug="more")


CODE: dict[str, Callable[[], Any]] = {
    "publish": lambda: Revision.objects.get(pk=wind().latest_revision_id).publish(),
    "unpublish": lambda: wind().unpublish(),
    "move": lambda: wind().move(more(), pos="last-child"),
    "reorder": lambda: wind().move(Lesson.objects.get(slug="rain"), pos="right"),
    "copy": lambda: wind().copy(to=more(), update_attrs={"slug": "breeze"}, keep_live=True),
    "copy of a tree": lambda: Module.objects.get(slug="basics").copy(
        to=Course.objects.get(), recursive=True, update_attrs={"slug": "again"}, keep_live=True
    ),
    "delete": lambda: wind().delete(),
    "restrict": lambda: PageViewRestriction(page=wind().page_ptr, restriction_type="login").save(),
}


@pytest.mark.parametrize("act", CODE)
def test_an_act_from_code_that_cannot_be_recorded_leaves_nothing(released: Course, act: str) -> None:
    before = everything()
    with outbox_that_fails(), pytest.raises(DatabaseError, match="outbox"):
        CODE[act]()
    assert everything() == before
    CODE[act]()
    assert ChangeEvent.objects.exists()
    assert everything() != before


def url(name: str, page: Page, *more: Any) -> str:
    return reverse(f"wagtailadmin_pages:{name}", args=[page.pk, *more])


def publishing() -> tuple[str, dict[str, Any]]:
    return url("edit", wind()), cast.lesson_form("Wind", "<p>Corrected.</p>") | {"action-publish": "1"}


def copying() -> tuple[str, dict[str, Any]]:
    form = {"new_title": "Breeze", "new_slug": "breeze", "new_parent_page": more().pk, "publish_copies": "on"}
    return url("copy", wind()), form


SCREENS: dict[str, Callable[[], tuple[str, dict[str, Any]]]] = {
    "publish": publishing,
    "unpublish": lambda: (url("unpublish", wind()), {}),
    "move": lambda: (url("move_confirm", wind(), more().pk), {}),
    "reorder": lambda: (url("set_page_position", wind()) + "?position=1", {}),
    "copy": copying,
    "delete": lambda: (url("delete", wind()), {}),
}


@pytest.mark.parametrize("act", SCREENS)
def test_an_act_in_the_admin_that_cannot_be_recorded_leaves_nothing(
    released: Course, as_edna: Client, act: str
) -> None:
    address, form = SCREENS[act]()
    as_edna.get(reverse("wagtailadmin_home"))  # the first visit writes a profile
    before = everything()
    as_edna.raise_request_exception = False
    with outbox_that_fails():
        assert as_edna.post(address, form).status_code == 500
    assert everything() == before
    assert as_edna.post(address, form).status_code in {200, 302}
    assert ChangeEvent.objects.exists()


def test_stock_wagtail_keeps_half_of_a_publish(released: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: without our transaction the page is live as it was edited, and nobody will ever build it."""
    for owner, name in atomic_actions.ACTS:
        if act := getattr(vars(owner).get(name), "step_by_step", None):
            monkeypatch.setattr(owner, name, act)
    with outbox_that_fails(), pytest.raises(DatabaseError, match="outbox"):
        CODE["publish"]()
    assert Lesson.objects.get(slug="storm").live
    assert not ChangeEvent.objects.exists()


def test_applying_twice_changes_nothing() -> None:
    before = [vars(owner).get(name) for owner, name in atomic_actions.ACTS]
    atomic_actions.apply()
    assert [vars(owner).get(name) for owner, name in atomic_actions.ACTS] == before


def test_a_subclass_keeps_what_it_does_and_is_whole(released: Course) -> None:
    told: list[str] = []

    class Telling(PublishPageRevisionAction):
        def execute(self, skip_permission_checks: bool = False) -> Any:
            told.append("before")
            super().execute(skip_permission_checks=skip_permission_checks)
            told.append("after")

    before = everything()
    with outbox_that_fails(), pytest.raises(DatabaseError, match="outbox"):
        Telling(Revision.objects.get(pk=wind().latest_revision_id)).execute()
    assert everything() == before
    Telling(Revision.objects.get(pk=wind().latest_revision_id)).execute()
    assert told == ["before", "before", "after"]


def test_what_wagtail_sends_within_its_act_and_what_only_afterwards(threads: Threads) -> None:
    """`post_page_move` comes inside our transaction, `page_slug_changed` does not: a rename is told by its publish."""
    inside, kinds = threads.one(_moved_and_renamed)
    assert inside == {"post_page_move": True, "page_slug_changed": False}
    assert kinds == ["published"]


def _moved_and_renamed() -> tuple[dict[str, bool], list[str]]:
    """Which signals came inside a transaction, and the events that were written."""
    inside: dict[str, bool] = {}

    def moved(**_rest: Any) -> None:
        inside["post_page_move"] = connection.in_atomic_block

    def renamed(**_rest: Any) -> None:
        inside["page_slug_changed"] = connection.in_atomic_block

    course = _committed_course()
    post_page_move.connect(moved)
    page_slug_changed.connect(renamed)
    try:
        lesson = Lesson.objects.get(slug="lesson-1-1")
        lesson.move(Module.objects.get(slug="module-2"), pos="last-child")
        cast.edit(lesson, lesson.owner, slug="first").publish()
    finally:
        post_page_move.disconnect(moved)
        page_slug_changed.disconnect(renamed)
    return inside, list(ChangeEvent.objects.filter(course=course.uuid).values_list("kind", flat=True))


def _committed_course() -> Course:
    from tests.pipeline import course_factory

    with transaction.atomic():
        return course_factory.make_course(lessons=1, modules=2)
