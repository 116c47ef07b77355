"""The time zones a course can live in."""

from functools import cache
from zoneinfo import available_timezones


@cache
def zones() -> list[tuple[str, str]]:
    """(value, label) of each zone this machine knows, by name; a function, so that a newer list is no migration."""
    return [(name, name.replace("_", " ")) for name in sorted(available_timezones() | {"UTC"})]
