"""A new kind of block is authored, rendered, described, drawn and compared: this names the place that was forgotten."""

from pathlib import Path
from typing import get_args

from content.blocks import LessonBody
from content.blocks.quiz import QuestionsBlock
from pipeline import html_filters, render_blocks
from pipeline.documents import Block, QuestionKind

TEMPLATES = Path(html_filters.__file__).parent / "site" / "templates" / "blocks"


def test_every_authored_block_is_rendered() -> None:
    assert set(render_blocks.RENDERERS) == set(LessonBody().child_blocks)


def test_every_kind_of_question_is_known_to_documents() -> None:
    assert set(QuestionsBlock().child_blocks) == set(get_args(QuestionKind))


def test_every_published_block_has_a_template() -> None:
    kinds = {model.model_fields["kind"].default for model in get_args(get_args(Block)[0])}
    assert {path.stem for path in TEMPLATES.glob("*.html")} == kinds
