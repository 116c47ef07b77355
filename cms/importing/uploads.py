"""Judges the files that a course names, before one of them is uploaded: images, videos with captions, attachments."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from django.conf import settings

from cms.importing.folder import Folder
from cms.judged import judge_image
from pipeline import captions, probe
from pipeline.errors import AuthorError
from pipeline.released_assets import MEDIA_TYPES

Kind = Literal["image", "video", "attachment"]
MAX_CAPTIONS = 2 * 1024 * 1024  # bytes, as in the editor


@dataclass(frozen=True)
class Upload:
    """A file that was judged good. It stands in a raw block where the id of its row will stand."""

    kind: Kind
    path: Path
    sha256: str

    @property
    def title(self) -> str:
        """What the library calls it: its name without what is for machines."""
        return self.path.stem.replace("-", " ").replace("_", " ").strip()[:255] or self.path.name[:255]


@dataclass(frozen=True)
class Track:
    path: Path
    language: str
    label: str
    kind: str


class Uploads:
    """Every file is judged once, however often it is named. `warn` hears of what will not be published as it is."""

    def __init__(self, folder: Folder, warn: Callable[[str, str], None]) -> None:
        self._folder, self._warn = folder, warn
        self._judged: dict[tuple[Kind, Path], Upload | AuthorError] = {}
        self.tracks: dict[Upload, dict[tuple[str, str], Track]] = {}

    def __iter__(self) -> "filter[Upload]":
        return filter(lambda one: isinstance(one, Upload), self._judged.values())  # type: ignore[arg-type]  # filtered

    def named(self, kind: Kind, path: Path) -> Upload:
        """The upload made of the file at `path`. Raises AuthorError, the same each time, if it cannot be one."""
        if (kind, path) not in self._judged:
            try:
                self._judge(kind, path)
                self._judged[kind, path] = Upload(kind, path, _sha256(path))
            except AuthorError as error:
                self._judged[kind, path] = error
        judged = self._judged[kind, path]
        if isinstance(judged, AuthorError):
            raise judged
        return judged

    def knows(self, path: Path) -> bool:
        return any(known == path for _, known in self._judged)

    def add_track(self, video: Upload, track: Track) -> None:
        """Raises AuthorError if the captions cannot be read, or the video has others of that language and kind."""
        name = self._folder.name(track.path)
        if track.path.suffix.lower() not in {".vtt", ".srt"}:
            raise AuthorError(f"{name} is no caption file: name a .vtt or .srt file.")
        if track.path.stat().st_size > MAX_CAPTIONS:
            raise AuthorError(f"{name} is larger than 2 MB: captions are text, choose the right file.")
        captions.to_webvtt(track.path.read_bytes(), name)
        known = self.tracks.setdefault(video, {})
        other = known.setdefault((track.language, track.kind), track)
        if other != track:
            raise AuthorError(
                f"The video {video.path.name} gets two {track.kind} in “{track.language}” ({other.path.name} and "
                f"{track.path.name}): keep one."
            )

    def _judge(self, kind: Kind, path: Path) -> None:
        name = self._folder.name(path)
        if path.stat().st_size == 0:
            raise AuthorError(f"{name} is empty (0 bytes): copy it again from where it was made.")
        if kind == "video":
            probe.probe(path, name)
        elif kind == "image":
            self._judge_image(path, name)
        elif _extension(path) not in set(settings.WAGTAILDOCS_EXTENSIONS) & set(MEDIA_TYPES):
            raise AuthorError(
                f"{name} is of a kind that is not offered for download: put it into a ZIP file, or use one of: "
                f"{', '.join(settings.WAGTAILDOCS_EXTENSIONS)}."
            )

    def _judge_image(self, path: Path, name: str) -> None:
        judge_image(path, name)
        if _extension(path) == "svg" and b"<script" in path.read_bytes().lower():
            self._warn(name, "The drawing holds a script. It is published without: a picture does not act.")


def is_image(path: Path) -> bool:
    return _extension(path) in settings.WAGTAILIMAGES_EXTENSIONS


def looks_meant(path: Path) -> bool:
    """Whether a file that no lesson names was probably meant for learners. Texts and programs often are not."""
    ours = {*settings.WAGTAILIMAGES_EXTENSIONS, *settings.WAGTAILMEDIA["VIDEO_EXTENSIONS"], *MEDIA_TYPES}
    return _extension(path) in ours - {"md", "txt", "py", "json"}


def _extension(path: Path) -> str:
    return path.suffix.lower().removeprefix(".")


def _sha256(path: Path) -> str:
    with path.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()
