"""What learners did, as it was sent and never changed afterwards, and where that leaves each item."""

from django.conf import settings
from django.db import models

from api.scope import Owned


class ProgressEvent(models.Model):
    """One thing a learner did. `event` is the id that the client gave it: sent twice, it is kept once.

    `at` is the client's time, put right where its clock was plainly wrong (`rules.settle`).
    """

    class Kind(models.TextChoices):
        VIEWED = "viewed", "Opened"
        POSITION = "position", "Played up to a position"
        COMPLETED = "completed", "Marked as done"
        REOPENED = "reopened", "Opened again"

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    event = models.UUIDField()
    course = models.UUIDField()
    item = models.UUIDField()
    kind = models.CharField(max_length=9, choices=Kind.choices)
    position = models.FloatField(null=True, blank=True)  # seconds into the lesson's video
    at = models.DateTimeField()
    received_at = models.DateTimeField(auto_now_add=True)

    objects = Owned["ProgressEvent"].as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "event"], name="progress_event_once_per_user")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.item}"


class ItemState(models.Model):
    """A `rules.State` as a row: what all events and grades of one learner and item come to. Never the truth itself."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    course = models.UUIDField()
    item = models.UUIDField()
    last_at = models.DateTimeField()
    completed = models.BooleanField(default=False)
    marked_at = models.DateTimeField(null=True, blank=True)
    position = models.FloatField(null=True, blank=True)
    position_at = models.DateTimeField(null=True, blank=True)
    score = models.PositiveIntegerField(null=True, blank=True)
    points = models.PositiveIntegerField(null=True, blank=True)
    passed = models.BooleanField(default=False)

    objects = Owned["ItemState"].as_manager()

    class Meta:
        # A plain copy of a course keeps the ids inside its lessons: an item is known within its course.
        constraints = [models.UniqueConstraint(fields=["user", "course", "item"], name="item_state_per_user_and_item")]

    def __str__(self) -> str:
        return f"{self.item} of {self.user}"
