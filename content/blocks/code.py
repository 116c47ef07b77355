"""Source code with highlighted lines and the output it should give."""

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from wagtail import blocks

LANGUAGES = [
    ("text", "Plain text"),
    ("bash", "Shell"),
    ("c", "C"),
    ("cpp", "C++"),
    ("css", "CSS"),
    ("diff", "Diff"),
    ("go", "Go"),
    ("html", "HTML"),
    ("java", "Java"),
    ("javascript", "JavaScript"),
    ("json", "JSON"),
    ("python", "Python"),
    ("r", "R"),
    ("rust", "Rust"),
    ("sql", "SQL"),
    ("toml", "TOML"),
    ("typescript", "TypeScript"),
    ("yaml", "YAML"),
]


def line_numbers(text: str) -> tuple[int, ...]:
    """The lines that `"2, 4-6"` names: (2, 4, 5, 6). Raises ValueError if it names none that can exist."""
    lines: set[int] = set()
    for part in filter(None, (piece.strip() for piece in text.split(","))):
        first, _, last = part.partition("-")
        start, end = int(first), int(last or first)
        if not 1 <= start <= end <= 10_000:
            raise ValueError(f"{part!r} is not a range of lines")
        lines.update(range(start, end + 1))
    return tuple(sorted(lines))


class CodeBlock(blocks.StructBlock):
    language = blocks.ChoiceBlock(choices=LANGUAGES, default="python")
    code = blocks.TextBlock(rows=8)
    highlight = blocks.CharBlock(
        required=False,
        max_length=100,
        label="Lines to highlight",
        help_text="For example 2, 4-6",
        validators=[RegexValidator(r"^[\d\s,\-]*$", "Write line numbers and ranges, such as 2, 4-6.")],
    )
    filename = blocks.CharBlock(required=False, max_length=120, label="File name")
    output = blocks.TextBlock(required=False, rows=3, label="Expected output")
    output_kind = blocks.ChoiceBlock(choices=[("output", "Output"), ("error", "Error")], default="output")

    def clean(self, value: blocks.StructValue) -> blocks.StructValue:
        cleaned = super().clean(value)
        try:
            lines = line_numbers(cleaned["highlight"] or "")
        except ValueError as error:
            raise blocks.StructBlockValidationError({"highlight": ValidationError(f"{error}.")}) from error
        if lines and lines[-1] > len(cleaned["code"].splitlines()):
            message = f"Line {lines[-1]} is past the end: the code has {len(cleaned['code'].splitlines())} lines."
            raise blocks.StructBlockValidationError({"highlight": ValidationError(message)})
        return cleaned

    class Meta:
        label = "Code"
        icon = "code"
        group = "Code"
