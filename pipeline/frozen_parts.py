"""The parts of frozen courses in the database: kept once for each course, whichever of its candidates name them."""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from pipeline.frozen import FrozenCourse
from pipeline.frozen_tree import CourseTree, LessonPart, ModulePart, split
from pipeline.models import Candidate, FrozenPart

CHUNK = 500  # names in one statement
FEW = 10


def keep(frozen: FrozenCourse) -> CourseTree:
    """Keep every part of a frozen course that is not kept yet; its tree, for a candidate's row."""
    tree, parts = split(frozen)
    keep_parts(tree.course, parts)
    return tree


def keep_parts(course: UUID, parts: dict[str, bytes]) -> None:
    """Write the parts (name to bytes) that the course does not have yet."""
    names = sorted(parts)
    for chunk in (names[place : place + CHUNK] for place in range(0, len(names), CHUNK)):
        # Of few, the database itself passes over those it has; of many, their bytes are not sent for nothing.
        rows = FrozenPart.objects.filter(course=course, digest__in=chunk if len(chunk) > FEW else [])
        known = set(rows.values_list("digest", flat=True))
        FrozenPart.objects.bulk_create(
            (
                FrozenPart(course=course, digest=name, content=parts[name].decode())
                for name in chunk
                if name not in known
            ),
            ignore_conflicts=True,
        )


def candidate(tree: CourseTree, **facts: Any) -> Candidate:
    """A candidate's row for a tree whose parts are kept."""
    return Candidate.objects.create(
        course=tree.course,
        title=tree.page.title,
        digest=tree.digest(),
        content=tree.to_bytes().decode(),
        **facts,
    )


def modules(course: UUID, names: Iterable[str]) -> dict[str, ModulePart]:
    return {name: ModulePart.model_validate_json(data) for name, data in FrozenPart.contents(course, names).items()}


def lessons(course: UUID, names: Iterable[str]) -> dict[str, LessonPart]:
    return {name: LessonPart.model_validate_json(data) for name, data in FrozenPart.contents(course, names).items()}


def holding(words: str, candidates: "QuerySet[Candidate]") -> set[int]:
    """The ids of those of `candidates` in whose tree or parts `words` stand. Four queries, and more only by chunks.

    All of it is canonical JSON: a key or a value stands in it in one way only, and quotes in prose are escaped.
    """
    candidates = candidates.order_by()
    found = set(candidates.filter(content__contains=words).values_list("pk", flat=True))
    parts: dict[UUID, set[str]] = defaultdict(set)
    for course, name in FrozenPart.objects.filter(content__contains=words).values_list("course", "digest"):
        parts[course].add(name)
    if not parts:
        return found
    trees: dict[UUID, dict[int, set[str]]] = defaultdict(dict)
    for pk, course, content in (
        candidates.filter(course__in=parts).exclude(pk__in=found).values_list("pk", "course", "content")
    ):
        trees[course][pk] = _leaves(content, "modules")
    asked = {course: set().union(*named.values()) - parts[course] for course, named in trees.items()}
    for course, name, data in _modules(asked):
        if not parts[course].isdisjoint(_leaves(data, "lessons")):
            parts[course].add(name)
    for course, named in trees.items():
        found |= {pk for pk, modules in named.items() if not parts[course].isdisjoint(modules)}
    return found


def _modules(asked: dict[UUID, set[str]]) -> Iterator[tuple[UUID, str, str]]:
    """The modules' parts of these names, with their courses: all of them by as few questions as their number allows."""
    names = sorted(set().union(*asked.values()))
    for chunk in (names[place : place + CHUNK] for place in range(0, len(names), CHUNK)):
        rows = FrozenPart.objects.filter(course__in=asked, digest__in=chunk)
        for course, name, data in rows.values_list("course", "digest", "content"):
            if name in asked[course]:
                yield course, name, data


def _leaves(data: str | bytes, field: str) -> set[str]:
    return {leaf["part"] for leaf in json.loads(data).get(field, ())}
