"""A candidate taken apart as it is kept: its lessons are read a few at a time, without what was purged.

What is left of the whole course (its own page and people) stands in each piece, so whatever asks for a frozen course
takes a piece too.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain

from pipeline import frozen_parts, tombstones
from pipeline.digests import digest
from pipeline.frozen import FrozenCourse, FrozenFile, FrozenModule, FrozenPageLink
from pipeline.frozen_tree import CourseTree, Leaf, LessonPart, ModulePart, join
from pipeline.models import Candidate
from pipeline.tombstones import Purged

FEW = 100  # lessons in one piece


class Pieces:
    """`course` is the frozen course without any module, and `course_part` stands for every byte of it: empty if
    something of it was left out. `cut` tells whether anything was left out so far.
    """

    def __init__(self, candidate: Candidate, purged: Purged) -> None:
        self.tree: CourseTree = candidate.tree()
        self.cut = False
        self._purged = purged
        self._held: dict[str, LessonPart] = {}  # the first few that were read: of an edit, all
        whole = join(self.tree.model_copy(update={"modules": ()}), {})
        self.course = self._without(whole)
        self.course_part = "" if self.cut else digest(whole.model_dump(mode="json"))
        self.emptied = str(self.tree.course) in purged.courses

    def modules(self, leaves: Iterable[Leaf]) -> list[ModulePart]:
        """The parts of these modules, in their order. None of a course that was purged."""
        wanted = [] if self.emptied else [leaf.part for leaf in leaves]
        found = frozen_parts.modules(self.tree.course, wanted)
        return [found[name] for name in wanted]

    def lessons(self, module: ModulePart, leaves: Sequence[Leaf]) -> Iterator[FrozenCourse]:
        """Courses of one module, with `FEW` of these lessons of it each. None where nothing is left."""
        for start in range(0, len(leaves), FEW):
            some = leaves[start : start + FEW]
            parts = self._parts([leaf.part for leaf in some])
            files: dict[str, FrozenFile] = dict(chain.from_iterable(one.files.items() for one in (module, *parts)))
            links: dict[str, FrozenPageLink] = dict(chain.from_iterable(one.links.items() for one in (module, *parts)))
            here = FrozenModule(page=module.page, lessons=tuple(part.page for part in parts))
            piece = self._without(self.course.model_copy(update={"modules": (here,), "files": files, "links": links}))
            if piece.modules:
                yield piece

    def _parts(self, names: list[str]) -> list[LessonPart]:
        found = frozen_parts.lessons(self.tree.course, [name for name in names if name not in self._held])
        if len(self._held) + len(found) <= FEW:
            self._held |= found
        return [found.get(name) or self._held[name] for name in names]

    def _without(self, frozen: FrozenCourse) -> FrozenCourse:
        left = tombstones.without(frozen, self._purged)
        self.cut = self.cut or left is not frozen
        return left
