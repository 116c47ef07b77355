"""What a release changed for readers, counted: remembered, because neither of the two releases ever changes."""

from collections.abc import Iterable
from uuid import UUID

from django.core.cache import cache

from pipeline import frozen_parts
from pipeline.frozen_tree import CourseTree
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
        told = compared(_tree(before) if before else None, _tree(release.candidate_id))
        cache.set(key, told, KEPT)
    return told


def compared(before: CourseTree | None, now: CourseTree) -> str:
    """Two frozen courses compared by lesson. Reads their modules, and no lesson: its part says it all."""
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
    if _own(before) != _own(now):
        told.append("the course’s own page changed")
    sentence = ", ".join(told) or "nothing that readers see changed"
    return f"{sentence[0].upper()}{sentence[1:]}."


def _own(tree: CourseTree) -> CourseTree:
    return tree.model_copy(update={"modules": ()})


def _lessons(tree: CourseTree) -> dict[UUID, tuple[UUID, str]]:
    """Each lesson's module and the name of its part, by its item."""
    modules = frozen_parts.modules(tree.course, [leaf.part for leaf in tree.modules])
    return {lesson.uuid: (leaf.uuid, lesson.part) for leaf in tree.modules for lesson in modules[leaf.part].lessons}


def _tree(candidate: int) -> CourseTree:
    return Candidate.objects.get(pk=candidate).tree()


def _counted(count: int, word: str) -> str:
    return f"{count:,} {word}{'' if count == 1 else 's'}"
