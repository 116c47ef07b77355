"""Which courses an upload or an instructor is part of for readers."""

from uuid import UUID

from django.db.models import QuerySet

from pipeline import frozen_parts
from pipeline.models import Candidate, Release

SHOWN = (Release.State.LIVE, Release.State.WAITING)


def by_file(key: str) -> set[UUID]:
    """The courses whose live or coming release holds the upload `key` ("image/12"). The number of queries does not
    depend on how many courses there are."""
    held = frozen_parts.holding(f'"{key}":{{', _shown())
    return set(Candidate.objects.filter(pk__in=held).order_by().values_list("course", flat=True))


def by_person(uuid: UUID) -> set[UUID]:
    """The courses whose live or coming release names this instructor, which its tree itself does. One query."""
    return set(_shown().filter(content__contains=f'"uuid":"{uuid}"').order_by().values_list("course", flat=True))


def _shown() -> "QuerySet[Candidate]":
    return Candidate.objects.filter(pk__in=Release.objects.filter(state__in=SHOWN).order_by().values("candidate"))
