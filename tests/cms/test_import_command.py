"""`manage.py import_course`: what it says, how it ends, and that --approve reaches readers."""

from io import StringIO
from pathlib import Path

import pytest
from django.contrib.auth.models import Group
from django.core.management import CommandError, call_command

from api.models import User
from content.models import Course, Lesson
from pipeline.models import Candidate, Release
from tests.cms.import_folders import bread

pytestmark = pytest.mark.django_db


def run(*words: object) -> str:
    said = StringIO()
    call_command("import_course", *map(str, words), stdout=said)
    return said.getvalue()


@pytest.fixture
def ada() -> User:
    ada = User.objects.create_user("ada@example.org", display_name="Ada")
    ada.groups.add(Group.objects.get(name="Instructor"))
    return ada


def test_says_what_was_imported(tmp_path: Path, ada: User) -> None:
    said = run(bread(tmp_path / "bread"), "--author", "Ada@Example.org")
    assert "“Baking bread”: 2 lessons, 3 pieces of text." in said
    assert "new: course.md, 01-before/module.md, 01-before/01-flour.md, 02-baking, 02-baking/01-oven.md" in said
    course = Course.objects.get()
    assert course.owner == ada
    assert course.get_latest_revision_as_object().instructors.get().profile.user == ada
    assert "5 pages unchanged, 0 new uploads." in run(tmp_path / "bread")


def test_says_what_is_wrong_and_ends_with_an_error(tmp_path: Path) -> None:
    said = StringIO()
    root = bread(tmp_path / "bread", flour="[x](old.md)\n\n![A](a.png)\n")
    with pytest.raises(CommandError, match="was not imported; the errors stand above"):
        call_command("import_course", str(root), stdout=said)
    assert said.getvalue().splitlines()[:3] == [
        "01-before/01-flour.md (1 error, 1 warning)",
        "  error: line 7: “a.png” is not in the folder: add the file, or correct the path.",
        "  warning: line 5: A link leads to “old.md”, which is no lesson of this course: the text stays, without the "
        "link. Make it a lesson, or link to its address on the web.",
    ]
    assert not Course.objects.exists()


def test_an_author_nobody_knows(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"Nobody has the address noor@example\.org"):
        run(bread(tmp_path / "bread"), "--author", "noor@example.org")


def test_approve_releases_once(tmp_path: Path) -> None:
    said = run(bread(tmp_path / "bread"), "--approve")
    assert "Approved as release 1" in said
    assert said.splitlines()[-1].endswith("/courses/baking-bread/")
    release = Release.objects.get()
    assert (release.number, release.state) == (1, Release.State.LIVE)
    assert Lesson.objects.live().count() == 2
    assert Course.objects.get().price_label == "12 euros"
    assert "What the folder says is live already." in run(tmp_path / "bread", "--approve")
    assert (Release.objects.count(), Candidate.objects.count()) == (1, 1)
