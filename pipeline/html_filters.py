"""What templates of the student site call: how numbers, files, languages and pictures are put into words and markup."""

import re
from collections.abc import Callable, Iterable
from html import escape
from itertools import count, groupby
from typing import Any
from uuid import UUID

from jinja2 import pass_context
from jinja2.runtime import Context
from markupsafe import Markup

from pipeline.documents import Block, CodeBlock, EmbedBlock, Image, ImageSource
from pipeline.html_cover import Cover
from pipeline.html_cover import cover as drawn
from pipeline.html_policy import EMBED_ORIGINS
from pipeline.html_words import (
    callout_name,
    code_language,
    file_kind,
    file_size,
    hours,
    language_name,
    minutes,
    provider_name,
    right_to_left,
    runtime,
)

TERRITORY = re.compile(r"[A-Za-z]{2}|[0-9]{3}")
LINE = re.compile(r'<span class="line">')
LINE_MARKED = '<span class="line highlighted">'


@pass_context
def href(context: Context, key: str) -> str:
    """The address of a page or an object of the store; an absolute address stays as it is."""
    return key if key.startswith(("https://", "http://")) else f"{context['links_base']}/{key}"


@pass_context
def asset(context: Context, key: str) -> str:
    """The address of a built file."""
    return f"{context['site'].assets_base}/{key}"


@pass_context
def srcset(context: Context, sources: Iterable[ImageSource]) -> str:
    return ", ".join(f"{href(context, source.src)} {source.width}w" for source in sources)


def formats(image: Image) -> list[tuple[str, list[ImageSource]]]:
    """The sources of an image by media type, in the document's order: best format first."""
    return [(kind, list(sources)) for kind, sources in groupby(image.sources, key=lambda source: source.media_type)]


def block_template(block: Block) -> str:
    return f"blocks/{block.kind}.html"


def code_lines(block: CodeBlock) -> Markup:
    """The code's HTML with the lines marked that the document names; safe, because the renderer made it."""
    lines = count(1)

    def line(match: re.Match[str]) -> str:
        return LINE_MARKED if next(lines) in block.highlighted else match.group()

    return Markup(LINE.sub(line, block.html))  # noqa: S704  # escaped by pipeline.highlight


def direction(language: str) -> str:
    return "rtl" if right_to_left(language) else "ltr"


def locale(language: str) -> str:
    """A BCP 47 tag as Open Graph writes it: language, and territory if the tag names one (`pt-BR` is `pt_BR`)."""
    first, *rest = language.split("-")
    territory = next((part.upper() for part in rest if TERRITORY.fullmatch(part)), "")
    return f"{first}_{territory}" if territory else first


def cover(course: UUID) -> Cover:
    return drawn(course)


def embed_url(block: EmbedBlock) -> str:
    """The player's address at the provider, without cookies where the provider has such a door."""
    if block.provider == "youtube":
        return f"{EMBED_ORIGINS['youtube']}/embed/{block.video_id}?autoplay=1&rel=0"
    return f"{EMBED_ORIGINS['vimeo']}/video/{block.video_id}?autoplay=1&dnt=1"


def watch_url(block: EmbedBlock) -> str:
    """Where a reader without JavaScript goes to watch."""
    if block.provider == "youtube":
        return f"https://www.youtube.com/watch?v={block.video_id}"
    return f"https://vimeo.com/{block.video_id}"


def pluralize(number: int) -> str:
    """The ending of a noun that `number` counts."""
    return "" if number == 1 else "s"


def escaped(value: object) -> Markup:
    """What a template prints as text in HTML; markup stays as it is.

    Quotation marks are written as Python's `html.escape` does, `&quot;` and `&#x27;`; MarkupSafe has shorter names for
    them, and every page that was ever published would be another.
    """
    return value if isinstance(value, Markup) else Markup(escape(str(value)))  # noqa: S704  # escaped in the same breath


# What stands behind `|` in a template, and what is called by its name.
FILTERS: dict[str, Callable[..., Any]] = {
    word.__name__: word
    for word in (
        block_template,
        callout_name,
        code_language,
        code_lines,
        cover,
        direction,
        embed_url,
        file_kind,
        file_size,
        formats,
        hours,
        language_name,
        locale,
        minutes,
        pluralize,
        provider_name,
        runtime,
        watch_url,
    )
}
ADDRESSES: dict[str, Any] = {tag.__name__: tag for tag in (asset, href, srcset)}
