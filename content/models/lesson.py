"""A lesson: an item a learner completes, written as a stream of blocks."""

import uuid

from django.db import models
from wagtail.admin.panels import FieldPanel
from wagtail.fields import StreamField
from wagtail.models import Page
from wagtail_headless_preview.models import HeadlessPreviewMixin

from content.blocks import LessonBody


class Lesson(HeadlessPreviewMixin, Page):
    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    summary = models.TextField(max_length=300, blank=True)
    minutes = models.PositiveSmallIntegerField("minutes of study", default=0)
    body = StreamField(LessonBody(), blank=True)
    held_back = models.BooleanField(
        "leave out of the course for now", default=False, help_text="A lesson left out is not part of the next release."
    )

    parent_page_types = ["content.Module"]
    subpage_types: list[str] = []
    exclude_fields_in_copy = ["uuid"]

    content_panels = [
        *Page.content_panels,
        FieldPanel("summary"),
        FieldPanel("minutes"),
        FieldPanel("body"),
        FieldPanel("held_back"),
    ]

    def get_workflow(self) -> None:
        """Lessons are approved with their course."""
        return None
