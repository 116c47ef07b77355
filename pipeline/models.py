"""What the pipeline remembers: changes, candidates, releases, publications, renditions and answer keys.

No foreign key leads into `content`: the API process installs these tables without Wagtail.
"""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import models
from django.db.models import Q

from pipeline.built import Head
from pipeline.documents import OutlineDocument
from pipeline.errors import PipelineError
from pipeline.frozen import FrozenCourse
from pipeline.frozen_tree import CourseTree, ModulePart, join


class Candidate(models.Model):
    """A frozen course under review. `content` is the canonical JSON of a `frozen_tree.CourseTree`, `digest` its sha256.

    What the tree names are `FrozenPart` rows.
    """

    class State(models.TextChoices):
        IN_REVIEW = "in_review", "In review"
        APPROVED = "approved", "Approved"
        CHANGES_REQUESTED = "changes_requested", "Changes requested"
        WITHDRAWN = "withdrawn", "Withdrawn"

    class Kind(models.TextChoices):
        SUBMITTED = "submitted", "Submitted for review"
        DIRECT = "direct", "Published directly"
        PURGED = "purged", "What readers had, without what was purged"

    course = models.UUIDField(db_index=True)
    title = models.CharField(max_length=255)
    digest = models.CharField(max_length=64)
    content = models.TextField()
    kind = models.CharField(max_length=12, choices=Kind.choices, default=Kind.SUBMITTED)
    state = models.CharField(max_length=20, choices=State.choices, default=State.IN_REVIEW)
    submitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    submitted_at = models.DateTimeField(auto_now_add=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    comment = models.TextField(blank=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["course"], condition=Q(state="in_review"), name="one_candidate_in_review_per_course"
            )
        ]

    def __str__(self) -> str:
        return f"{self.title} ({self.digest[:12]})"

    def tree(self) -> CourseTree:
        """What the row itself says. No query."""
        return CourseTree.model_validate_json(self.content)

    def frozen(self) -> FrozenCourse:
        """The frozen course, whole: a query for its modules and one for each 500 lessons."""
        tree = self.tree()
        parts = FrozenPart.contents(self.course, [leaf.part for leaf in tree.modules])
        lessons = [leaf.part for data in parts.values() for leaf in ModulePart.model_validate_json(data).lessons]
        return join(tree, parts | FrozenPart.contents(self.course, lessons))


class FrozenPart(models.Model):
    """A module's or a lesson's part of frozen courses, named by its bytes. `content` is canonical JSON."""

    course = models.UUIDField()
    digest = models.CharField(max_length=64)
    content = models.TextField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["course", "digest"], name="frozen_part_once_per_course")]

    def __str__(self) -> str:
        return f"part {self.digest[:12]} of {self.course}"

    @classmethod
    def contents(cls, course: UUID, digests: Iterable[str]) -> dict[str, bytes]:
        """The bytes of these parts by their digest. Raises PipelineError if one is missing."""
        wanted, found = sorted(set(digests)), {}
        for chunk in (wanted[place : place + 500] for place in range(0, len(wanted), 500)):
            rows = cls.objects.filter(course=course, digest__in=chunk).values_list("digest", "content")
            found.update({digest: content.encode() for digest, content in rows})
        if lost := set(wanted) - found.keys():
            raise PipelineError(f"{len(lost)} parts of a candidate are gone from the database, {min(lost)} among them.")
        return found


