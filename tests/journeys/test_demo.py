"""The demo: its course says the truth, and `manage.py demo` leaves a whole school that a second run does not touch."""

import hashlib
import json
import re
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from lxml import etree

from cms.demo import film
from cms.demo.school import FILM, SOURCE
from pipeline.captions import cues
from pipeline.svg import clean
from tests.journeys.school import School

LESSONS = sorted(SOURCE.glob("*/[0-9]*.md"))
PROGRAM = re.compile(r"```python[^\n]*\n(.*?)```\n```(output|error)\n(.*?)```", re.DOTALL)
PROGRAMS = [
    pytest.param(lesson.parent, *found, id=f"{lesson.stem}-{number}")
    for lesson in LESSONS
    for number, found in enumerate(PROGRAM.findall(lesson.read_text()), 1)
]
FIGURE = re.compile(r"^!\[(.*)\]\((\S+) \"(.+)\"\)$", re.MULTILINE)
FIGURES = [
    pytest.param(lesson.parent / path, alt, caption, id=Path(path).stem)
    for lesson in LESSONS
    for alt, path, caption in FIGURE.findall(lesson.read_text())
]


# --- the course ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("module", "code", "kind", "said"), PROGRAMS)
def test_a_program_of_the_course_prints_what_the_course_says(module: Path, code: str, kind: str, said: str) -> None:
    data = module / "data"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=data if data.is_dir() else module, capture_output=True, text=True, check=False
    )
    if kind == "output":
        assert (done.stdout, done.stderr) == (said, "")
    else:
        assert done.stderr.splitlines()[-1:] == said.splitlines()


def test_every_program_and_every_figure_of_the_course_is_looked_at() -> None:
    texts = [lesson.read_text() for lesson in LESSONS]
    assert len(LESSONS) == 7
    assert len(PROGRAMS) == sum(text.count("```python") for text in texts)
    assert len(FIGURES) == sum(text.count("\n![") for text in texts)
    assert {path.values[0].resolve() for path in FIGURES} == set(SOURCE.rglob("figures/*.svg"))


@pytest.mark.parametrize(("path", "alt", "caption"), FIGURES)
def test_a_figure_is_published_as_it_was_drawn(path: Path, alt: str, caption: str) -> None:
    drawn = path.read_bytes()
    published = clean(drawn, path.name)
    # Nothing was left out by the sanitiser: every element, attribute and word is still there.
    assert _said(published.data) == _said(drawn)
    assert published.width == 672
    assert len(alt) > 60
    assert alt != caption


def test_captions_stand_within_the_film_in_both_languages() -> None:
    tracks = [cues(path.read_bytes(), path.name) for path in sorted((SOURCE / FILM).parent.glob("*.vtt"))]
    times = [[(cue.start, cue.end) for cue in track] for track in tracks]
    assert len(times) == 2
    assert times[0] == times[1]
    assert all(end <= start for (_, end), (start, _) in zip(times[0], times[0][1:], strict=False))
    assert times[0][-1][1] <= film.SECONDS * 1000
    assert all(len(line) <= 48 for track in tracks for cue in track for line in cue.text.splitlines())


