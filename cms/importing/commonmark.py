"""CommonMark as lessons are published, read for its structure: links, images and tags know where they stand.

The grammar is that of `pipeline/markdown.py`, but HTML is recognised, so that it can be said what becomes of it.
"""

from typing import Any

from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline, html_inline, image, link
from markdown_it.token import Token
from mdit_py_plugins.dollarmath import dollarmath_plugin

References = dict[str, Any]


def parsed(source: str, references: References | None = None) -> list[Token]:
    """Tokens of `source`. Tokens of links, images and tags carry `meta["span"]`: offsets in their inline's content.

    A link carries `meta["label"]` too, the offsets of its text. `references` are the link definitions of the file.
    """
    return _PARSER.parse(source, {"references": dict(references or {})})


def references(source: str) -> References:
    """The link definitions in `source`, by their normalised name."""
    env: dict[str, Any] = {}
    _PARSER.parse(source, env)
    return dict(env.get("references", {}))


def plain(token: Token) -> str:
    """The words of an inline token or an image, without marks."""
    words = []
    for child in token.children or ():
        if child.type in {"text", "code_inline", "math_inline"}:
            words.append(child.content)
        elif child.type in {"softbreak", "hardbreak"}:
            words.append(" ")
        elif child.type == "image":
            words.append(plain(child))
    return " ".join("".join(words).split())


def plain_words(source: str) -> str:
    """The words of one line of Markdown."""
    return " ".join(plain(token) for token in parsed(source) if token.type == "inline")


def _link(state: StateInline, silent: bool) -> bool:
    start = state.pos
    if state.src[start] != "[":
        return False
    end = state.md.helpers.parseLinkLabel(state, start, True)
    count = len(state.tokens)
    found = link(state, silent)
    if found and not silent:
        _mark(state.tokens[count:], "link_open", (start, state.pos), label=(start + 1, end))
    return found


def _image(state: StateInline, silent: bool) -> bool:
    start, count = state.pos, len(state.tokens)
    found = image(state, silent)
    if found and not silent:
        _mark(state.tokens[count:], "image", (start, state.pos))
    return found


def _html(state: StateInline, silent: bool) -> bool:
    start, count = state.pos, len(state.tokens)
    found = html_inline(state, silent)
    if found and not silent:
        _mark(state.tokens[count:], "html_inline", (start, state.pos))
    return found


def _mark(tokens: list[Token], kind: str, span: tuple[int, int], **more: tuple[int, int]) -> None:
    # The first new token may be text that was pending.
    token = next(token for token in tokens if token.type == kind)
    token.meta = {**token.meta, "span": span, **more}


class _Everything(MarkdownIt):
    def validateLink(self, url: str) -> bool:  # noqa: ARG002, N802  (their signature)
        """A link to `file:` is a link, about which there is something to say."""
        return True


def _parser() -> MarkdownIt:
    made = _Everything("commonmark", {"html": True}).enable(["table", "strikethrough"])
    made.use(dollarmath_plugin, allow_space=False, allow_digits=False, allow_labels=False)
    made.inline.ruler.at("link", _link)
    made.inline.ruler.at("image", _image)
    made.inline.ruler.at("html_inline", _html)
    return made


_PARSER = _parser()
