"""Which courses an upload or an instructor is part of for readers."""

from uuid import UUID

from pipeline.models import Release

SHOWN = (Release.State.LIVE, Release.State.WAITING)


def by_file(key: str) -> set[UUID]:
    """The courses whose live or coming release holds the upload `key` ("image/12"). One query."""
    return _holding(f'"{key}":{{')


def by_person(uuid: UUID) -> set[UUID]:
    """The courses whose live or coming release names this instructor. One query."""
    return _holding(f'"uuid":"{uuid}"')


def _holding(part: str) -> set[UUID]:
    """A candidate is canonical JSON: a key or a value stands in it in one way only, and quotes in prose are escaped."""
    held = Release.objects.filter(state__in=SHOWN, candidate__content__contains=part)
    return set(held.order_by().values_list("course", flat=True))
