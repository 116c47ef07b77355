"""What each role may do, and that no door of the admin lets an instructor publish or reach a colleague's course."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.urls import NoReverseMatch, get_resolver, reverse
from django.urls.resolvers import URLPattern, URLResolver
from wagtail.models import Collection, Page, Site, Workflow

from api.models import User
from content.models import Attachment, Catalogue, Course, ImageOriginal, InstructorProfile, Lesson, Module
from pipeline.models import Candidate, ChangeEvent, Release
from tests.cms import cast
from tests.cms.files import attachment, image

SECRET = "Xylographic"


def page_url(name: str, page: Page, *more: Any) -> str:
    return reverse(f"wagtailadmin_pages:{name}", args=[page.pk, *more])


def live() -> set[str]:
    return set(Page.objects.filter(depth__gt=2, live=True).values_list("draft_title", flat=True))


def tree() -> list[tuple[Any, ...]]:
    """Everything about the pages that readers or colleagues could notice."""
    rows = Page.objects.order_by("pk").values_list
    return list(rows("pk", "path", "title", "draft_title", "slug", "live", "owner", "latest_revision", "locked"))


# --- what the migration made ----------------------------------------------------------------------------------


@pytest.mark.django_db
def test_the_migration_makes_three_roles_a_catalogue_and_the_workflow() -> None:
    assert set(Group.objects.values_list("name", flat=True)) == {"Instructor", "Editor", "Admin"}
    assert Site.objects.get().root_page.specific == Catalogue.objects.get()
    assert [task.specific.__class__.__name__ for task in Workflow.objects.get().tasks] == ["CourseApproval"]
    assert Catalogue.objects.get().get_workflow().name == "Course approval"


@pytest.mark.parametrize("role", [None, "Instructor", "Editor", "Admin"])
def test_only_the_roles_enter_the_admin(db: None, role: str | None) -> None:
    response = cast.signed_in(cast.person("Noor", role)).get("/admin/")
    assert response.status_code == (200 if role else 302)


def test_what_each_role_sees_in_the_menu(as_ada: Client, as_edna: Client, as_root: Client) -> None:
    for client, users in ((as_ada, False), (as_edna, False), (as_root, True)):
        page = client.get("/admin/").content.decode()
        assert (reverse("wagtailusers_users:index") in page) is users
        for word in ("Courses", "Attachments", "Videos", "Reviews", "Releases"):
            assert f'"{word}"' in page.replace("&quot;", '"')


# --- instructors write their own courses ----------------------------------------------------------------------


def test_an_instructor_creates_a_course_a_module_and_a_lesson(as_ada: Client, ada: User) -> None:
    def add(model: str, parent: Page, form: dict[str, Any]) -> None:
        url = reverse("wagtailadmin_pages:add", args=["content", model, parent.pk])
        assert as_ada.post(url, form).status_code == 302

    add("course", Catalogue.objects.get(), cast.new_course_form())
    course = Course.objects.get()
    assert (course.owner, course.live) == (ada, False)
    form = cast.nested_form_data({"title": "Kinds", "slug": "kinds", "summary": "", **cast.COMMENTS})
    add("module", course, form)
    add("lesson", Module.objects.get(), cast.lesson_form("Cirrus"))
    assert Lesson.objects.get().get_parent().get_parent().specific == course
    assert live() == set()


def test_an_instructor_orders_the_lessons_of_the_own_course_only(as_ada: Client, as_bo: Client, module: Module) -> None:
    url = page_url("set_page_position", cast.the_lesson("Rain")) + "?position=0"
    assert as_bo.post(url).status_code != 200
    assert [page.title for page in module.get_children()] == ["Wind", "Rain"]
    assert as_ada.post(url).status_code == 200
    assert [page.title for page in module.get_children()] == ["Rain", "Wind"]


def test_an_instructor_rearranges_a_released_course_and_readers_see_it_later(
    as_ada: Client, ada: User, edna: User, course: Course
) -> None:
    second = course.add_child(instance=Module(title="More", slug="more", owner=ada, live=False))
    cast.release(course, ada, edna)
    events = ChangeEvent.objects.count()
    wind = cast.the_lesson("Wind")
    as_ada.post(page_url("move_confirm", wind, second.pk))
    assert cast.the_lesson("Wind").get_parent().pk == second.pk
    assert ChangeEvent.objects.count() == events  # it is part of what is submitted next


# --- no door to publishing ------------------------------------------------------------------------------------

ACTIONS = (
    {"action-publish": "1"},
    {"action-workflow-action": "1", "workflow-action-name": "approve"},
    {"action-publish": "1", "go_live_at": "2020-01-01 00:00"},
    {"go_live_at": "2020-01-01 00:00", "expire_at": "2050-01-01 00:00"},
)


@pytest.mark.parametrize("action", ACTIONS)
def test_publishing_by_hand_only_saves_a_draft(as_ada: Client, course: Course, action: dict[str, str]) -> None:
    wind = cast.the_lesson("Wind")
    as_ada.post(page_url("edit", wind), cast.lesson_form("Wind") | action)
    as_ada.post(page_url("edit", course), cast.course_form(course) | action)
    add = reverse("wagtailadmin_pages:add", args=["content", "lesson", wind.get_parent().pk])
    as_ada.post(add, cast.lesson_form("Hail") | action)
    assert "Said in the editor." in cast.draft_of(wind).body[0].value.source
    assert live() == set()
    for page in (*Lesson.objects.all(), Course.objects.get()):
        assert page.go_live_at is None and page.get_latest_revision_as_object().go_live_at is None
        assert page.approved_schedule is False


def test_nobody_schedules_a_page_or_makes_it_private(as_edna: Client, course: Course) -> None:
    """Readers get a page with its course's release, and the static site knows no private pages."""
    page = as_edna.get(page_url("edit", cast.the_lesson("Wind"))).content.decode()
    assert 'name="go_live_at"' not in page
    assert "restriction_type" not in as_edna.get(page_url("set_privacy", course)).content.decode()


