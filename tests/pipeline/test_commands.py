"""The commands that people run: what they print and how they end."""

from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from huey.contrib.djhuey import HUEY
from pytest_django import Settings

from pipeline import release, renditions
from pipeline.models import Candidate, Publication, Rendition
from tests.pipeline import course_factory as school

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def cdn(settings: Settings, tmp_path: Path) -> Path:
    settings.LECTERN_STORE = tmp_path / "cdn"
    HUEY.flush()
    return tmp_path / "cdn"


def run(*arguments: Any) -> str:
    out = StringIO()
    call_command(*arguments, stdout=out)
    return out.getvalue()


# --- release --------------------------------------------------------------------------------------------------


def test_release_builds_what_is_due_and_says_what_is_live() -> None:
    school.approve(school.make_course())
    school.approve(school.make_course("Algebra"))
    assert run("release") == "Algebra: release 1, generation 1\nStatistics: release 1, generation 1\n"


def test_release_of_one_course_tells_of_one() -> None:
    school.approve(school.make_course())
    school.approve(school.make_course("Algebra"))
    assert run("release", "algebra") == "Algebra: release 1, generation 1\n"


def test_release_again_rebuilds(cdn: Path) -> None:
    course = school.make_course()
    school.release(course)
    (cdn / "courses/statistics/index.html").unlink()
    assert run("release", "statistics", "--again") == "Statistics: release 1, generation 1\n"
    assert (cdn / "courses/statistics/index.html").exists()


def test_release_ends_with_an_error_that_names_the_reason() -> None:
    course = school.make_course()
    school.approve(course)
    Candidate.objects.filter(course=course.uuid).update(content="{}")
    out = StringIO()
    with pytest.raises(CommandError, match="1 course could not be published"):
        call_command("release", stdout=out)
    assert "ValidationError" in out.getvalue()


def test_release_does_not_turn_in_circles_over_a_rendition_that_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    """A rendition that has to rest before its next try is wanted, but not due."""
    course = school.make_course()
    school.approve(course)
    Rendition.objects.create(kind="image", original="0" * 64, recipe="1", name="gone.png")
    asked: list[int] = []
    make = renditions.make

    def counted(rendition: int) -> bool:
        asked.append(rendition)
        assert len(asked) < 5
        return make(rendition)

    monkeypatch.setattr(renditions, "make", counted)
    assert "Statistics: release 1" in run("release")
    assert len(asked) == 1


def test_release_of_an_unknown_course() -> None:
    with pytest.raises(CommandError, match=r"No course is called 'nothing'\. There are: none yet"):
        run("release", "nothing")


# --- rollback -------------------------------------------------------------------------------------------------


def test_rollback_says_what_is_live_now() -> None:
    course = school.make_course()
    school.release(course)
    school.release(course)
    assert run("rollback", "statistics", "1") == "Release 1 of “Statistics” is live, generation 3.\n"
    with pytest.raises(CommandError, match="Release 1 is live already"):
        run("rollback", str(course.uuid), "1")
    with pytest.raises(CommandError, match="has no release 7"):
        run("rollback", "statistics", "7")


def test_rollback_that_failed_ends_with_the_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    course = school.make_course()
    school.release(course)
    school.release(course)

    def failing(_point: str) -> None:
        raise OSError("no space left on device")

    monkeypatch.setattr(release, "checkpoint", failing)
    with pytest.raises(CommandError, match="no space left on device"):
        run("rollback", "statistics", "1")


# --- reconcile ------------------------------------------------------------------------------------------------


def test_reconcile_says_what_it_did_and_did_it() -> None:
    course = school.make_course()
    school.approve(course)
    assert run("reconcile").startswith(f"{course.uuid}: was not built up to its last change; rang a worker.")
    assert Publication.objects.get(course=course.uuid).live_release is not None
    assert run("reconcile") == "Everything is as it should be.\n"


# --- explain, verify and publish_site have their own files ----------------------------------------------------


@pytest.mark.parametrize("command", ["explain", "publish_site", "reconcile", "release", "rollback", "schema", "verify"])
def test_every_command_tells_what_it_is_for(command: str) -> None:
    with pytest.raises(SystemExit) as ended:
        run(command, "--help")
    assert ended.value.code == 0
