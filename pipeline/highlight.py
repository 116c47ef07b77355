"""Source code as HTML: one span a line, classes as Pygments names them."""

from html import escape

from pygments.lexer import Lexer
from pygments.lexers import TextLexer, get_lexer_by_name
from pygments.token import STANDARD_TYPES, _TokenType
from pygments.util import ClassNotFound

ALIASES = {
    "console": "bash",
    "js": "javascript",
    "py": "python",
    "sh": "bash",
    "shell": "bash",
    "ts": "typescript",
    "yml": "yaml",
}


def language(info: str) -> str:
    """The name of a language from what stands behind a fence; `text` for nothing and for what nobody knows."""
    name = (info.split() or [""])[0].strip("{}.").lower()
    name = ALIASES.get(name, name)
    return name if name and not isinstance(_lexer(name), TextLexer) else "text"


def highlighted(code: str, name: str) -> str:
    """`<code>` with one `<span class="line">` for each line of `code`; colour is decided by the site's styles."""
    lines: list[list[str]] = [[]]
    for kind, value in _lexer(name).get_tokens(code):
        css = _css(kind)
        # A string or comment of several lines is one token: each line gets a span of its own.
        for number, piece in enumerate(value.split("\n")):
            if number:
                lines.append([])
            if piece:
                lines[-1].append(f'<span class="{css}">{escape(piece)}</span>' if css else escape(piece))
    return "<code>" + "\n".join(f'<span class="line">{"".join(line)}</span>' for line in lines) + "</code>"


def _lexer(name: str) -> Lexer:
    found: Lexer
    try:
        found = get_lexer_by_name(name, stripnl=False, ensurenl=False)
    except ClassNotFound:
        found = TextLexer(stripnl=False, ensurenl=False)
    return found


def _css(kind: _TokenType | None) -> str:
    """The class of a token, or of the nearest kind above it that has one."""
    while kind is not None and kind not in STANDARD_TYPES:
        kind = kind.parent
    return STANDARD_TYPES[kind] if kind is not None else ""