class Release(models.Model):
    """An approved candidate, numbered per course. What it says never changes; `state` tells where it stands.

    One that waits may have pages on the store already. A past one that is being put back waits too, for that reason.
    """

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting to be built"
        LIVE = "live", "Live"
        PAST = "past", "Past"
        SKIPPED = "skipped", "Never built: a newer one came first"
        SWEPT = "swept", "Past, and no longer on the store"

    course = models.UUIDField(db_index=True)
    number = models.PositiveIntegerField()
    candidate = models.ForeignKey(Candidate, on_delete=models.PROTECT, related_name="releases")
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    approved_at = models.DateTimeField(auto_now_add=True)
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    manifest = models.CharField(max_length=64, blank=True)
    slug = models.CharField(max_length=255, blank=True, db_index=True)  # the course's address, once there is an outline
    built = models.JSONField(null=True, blank=True)  # what it was built of and into: see `built.Built`
    course_document = models.JSONField(null=True, blank=True)
    card = models.JSONField(null=True, blank=True)  # what the catalogue says of it: a `documents.CatalogueEntry`
    objects_written = models.PositiveIntegerField(default=0)
    bytes_written = models.BigIntegerField(default=0)
    built_at = models.DateTimeField(null=True, blank=True)
    build_seconds = models.FloatField(default=0)

    class Meta:
        ordering = ["-number"]
        constraints = [models.UniqueConstraint(fields=["course", "number"], name="release_number_per_course")]

    def __str__(self) -> str:
        return f"release {self.number} of {self.course}"

    def read_outline(self) -> OutlineDocument:
        """The outline of a release that was built at least once. One query."""
        return Release.outlines([self])[self.pk]

    @staticmethod
    def outlines(releases: "Iterable[Release]") -> dict[int, OutlineDocument]:
        """The outlines of releases that were built at least once, by the release's id. One query, however many.

        Raises PipelineError if a module of one is gone from the database.
        """
        found = {release.pk: release for release in releases}
        named = {name for release in found.values() for name in release.module_names()}
        rows = BuiltModule.objects.filter(name__in=named).values_list("course", "name", "outline") if named else ()
        modules = {(course, name): outline for course, name, outline in rows}
        try:
            return {pk: release._outline(modules) for pk, release in found.items()}
        except KeyError as error:
            raise PipelineError(
                f"The built module {error} of a release is gone from the database: rebuild its course."
            ) from None

    def module_names(self) -> list[str]:
        """The names of its `BuiltModule` rows, in order."""
        return [Head(*head).row for head in (self.built or {}).get("modules", [])]

    def _outline(self, modules: Mapping[tuple[UUID, str], Any]) -> OutlineDocument:
        built = self.built or {}
        outlines = [modules[self.course, name] for name in self.module_names()]
        return OutlineDocument.model_validate(
            {"course": self.course, "slug": built["slug"], "title": built["title"], "modules": outlines}
        )


class BuiltModule(models.Model):
    """A module as one or more releases show it, named by the sha256 of all that it says. It never changes.

    `shard` is its object on the store. `outline` is its `documents.OutlineModule`, `lessons` says what each of its
    lessons was built of (`built.Lesson`), and `keys` maps each quiz in it to the digest of its answer key.
    """

    course = models.UUIDField()
    name = models.CharField(max_length=64)
    shard = models.CharField(max_length=64)
    outline = models.JSONField()
    lessons = models.JSONField(default=list, blank=True)
    keys = models.JSONField(default=dict, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["name", "course"], name="built_module_once_per_course")]

    def __str__(self) -> str:
        return f"module {self.name[:12]} of {self.course}"


