"""What the pipeline remembers: changes, candidates, releases, publications, renditions and answer keys.

No foreign key leads into `content`: the API process installs these tables without Wagtail.
"""

from django.conf import settings
from django.db import models
from django.db.models import Q


class Candidate(models.Model):
    """A frozen course under review. `content` is the canonical JSON of a `FrozenCourse`, `digest` its sha256."""

    class State(models.TextChoices):
        IN_REVIEW = "in_review", "In review"
        APPROVED = "approved", "Approved"
        CHANGES_REQUESTED = "changes_requested", "Changes requested"
        WITHDRAWN = "withdrawn", "Withdrawn"

    class Kind(models.TextChoices):
        SUBMITTED = "submitted", "Submitted for review"
        DIRECT = "direct", "Published directly"

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


class Release(models.Model):
    """An approved candidate, numbered per course. What it says never changes; `state` tells where it stands.

    One that waits may have pages on the store already. A past one that is being put back waits too, for that reason.
    """

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting to be built"
        LIVE = "live", "Live"
        PAST = "past", "Past"
        SKIPPED = "skipped", "Never built: a newer one came first"

    course = models.UUIDField(db_index=True)
    number = models.PositiveIntegerField()
    candidate = models.ForeignKey(Candidate, on_delete=models.PROTECT, related_name="releases")
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    approved_at = models.DateTimeField(auto_now_add=True)
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    manifest = models.CharField(max_length=64, blank=True)
    outline = models.JSONField(null=True, blank=True)
    course_document = models.JSONField(null=True, blank=True)
    inputs = models.JSONField(default=dict, blank=True)  # {path or item: {part: digest}}, what `explain` compares
    objects_written = models.PositiveIntegerField(default=0)
    bytes_written = models.BigIntegerField(default=0)
    built_at = models.DateTimeField(null=True, blank=True)
    build_seconds = models.FloatField(default=0)

    class Meta:
        ordering = ["-number"]
        constraints = [models.UniqueConstraint(fields=["course", "number"], name="release_number_per_course")]

    def __str__(self) -> str:
        return f"release {self.number} of {self.course}"


class Publication(models.Model):
    """The truth about what a course should show; the queue is only a doorbell.

    One row per course. A course has one language as yet, so `locale` is always its default.
    """

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
    waiting_for = models.CharField(max_length=255, blank=True)

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
    """The private half of a quiz in one release: a `documents.AnswerKey` as JSON. Never leaves the database."""

    release = models.ForeignKey(Release, on_delete=models.CASCADE, related_name="answer_keys")
    item = models.UUIDField()
    document = models.JSONField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["release", "item"], name="answer_key_per_release_and_item")]

    def __str__(self) -> str:
        return f"answer key of {self.item}"
