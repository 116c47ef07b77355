"""A course: the unit of approval and release."""

import uuid

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from modelcluster.contrib.taggit import ClusterTaggableManager
from modelcluster.fields import ParentalKey
from taggit.models import TaggedItemBase
from wagtail import blocks
from wagtail.admin.panels import FieldPanel, InlinePanel, MultiFieldPanel, PageChooserPanel
from wagtail.fields import RichTextField, StreamField
from wagtail.models import Orderable, Page
from wagtail_headless_preview.models import HeadlessPreviewMixin

from content.blocks.prose import RICH_TEXT_FEATURES
from content.models.coursework import Coursework
from content.rules import cycle_of
from content.zones import zones

LANGUAGE_TAG = RegexValidator(r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$", "Write a language tag such as en, de or pt-BR.")


class CourseTopic(TaggedItemBase):
    content_object = ParentalKey("content.Course", on_delete=models.CASCADE, related_name="topic_items")


class Course(Coursework, HeadlessPreviewMixin, Page):
    """What a catalogue says of a course; its lessons are the pages below it. `uuid` names it everywhere outside."""

    class Level(models.TextChoices):
        BEGINNER = "beginner", "Beginner"
        INTERMEDIATE = "intermediate", "Intermediate"
        ADVANCED = "advanced", "Advanced"

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    summary = models.TextField(max_length=300, help_text="One or two sentences for the catalogue.")
    description = RichTextField(features=RICH_TEXT_FEATURES, blank=True)
    cover = models.ForeignKey(
        "content.ImageOriginal", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    cover_alt = models.CharField(
        "text alternative of the cover", max_length=300, blank=True, help_text="Left empty, the cover is decoration."
    )
    level = models.CharField(max_length=12, choices=Level.choices, default=Level.BEGINNER)
    language = models.CharField(
        max_length=12, default="en", validators=[LANGUAGE_TAG], help_text="A language tag such as en, de or pt-BR."
    )
    hours = models.DecimalField("hours of study", max_digits=5, decimal_places=1, default=0)
    topics = ClusterTaggableManager(through=CourseTopic, blank=True, verbose_name="topics")
    price_label = models.CharField(max_length=60, default="Free", help_text="What the catalogue says of the price.")
    time_zone = models.CharField(
        max_length=64,
        blank=True,
        choices=zones,
        help_text="Times of this course, that of a scheduled release among them, are meant in it. "
        "Left empty, the school's.",
    )
    outcomes = StreamField(
        [("outcome", blocks.CharBlock(max_length=200))], blank=True, verbose_name="what you will learn"
    )

    parent_page_types = ["content.Catalogue"]
    subpage_types = ["content.Module"]
    page_description = "What the catalogue says of a course. Its modules and lessons are the pages below it."

    content_panels = [
        *Page.content_panels,
        FieldPanel("summary"),
        FieldPanel("description"),
        MultiFieldPanel([FieldPanel("cover"), FieldPanel("cover_alt")], heading="Cover"),
        FieldPanel("outcomes"),
        MultiFieldPanel(
            [
                FieldPanel("level"),
                FieldPanel("language"),
                FieldPanel("hours"),
                FieldPanel("topics"),
                FieldPanel("price_label"),
                FieldPanel("time_zone"),
            ],
            heading="Facts",
        ),
        InlinePanel("instructors", heading="Instructors", label="Instructor"),
        InlinePanel("prerequisites", heading="Prerequisites", label="Course to take first"),
    ]

    @property
    def zone(self) -> str:
        """The name of the time zone that this course's times are meant in."""
        return self.time_zone or str(settings.TIME_ZONE)

    def clean(self) -> None:
        """Refuses prerequisites that lead back to this course, however long the way."""
        super().clean()
        required: dict[int, list[int]] = {}
        for course, needed in CoursePrerequisite.objects.values_list("course_id", "required_id"):
            required.setdefault(course, []).append(needed)
        required[self.pk or 0] = [link.required_id for link in self.prerequisites.all() if link.required_id]
        circle = cycle_of(self.pk or 0, required)
        if circle:
            titles = dict(Course.objects.filter(pk__in=circle).values_list("pk", "title")) | {self.pk or 0: self.title}
            names = " → ".join(titles[pk] for pk in circle)
            raise ValidationError(f"The prerequisites lead in a circle ({names}): remove one of them.")


class CourseInstructor(Orderable):
    course = ParentalKey(Course, on_delete=models.CASCADE, related_name="instructors")
    profile = models.ForeignKey("content.InstructorProfile", on_delete=models.CASCADE, related_name="+")

    panels = [FieldPanel("profile")]


class CoursePrerequisite(Orderable):
    course = ParentalKey(Course, on_delete=models.CASCADE, related_name="prerequisites")
    required = models.ForeignKey(Course, on_delete=models.CASCADE, related_name="+")

    panels = [PageChooserPanel("required", "content.Course")]
