"""What a clock on a wall shows, as an instant; times that never come, or come twice, are refused in words."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from pipeline.errors import AuthorError


def instant(wall: str, zone: str) -> datetime:
    """The instant, in UTC, at which clocks in `zone` ("Europe/Berlin") show `wall` ("2026-12-01T09:00").

    Raises AuthorError if there is no such time or zone, or if clocks that are put forward or back that night leave
    the time out or show it twice.
    """
    try:
        local = datetime.strptime(wall, "%Y-%m-%dT%H:%M")
        first = local.replace(tzinfo=ZoneInfo(zone))
        found = first.astimezone(UTC)
    except (ValueError, LookupError, OverflowError, OSError) as error:  # ZoneInfoNotFoundError is a LookupError
        raise AuthorError(f"“{wall}” in “{zone}” is not a time: choose a date, a time and a time zone.") from error
    second = first.replace(fold=1)  # PEP 495: differs from the first only where clocks are put forward or back
    before, after = first.utcoffset(), second.utcoffset()
    if before == after or before is None or after is None:
        return found
    day = f"{local.day} {local:%B %Y}"
    if before < after:
        what = f"does not come on {day} in {zone}: clocks are put forward over it"
    else:
        what = f"comes twice on {day} in {zone}: clocks are put back over it"
    raise AuthorError(f"{local:%H:%M} {what}. Choose a time an hour or more before or after.")
