"""Each kind of block that authors write, as blocks of a document.

One function for each name in `content.blocks.LessonBody`; `tests/rooms/test_blocks.py` names the one that was
forgotten. A function takes the block's id, its raw value and the page that it stands on.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from content.blocks.code import line_numbers
from content.blocks.media import VIDEO_IDS
from pipeline import markdown
from pipeline.documents import (
    AttachmentBlock,
    Block,
    CalloutBlock,
    CodeBlock,
    CodeOutput,
    EmbedBlock,
    ImageBlock,
    MathsBlock,
    ProseBlock,
    QuoteBlock,
    SolutionBlock,
    TableBlock,
    VideoBlock,
)
from pipeline.errors import AuthorError
from pipeline.highlight import highlighted, language
from pipeline.mathml import shown
from pipeline.render_page import Page
from pipeline.render_quiz import quiz
from pipeline.sanitise import prose as sanitised
from pipeline.sanitise import says_something

Raw = Mapping[str, Any]


def rendered(stream: Iterable[Raw], page: Page) -> Iterator[Block]:
    """The blocks of a stream in order. One raw block may give several: Markdown with a table in its middle does."""
    for raw in stream:
        yield from RENDERERS[raw["type"]](str(raw["id"]), raw["value"], page)


def text(block: str, value: str, page: Page) -> Iterator[Block]:
    html = page.rich_text(value)
    if says_something(html):
        yield ProseBlock(id=block, html=html)


def markdown_text(block: str, value: str, page: Page) -> Iterator[Block]:
    for number, part in enumerate(markdown.parts(value)):
        own = f"{block}-{number}" if number else block
        match part:
            case markdown.Text():
                yield ProseBlock(id=own, html=page.anchors.set(part.html))
            case markdown.Code():
                name = language(part.info)
                yield CodeBlock(id=own, language=name, code=part.code, html=highlighted(part.code, name))
            case markdown.Maths():
                yield _formula(own, part.latex)
            case markdown.Table():
                yield TableBlock(id=own, header=part.header, rows=part.rows)


def code(block: str, value: dict[str, Any], _page: Page) -> Iterator[Block]:
    source = value["code"].replace("\r\n", "\n").rstrip("\n")
    output = (value["output"] or "").replace("\r\n", "\n").rstrip("\n")
    yield CodeBlock(
        id=block,
        language=value["language"],
        filename=value["filename"] or "",
        code=source,
        html=highlighted(source, value["language"]),
        highlighted=line_numbers(value["highlight"] or ""),
        output=CodeOutput(kind=value["output_kind"], text=output) if output else None,
    )


def image(block: str, value: dict[str, Any], page: Page) -> Iterator[Block]:
    decorative = bool(value["decorative"])
    alt = "" if decorative else (value["alt"] or "").strip()
    drawn = page.assets.image(f"image/{value['image']}", alt=alt, decorative=decorative)
    yield ImageBlock(id=block, image=drawn, caption=value["caption"] or "")


def video(block: str, value: dict[str, Any], page: Page) -> Iterator[Block]:
    key = f"video/{value['video']}"
    files = page.assets.video(key)
    yield VideoBlock(
        id=block,
        title=value["title"] or page.frozen.files[key].title,
        rendition=files.rendition,
        src=files.src,
        poster=files.poster,
        duration=files.duration,
        width=files.width,
        height=files.height,
        tracks=files.tracks,
        transcript_html=markdown.prose(value["transcript"] or ""),
    )


def callout(block: str, value: dict[str, Any], page: Page) -> Iterator[Block]:
    yield CalloutBlock(id=block, variant=value["variant"], title=value["title"] or "", blocks=_inside(value, page))


def solution(block: str, value: dict[str, Any], page: Page) -> Iterator[Block]:
    yield SolutionBlock(id=block, title=value["title"] or "Solution", blocks=_inside(value, page))


def table(block: str, value: dict[str, Any], _page: Page) -> Iterator[Block]:
    header = tuple(markdown.inline(column["heading"] or "") for column in value["columns"])
    yield TableBlock(
        id=block,
        caption=value.get("caption") or "",
        header=header if any(header) else (),
        rows=tuple(tuple(markdown.inline(str(cell or "")) for cell in row["values"]) for row in value["rows"]),
    )


def quote(block: str, value: dict[str, Any], _page: Page) -> Iterator[Block]:
    source = value["source"] or ""
    yield QuoteBlock(
        id=block,
        html=markdown.prose(value["text"]),
        attribution=value["attribution"] or "",
        # It becomes an address: an import may hold what the editor's form would have refused.
        source=source if source.startswith(("https://", "http://")) else "",
    )


def maths(block: str, value: dict[str, Any], _page: Page) -> Iterator[Block]:
    yield _formula(block, value["latex"])


def attachment(block: str, value: dict[str, Any], page: Page) -> Iterator[Block]:
    key = f"attachment/{value['attachment']}"
    file = page.assets.attachment(key)
    yield AttachmentBlock(
        id=block,
        title=value["title"] or page.frozen.files[key].title,
        name=file.name,
        src=file.src,
        bytes=file.bytes,
        media_type=file.media_type,
    )


def embed(block: str, value: dict[str, Any], _page: Page) -> Iterator[Block]:
    provider, video_id = value["provider"], value["video_id"]
    if provider not in VIDEO_IDS or not VIDEO_IDS[provider].fullmatch(video_id):
        raise AuthorError(f"“{video_id}” is not a video id of {provider}: copy only the id from the video's address.")
    yield EmbedBlock(id=block, provider=provider, video_id=video_id, title=value["title"])


def _formula(block: str, latex: str) -> MathsBlock:
    return MathsBlock(id=block, latex=latex.strip(), mathml=sanitised(shown(latex, display=True)))


def _inside(value: dict[str, Any], page: Page) -> tuple[Any, ...]:
    return tuple(rendered(value["body"], page))


RENDERERS: dict[str, Callable[[str, Any, Page], Iterator[Block]]] = {
    "text": text,
    "markdown": markdown_text,
    "code": code,
    "image": image,
    "video": video,
    "callout": callout,
    "solution": solution,
    "table": table,
    "quote": quote,
    "maths": maths,
    "attachment": attachment,
    "embed": embed,
    "quiz": quiz,
}
