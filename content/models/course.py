"""A course: the unit of approval and release."""

import uuid

from django.db import models
from modelcluster.contrib.taggit import ClusterTaggableManager
from modelcluster.fields import ParentalKey
from taggit.models import TaggedItemBase
from wagtail import blocks
from wagtail.admin.panels import FieldPanel, InlinePanel, MultiFieldPanel, PageChooserPanel
from wagtail.fields import RichTextField, StreamField
from wagtail.models import Orderable, Page

from content.blocks.prose import RICH_TEXT_FEATURES


class CourseTopic(TaggedItemBase):
    content_object = ParentalKey("content.Course", on_delete=models.CASCADE, related_name="topic_items")


class Course(Page):
    """What a catalogue says of a course; its lessons are the pages below it. `uuid` names it everywhere outside."""

    class Level(models.TextChoices):
        BEGINNER = "beginner", "Beginner"
        INTERMEDIATE = "intermediate", "Intermediate"
        ADVANCED = "advanced", "Advanced"

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    summary = models.TextField(max_length=300, help_text="One or two sentences for the catalogue.")
    description = RichTextField(features=RICH_TEXT_FEATURES, blank=True)
    cover = models.ForeignKey("content.ImageOriginal", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    cover_alt = models.CharField(
        "text alternative of the cover", max_length=300, blank=True, help_text="Left empty, the cover is decoration."
    )
    level = models.CharField(max_length=12, choices=Level.choices, default=Level.BEGINNER)
    language = models.CharField(max_length=12, default="en", help_text="A language tag such as en, de or pt-BR.")
    hours = models.DecimalField("hours of study", max_digits=5, decimal_places=1, default=0)
    topics = ClusterTaggableManager(through=CourseTopic, blank=True, verbose_name="topics")
    price_label = models.CharField(max_length=60, default="Free", help_text="What the catalogue says of the price.")
    outcomes = StreamField(
        [("outcome", blocks.CharBlock(max_length=200))], blank=True, verbose_name="what you will learn"
    )

    parent_page_types = ["content.Catalogue"]
    subpage_types = ["content.Module"]
    exclude_fields_in_copy = ["uuid"]

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
            ],
            heading="Facts",
        ),
        InlinePanel("instructors", heading="Instructors", label="Instructor"),
        InlinePanel("prerequisites", heading="Prerequisites", label="Course to take first"),
    ]


class CourseInstructor(Orderable):
    course = ParentalKey(Course, on_delete=models.CASCADE, related_name="instructors")
    profile = models.ForeignKey("content.InstructorProfile", on_delete=models.CASCADE, related_name="+")

    panels = [FieldPanel("profile")]


class CoursePrerequisite(Orderable):
    course = ParentalKey(Course, on_delete=models.CASCADE, related_name="prerequisites")
    required = models.ForeignKey(Course, on_delete=models.CASCADE, related_name="+")

    panels = [PageChooserPanel("required", "content.Course")]
