"""What every test shares: marks that a machine may lack, and that CI may require."""

import shutil
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.copied_database import Threads, threads_on_a_copy

# What a mark needs, and whether this machine has it.
NEEDS = {"browser": ("chromium", "Debian's chromium is not installed: browser tests are left out")}


# The files that take minutes, longest first. Two workers take whole files in this order, then those with most tests:
# whoever met one of these last would run it alone while the other has nothing left to do.
LONGEST = (
    "tests/journeys/test_engines.py",
    "tests/faults/test_every_point.py",
    "tests/journeys/test_whole_way.py",
    "tests/faults/test_load.py",
    "tests/journeys/test_demo.py",
    "tests/faults/test_zombie.py",
    "tests/faults/test_hard_courses.py",
    "tests/pipeline/test_publishing_model.py",
    "tests/pipeline/test_same_bytes.py",
)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--require", action="append", default=[], help="a mark whose tests must run, not be left out")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if hasattr(config, "workerinput"):  # of two workers, or more
        _longest_files_first(items)
    required = set(config.getoption("--require"))
    for mark, (program, reason) in NEEDS.items():
        if shutil.which(program):
            continue
        if mark in required:
            raise pytest.UsageError(f"{reason}, but the mark {mark!r} is required.")
        for item in items:
            if item.get_closest_marker(mark):
                item.add_marker(pytest.mark.skip(reason=reason))


def _longest_files_first(items: list[pytest.Item]) -> None:
    """Within a file the order stays."""
    tests = Counter(item.nodeid.partition("::")[0] for item in items)
    files = sorted(
        tests, key=lambda file: (LONGEST.index(file) if file in LONGEST else len(LONGEST), -tests[file], file)
    )
    place = {file: number for number, file in enumerate(files)}
    items.sort(key=lambda item: place[item.nodeid.partition("::")[0]])


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """What tests measured, one line each: `record_property("figures", ...)`, from however many processes."""
    passed = [report for kind in ("passed", "failed") for report in terminalreporter.stats.get(kind, [])]
    told = [str(value) for report in passed for name, value in report.user_properties if name == "figures"]
    if told:
        terminalreporter.section("figures")
        terminalreporter.write_line("\n".join(told))


@pytest.fixture
def threads(django_db_setup: None, django_db_blocker: Any, tmp_path: Path) -> Iterator[Threads]:
    """Threads that race on a copy of the test database. Not to be used together with `db`."""
    with threads_on_a_copy(django_db_blocker, tmp_path) as found:
        yield found