@pytest.mark.parametrize("second", [0, 4.2, 9, 15, 24, 33, film.SECONDS - 0.04])
def test_the_film_leaves_room_for_captions(second: float) -> None:
    picture = film.frame(second)
    assert picture.size == film.SIZE
    lowest = picture.crop((0, film.HEIGHT * 5 // 6, film.WIDTH, film.HEIGHT))
    assert max(high - low for low, high in lowest.getextrema()) == 0


def test_a_production_school_refuses_the_known_logins(settings: Any) -> None:
    settings.PRODUCTION = True
    with pytest.raises(CommandError, match="known logins"):
        call_command("demo")


# --- the command --------------------------------------------------------------------------------------------------

ASK = """
import json
from api.accounts.models import User
from api.enrolment.rules import places
from cms.demo import cast
from content.models import Course
from pipeline.models import Candidate, Release
sam = User.objects.get(email="sam@example.org")
place, = places(sam)
print(json.dumps({
    "percent": place.standing.percent,
    "resume": place.standing.resume.lesson.slug,
    "lessons": [lesson.slug for lesson in place.released.outline.lessons()],
    "candidates": [
        [one.state, one.submitted_by.email, one.decided_by and one.decided_by.email]
        for one in Candidate.objects.order_by("id")
    ],
    "releases": list(Release.objects.values_list("number", "state")),
    "owner": Course.objects.get().owner.email,
    "signs_in": [User.objects.get(email=p.email).check_password(cast.password()) for p in cast.CAST],
    "roles": [sorted(User.objects.get(email=p.email).groups.values_list("name", flat=True)) for p in cast.CAST],
}))
"""


@pytest.fixture(scope="module")
def school(tmp_path_factory: pytest.TempPathFactory) -> School:
    """A school on which the command has run once; none of its processes runs."""
    made = School(tmp_path_factory.mktemp("demo"))
    made.manage("migrate", "--verbosity", "0")
    made.manage("createcachetable")
    (made.var / "said").write_text(made.manage("demo"))
    return made


@pytest.mark.slow
def test_the_demo_makes_a_whole_school(school: School) -> None:
    said = (school.var / "said").read_text()
    for word in ("ada@example.org", "sam@example.org", school.site, school.cms, school.api):
        assert word in said
    assert "The store is whole." in school.manage("verify")

    told = json.loads(school.manage("shell", "--verbosity", "0", "--command", ASK))
    assert told["lessons"] == [_slug(lesson) for lesson in LESSONS]
    assert 40 <= told["percent"] <= 60
    assert told["resume"] == "filter-first"
    assert told["candidates"] == [
        ["approved", "ada@example.org", "edna@example.org"],
        ["in_review", "ada@example.org", None],
    ]
    assert told["releases"] == [[1, "live"]]
    assert told["owner"] == "ada@example.org"
    assert told["signs_in"] == [True] * 4
    assert told["roles"] == [["Instructor"], ["Editor"], ["Admin"], []]

    page = (school.var / "cdn" / "courses" / "sampling" / "two-waves" / "index.html").read_text()
    assert "master.m3u8" in page
    assert page.count("<track") == 2
    page = (school.var / "cdn" / "courses" / "sampling" / "every-23-hours" / "index.html").read_text()
    attachment = re.search(r"o/([0-9a-f]{64})\.csv", page)
    assert attachment
    readings = (SOURCE / "02-sampling-well/data/readings.csv").read_bytes()
    assert attachment[1] == hashlib.sha256(readings).hexdigest()


@pytest.mark.slow
def test_a_second_run_changes_nothing(school: School) -> None:
    before = _rows(school), _files(school)
    said = school.manage("demo")
    assert "all four are here" in said
    assert (_rows(school), _files(school)) == before


def _said(svg: bytes) -> list[tuple[str, list[str], str]]:
    return [
        (str(one.tag), sorted(map(str, one.attrib)), (one.text or "").strip()) for one in etree.fromstring(svg).iter()
    ]


def _slug(lesson: Path) -> str:
    found = re.search(r"^slug: (.+)$", lesson.read_text(), re.MULTILINE)
    assert found
    return found[1]


def _rows(school: School) -> list[str]:
    """Every row of the database, as SQL. The queue has a file of its own."""
    with closing(sqlite3.connect(school.var / "lectern.sqlite3")) as database:
        return list(database.iterdump())


def _files(school: School) -> dict[str, tuple[int, str]]:
    """When each file of the store, the uploads, the originals and the secrets was written, and what it holds."""
    return {
        path.relative_to(school.var).as_posix(): (
            path.stat().st_mtime_ns,
            hashlib.sha256(path.read_bytes()).hexdigest(),
        )
        for folder in ("cdn", "media", "originals", "secrets", "demo")
        for path in sorted((school.var / folder).rglob("*"))
        if path.is_file()
    }
