"""What the blocks of one page share while it is rendered: where files and links lead, and what was met so far."""

from dataclasses import dataclass, field
from uuid import UUID, uuid5

from pipeline import richtext
from pipeline.assets import Assets
from pipeline.documents import AnswerKey
from pipeline.frozen import FrozenCourse
from pipeline.references import Reference
from pipeline.sanitise import Anchors


@dataclass
class Page:
    """`item` is the lesson or course that the page is about; `answer_keys` fills with those of its quizzes."""

    frozen: FrozenCourse
    assets: Assets
    item: UUID
    depth: int  # folders between the page and the store's root
    anchors: Anchors = field(default_factory=Anchors)
    answer_keys: list[AnswerKey] = field(default_factory=list)

    def address(self, reference: Reference) -> str | None:
        """Where a link in rich text leads, seen from this page; None if what it named is not in the candidate."""
        up = "../" * self.depth
        if reference.kind == "page":
            link = self.frozen.links.get(str(reference.id))
            if link is None:
                return None
            return f"{up}courses/{link.course_slug}/" + (f"{link.lesson_slug}/" if link.lesson_slug else "")
        if reference.key not in self.frozen.files:
            return None
        src = self.assets.attachment(reference.key).src
        return src if src.startswith(("https://", "http://")) else up + src

    def rich_text(self, value: str) -> str:
        return self.anchors.set(richtext.prose(value, self.address))


def quiz_item(lesson: UUID, block: str) -> UUID:
    """The item of a quiz. Made from its lesson too: a copied lesson's quizzes are other items than the original's."""
    return uuid5(lesson, block)
