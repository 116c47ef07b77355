"""What a release costs: against bare writing of the same bytes, the course's size, and Wagtail's own publish."""

import hashlib
import itertools
import shutil
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings

from content.models import Course
from pipeline import html
from pipeline.build import build
from pipeline.candidate import freeze
from pipeline.renditions import ReleasedAssets
from pipeline.store import the_store
from tests.bench.ratio import Ratio, compare
from tests.pipeline import course_factory

LESSONS = 100


def measure() -> Iterator[Ratio]:
    small, large = course_factory.make_course("Small", lessons=10), course_factory.make_course("Large", lessons=LESSONS)
    course_factory.release(small)
    course_factory.release(large)
    words = itertools.count()

    def edit(course: Course) -> None:
        course_factory.rewrite(course_factory.lessons(course)[0], f"Words number {next(words)}.")

    drawn = _drawn(large)
    yield compare(
        f"drawing {LESSONS} lessons as documents and pages",
        lambda: _drawn(large),
        "hashing and writing those bytes to new files",
        lambda: _floor(drawn),
        rounds=5,
    )
    yield compare(
        f"releasing one edited lesson of {LESSONS}",
        lambda: (edit(large), course_factory.release(large)),
        "releasing one edited lesson of 10",
        lambda: (edit(small), course_factory.release(small)),
        rounds=5,
    )
    lesson = course_factory.lessons(small)[0]
    yield compare(
        "freezing, approving and releasing one edited lesson of 10",
        lambda: (edit(small), course_factory.release(small)),
        "Wagtail's own publishing of one lesson, without a site",
        lambda: course_factory.publish(lesson, summary=f"Summary {next(words)}."),
        rounds=5,
    )
    yield compare(
        f"freezing a course of {LESSONS} lessons", lambda: freeze(large), "of 10", lambda: freeze(small), rounds=5
    )


def _drawn(course: Course) -> dict[str, bytes]:
    frozen = freeze(course)
    return build(frozen, 1, None, ReleasedAssets(frozen, the_store()), html.site()).objects


def _floor(objects: dict[str, bytes]) -> None:
    folder = Path(settings.VAR_DIR) / "floor"
    folder.mkdir()
    for data in objects.values():
        (folder / hashlib.sha256(data).hexdigest()).write_bytes(data)
    shutil.rmtree(folder)
