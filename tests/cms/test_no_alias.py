"""No course, module or lesson is in two places: an alias is refused in words, through every door."""

import pytest
from django.core.exceptions import ValidationError
from wagtail.models import Locale, Page

from content.models import Lesson, Module
from tests.pipeline import course_factory as school


@pytest.mark.django_db
@pytest.mark.parametrize("live", [True, False])
def test_no_alias_through_any_door(live: bool) -> None:
    """The copy form of the admin is another door: see `test_direct_publish.py`."""
    course = school.make_course(lessons=1)
    if live:
        school.approve(course)
    german = Locale.objects.create(language_code="de")
    before = Page.objects.count()
    lesson, module = school.lessons(course)[0], Module.objects.get()
    with pytest.raises(ValidationError, match=r"“Lesson 1\.1” cannot have an alias"):
        lesson.create_alias(update_slug="again")
    with pytest.raises(ValidationError, match="“Module 1” cannot have an alias"):
        module.create_alias(recursive=True, update_slug="again")
    with pytest.raises(ValidationError, match="“Statistics” cannot have an alias"):
        school.catalogue().create_alias(recursive=True, update_slug="again")
    with pytest.raises(ValidationError, match="cannot have an alias"):
        lesson.copy_for_translation(german, copy_parents=True, alias=True)
    assert Page.objects.count() == before
    assert not Lesson.objects.exclude(alias_of=None).exists()
