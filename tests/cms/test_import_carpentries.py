"""The Carpentries' dialect: nothing of an episode is lost without a word."""

from decimal import Decimal
from pathlib import Path

import pytest

from cms.importing import import_course
from cms.importing.pages import draft
from content.models import Course, ImageOriginal, Lesson
from tests.cms.import_folders import weather, write

pytestmark = pytest.mark.django_db


def test_course_from_settings_and_first_page(tmp_path: Path) -> None:
    import_course(weather(tmp_path / "weather"))
    title, slug, fields = draft(Course.objects.get())
    assert (title, slug, fields["summary"]) == ("Reading the weather", "reading-the-weather", "Learn to read the sky.")
    assert (fields["language"], fields["topics"]) == ("en", ["data", "weather"])
    assert Decimal(fields["hours"]) == Decimal("0.6")  # 37 minutes
    assert (fields["cover"], fields["cover_alt"]) == (ImageOriginal.objects.get(title="sky").pk, "A red sky")
    assert fields["description"] == (
        "<p>Learn to read the <b>sky</b>.</p><h2>Prerequisites</h2>\n<p>A window, as in the Setup.</p>"
        '<p>Licence: CC-BY 4.0. Source: <a href="https://example.org/weather">https://example.org/weather</a></p>'
    )


def test_episodes_in_the_order_of_the_settings(tmp_path: Path) -> None:
    import_course(weather(tmp_path / "weather"))
    lessons = [(one.slug, draft(one)[0], draft(one)[2]["minutes"]) for one in Lesson.objects.order_by("path")]
    assert lessons == [("wind", "Wind", 7), ("rain", "Rain", 30)]


def test_episode(tmp_path: Path) -> None:
    report = import_course(weather(tmp_path / "weather"))
    body = draft(Lesson.objects.get(slug="rain"))[2]["body"]
    said = [(one["type"], one["value"] if one["type"] == "markdown" else "") for one in body]
    assert said == [
        ("callout", ""),
        (
            "markdown",
            'Rain falls and `Ctrl`\\+`C` stops it. See [the docs](https://example.org/docs "The docs").',
        ),
        ("code", ""),
        ("code", ""),
        ("markdown", "Look here:"),
        ("image", ""),
        ("markdown", "and there."),
        ("callout", ""),
        ("markdown", "### Mac\n\nClick."),
        ("markdown", "### Linux\n\nType."),
        ("callout", ""),
        ("markdown", "See [wind](../wind/#beaufort) and [nothing](../wind/#calm)."),
    ]
    objectives, _, code, error, _, image, _, challenge, _, _, weird, _ = body
    assert objectives["value"]["variant"] == "objectives"
    assert (code["value"]["language"], code["value"]["output"]) == ("python", "1")
    # One piece of code shows one output: the second is a block of its own, and says what it is.
    assert (error["value"]["filename"], error["value"]["code"]) == ("Error", "NameError")
    assert image["value"]["alt"] == "A [red_sky] 'today'"
    assert image["value"]["caption"] == "Clouds"
    assert (challenge["value"]["variant"], challenge["value"]["title"]) == ("challenge", "How much?")
    bash, answer, hint = challenge["value"]["body"]
    assert bash["value"]["code"] == "$ measure\n:::"
    assert [(one["type"], one["value"]["title"]) for one in (answer, hint)] == [
        ("solution", "Answer"),
        ("solution", "Hint"),
    ]
    assert (weird["value"]["variant"], weird["value"]["body"][0]["value"]) == ("note", "Kept.")

    warnings = [(one.line, one.sentence) for one in report.warnings if one.file == "episodes/rain.md"]
    expected = {
        13: "A link leads to “../learners/setup.md”, which is no lesson of this course",
        55: "The box “instructor” is for teachers and is left out",
        59: "Tabs are shown one below the other",
        61: "The heading “Mac” skips a level",
        71: "“weirdbox” is no box that is known; it is kept as a note",
        75: "“{% include links.md %}” is for another program and is left out",
        77: "No heading there is called “#calm”",
    }
    assert dict(warnings).keys() == expected.keys()
    assert all(dict(warnings)[line].startswith(start) for line, start in expected.items())


def test_an_episode_that_is_listed_must_be_there_and_the_other_way_round(tmp_path: Path) -> None:
    root = write(weather(tmp_path / "weather"), {"episodes/snow.md": "---\ntitle: Snow\n---\n\nCold.\n"})
    places = [(one.place, one.sentence) for one in import_course(root).warnings if "snow" in one.file]
    assert places == [("episodes/snow.md", "This episode is not listed in config.yaml and is left out: list it there.")]
