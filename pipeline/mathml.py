"""LaTeX as MathML Core, drawn on our side so that pages need no script for it."""

import re
from html import escape

from latex2mathml.converter import convert

from pipeline.remembered import remembered

MATHML_TAGS = {
    *("math", "menclose", "mfrac", "mi", "mmultiscripts", "mn", "mo", "mover", "mpadded", "mphantom", "mprescripts"),
    *("mroot", "mrow", "mspace", "msqrt", "mstyle", "msub", "msubsup", "msup", "mtable", "mtd", "mtext", "mtr"),
    *("munder", "munderover"),
}
MATHML_ATTRIBUTES = {
    "math": {"display"},
    "menclose": {"notation"},
    "mfrac": {"linethickness"},
    "mi": {"mathvariant"},
    "mo": {
        "accent",
        "fence",
        "form",
        "largeop",
        "lspace",
        "maxsize",
        "minsize",
        "movablelimits",
        "rspace",
        "separator",
        "stretchy",
    },
    "mover": {"accent"},
    "mpadded": {"depth", "height", "lspace", "voffset", "width"},
    "mspace": {"depth", "height", "width"},
    "mstyle": {"displaystyle", "scriptlevel"},
    "mtable": {"columnalign", "columnlines", "columnspacing", "rowlines", "rowspacing"},
    "mtd": {"columnalign", "columnspan", "rowspan"},
    "munder": {"accentunder"},
    "munderover": {"accent", "accentunder"},
}
_TEXT = re.compile(r"\\text\w*\{[^{}]*\}")
LONGEST = 5000  # characters of one formula; the converter recurses and is slow on nonsense


class FormulaError(ValueError):
    """The LaTeX cannot be drawn. Says why, as the end of a sentence."""


def mathml(latex: str, *, display: bool) -> str:
    """A `<math>` element, not yet sanitised. Raises FormulaError."""
    latex = latex.strip()
    if not latex:
        raise FormulaError("it is empty")
    if len(latex) > LONGEST:
        raise FormulaError(f"it is longer than {LONGEST} characters")
    try:
        # The converter copies \text{...} as it stands, where a < would begin a tag.
        tame = _TEXT.sub(lambda match: match[0].replace("<", "&lt;"), latex)
        made: str = convert(tame, display="block" if display else "inline")
        return made
    except RecursionError:
        raise FormulaError("its braces are nested too deeply") from None
    except Exception as error:  # latex2mathml raises classes of its own and, on nonsense, IndexError and KeyError too
        raise FormulaError(REASONS.get(type(error).__name__, "its LaTeX is not complete")) from None


REASONS = {
    "DenominatorNotFoundError": "a fraction has no denominator",
    "NumeratorNotFoundError": "a fraction has no numerator",
    "DoubleSubscriptsError": "a letter has two subscripts; put them in braces",
    "DoubleSuperscriptsError": "a letter has two superscripts; put them in braces",
    "ExtraLeftOrMissingRightError": r"a \left has no \right",
    "MissingEndError": r"a \begin has no \end",
    "NoAvailableTokensError": "a brace is not closed",
}


def trouble(latex: str) -> str:
    """Why `latex` cannot be drawn, as the end of a sentence; empty if it can."""
    try:
        mathml(latex, display=True)
    except FormulaError as error:
        return str(error)
    return ""


@remembered
def shown(latex: str, *, display: bool) -> str:
    """Like `mathml`, but a formula that cannot be drawn is shown as its author wrote it, so that nothing is missing."""
    try:
        return mathml(latex, display=display)
    except FormulaError:
        return f'<math display="{"block" if display else "inline"}"><mtext>{escape(latex.strip())}</mtext></math>'
