"""A learner in a course. The course is named by its UUID: no foreign key leads into content."""

from django.conf import settings
from django.db import models
from django.utils import timezone

from api.scope import Owned


class Enrolment(models.Model):
    """`left_at` is set while the learner has left; the row and all progress stay, so that coming back is whole.

    `free`: they came in while the course cost nothing, and stay welcome when it begins to cost something.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    course = models.UUIDField()
    enrolled_at = models.DateTimeField(default=timezone.now)
    left_at = models.DateTimeField(null=True, blank=True)
    free = models.BooleanField(default=False)

    objects = Owned["Enrolment"].as_manager()

    class Meta:
        ordering = ["-enrolled_at", "-id"]
        constraints = [models.UniqueConstraint(fields=["user", "course"], name="enrolment_per_user_and_course")]

    def __str__(self) -> str:
        return f"{self.user} in {self.course}"
