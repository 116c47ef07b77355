"""Running text in its forms: rich text, Markdown, quotes, maths, tables."""

from wagtail import blocks
from wagtail.contrib.typed_table_block.blocks import TypedTableBlock

RICH_TEXT_FEATURES = ["h2", "h3", "h4", "bold", "italic", "code", "superscript", "subscript", "ol", "ul", "link", "hr"]


def prose_block() -> blocks.RichTextBlock:
    return blocks.RichTextBlock(features=RICH_TEXT_FEATURES, label="Text", icon="pilcrow", group="Text")


class MarkdownBlock(blocks.TextBlock):
    """CommonMark with tables and dollar maths. Raw HTML in it is not published."""

    class Meta:
        label = "Markdown"
        icon = "code"
        group = "Text"
        help_text = "CommonMark, with tables and $maths$. HTML tags are shown as text."


class QuoteBlock(blocks.StructBlock):
    text = blocks.TextBlock(rows=3, help_text="Markdown works here.")
    attribution = blocks.CharBlock(required=False, max_length=200)
    source = blocks.URLBlock(required=False, label="Where it stands")

    class Meta:
        label = "Quote"
        icon = "openquote"
        group = "Text"


class MathsBlock(blocks.StructBlock):
    latex = blocks.TextBlock(rows=3, label="LaTeX", help_text=r"For example \frac{a}{b} = c. No dollar signs.")

    class Meta:
        label = "Maths"
        icon = "superscript"
        group = "Text"


def table_block() -> TypedTableBlock:
    """A table; cells hold inline Markdown."""
    return TypedTableBlock(
        [("text", blocks.CharBlock(required=False, label="Text"))], label="Table", icon="table", group="Text"
    )