def test_an_older_version_cannot_be_published_by_hand(as_ada: Client, ada: User, course: Course) -> None:
    wind = cast.the_lesson("Wind")
    older = wind.latest_revision
    cast.edit(wind, ada, title="Gale")
    as_ada.post(page_url("revisions_revert", wind, older.pk), cast.lesson_form("Wind") | {"action-publish": "1"})
    assert live() == set()


@pytest.mark.parametrize("action", ["publish", "unpublish", "delete", "move"])
def test_bulk_actions_change_nothing_that_is_live(
    as_ada: Client, ada: User, edna: User, course: Course, action: str
) -> None:
    cast.release(course, ada, edna)
    drafts = cast.make_course(ada, "Oceans", lessons=("Tides",))
    before, events = tree(), ChangeEvent.objects.count()
    ids = "&".join(f"id={page.pk}" for page in Page.objects.filter(depth__gt=2).exclude(pk=drafts.pk))
    url = reverse("wagtail_bulk_action", args=["wagtailcore", "page", action])
    form = {"include_descendants": "on", "chooser": str(Module.objects.child_of(drafts).get().pk)}
    as_ada.post(f"{url}?{ids}", form)
    live_before = [row for row in before if row[5]]
    assert [row for row in tree() if row[5]] == live_before
    assert ChangeEvent.objects.count() == events


def test_a_live_page_can_be_neither_unpublished_deleted_nor_moved(
    as_ada: Client, ada: User, edna: User, course: Course
) -> None:
    cast.release(course, ada, edna)
    other = cast.make_course(ada, "Oceans", lessons=("Tides",))
    before, events = tree(), ChangeEvent.objects.count()
    for page in (cast.the_lesson("Wind"), Module.objects.child_of(course).get(), course):
        for name in ("unpublish", "delete", "lock", "set_privacy"):
            as_ada.post(page_url(name, page), {"include_descendants": "on", "restriction_type": "login"})
        as_ada.post(page_url("move_confirm", page, Module.objects.child_of(other).get().pk))
    assert tree() == before
    assert ChangeEvent.objects.count() == events


@pytest.mark.parametrize("asked", [{"publish_copies": "on"}, {"alias": "on"}, {}])
def test_a_copy_of_a_live_course_is_a_draft(
    as_ada: Client, ada: User, edna: User, course: Course, asked: dict[str, str]
) -> None:
    cast.release(course, ada, edna)
    before = live()
    form = {
        "new_title": "Copy",
        "new_slug": "copy",
        "new_parent_page": Catalogue.objects.get().pk,
        "copy_subpages": "on",
    }
    as_ada.post(page_url("copy", course), form | asked)
    assert live() == before
    if asked == {"alias": "on"}:
        assert not Course.objects.exclude(pk=course.pk).exists(), "a course has no alias"
        return
    copy = Course.objects.exclude(pk=course.pk).get()
    assert not Page.objects.descendant_of(copy, inclusive=True).live().exists()
    assert copy.alias_of is None and copy.uuid != course.uuid
    assert {lesson.uuid for lesson in Lesson.objects.descendant_of(copy)}.isdisjoint(
        {lesson.uuid for lesson in Lesson.objects.descendant_of(course)}
    )


