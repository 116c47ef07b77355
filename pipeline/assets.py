"""What a renderer asks of whoever holds a candidate's files, and what it is answered."""

from dataclasses import dataclass
from typing import Protocol

from pipeline.documents import Image, Track


@dataclass(frozen=True)
class VideoFiles:
    """The stream of a video. `src` and `poster` are keys of the store or absolute URLs, `duration` in seconds."""

    rendition: str
    src: str
    poster: str
    duration: float
    width: int
    height: int
    tracks: tuple[Track, ...]


@dataclass(frozen=True)
class AttachmentFile:
    """A file to download; `bytes` is its size."""

    name: str
    src: str
    bytes: int
    media_type: str


class Assets(Protocol):
    """Where a renderer gets files from. `key` is one of a candidate's `files`; raises AuthorError if it is not."""

    def image(self, key: str, *, alt: str, decorative: bool) -> Image: ...

    def video(self, key: str) -> VideoFiles: ...

    def attachment(self, key: str) -> AttachmentFile: ...
