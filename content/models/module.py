"""A module: a titled run of lessons."""

import uuid

from django.db import models
from wagtail.admin.panels import FieldPanel
from wagtail.models import Page

from content.models.coursework import ApprovedWithCourse


class Module(ApprovedWithCourse, Page):
    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    summary = models.TextField(max_length=300, blank=True)
    held_back = models.BooleanField(
        "leave out of the course for now", default=False, help_text="A module left out is not part of the next release."
    )

    parent_page_types = ["content.Course"]
    subpage_types = ["content.Lesson"]
    preview_modes: list[tuple[str, str]] = []
    page_description = "A titled run of lessons."

    content_panels = [*Page.content_panels, FieldPanel("summary"), FieldPanel("held_back")]
