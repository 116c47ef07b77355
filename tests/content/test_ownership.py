"""Whose course is it: rights hold for every page of an own course and nowhere else."""

import pytest

from api.models import User
from content.models import Catalogue, Course, Lesson, Module
from content.ownership import course_of, own_course_paths
from tests.cms import cast


@pytest.fixture
def ada(db: None) -> User:
    return cast.person("Ada", "Instructor")


@pytest.fixture
def bo(db: None) -> User:
    return cast.person("Bo", "Instructor")


@pytest.fixture
def course(ada: User) -> Course:
    return cast.make_course(ada)


def pages(course: Course) -> list[Course | Module | Lesson]:
    return [course, *Module.objects.child_of(course), *Lesson.objects.descendant_of(course)]


def test_the_course_of_each_page(course: Course) -> None:
    assert [course_of(page) for page in pages(course)] == [course] * 4
    assert course_of(Catalogue.objects.get()) is None


def test_the_owner_edits_everything_in_it_whoever_made_the_page(ada: User, bo: User, course: Course) -> None:
    wind = cast.the_lesson("Wind")
    Lesson.objects.filter(pk=wind.pk).update(owner=bo)
    for page in pages(course):
        assert page.permissions_for_user(ada).can_edit()
        assert not page.permissions_for_user(ada).can_publish()
        assert not page.permissions_for_user(bo).can_edit(), "a page in a colleague's course is theirs"


def test_nobody_adds_to_a_colleagues_course(ada: User, bo: User, course: Course) -> None:
    module = Module.objects.child_of(course).get()
    assert module.permissions_for_user(ada).can_add_subpage()
    assert not module.permissions_for_user(bo).can_add_subpage()
    assert Catalogue.objects.get().permissions_for_user(bo).can_add_subpage()  # a course of their own


def test_who_gives_a_course_away_loses_it(ada: User, bo: User, course: Course) -> None:
    Course.objects.filter(pk=course.pk).update(owner=bo)
    again = User.objects.get(pk=ada.pk)  # the paths are kept for one request
    assert own_course_paths(again) == ()
    assert not cast.the_lesson("Wind").permissions_for_user(again).can_edit()
    assert cast.the_lesson("Wind").permissions_for_user(User.objects.get(pk=bo.pk)).can_edit()


def test_an_editor_edits_and_publishes_all(course: Course) -> None:
    edna = cast.person("Edna", "Editor")
    for page in pages(course):
        permissions = page.permissions_for_user(edna)
        assert permissions.can_edit() and permissions.can_publish() and permissions.can_move()


@pytest.mark.parametrize("who", ["learner", "left"])
def test_learners_and_people_who_left_may_nothing(ada: User, course: Course, who: str) -> None:
    if who == "left":
        User.objects.filter(pk=ada.pk).update(is_active=False)
    person = User.objects.get(pk=ada.pk) if who == "left" else cast.person("Sam")
    for page in pages(course):
        permissions = page.permissions_for_user(person)
        rights = (
            permissions.can_edit(),
            permissions.can_add_subpage(),
            permissions.can_publish(),
            permissions.can_move(),
        )
        assert not any(rights) and not permissions.can_reorder_children()


def test_moves_inside_ones_own_course(ada: User, bo: User, course: Course) -> None:
    wind, module = cast.the_lesson("Wind"), Module.objects.child_of(course).get()
    Lesson.objects.filter(pk=wind.pk).update(live=True)
    wind = cast.the_lesson("Wind")
    more = course.add_child(instance=Module(title="More", slug="more", owner=ada, live=False))
    other = Module.objects.child_of(cast.make_course(ada, "Oceans", lessons=())).get()
    theirs = Module.objects.child_of(cast.make_course(bo, "Birds", lessons=())).get()
    permissions = wind.permissions_for_user(User.objects.get(pk=ada.pk))
    assert permissions.can_move_to(more) and permissions.can_move_to(module)
    assert not permissions.can_move_to(course), "a lesson lies in a module"
    assert not permissions.can_move_to(other), "a live page may not leave its course"
    assert not permissions.can_move_to(theirs)
    assert not module.permissions_for_user(ada).can_move_to(module)


def test_an_author_does_not_order_the_catalogue(ada: User, course: Course) -> None:
    catalogue = Catalogue.objects.get()
    Course.objects.filter(pk=course.pk).update(live=True)
    course = Course.objects.get(pk=course.pk)
    assert not catalogue.permissions_for_user(ada).can_reorder_children()
    assert not course.permissions_for_user(ada).can_move_to(catalogue)


def test_the_own_courses_are_asked_once(ada: User, course: Course, django_assert_num_queries: object) -> None:
    person = User.objects.get(pk=ada.pk)
    own_course_paths(person)
    with django_assert_num_queries(0):  # type: ignore[operator]
        own_course_paths(person)
