"""Who teaches, as readers see them."""

import uuid

from django.conf import settings
from django.db import models
from wagtail.admin.panels import FieldPanel
from wagtail.fields import RichTextField

from content.models.saved_whole import SavedWhole


class InstructorProfile(SavedWhole, models.Model):
    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    name = models.CharField(max_length=120)
    headline = models.CharField(max_length=160, blank=True, help_text="For example: Teaches statistics in Lyon.")
    bio = RichTextField(features=["bold", "italic", "link"], blank=True)
    portrait = models.ForeignKey(
        "content.ImageOriginal", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    portrait_alt = models.CharField("text alternative of the portrait", max_length=200, blank=True)

    panels = [
        FieldPanel("name"),
        FieldPanel("headline"),
        FieldPanel("bio"),
        FieldPanel("portrait"),
        FieldPanel("portrait_alt"),
        FieldPanel("user"),
    ]

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name
