"""The documents of a release: what the store publishes as JSON, and what the database keeps private.

These models are version 1 of the published contract (`schema/v1/*.json` on the store). They change by addition
only. Every `src` is a key of the store (`o/<sha256>.webp`, `m/<rendition>/master.m3u8`) or, in a preview, an
absolute URL. Every `html` has passed the closed allow-list of `pipeline/sanitise.py`.
"""

from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from pipeline.digests import canonical_json


class Document(BaseModel):
    """Documents are written strictly and read leniently: a reader accepts fields it does not know."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    def to_bytes(self) -> bytes:
        """The canonical JSON that is stored and hashed."""
        return canonical_json(self.model_dump(mode="json", by_alias=True))


# --- pieces ---------------------------------------------------------------------------------------------------


class ImageSource(Document):
    """One re-encoded file of an image. `width` in CSS pixels of the file itself."""

    src: str
    media_type: str
    width: int


class Image(Document):
    """An image as pages show it: several sources, best format first, and one fallback every browser reads."""

    alt: str
    decorative: bool = False
    width: int
    height: int
    sources: tuple[ImageSource, ...]
    fallback: ImageSource


class Track(Document):
    """WebVTT captions. `language` is a BCP 47 tag."""

    src: str
    language: str
    label: str
    kind: Literal["captions", "subtitles"] = "captions"


# --- blocks ---------------------------------------------------------------------------------------------------


class ProseBlock(Document):
    """Running text: paragraphs, lists, headings (h2 to h4 with an `id`), inline code and maths."""

    kind: Literal["prose"] = "prose"
    id: str
    html: str


class CodeOutput(Document):
    kind: Literal["output", "error"]
    text: str


class CodeBlock(Document):
    """Source code. `html` is `code` with one `<span class="line">` a line and token classes; lines count from 1."""

    kind: Literal["code"] = "code"
    id: str
    language: str
    filename: str = ""
    code: str
    html: str
    highlighted: tuple[int, ...] = ()
    output: CodeOutput | None = None


class ImageBlock(Document):
    kind: Literal["image"] = "image"
    id: str
    image: Image
    caption: str = ""


class VideoBlock(Document):
    """An HLS video. `src` is its master playlist; `duration` in seconds; `rendition` names its folder below `m/`."""

    kind: Literal["video"] = "video"
    id: str
    title: str
    rendition: str
    src: str
    poster: str
    duration: float
    width: int
    height: int
    tracks: tuple[Track, ...] = ()
    transcript_html: str = ""


CalloutVariant = Literal["note", "tip", "warning", "objectives", "key_points", "questions", "challenge"]


class CalloutBlock(Document):
    kind: Literal["callout"] = "callout"
    id: str
    variant: CalloutVariant
    title: str = ""
    blocks: tuple["InnerBlock", ...]


class SolutionBlock(Document):
    """Folded until the reader opens it."""

    kind: Literal["solution"] = "solution"
    id: str
    title: str
    blocks: tuple["InnerBlock", ...]


class TableBlock(Document):
    """Cells are inline HTML. `header` is empty for a table without a header row."""

    kind: Literal["table"] = "table"
    id: str
    caption: str = ""
    header: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...]


class QuoteBlock(Document):
    kind: Literal["quote"] = "quote"
    id: str
    html: str
    attribution: str = ""
    source: str = ""


class MathsBlock(Document):
    """Display maths: `mathml` is a `<math display="block">` element, `latex` what the author wrote."""

    kind: Literal["maths"] = "maths"
    id: str
    latex: str
    mathml: str


class AttachmentBlock(Document):
    kind: Literal["attachment"] = "attachment"
    id: str
    title: str
    name: str
    src: str
    bytes: int
    media_type: str


class EmbedBlock(Document):
    """A video elsewhere, by id only; it loads when the reader asks for it."""

    kind: Literal["embed"] = "embed"
    id: str
    provider: Literal["youtube", "vimeo"]
    video_id: str
    title: str


class Choice(Document):
    id: str
    html: str


QuestionKind = Literal["single", "multiple", "number", "short_text"]


class Question(Document):
    """What a learner sees of a question. What is right is in `AnswerKey`, which never leaves the database."""

    id: str
    kind: QuestionKind
    prompt_html: str
    points: int
    choices: tuple[Choice, ...] = ()
    unit: str = ""


class QuizBlock(Document):
    kind: Literal["quiz"] = "quiz"
    id: str
    item: UUID
    title: str
    pass_percent: int
    questions: tuple[Question, ...]


InnerBlock = Annotated[
    ProseBlock
    | CodeBlock
    | ImageBlock
    | VideoBlock
    | CalloutBlock
    | SolutionBlock
    | TableBlock
    | QuoteBlock
    | MathsBlock
    | AttachmentBlock
    | EmbedBlock,
    Field(discriminator="kind"),
]
Block = Annotated[
    ProseBlock
    | CodeBlock
    | ImageBlock
    | VideoBlock
    | CalloutBlock
    | SolutionBlock
    | TableBlock
    | QuoteBlock
    | MathsBlock
    | AttachmentBlock
    | EmbedBlock
    | QuizBlock,
    Field(discriminator="kind"),
]

# --- documents ------------------------------------------------------------------------------------------------


class LessonDocument(Document):
    """One lesson. `minutes` is the author's estimate, 0 if none."""

    schema_: Literal[1] = Field(default=1, alias="schema")
    item: UUID
    course: UUID
    slug: str
    title: str
    summary: str
    language: str
    minutes: int
    blocks: tuple[Block, ...]

    model_config = ConfigDict(extra="ignore", frozen=True, populate_by_name=True)


