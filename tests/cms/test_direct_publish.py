"""An editor may publish, unpublish, move and delete single pages; each such act asks for a release of its course."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from wagtail.models import Page, PageLogEntry
from wagtail.signals import page_published

from api.models import User
from content.models import Course, Lesson, Module
from pipeline.models import ChangeEvent, Publication
from pipeline.withdraw import withdraw
from tests.cms import cast


@pytest.fixture
def released(ada: User, edna: User, course: Course) -> Course:
    """Ada's course with a live release, and no event that is not built yet."""
    cast.release(course, ada, edna)
    ChangeEvent.objects.all().delete()
    return Course.objects.get(pk=course.pk)


def events() -> list[tuple[str, Any]]:
    return list(ChangeEvent.objects.order_by("id").values_list("kind", "page"))


def url(name: str, page: Page, *more: Any) -> str:
    return reverse(f"wagtailadmin_pages:{name}", args=[page.pk, *more])


def publish(client: Client, lesson: Lesson) -> Any:
    return client.post(
        url("edit", lesson), cast.lesson_form(lesson.title, "<p>Corrected.</p>") | {"action-publish": "1"}
    )


def test_publishing_a_lesson_asks_for_a_release(as_edna: Client, edna: User, released: Course) -> None:
    wind = cast.the_lesson("Wind")
    publish(as_edna, wind)
    assert "Corrected." in Lesson.objects.get(pk=wind.pk).body[0].value.source
    assert events() == [("published", wind.uuid)]
    event = ChangeEvent.objects.get()
    assert (event.course, event.actor) == (released.uuid, edna)
    publication = Publication.objects.get(course=released.uuid)
    assert publication.built_seq < publication.wanted_seq == event.pk


def test_publishing_in_bulk_asks_once_for_each_page(as_edna: Client, released: Course) -> None:
    wind, rain = cast.the_lesson("Wind"), cast.the_lesson("Rain")
    bulk = reverse("wagtail_bulk_action", args=["wagtailcore", "page", "publish"])
    as_edna.post(f"{bulk}?id={wind.pk}&id={rain.pk}")
    assert sorted(events()) == sorted([("published", wind.uuid), ("published", rain.uuid)])


def test_unpublishing_a_lesson(as_edna: Client, released: Course) -> None:
    wind = cast.the_lesson("Wind")
    as_edna.post(url("unpublish", wind))
    assert events() == [("unpublished", wind.uuid)]


def test_deleting_a_live_module_tells_of_each_page_in_it(as_edna: Client, released: Course, module: Module) -> None:
    uuids = {module.uuid, cast.the_lesson("Wind").uuid, cast.the_lesson("Rain").uuid}
    as_edna.post(url("delete", module))
    assert not Module.objects.exists()
    assert {page for kind, page in events() if kind == "deleted"} == uuids
    assert {kind for kind, _page in events()} == {"deleted"}


def test_deleting_a_draft_concerns_no_reader(as_edna: Client, released: Course, module: Module) -> None:
    as_edna.post(url("delete", cast.add_lesson(module, "Hail")))
    assert events() == []


def test_an_editors_new_order_is_an_act_of_its_own_an_authors_waits(
    as_edna: Client, as_ada: Client, released: Course
) -> None:
    rain = cast.the_lesson("Rain")
    as_ada.post(url("set_page_position", rain) + "?position=0")
    assert events() == []
    assert [page.title for page in Module.objects.get().get_children()] == ["Rain", "Wind"]
    as_edna.post(url("set_page_position", rain) + "?position=1")
    assert events() == [("moved", rain.uuid)]


def test_a_move_to_another_course_concerns_both(as_edna: Client, ada: User, released: Course) -> None:
    other = cast.make_course(ada, "Oceans", lessons=("Tides",))
    target = Module.objects.child_of(other).get()
    wind = cast.the_lesson("Wind")
    as_edna.post(url("move_confirm", wind, target.pk))
    assert set(ChangeEvent.objects.values_list("course", flat=True)) == {released.uuid, other.uuid}
    assert {kind for kind, _page in events()} == {"moved"}


def test_a_copy_that_is_kept_live_counts_as_published(as_edna: Client, released: Course, module: Module) -> None:
    form = {"new_title": "Breeze", "new_slug": "breeze", "new_parent_page": module.pk, "publish_copies": "on"}
    as_edna.post(url("copy", cast.the_lesson("Wind")), form)
    assert events() == [("published", cast.the_lesson("Breeze").uuid)]


