"""Quizzes. A question's id is its block id, a choice's id its list item id; both survive edits and reordering."""

from django.core.exceptions import ValidationError
from wagtail import blocks


class ChoiceBlock(blocks.StructBlock):
    text = blocks.CharBlock(max_length=500, help_text="Inline Markdown works here.")
    correct = blocks.BooleanBlock(required=False)

    class Meta:
        label = "Choice"
        form_classname = "struct-block quiz-choice"


class QuestionBlock(blocks.StructBlock):
    """What every kind of question has."""

    prompt = blocks.TextBlock(rows=3, help_text="Markdown works here.")
    points = blocks.IntegerBlock(default=1, min_value=1, max_value=100)
    explanation = blocks.TextBlock(
        required=False, rows=2, help_text="Shown after the answer was graded, never before. Markdown works here."
    )


class SingleBlock(QuestionBlock):
    choices = blocks.ListBlock(ChoiceBlock(), min_num=2)

    def clean(self, value: blocks.StructValue) -> blocks.StructValue:
        cleaned = super().clean(value)
        if sum(bool(choice["correct"]) for choice in cleaned["choices"]) != 1:
            raise blocks.StructBlockValidationError(
                non_block_errors=[ValidationError("Mark exactly one choice correct.")]
            )
        return cleaned

    class Meta:
        label = "One right answer"
        icon = "radio-full"


class MultipleBlock(QuestionBlock):
    choices = blocks.ListBlock(ChoiceBlock(), min_num=2)

    def clean(self, value: blocks.StructValue) -> blocks.StructValue:
        cleaned = super().clean(value)
        if not any(choice["correct"] for choice in cleaned["choices"]):
            raise blocks.StructBlockValidationError(
                non_block_errors=[ValidationError("Mark at least one choice correct.")]
            )
        return cleaned

    class Meta:
        label = "Several right answers"
        icon = "tick"


class NumberBlock(QuestionBlock):
    answer = blocks.FloatBlock()
    tolerance = blocks.FloatBlock(default=0, min_value=0, help_text="An answer this far off still counts.")
    unit = blocks.CharBlock(required=False, max_length=30)

    class Meta:
        label = "A number"
        icon = "order"


class ShortTextBlock(QuestionBlock):
    accepted = blocks.ListBlock(blocks.CharBlock(max_length=200), min_num=1, label="Accepted answers")
    case_sensitive = blocks.BooleanBlock(required=False, label="Capital letters matter")

    class Meta:
        label = "A short text"
        icon = "pilcrow"


class QuestionsBlock(blocks.StreamBlock):
    single = SingleBlock()
    multiple = MultipleBlock()
    number = NumberBlock()
    short_text = ShortTextBlock()

    class Meta:
        min_num = 1


class QuizBlock(blocks.StructBlock):
    title = blocks.CharBlock(max_length=200, default="Check yourself")
    pass_percent = blocks.IntegerBlock(default=60, min_value=0, max_value=100, label="Pass mark, per cent")
    questions = QuestionsBlock()

    class Meta:
        label = "Quiz"
        icon = "help"
        group = "Quiz"
