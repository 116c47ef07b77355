"""Boxes that hold other blocks: callouts and folded solutions."""

from wagtail import blocks

CALLOUT_VARIANTS = [
    ("note", "Note"),
    ("tip", "Tip"),
    ("warning", "Warning"),
    ("objectives", "Objectives"),
    ("key_points", "Key points"),
    ("questions", "Questions"),
    ("challenge", "Challenge"),
]


class CalloutBlock(blocks.StructBlock):
    variant = blocks.ChoiceBlock(choices=CALLOUT_VARIANTS, default="note", label="Kind")
    title = blocks.CharBlock(required=False, max_length=200)

    def __init__(self, body: blocks.StreamBlock, **kwargs: object) -> None:
        super().__init__([("body", body)], **kwargs)

    class Meta:
        label = "Callout"
        icon = "help"
        group = "Boxes"


class SolutionBlock(blocks.StructBlock):
    title = blocks.CharBlock(default="Solution", max_length=200)

    def __init__(self, body: blocks.StreamBlock, **kwargs: object) -> None:
        super().__init__([("body", body)], **kwargs)

    class Meta:
        label = "Solution"
        icon = "collapse-down"
        group = "Boxes"