class Publication(models.Model):
    """The truth about what a course should show; the queue is only a doorbell.

    One row per course. A course has one language as yet, so `locale` is always its default. `standing` is what the
    course is to readers whatever its release says, `price` what it costs them; a verb sets each in the transaction that
    writes its event.
    """

    class Standing(models.TextChoices):
        OPEN = "open", "Open"
        RETIRED = "retired", "Retired: no new enrolments"
        WITHDRAWN = "withdrawn", "Withdrawn: pages say so, no keys"
        GONE = "gone", "Gone: the course was deleted"

    course = models.UUIDField()
    locale = models.CharField(max_length=100, default="en")
    title = models.CharField(max_length=255, blank=True)
    wanted_seq = models.BigIntegerField(default=0)
    built_seq = models.BigIntegerField(default=0)
    generation = models.PositiveBigIntegerField(default=0)
    live_release = models.ForeignKey(Release, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    lease_owner = models.CharField(max_length=64, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveIntegerField(default=0)
    next_try_at = models.DateTimeField(null=True, blank=True)
    last_error = models.TextField(blank=True)
    alerted_at = models.DateTimeField(null=True, blank=True)  # when publishers were told of it; empty once it is well
    waiting_for = models.CharField(max_length=255, blank=True)
    standing = models.CharField(max_length=9, choices=Standing.choices, default=Standing.OPEN)
    standing_note = models.CharField(max_length=500, blank=True)  # what readers are told, in the editor's words
    standing_at = models.DateTimeField(null=True, blank=True)
    addressed = models.CharField(max_length=64, blank=True)  # the outline whose addresses are in place; see `addresses`
    listed = models.CharField(max_length=64, blank=True)  # what the site's lists last said of it; see `catalogue`
    price = models.JSONField(null=True, blank=True)  # a `price.Price`; null where the label that authors wrote stands

    class Meta:
        constraints = [models.UniqueConstraint(fields=["course", "locale"], name="publication_per_course_and_locale")]

    def __str__(self) -> str:
        return self.title or str(self.course)


class ChangeEvent(models.Model):
    """The outbox: one row per change that readers will see, written in the transaction of the change itself."""

    class Kind(models.TextChoices):
        APPROVED = "approved", "A candidate was approved"
        PUBLISHED = "published", "A page was published"
        UNPUBLISHED = "unpublished", "A page was unpublished"
        MOVED = "moved", "A page was moved"
        DELETED = "deleted", "A page was deleted"
        ROLLED_BACK = "rolled_back", "An older release was put back"
        REBUILD = "rebuild", "A rebuild was asked for"
        SITE = "site", "The site was published"
        EDITED = "edited", "A file or a person was edited"
        RESTRICTED = "restricted", "Who may see a page was changed"
        RETIRED = "retired", "The course was closed to new learners"
        WITHDRAWN = "withdrawn", "The course was withdrawn"
        REOPENED = "reopened", "The course was opened again"
        PURGED = "purged", "Content was removed for good"
        PRICED = "priced", "What it costs was changed"

    id = models.BigAutoField(primary_key=True)
    course = models.UUIDField(db_index=True)
    kind = models.CharField(max_length=12, choices=Kind.choices)
    page = models.UUIDField(null=True, blank=True)
    release = models.ForeignKey(Release, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    at = models.DateTimeField(auto_now_add=True)
    note = models.CharField(max_length=255, blank=True)

    def __str__(self) -> str:
        return f"{self.get_kind_display()} ({self.course})"


class Rendition(models.Model):
    """What we make of an original, keyed by the original's sha256 and the recipe: a second release makes nothing."""

    class Kind(models.TextChoices):
        VIDEO = "video", "Video"
        IMAGE = "image", "Image"

    class State(models.TextChoices):
        WANTED = "wanted", "Waiting"
        WORKING = "working", "Working"
        READY = "ready", "Ready"
        FAILED = "failed", "Cannot be used"

    kind = models.CharField(max_length=5, choices=Kind.choices)
    original = models.CharField(max_length=64)
    recipe = models.CharField(max_length=40)
    name = models.CharField(max_length=255)
    state = models.CharField(max_length=7, choices=State.choices, default=State.WANTED)
    progress = models.PositiveSmallIntegerField(default=0)  # per cent
    output = models.JSONField(default=dict, blank=True)
    error = models.TextField(blank=True)
    attempts = models.PositiveIntegerField(default=0)
    lease_owner = models.CharField(max_length=64, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "original", "recipe"], name="rendition_once_per_original_and_recipe"
            )
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.get_state_display()})"


class AnswerKey(models.Model):
    """The private half of a quiz: a `documents.AnswerKey` as JSON, named by its digest. Never leaves the database.

    Which one a release has for a quiz is said by its modules (`BuiltModule.keys`).
    """

    course = models.UUIDField()
    item = models.UUIDField()
    digest = models.CharField(max_length=64)
    document = models.JSONField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["course", "item", "digest"], name="answer_key_once")]

    def __str__(self) -> str:
        return f"answer key of {self.item}"