def test_an_alias_is_not_offered_and_asking_for_one_is_refused_in_the_form(
    as_edna: Client, released: Course, module: Module
) -> None:
    wind = cast.the_lesson("Wind")
    assert 'name="alias"' not in as_edna.get(url("copy", wind)).content.decode()
    form = {"new_title": "Wind again", "new_slug": "wind-again", "new_parent_page": module.pk}
    answer = as_edna.post(url("copy", wind), form | {"alias": "on"})
    assert answer.status_code == 200
    assert "An alias would be the same item in two places." in answer.content.decode()
    assert Lesson.objects.count() == 2
    as_edna.post(url("copy", wind), form)
    copy = Lesson.objects.get(slug="wind-again")
    assert (copy.alias_of, copy.live) == (None, False)
    assert copy.uuid != wind.uuid
    assert events() == []


BULK_FORM = {"include_descendants": "on"}


def take_away(client: Client, course: Course, act: str, settings: Any) -> Any:
    bulk = reverse("wagtail_bulk_action", args=["wagtailcore", "page", act.removeprefix("bulk ")])
    address = f"{bulk}?id={course.pk}" if act.startswith("bulk") else url(act, course)
    form = BULK_FORM | {"confirm_site_name": settings.WAGTAIL_SITE_NAME}
    return client.post(address, form, follow=not act.startswith("bulk"))


@pytest.mark.parametrize("act", ["unpublish", "bulk unpublish"])
def test_an_unpublished_course_is_withdrawn_and_publishing_opens_it_again(
    as_edna: Client, edna: User, released: Course, act: str, settings: Any
) -> None:
    assert take_away(as_edna, released, act, settings).status_code in {200, 302}
    publication = Publication.objects.get(course=released.uuid)
    assert publication.standing == Publication.Standing.WITHDRAWN
    assert publication.standing_note
    assert ChangeEvent.objects.get(kind="withdrawn").actor == edna
    as_edna.post(url("edit", released), cast.course_form(released) | {"action-publish": "1"})
    publication.refresh_from_db()
    assert publication.standing == Publication.Standing.OPEN
    assert ChangeEvent.objects.filter(course=released.uuid, kind="reopened").exists()


def test_what_was_withdrawn_in_an_editors_words_stays_so(as_edna: Client, edna: User, released: Course) -> None:
    withdraw(released.uuid, edna, "Measured with a broken barometer.")
    as_edna.post(url("unpublish", released))
    as_edna.post(url("edit", released), cast.course_form(released) | {"action-publish": "1"})
    publication = Publication.objects.get(course=released.uuid)
    assert publication.standing == Publication.Standing.WITHDRAWN
    assert publication.standing_note == "Measured with a broken barometer."


@pytest.mark.parametrize("act", ["delete", "bulk delete"])
def test_a_deleted_course_is_gone_for_readers(
    as_edna: Client, as_root: Client, edna: User, released: Course, act: str, settings: Any
) -> None:
    assert take_away(as_root, released, act, settings).status_code in {200, 302}
    assert not Course.objects.exists()
    publication = Publication.objects.get(course=released.uuid)
    assert publication.standing == Publication.Standing.GONE
    assert publication.live_release is not None


def test_a_publish_that_cannot_be_recorded_did_not_happen(as_edna: Client, released: Course) -> None:
    """Stock Wagtail commits step by step: the page would be live, the log silent and the editor told of an error."""
    wind = cast.the_lesson("Wind")
    before, log = Page.objects.get(pk=wind.pk), PageLogEntry.objects.count()

    def fail(**_rest: Any) -> None:
        raise RuntimeError("the last receiver failed")

    page_published.connect(fail)
    try:
        as_edna.raise_request_exception = False
        assert publish(as_edna, wind).status_code == 500
    finally:
        page_published.disconnect(fail)
    after = Lesson.objects.get(pk=wind.pk)
    assert "Corrected." not in after.body[0].value.source
    assert (after.latest_revision_id, after.live_revision_id) == (before.latest_revision_id, before.live_revision_id)
    assert PageLogEntry.objects.count() == log
    assert events() == []
