"""A lesson: an item a learner completes, written as a stream of blocks."""

import uuid

from django.core.exceptions import ValidationError
from django.db import models
from wagtail.admin.panels import FieldPanel
from wagtail.fields import StreamField
from wagtail.models import Page
from wagtail_headless_preview.models import HeadlessPreviewMixin

from content.blocks import LessonBody
from content.models.coursework import ApprovedWithCourse


class Lesson(ApprovedWithCourse, HeadlessPreviewMixin, Page):
    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    summary = models.TextField(max_length=300, blank=True)
    minutes = models.PositiveSmallIntegerField("minutes of study", default=0)
    body = StreamField(LessonBody(), blank=True)
    held_back = models.BooleanField(
        "leave out of the course for now", default=False, help_text="A lesson left out is not part of the next release."
    )

    parent_page_types = ["content.Module"]
    subpage_types: list[str] = []
    page_description = "One sitting of study: text, figures, code, video and quizzes."

    content_panels = [
        *Page.content_panels,
        FieldPanel("summary"),
        FieldPanel("minutes"),
        FieldPanel("body"),
        FieldPanel("held_back"),
    ]

    def clean(self) -> None:
        """Lesson addresses lie directly below their course, so a slug is unique in the course, not in the module."""
        super().clean()
        parent = self.get_parent() if self.path and self.depth > 1 else None
        course = parent.get_parent() if parent else None
        if course is None or not self.slug:
            return
        twin = Lesson.objects.descendant_of(course).filter(slug=self.slug).exclude(pk=self.pk).first()
        if twin:
            message = f"“{twin.title}” in this course has the address “{self.slug}” already: choose another."
            raise ValidationError({"slug": message})
