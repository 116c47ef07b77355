"""LaTeX as MathML: what can be drawn is drawn, the rest is named and shown as it was written."""

import pytest

from pipeline import mathml, sanitise
from pipeline.mathml import FormulaError


def test_display_and_inline() -> None:
    assert 'display="block"' in mathml.mathml("x", display=True)
    assert 'display="inline"' in mathml.mathml("x", display=False)


@pytest.mark.parametrize(
    ("latex", "part"),
    [
        (r"\frac{a}{b}", "<mfrac>"),
        (r"\sqrt[3]{x}", "<mroot>"),
        (r"\sum_{i=1}^n x_i", "<munderover>"),
        (r"\begin{bmatrix} 1 & 2 \\ 3 & 4 \end{bmatrix}", "<mtable>"),
        (r"\bar{x}", "<mover"),
        (r"\binom{n}{k}", 'linethickness="0"'),
        (r"a < b", "<mo>&lt;</mo>"),
        (r"\text{a<b}", "<mtext>a&lt;b</mtext>"),
    ],
)
def test_the_sanitiser_keeps_what_the_converter_draws(latex: str, part: str) -> None:
    assert part in sanitise.prose(mathml.mathml(latex, display=True))


@pytest.mark.parametrize(
    ("latex", "why"),
    [
        ("  ", "it is empty"),
        (r"\left( x", r"a \left has no \right"),
        (r"\begin{matrix} a", r"a \begin has no \end"),
        ("{", "a brace is not closed"),
        ("{" * 4000, "its braces are nested too deeply"),
        ("x" * 6000, "it is longer than 5000 characters"),
    ],
)
def test_what_cannot_be_drawn_is_named(latex: str, why: str) -> None:
    with pytest.raises(FormulaError, match=why.replace("\\", "\\\\").replace("(", r"\(")):
        mathml.mathml(latex, display=True)


def test_what_cannot_be_drawn_is_shown_as_written() -> None:
    assert mathml.shown(r"\left( a<b", display=True) == r'<math display="block"><mtext>\left( a&lt;b</mtext></math>'