class Person(Document):
    uuid: UUID
    name: str
    headline: str
    bio_html: str
    portrait: Image | None = None


class CourseLink(Document):
    course: UUID
    slug: str
    title: str


Level = Literal["beginner", "intermediate", "advanced"]


class CourseDocument(Document):
    """What a catalogue and a course page need. `hours` is decimal hours of study, 0 if not said."""

    schema_: Literal[1] = Field(default=1, alias="schema")
    course: UUID
    slug: str
    title: str
    summary: str
    description_html: str
    level: Level
    language: str
    hours: float
    topics: tuple[str, ...]
    price_label: str
    outcomes: tuple[str, ...]
    cover: Image | None = None
    instructors: tuple[Person, ...] = ()
    prerequisites: tuple[CourseLink, ...] = ()

    model_config = ConfigDict(extra="ignore", frozen=True, populate_by_name=True)


class OutlineItem(Document):
    """An item inside a lesson that can be completed on its own."""

    item: UUID
    kind: Literal["quiz"]
    title: str
    points: int


class OutlineLesson(Document):
    item: UUID
    slug: str
    title: str
    summary: str
    minutes: int
    has_video: bool = False
    items: tuple[OutlineItem, ...] = ()


class OutlineModule(Document):
    uuid: UUID
    title: str
    summary: str
    lessons: tuple[OutlineLesson, ...]


class OutlineDocument(Document):
    """Every module and lesson of a release, in order: navigation, progress and percentages are counted from it.

    Whole in memory; published as an `OutlineIndex` and one object for each module.
    """

    schema_: Literal[1] = Field(default=1, alias="schema")
    course: UUID
    slug: str
    title: str
    modules: tuple[OutlineModule, ...]

    model_config = ConfigDict(extra="ignore", frozen=True, populate_by_name=True)

    def lessons(self) -> tuple[OutlineLesson, ...]:
        """All lessons in reading order."""
        return tuple(lesson for module in self.modules for lesson in module.lessons)


class OutlineShelf(Document):
    """A module as the index of an outline names it. `object` is the sha256 of its `OutlineModule`, which lies at
    `o/<object>`; `lessons` says how many are in it, `minutes` how long they take together."""

    uuid: UUID
    title: str
    summary: str
    lessons: int
    minutes: int
    object: str


class OutlineIndex(Document):
    """The outline of a release as it is published: modules in order, the lessons of each in an object of its own."""

    schema_: Literal[1] = Field(default=1, alias="schema")
    course: UUID
    slug: str
    title: str
    modules: tuple[OutlineShelf, ...]

    model_config = ConfigDict(extra="ignore", frozen=True, populate_by_name=True)


class CatalogueEntry(Document):
    course: UUID
    slug: str
    title: str
    summary: str
    level: Level
    language: str
    hours: float
    topics: tuple[str, ...]
    price_label: str
    lessons: int
    cover: Image | None = None
    instructors: tuple[str, ...] = ()


class CatalogueDocument(Document):
    """The public list of courses, ordered by title: the first part of it, or a further one.

    `next` is the key of the part that follows (`catalogue/2.json`), null in the last of `parts`.
    """

    schema_: Literal[1] = Field(default=1, alias="schema")
    courses: tuple[CatalogueEntry, ...]
    part: int = 1
    parts: int = 1
    next: str | None = None

    model_config = ConfigDict(extra="ignore", frozen=True, populate_by_name=True)


# --- private --------------------------------------------------------------------------------------------------


class QuestionKey(Document):
    """How one question is graded.

    single, multiple: `correct` holds choice ids. number: `answer` within plus or minus `tolerance`.
    short_text: `accepted` forms, compared after trimming and folding white space, and case unless `case_sensitive`.
    """

    id: str
    kind: QuestionKind
    points: int
    correct: tuple[str, ...] = ()
    answer: float | None = None
    tolerance: float = 0.0
    accepted: tuple[str, ...] = ()
    case_sensitive: bool = False
    explanation_html: str = ""


class AnswerKey(Document):
    """The private half of a quiz: never written to a store."""

    item: UUID
    lesson: UUID
    pass_percent: int
    questions: tuple[QuestionKey, ...]


def published_schemas() -> dict[str, dict[str, Any]]:
    """The JSON Schemas that are published as `schema/v1/<name>.json`."""
    models: dict[str, type[Document]] = {
        "lesson": LessonDocument,
        "course": CourseDocument,
        "outline": OutlineIndex,
        "module": OutlineModule,
        "catalogue": CatalogueDocument,
    }
    return {name: model.model_json_schema(mode="serialization") for name, model in models.items()}
