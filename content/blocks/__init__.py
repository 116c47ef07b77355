"""What a lesson can be made of. `LessonBody` is the stream of a lesson, `InnerBody` what callouts and solutions hold.

The raw value of each block is what `pipeline/render.py` reads: one function there per name here, held together by
`tests/rooms/test_blocks.py`.
"""

from wagtail import blocks

from content.blocks.boxes import CalloutBlock, SolutionBlock
from content.blocks.code import CodeBlock
from content.blocks.files import AttachmentBlock
from content.blocks.media import EmbedBlock, ImageBlock, VideoBlock
from content.blocks.prose import MarkdownBlock, MathsBlock, QuoteBlock, prose_block, table_block
from content.blocks.quiz import QuizBlock


def _inner() -> list[tuple[str, blocks.Block]]:
    return [
        ("text", prose_block()),
        ("markdown", MarkdownBlock()),
        ("code", CodeBlock()),
        ("image", ImageBlock()),
        ("video", VideoBlock()),
        ("table", table_block()),
        ("quote", QuoteBlock()),
        ("maths", MathsBlock()),
        ("attachment", AttachmentBlock()),
        ("embed", EmbedBlock()),
    ]


class SolutionBody(blocks.StreamBlock):
    """What a solution holds: everything but boxes and quizzes."""

    def __init__(self, **kwargs: object) -> None:
        super().__init__(_inner(), **kwargs)


class InnerBody(blocks.StreamBlock):
    """What a callout holds: everything a solution holds, and solutions."""

    def __init__(self, **kwargs: object) -> None:
        super().__init__([*_inner(), ("solution", SolutionBlock(SolutionBody()))], **kwargs)


class LessonBody(blocks.StreamBlock):
    """What a lesson holds."""

    def __init__(self, **kwargs: object) -> None:
        super().__init__(
            [
                *_inner(),
                ("callout", CalloutBlock(InnerBody())),
                ("solution", SolutionBlock(SolutionBody())),
                ("quiz", QuizBlock()),
            ],
            **kwargs,
        )
