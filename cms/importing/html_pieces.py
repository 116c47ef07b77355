"""A block of raw HTML in a lesson, as what can be kept of it: pictures, the words, and videos elsewhere."""

import re
from html.parser import HTMLParser

from cms.importing.rewriting import SILENT, Rewritten, html_image
from cms.importing.source import Raw, Source
from content.blocks.media import VIDEO_IDS

BREAKS = {"p", "div", "br", "li", "tr", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "summary", "figcaption", "dt"}
_PLAYER = re.compile(
    r"^(?:https?:)?//(?:www\.)?(?:(?P<youtube>youtube(?:-nocookie)?\.com/embed/)|(?P<vimeo>player\.vimeo\.com/video/))"
    r"(?P<id>[A-Za-z0-9_-]+)"
)


def pieces(html: str, line: int, source: Source) -> tuple[list[str], list[Raw]]:
    """(paragraphs of words, blocks). Comments are for other authors and go without a word."""
    reader = _Reader(line, source)
    reader.feed(html)
    reader.close()
    words = [" ".join(part.split()) for part in "".join(reader.words).split("\n\n")]
    if reader.seen and not reader.only_blocks:
        tags = ", ".join(f"<{tag}>" for tag in sorted(reader.seen))
        source.warning(line, f"HTML is not published ({tags}): the words in it are kept. Write it in Markdown.")
    return [part for part in words if part], reader.blocks


class _Reader(HTMLParser):
    def __init__(self, line: int, source: Source) -> None:
        super().__init__()
        self.line, self.source = line, source
        self.words: list[str] = []
        self.blocks: list[Raw] = []
        self.seen: set[str] = set()
        self._silent = ""

    @property
    def only_blocks(self) -> bool:
        return bool(self.blocks) and self.seen <= {"img", "iframe"} and not "".join(self.words).strip()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in SILENT:
            self.seen.add(tag)
        given = {name: value or "" for name, value in attrs}
        if tag in SILENT:
            self._silent = tag
            self.source.warning(
                self._here, f"<{tag}> is not published: it and what stands in it are left out. Remove it."
            )
        elif tag == "img":
            lifted = Rewritten("")
            html_image(self.get_starttag_text() or "", self._here, self.source, lifted)
            self.blocks.extend(lifted.lifted)
        elif tag in {"iframe", "embed"}:
            self._player(given)
        elif tag in BREAKS:
            self.words.append("\n\n")

    def handle_endtag(self, tag: str) -> None:
        if tag == self._silent:
            self._silent = ""
        elif tag in BREAKS:
            self.words.append("\n\n")

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.words.append(data)

    def _player(self, given: dict[str, str]) -> None:
        match = _PLAYER.match(given.get("src", ""))
        provider = match.lastgroup and next(name for name in VIDEO_IDS if match[name]) if match else ""
        if not match or not provider or not VIDEO_IDS[provider].fullmatch(match["id"]):
            self.source.warning(
                self._here, f"A frame that shows {given.get('src') or 'nothing'} is left out: link to it instead."
            )
            return
        value = {"provider": provider, "video_id": match["id"], "title": " ".join(given.get("title", "").split())[:200]}
        self.blocks.append({"type": "embed", "value": value, "id": str(self._here)})

    @property
    def _here(self) -> int:
        return self.line + self.getpos()[0] - 1