class Pin(models.Model):
    """A release that somebody still needs, though it is not live: nothing of it is swept. Grants access to nobody."""

    release = models.ForeignKey(Release, on_delete=models.PROTECT, related_name="pins")
    holder = models.CharField(max_length=100)  # who holds it: "enrolment/<id>", "cohort/<id>"
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["release", "holder"], name="pin_once_per_holder")]

    def __str__(self) -> str:
        return f"{self.holder} holds {self.release}"


class Condemned(models.Model):
    """A key of the store that nothing names any more. It is deleted after a grace, unless it is named again."""

    key = models.CharField(max_length=900, unique=True)
    bytes = models.BigIntegerField(default=0)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return self.key


class Tombstone(models.Model):
    """Content that was purged: no release may bring it back. `name` is the item's UUID or the original's sha256."""

    class Kind(models.TextChoices):
        COURSE = "course", "Course"
        LESSON = "lesson", "Lesson"
        FILE = "file", "File"

    kind = models.CharField(max_length=6, choices=Kind.choices)
    name = models.CharField(max_length=64)
    title = models.CharField(max_length=255)
    reason = models.TextField()
    forced = models.BooleanField(default=False)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField(auto_now_add=True)
    keys = models.JSONField(default=list, blank=True)  # keys of the store that are still to be deleted

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "name"], name="tombstone_once")]

    def __str__(self) -> str:
        return f"{self.title} was purged"


class ScheduledRelease(models.Model):
    """An approved candidate that becomes a release at a time. `wall` is what the clock in `zone` shows then."""

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting"
        DONE = "done", "Released"
        CANCELLED = "cancelled", "Cancelled"

    course = models.UUIDField(db_index=True)
    candidate = models.ForeignKey(Candidate, on_delete=models.PROTECT, related_name="schedules")
    wall = models.CharField(max_length=16)  # 2026-12-01T09:00
    zone = models.CharField(max_length=64)  # Europe/Berlin
    due_at = models.DateTimeField()
    state = models.CharField(max_length=9, choices=State.choices, default=State.WAITING)
    error = models.TextField(blank=True)
    attempts = models.PositiveIntegerField(default=0)
    next_try_at = models.DateTimeField(null=True, blank=True)
    scheduled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    settled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["course"], condition=Q(state="waiting"), name="one_scheduled_release_per_course"
            )
        ]

    def __str__(self) -> str:
        return f"{self.candidate} at {self.wall} {self.zone}"


class ScheduleFault(models.Model):
    """A page whose time to go live or to expire has come, and that could not: why, and when it is tried again."""

    page_id = models.BigIntegerField(unique=True)
    title = models.CharField(max_length=255)
    course = models.UUIDField(null=True, blank=True)
    error = models.TextField()
    attempts = models.PositiveIntegerField(default=1)
    next_try_at = models.DateTimeField()
    at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return f"{self.title}: {self.error}"


class Address(models.Model):
    """A path of the site that a course's page was ever at, and what lies there now."""

    class Kind(models.TextChoices):
        PAGE = "page", "The page itself"
        REDIRECT = "redirect", "Leads to where the page is now"
        GONE = "gone", "Says that the page is gone"

    path = models.CharField(max_length=900, unique=True)
    course = models.UUIDField(db_index=True)
    item = models.UUIDField()
    kind = models.CharField(max_length=8, choices=Kind.choices, default=Kind.PAGE)

    def __str__(self) -> str:
        return self.path


class Invalidation(models.Model):
    """Mutable paths that a CDN's edges have to forget: asked for until the CDN has taken it."""

    paths = models.JSONField(default=list)  # each begins with a slash
    created_at = models.DateTimeField(auto_now_add=True)
    attempts = models.PositiveIntegerField(default=0)
    next_try_at = models.DateTimeField(null=True, blank=True)
    last_error = models.TextField(blank=True)
    done_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{len(self.paths)} paths"
