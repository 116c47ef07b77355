"""Uploaded originals: images, videos with caption tracks, attachments."""

from django.core.validators import FileExtensionValidator
from django.db import models
from wagtail.documents.models import AbstractDocument
from wagtail.documents.models import Document as WagtailDocument
from wagtail.images.models import AbstractImage, AbstractRendition
from wagtail.images.models import Image as WagtailImage
from wagtailmedia.models import AbstractMedia

from content.models.saved_whole import SavedWhole


class ImageOriginal(SavedWhole, AbstractImage):
    """An image as uploaded. Readers never get these bytes: they get renditions of it."""

    admin_form_fields = WagtailImage.admin_form_fields

    class Meta(AbstractImage.Meta):
        verbose_name = "image"
        verbose_name_plural = "images"


class AdminRendition(AbstractRendition):
    """The thumbnails the admin shows. What readers get is a `pipeline.Rendition`."""

    image = models.ForeignKey(ImageOriginal, on_delete=models.CASCADE, related_name="renditions")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=("image", "filter_spec", "focal_point_key"), name="admin_rendition_once")
        ]


class Attachment(SavedWhole, AbstractDocument):
    admin_form_fields = WagtailDocument.admin_form_fields


class Video(SavedWhole, AbstractMedia):
    """A video original. Its renditions are made by the pipeline when a candidate first names it."""

    admin_form_fields = ("title", "file", "collection", "tags")


class CaptionTrack(SavedWhole, models.Model):
    """Captions or subtitles of a video, as WebVTT or SubRip."""

    class Kind(models.TextChoices):
        CAPTIONS = "captions", "Captions"
        SUBTITLES = "subtitles", "Subtitles"

    video = models.ForeignKey(Video, on_delete=models.CASCADE, related_name="tracks")
    language = models.CharField(max_length=12, default="en", help_text="A language tag such as en or de.")
    label = models.CharField(max_length=60, default="English")
    kind = models.CharField(max_length=9, choices=Kind.choices, default=Kind.CAPTIONS)
    file = models.FileField(upload_to="captions", validators=[FileExtensionValidator(["vtt", "srt"])])

    class Meta:
        ordering = ["language", "kind"]
        constraints = [
            models.UniqueConstraint(fields=["video", "language", "kind"], name="one_track_per_language_and_kind")
        ]

    def __str__(self) -> str:
        return f"{self.label} ({self.get_kind_display()})"
