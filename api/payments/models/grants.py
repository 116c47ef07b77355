"""Access given without money: by whom, to whom, why, until when; revoked, never deleted."""

import uuid

from django.conf import settings
from django.db import models

from api.scope import Owned


class Grant(models.Model):
    """Somebody may open a course. `until` None: for ever. `given_by` None: the command line."""

    class Kind(models.TextChoices):
        MANUAL = "manual", "Given by the school"
        GIFT = "gift", "A gift"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    course = models.UUIDField()
    kind = models.CharField(max_length=6, choices=Kind.choices, default=Kind.MANUAL)
    reason = models.CharField(max_length=300)
    given_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    given_at = models.DateTimeField()
    until = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    revoked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    revoke_reason = models.CharField(max_length=300, blank=True)

    objects = Owned["Grant"].as_manager()

    class Meta:
        ordering = ["-given_at"]
        indexes = [models.Index(fields=["course"], name="grant_by_course")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.user}"
