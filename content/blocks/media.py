"""Images, videos of ours, and videos elsewhere by id."""

import re

from django.core.exceptions import ValidationError
from wagtail import blocks
from wagtail.images.blocks import ImageChooserBlock
from wagtailmedia.blocks import VideoChooserBlock

VIDEO_IDS = {"youtube": re.compile(r"^[A-Za-z0-9_-]{11}$"), "vimeo": re.compile(r"^\d{6,12}$")}


class ImageBlock(blocks.StructBlock):
    image = ImageChooserBlock()
    alt = blocks.TextBlock(
        required=False,
        rows=2,
        label="Text alternative",
        help_text="What someone who cannot see the image should hear. Required unless it is only decoration.",
    )
    decorative = blocks.BooleanBlock(required=False, label="Only decoration")
    caption = blocks.CharBlock(required=False, max_length=300)

    def clean(self, value: blocks.StructValue) -> blocks.StructValue:
        cleaned = super().clean(value)
        if not cleaned["decorative"] and not (cleaned["alt"] or "").strip():
            message = "Describe the image, or tick “Only decoration”."
            raise blocks.StructBlockValidationError({"alt": ValidationError(message)})
        return cleaned

    class Meta:
        label = "Image"
        icon = "image"
        group = "Media"


class VideoBlock(blocks.StructBlock):
    video = VideoChooserBlock()
    title = blocks.CharBlock(required=False, max_length=200, help_text="Left empty, the video's own title is shown.")
    transcript = blocks.TextBlock(required=False, rows=4, help_text="Markdown works here.")

    class Meta:
        label = "Video"
        icon = "media"
        group = "Media"


class EmbedBlock(blocks.StructBlock):
    provider = blocks.ChoiceBlock(choices=[("youtube", "YouTube"), ("vimeo", "Vimeo")], default="youtube")
    video_id = blocks.CharBlock(max_length=20, label="Video id", help_text="For example dQw4w9WgXcQ, not an address.")
    title = blocks.CharBlock(max_length=200)

    def clean(self, value: blocks.StructValue) -> blocks.StructValue:
        cleaned = super().clean(value)
        if not VIDEO_IDS[cleaned["provider"]].match(cleaned["video_id"]):
            message = "This is not a video id of that provider: copy only the id from the address."
            raise blocks.StructBlockValidationError({"video_id": ValidationError(message)})
        return cleaned

    class Meta:
        label = "Video elsewhere"
        icon = "link-external"
        group = "Media"