def test_nothing_of_wagtail_answers_outside_the_admin(
    client: Client, as_ada: Client, ada: User, edna: User, course: Course
) -> None:
    cast.release(course, ada, edna)
    with pytest.raises(NoReverseMatch):
        reverse("wagtail_serve", args=["weather/"])
    assert course.url is None
    for visitor in (client, as_ada):
        for path in ("/weather/", "/courses/weather/", "/api/v3/pages/", "/api/v2/pages/", "/api/main/pages/"):
            assert visitor.get(path).status_code == 404


# --- every door, by name --------------------------------------------------------------------------------------


def page_doors() -> Iterator[tuple[str, tuple[str, ...]]]:
    """(name, parameters) of every address below /admin/pages/, as Wagtail has them installed."""

    def patterns(resolver: URLResolver) -> Iterator[URLPattern]:
        for one in resolver.url_patterns:
            yield from patterns(one) if isinstance(one, URLResolver) else [one]

    for resolver in get_resolver().url_patterns[0].url_patterns:  # type: ignore[union-attr]
        if getattr(resolver, "namespace", "") == "wagtailadmin_pages":
            for pattern in patterns(resolver):
                yield str(pattern.name), tuple(pattern.pattern.regex.groupindex)


def door_urls(page: Page, target: Page) -> list[str]:
    """Each door of one page; where it takes a second page, that is `target`."""
    model = page.specific_class._meta.model_name
    values = {
        "content_type_app_name": "content",
        "content_type_model_name": model,
        "app_label": "content",
        "model_name": model,
        "parent_page_id": page.pk,
        "page_id": page.pk,
        "pk": page.pk,
        "page_to_move_id": page.pk,
        "destination_id": target.pk,
        "action_name": "approve",
        "task_state_id": 1,
        "task_id": 1,
        "workflow_state_id": 1,
        "revision_id": page.latest_revision_id,
        "revision_id_a": "earliest",
        "revision_id_b": "latest",
    }
    return [
        reverse(f"wagtailadmin_pages:{name}", kwargs={word: values[word] for word in words})
        for name, words in page_doors()
        if words
    ]


def test_the_list_of_doors_is_not_empty() -> None:
    names = {name for name, _words in page_doors()}
    assert {"edit", "copy", "move_confirm", "convert_alias", "workflow_action", "revisions_revert"} <= names


def test_no_page_door_shows_or_changes_a_colleagues_course(as_bo: Client, bo: User, ada: User) -> None:
    theirs = cast.make_course(ada, SECRET, lessons=(f"{SECRET} one",))
    own = Module.objects.child_of(cast.make_course(bo, "Birds", lessons=())).get()
    pages = [*Page.objects.descendant_of(theirs, inclusive=True).specific()]
    before = tree()
    as_bo.raise_request_exception = False  # a form made by hand may break a view; what counts is what it did
    posted = cast.course_form(theirs) | {"action-publish": "1", "new_parent_page": str(own.pk), "new_title": "Mine"}
    for page in pages:
        for url in door_urls(page, own):
            for response in (as_bo.get(url), as_bo.post(url, posted | {"new_slug": "mine", "alias": "on"})):
                assert SECRET not in response.content.decode(), f"{url} shows a colleague's draft"
                assert tree() == before, f"{url} changed a colleague's course"


def test_no_page_door_puts_an_instructors_page_into_a_colleagues_course(as_bo: Client, bo: User, ada: User) -> None:
    theirs = Module.objects.child_of(cast.make_course(ada, "Weather")).get()
    own = cast.make_course(bo, "Birds", lessons=("Wrens",))
    wrens = cast.the_lesson("Wrens")
    as_bo.raise_request_exception = False
    posted = {"new_parent_page": str(theirs.pk), "new_title": "Copied", "new_slug": "copied", "alias": "on"}
    for url in door_urls(wrens, theirs):
        as_bo.post(url, posted)
    as_bo.post(reverse("wagtailadmin_pages:add", args=["content", "lesson", theirs.pk]), cast.lesson_form("Wedged"))
    bulk = reverse("wagtail_bulk_action", args=["wagtailcore", "page", "move"])
    as_bo.post(f"{bulk}?id={wrens.pk}", {"chooser": str(theirs.pk)})
    assert {page.title for page in theirs.get_children()} == {"Wind", "Rain"}
    assert not Page.objects.descendant_of(own, inclusive=True).live().exists()


