"""What a release changed for readers, counted: remembered, because neither of the two releases ever changes."""

import json
from collections.abc import Iterable
from typing import Any

from django.core.cache import cache

from pipeline.models import Candidate, Release

KEPT = 90 * 24 * 3600  # seconds


def in_words(releases: Iterable[Release]) -> dict[int, str]:
    """A sentence for each of `releases`, by its id: how many lessons it added, changed, moved and removed, compared
    with the release numbered before it.
    """
    listed = list(releases)
    numbers = {release.number - 1 for release in listed}
    if not listed:
        return {}
    rows = Release.objects.filter(course=listed[0].course, number__in=numbers).values_list(
        "number", "candidate", "candidate__digest"
    )
    before = {number: (candidate, digest) for number, candidate, digest in rows}
    return {one.pk: _remembered(one, *before.get(one.number - 1, (None, ""))) for one in listed}


def _remembered(release: Release, before: int | None, digest: str) -> str:
    key = f"changed:{digest}:{release.candidate.digest}"
    told: str | None = cache.get(key)
    if told is None:
        told = compared(_content(before) if before else None, _content(release.candidate_id))
        cache.set(key, told, KEPT)
    return told


def compared(before: dict[str, Any] | None, now: dict[str, Any]) -> str:
    """Two frozen courses, as JSON, compared by lesson."""
    new = _lessons(now)
    if before is None:
        return f"The first release: {_counted(len(new), 'lesson')}."
    old = _lessons(before)
    both = old.keys() & new.keys()
    parts = {
        "added": len(new.keys() - old.keys()),
        "changed": sum(old[item][1] != new[item][1] for item in both),
        "moved": sum(old[item][0] != new[item][0] for item in both),
        "removed": len(old.keys() - new.keys()),
    }
    told = [f"{_counted(count, 'lesson')} {what}" for what, count in parts.items() if count]
    if before["page"] != now["page"]:
        told.append("the course’s own page changed")
    if before["files"] != now["files"]:
        told.append("files changed")
    sentence = ", ".join(told) or "nothing that readers see changed"
    return f"{sentence[0].upper()}{sentence[1:]}."


def _lessons(frozen: dict[str, Any]) -> dict[str, tuple[str, Any]]:
    """Each lesson's module and content, by its item."""
    return {
        lesson["uuid"]: (module["page"]["uuid"], lesson) for module in frozen["modules"] for lesson in module["lessons"]
    }


def _content(candidate: int) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(Candidate.objects.values_list("content", flat=True).get(pk=candidate))
    return found


def _counted(count: int, word: str) -> str:
    return f"{count:,} {word}{'' if count == 1 else 's'}"
