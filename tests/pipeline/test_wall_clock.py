"""The instant at which clocks on a wall show a time."""

from datetime import UTC, datetime

import pytest

from pipeline.errors import AuthorError
from pipeline.wall_clock import instant


@pytest.mark.parametrize(
    ("wall", "zone", "found"),
    [
        ("2026-12-01T09:00", "Europe/Berlin", datetime(2026, 12, 1, 8, 0, tzinfo=UTC)),
        ("2027-07-01T09:00", "Europe/Berlin", datetime(2027, 7, 1, 7, 0, tzinfo=UTC)),
        ("2027-03-28T01:59", "Europe/Berlin", datetime(2027, 3, 28, 0, 59, tzinfo=UTC)),
        ("2027-03-28T03:00", "Europe/Berlin", datetime(2027, 3, 28, 1, 0, tzinfo=UTC)),
        ("2026-12-01T09:00", "Asia/Kathmandu", datetime(2026, 12, 1, 3, 15, tzinfo=UTC)),
        ("2026-12-01T09:00", "UTC", datetime(2026, 12, 1, 9, 0, tzinfo=UTC)),
    ],
)
def test_a_time_in_a_zone(wall: str, zone: str, found: datetime) -> None:
    assert instant(wall, zone) == found


@pytest.mark.parametrize("wall", ["2027-03-28T02:00", "2027-03-28T02:30", "2027-03-28T02:59"])
def test_a_time_that_never_comes(wall: str) -> None:
    with pytest.raises(AuthorError, match="does not come on 28 March 2027 in Europe/Berlin: clocks are put forward"):
        instant(wall, "Europe/Berlin")


@pytest.mark.parametrize("wall", ["2027-10-31T02:00", "2027-10-31T02:59"])
def test_a_time_that_comes_twice(wall: str) -> None:
    with pytest.raises(AuthorError, match="comes twice on 31 October 2027 in Europe/Berlin"):
        instant(wall, "Europe/Berlin")


@pytest.mark.parametrize(
    ("wall", "zone"),
    [
        ("", "UTC"),
        ("tomorrow", "UTC"),
        ("2027-02-30T09:00", "UTC"),
        ("2027-02-03T09:00+01:00", "UTC"),
        ("0001-01-01T00:00", "Asia/Tokyo"),
        ("2027-02-03T09:00", "Europe/Atlantis"),
        ("2027-02-03T09:00", ""),
        ("2027-02-03T09:00", "../../etc/passwd"),
        ("2027-02-03T09:00", "Europe"),
    ],
)
def test_what_is_no_time_is_refused_in_words(wall: str, zone: str) -> None:
    with pytest.raises(AuthorError, match="is not a time"):
        instant(wall, zone)