def test_no_page_door_publishes_an_instructors_own_course(as_ada: Client, ada: User, course: Course) -> None:
    as_ada.post(reverse("cms_check", args=[course.pk]))
    target = Module.objects.child_of(cast.make_course(ada, "Oceans", lessons=("Tides",))).get()
    as_ada.raise_request_exception = False
    for page in Page.objects.descendant_of(course, inclusive=True).specific():
        form = cast.course_form(course) if isinstance(page, Course) else cast.lesson_form(page.title)
        for url in door_urls(page, target):
            as_ada.post(
                url,
                form
                | {"action-publish": "1", "alias": "on", "new_title": "Again", "new_slug": "again"}
                | {"new_parent_page": str(target.pk)},
            )
    assert live() == set()
    assert not Release.objects.exists() and not ChangeEvent.objects.exists()
    assert not Candidate.objects.filter(state="approved").exists()


@pytest.mark.parametrize(
    "path", ["/admin/pages/{parent}/", "/admin/pages/search/?q={secret}", "/admin/choose-page/{parent}/"]
)
def test_listings_hide_a_colleagues_drafts(as_bo: Client, ada: User, path: str) -> None:
    theirs = cast.make_course(ada, SECRET)
    response = as_bo.get(path.format(parent=theirs.get_parent().pk, secret=SECRET))
    assert response.status_code == 200
    page = response.content.decode()
    assert page_url("edit", theirs) not in page and f"/admin/pages/{theirs.pk}/" not in page


def test_the_admin_api_hides_them_too(as_bo: Client, as_edna: Client, ada: User) -> None:
    theirs = cast.make_course(ada, SECRET)
    for path in ("/admin/api/main/pages/", f"/admin/api/main/pages/{theirs.pk}/"):
        assert SECRET not in as_bo.get(path).content.decode()
        assert SECRET in as_edna.get(path).content.decode()


# --- originals and profiles -----------------------------------------------------------------------------------


def test_an_instructor_changes_and_deletes_only_their_own_uploads(as_bo: Client, as_ada: Client, ada: User) -> None:
    picture, paper = image(ada), attachment(ada)
    doors = {
        reverse("wagtailimages:edit", args=[picture.pk]): {
            "title": "Stolen",
            "collection": Collection.objects.get().pk,
        },
        reverse("wagtaildocs:edit", args=[paper.pk]): {"title": "Stolen", "collection": Collection.objects.get().pk},
    }
    for url, form in doors.items():
        as_bo.post(url, form)
    as_bo.post(reverse("wagtailimages:delete", args=[picture.pk]))
    as_bo.post(reverse("wagtaildocs:delete", args=[paper.pk]))
    assert ImageOriginal.objects.get().title == "Figure" and Attachment.objects.get().title == "Paper"
    for url, form in doors.items():
        as_ada.post(url, form | {"title": "Mine"})
    assert ImageOriginal.objects.get().title == "Mine" and Attachment.objects.get().title == "Mine"


def test_an_instructor_has_one_profile_their_own(as_ada: Client, ada: User, bo: User) -> None:
    add = reverse(InstructorProfile.snippet_viewset.get_url_name("add"))  # type: ignore[attr-defined]
    form = {"name": "Ada", "headline": "", "bio": cast.rich_text(""), "portrait": "", "portrait_alt": ""}
    as_ada.post(add, form | {"user": str(bo.pk)})
    mine = InstructorProfile.objects.get()
    assert mine.user == ada
    as_ada.post(add, form | {"name": "Second"})
    assert InstructorProfile.objects.count() == 1
    edit = InstructorProfile.snippet_viewset.get_url_name("edit")  # type: ignore[attr-defined]
    as_ada.post(reverse(edit, args=[mine.pk]), form | {"name": "Ada L."})
    assert InstructorProfile.objects.get().name == "Ada L."


def test_a_colleagues_profile_is_out_of_reach(as_ada: Client, as_edna: Client, bo: User) -> None:
    theirs = InstructorProfile.objects.create(name="Bo", user=bo)
    names = InstructorProfile.snippet_viewset.get_url_name  # type: ignore[attr-defined]
    form = {
        "name": "Defaced",
        "headline": "",
        "bio": cast.rich_text(""),
        "portrait": "",
        "portrait_alt": "",
        "user": "",
    }
    as_ada.post(reverse(names("edit"), args=[theirs.pk]), form)
    as_ada.post(reverse(names("delete"), args=[theirs.pk]))
    assert InstructorProfile.objects.get().name == "Bo"
    as_edna.post(reverse(names("edit"), args=[theirs.pk]), form)
    assert InstructorProfile.objects.get().name == "Defaced"
