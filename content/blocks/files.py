"""Files to download."""

from wagtail import blocks
from wagtail.documents.blocks import DocumentChooserBlock


class AttachmentBlock(blocks.StructBlock):
    attachment = DocumentChooserBlock()
    title = blocks.CharBlock(required=False, max_length=200, help_text="Left empty, the file's own title is shown.")

    class Meta:
        label = "Attachment"
        icon = "doc-full"
        group = "Media"
