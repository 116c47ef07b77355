"""What the page types refuse, and where each may lie."""

import pytest
from django.core.exceptions import ValidationError

from api.models import User
from content.models import Catalogue, Course, CoursePrerequisite, Lesson, Module
from tests.cms import cast


@pytest.fixture
def ada(db: None) -> User:
    return cast.person("Ada", "Instructor")


@pytest.fixture
def course(ada: User) -> Course:
    return cast.make_course(ada)


def test_each_page_has_its_place() -> None:
    assert [Catalogue.allowed_subpage_models(), Course.allowed_subpage_models()] == [[Course], [Module]]
    assert [Module.allowed_subpage_models(), Lesson.allowed_subpage_models()] == [[Lesson], []]


@pytest.mark.django_db
def test_there_is_one_catalogue() -> None:
    assert not Catalogue.can_create_at(Catalogue.objects.get().get_parent())


@pytest.mark.parametrize("model", [Course, Module, Lesson])
def test_no_page_is_scheduled_or_private(model: type[Course]) -> None:
    form = model.get_edit_handler().get_form_class()
    assert {"go_live_at", "expire_at", "seo_title", "show_in_menus"}.isdisjoint(form.base_fields)
    assert model.private_page_options == []


def test_only_courses_have_a_workflow(course: Course) -> None:
    assert course.has_workflow and course.get_workflow()
    for page in (*Module.objects.all(), *Lesson.objects.all()):
        assert not page.has_workflow
        assert page.get_workflow() is None


def test_a_lessons_address_is_its_own_in_the_whole_course(ada: User, course: Course) -> None:
    more = course.add_child(instance=Module(title="More", slug="more", owner=ada))
    with pytest.raises(ValidationError) as refused:
        more.add_child(instance=Lesson(title="Wind again", slug="wind", owner=ada))
    assert refused.value.message_dict["slug"] == [
        "“Wind” in this course has the address “wind” already: choose another."
    ]
    elsewhere = Module.objects.child_of(cast.make_course(ada, "Oceans", lessons=())).get()
    assert elsewhere.add_child(instance=Lesson(title="Wind", slug="wind", owner=ada)).pk


def test_a_lesson_keeps_its_own_address(course: Course) -> None:
    cast.the_lesson("Wind").full_clean()


def test_prerequisites_may_not_lead_in_a_circle(ada: User, course: Course) -> None:
    oceans, birds = cast.make_course(ada, "Oceans", lessons=()), cast.make_course(ada, "Birds", lessons=())
    CoursePrerequisite.objects.create(course=oceans, required=birds)
    CoursePrerequisite.objects.create(course=birds, required=course)
    course.prerequisites = [CoursePrerequisite(required=oceans)]
    with pytest.raises(ValidationError, match=r"circle \(Weather → Oceans → Birds → Weather\)"):
        course.full_clean()
    course.prerequisites = []
    course.full_clean()


@pytest.mark.parametrize(("tag", "good"), [("de", True), ("pt-BR", True), ("german", False), ("de_DE", False)])
def test_the_language_is_a_tag(course: Course, tag: str, good: bool) -> None:
    course.language = tag
    if good:
        course.full_clean()
        return
    with pytest.raises(ValidationError, match="language tag"):
        course.full_clean()


def test_a_copy_is_another_item(ada: User, course: Course) -> None:
    copy = course.copy(recursive=True, update_attrs={"slug": "copy", "title": "Copy"}, keep_live=False, user=ada)
    uuids = [page.uuid for page in (*Course.objects.all(), *Module.objects.all(), *Lesson.objects.all())]
    assert len(uuids) == 8 == len(set(uuids))
    assert {page.get_latest_revision().content["uuid"] for page in Lesson.objects.descendant_of(copy)} == {
        str(page.uuid) for page in Lesson.objects.descendant_of(copy)
    }


@pytest.mark.parametrize("slug", ["الإحصاء", "wetter-übersicht", "two words", "dot.dot"])
def test_an_address_is_written_in_english_letters(ada: User, course: Course, slug: str) -> None:
    for page in (course, Module.objects.get(), Lesson.objects.get(slug="wind")):
        page.slug = slug
        with pytest.raises(ValidationError) as refused:
            page.full_clean()
        assert "English letters" in refused.value.message_dict["slug"][-1]
