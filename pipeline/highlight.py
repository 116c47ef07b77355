"""Source code as HTML: one span a line, classes as Pygments names them."""

from functools import cache
from html import escape

from pygments.lexer import Lexer
from pygments.lexers import TextLexer, get_lexer_by_name
from pygments.token import STANDARD_TYPES, _TokenType
from pygments.util import ClassNotFound

from pipeline.remembered import remembered

LINE_BREAK = '</span>\n<span class="line">'

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


@remembered
def highlighted(code: str, name: str) -> str:
    """`<code>` with one `<span class="line">` for each line of `code`; colour is decided by the site's styles."""
    drawn = []
    for kind, value in _lexer(name).get_tokens(code):
        css = _css(kind)
        start, end = (f'<span class="{css}">', "</span>") if css else ("", "")
        # A string or comment of several lines is one token: each line gets a span of its own.
        pieces = [f"{start}{escape(piece)}{end}" if piece else "" for piece in value.split("\n")]
        drawn.append(LINE_BREAK.join(pieces))
    return f'<code><span class="line">{"".join(drawn)}</span></code>'


def _lexer(name: str) -> Lexer:
    found: Lexer
    try:
        found = get_lexer_by_name(name, stripnl=False, ensurenl=False)
    except ClassNotFound:
        found = TextLexer(stripnl=False, ensurenl=False)
    return found


@cache
def _css(kind: _TokenType | None) -> str:
    """The class of a token, or of the nearest kind above it that has one."""
    while kind is not None and kind not in STANDARD_TYPES:
        kind = kind.parent
    return STANDARD_TYPES[kind] if kind is not None else ""
