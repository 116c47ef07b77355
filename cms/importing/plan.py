"""What an import would write, decided before anything is written: a course as values, its uploads judged."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from cms.importing.source import Raw
from cms.importing.uploads import Track, Upload


@dataclass
class LessonPlan:
    """`body` is raw blocks; the `id` of each is a line of `file`, an upload stands where its row's id will stand."""

    file: str
    slug: str
    title: str
    summary: str
    minutes: int
    held_back: bool
    body: list[Raw]


@dataclass
class ModulePlan:
    file: str
    slug: str
    title: str
    summary: str
    lessons: list[LessonPlan] = field(default_factory=list)


@dataclass(frozen=True)
class PersonPlan:
    """`bio` is rich text."""

    name: str
    headline: str = ""
    bio: str = ""


@dataclass
class CoursePlan:
    """`identity` names the course for good, wherever its folder lies; `slug` is empty if the author gave none."""

    file: str
    identity: str
    slug: str
    title: str
    summary: str
    description: str
    cover: Upload | None
    cover_alt: str
    level: str
    language: str
    hours: Decimal
    topics: list[str]
    price_label: str
    outcomes: list[str]
    people: list[PersonPlan]
    modules: list[ModulePlan]
    uploads: list[Upload] = field(default_factory=list)
    tracks: dict[Upload, list[Track]] = field(default_factory=dict)

    def lessons(self) -> Iterator[LessonPlan]:
        for module in self.modules:
            yield from module.lessons

    def counts(self) -> Counter[str]:
        """How much of everything there is, boxes and outputs counted too."""
        counts: Counter[str] = Counter(lesson=sum(1 for _ in self.lessons()))
        for lesson in self.lessons():
            _count(lesson.body, counts)
        return counts


def _count(body: Sequence[Raw], counts: Counter[str]) -> None:
    for block in body:
        kind, value = block["type"], block["value"]
        if kind == "callout":
            kind = "challenge" if value["variant"] == "challenge" else "callout"
        if kind == "code" and value["language"] == "text" and value["filename"] in {"Output", "Error"}:
            kind = "output"
        counts[kind] += 1
        counts["output"] += kind == "code" and bool(value["output"])
        if kind in {"callout", "challenge", "solution"}:
            _count(value["body"], counts)
