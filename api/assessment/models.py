"""Attempts at quizzes, kept as they were graded."""

from django.conf import settings
from django.db import models

from api.scope import Owned


class Attempt(models.Model):
    """One graded attempt; never changed afterwards. `attempt` is the id that the client gave it.

    `release` is the number of the release it was graded in, `questions` [{"id", "correct", "points"}].
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    attempt = models.UUIDField()
    course = models.UUIDField()
    item = models.UUIDField()
    release = models.PositiveIntegerField()
    answers = models.JSONField()
    questions = models.JSONField()
    score = models.PositiveIntegerField()
    points = models.PositiveIntegerField()
    passed = models.BooleanField()
    at = models.DateTimeField()

    objects = Owned["Attempt"].as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "attempt"], name="attempt_once_per_user")]

    def __str__(self) -> str:
        return f"{self.score} of {self.points} at {self.item}"
