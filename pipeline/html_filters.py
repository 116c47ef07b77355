"""Template filters of the student site: how numbers, files, languages and pictures are put into words and markup."""

import re
from collections.abc import Iterable
from itertools import count, groupby
from uuid import UUID

from django import template
from django.template import Context
from django.utils.safestring import mark_safe

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

register = template.Library()

TERRITORY = re.compile(r"[A-Za-z]{2}|[0-9]{3}")
LINE = re.compile(r'<span class="line">')
LINE_MARKED = '<span class="line highlighted">'

for word in (
    callout_name,
    code_language,
    file_kind,
    file_size,
    hours,
    language_name,
    minutes,
    provider_name,
    runtime,
):
    register.filter(word.__name__, word)


@register.simple_tag(takes_context=True)
def href(context: Context, key: str) -> str:
    """The address of a page or an object of the store; an absolute address stays as it is."""
    return key if key.startswith(("https://", "http://")) else f"{context['links_base']}/{key}"


@register.simple_tag(takes_context=True)
def asset(context: Context, key: str) -> str:
    """The address of a built file."""
    return f"{context['site'].assets_base}/{key}"


@register.simple_tag(takes_context=True)
def srcset(context: Context, sources: Iterable[ImageSource]) -> str:
    return ", ".join(f"{href(context, source.src)} {source.width}w" for source in sources)


@register.filter
def formats(image: Image) -> list[tuple[str, list[ImageSource]]]:
    """The sources of an image by media type, in the document's order: best format first."""
    return [(kind, list(sources)) for kind, sources in groupby(image.sources, key=lambda source: source.media_type)]


@register.filter
def block_template(block: Block) -> str:
    return f"blocks/{block.kind}.html"


@register.filter
def code_lines(block: CodeBlock) -> str:
    """The code's HTML with the lines marked that the document names; safe, because the renderer made it."""
    lines = count(1)

    def line(match: re.Match[str]) -> str:
        return LINE_MARKED if next(lines) in block.highlighted else match.group()

    return mark_safe(LINE.sub(line, block.html))  # noqa: S308  # escaped by pipeline.highlight


@register.filter
def direction(language: str) -> str:
    return "rtl" if right_to_left(language) else "ltr"


@register.filter
def locale(language: str) -> str:
    """A BCP 47 tag as Open Graph writes it: language, and territory if the tag names one (`pt-BR` is `pt_BR`)."""
    first, *rest = language.split("-")
    territory = next((part.upper() for part in rest if TERRITORY.fullmatch(part)), "")
    return f"{first}_{territory}" if territory else first


@register.filter
def cover(course: UUID) -> Cover:
    return drawn(course)


@register.filter
def embed_url(block: EmbedBlock) -> str:
    """The player's address at the provider, without cookies where the provider has such a door."""
    if block.provider == "youtube":
        return f"{EMBED_ORIGINS['youtube']}/embed/{block.video_id}?autoplay=1&rel=0"
    return f"{EMBED_ORIGINS['vimeo']}/video/{block.video_id}?autoplay=1&dnt=1"


@register.filter
def watch_url(block: EmbedBlock) -> str:
    """Where a reader without JavaScript goes to watch."""
    if block.provider == "youtube":
        return f"https://www.youtube.com/watch?v={block.video_id}"
    return f"https://vimeo.com/{block.video_id}"
