"""What every test shares: marks that a machine may lack, and that CI may require."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.copied_database import Threads, threads_on_a_copy

# What a mark needs, and whether this machine has it.
NEEDS = {"browser": ("chromium", "Debian's chromium is not installed: browser tests are left out")}


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--require", action="append", default=[], help="a mark whose tests must run, not be left out")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    required = set(config.getoption("--require"))
    for mark, (program, reason) in NEEDS.items():
        if shutil.which(program):
            continue
        if mark in required:
            raise pytest.UsageError(f"{reason}, but the mark {mark!r} is required.")
        for item in items:
            if item.get_closest_marker(mark):
                item.add_marker(pytest.mark.skip(reason=reason))


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
