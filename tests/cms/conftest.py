"""The cast as fixtures: who writes, who writes elsewhere, who decides, who runs it, who must not see."""

from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from api.models import User
from content.models import Course, Module
from tests.cms import cast


@pytest.fixture(autouse=True)
def folders(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.LECTERN_ORIGINALS = tmp_path / "originals"
    settings.LECTERN_STORE = tmp_path / "cdn"


@pytest.fixture
def ada(db: None) -> User:
    return cast.person("Ada", "Instructor")


@pytest.fixture
def bo(db: None) -> User:
    return cast.person("Bo", "Instructor")


@pytest.fixture
def edna(db: None) -> User:
    return cast.person("Edna", "Editor")


@pytest.fixture
def root(db: None) -> User:
    return cast.person("Root", "Admin")


@pytest.fixture
def sam(db: None) -> User:
    return cast.person("Sam")


@pytest.fixture
def as_ada(ada: User) -> Client:
    return cast.signed_in(ada)


@pytest.fixture
def as_bo(bo: User) -> Client:
    return cast.signed_in(bo)


@pytest.fixture
def as_edna(edna: User) -> Client:
    return cast.signed_in(edna)


@pytest.fixture
def as_root(root: User) -> Client:
    return cast.signed_in(root)


@pytest.fixture
def course(ada: User) -> Course:
    """Ada's course "Weather" with the module "Basics" and the lessons "Wind" and "Rain", all drafts."""
    return cast.make_course(ada)


@pytest.fixture
def module(course: Course) -> Module:
    return Module.objects.child_of(course).get()
