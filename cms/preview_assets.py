"""Files in a preview: originals and finished videos, at addresses of the CMS that only signed-in staff can open."""

import mimetypes
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from content.models import Attachment, ImageOriginal, Video
from pipeline import originals
from pipeline.assets import AttachmentFile, VideoFiles
from pipeline.documents import Image, ImageSource, Track
from pipeline.errors import AuthorError
from pipeline.frozen import FrozenCourse, FrozenFile
from pipeline.models import Rendition

UPLOADS: dict[str, Any] = {"image": ImageOriginal, "video": Video, "attachment": Attachment}
# A video that is not prepared yet has no stream: its `rendition` is empty and the preview says so in its place.
UNPREPARED = ""


class PreviewAssets:
    """Implements `pipeline.assets.Assets`. `base` is the CMS's own origin, since documents carry absolute addresses."""

    def __init__(self, frozen: FrozenCourse, base: str) -> None:
        self._files: Mapping[str, FrozenFile] = frozen.files
        self._base = base.rstrip("/")

    def image(self, key: str, *, alt: str, decorative: bool) -> Image:
        file = self._file(key)
        kind = mimetypes.guess_type(file.name)[0] or "image/png"
        width, height = file.width or 1600, file.height or 900
        source = ImageSource(src=self.address(key), media_type=kind, width=width)
        return Image(alt=alt, decorative=decorative, width=width, height=height, sources=(source,), fallback=source)

    def video(self, key: str) -> VideoFiles:
        file = self._file(key)
        ready = Rendition.objects.filter(
            kind=Rendition.Kind.VIDEO, original=file.sha256 or "-", state=Rendition.State.READY
        ).last()
        tracks = tuple(
            Track(
                src=f"{self._base}/preview/captions/{track.sha256}.vtt",
                language=track.language,
                label=track.label,
                kind=track.kind,
            )
            for track in file.tracks
            if originals.path(track.sha256).is_file()  # shown once the course was submitted
        )
        if ready is None:
            address = self.address(key)
            return VideoFiles(
                rendition=UNPREPARED, src=address, poster=address, duration=0, width=1280, height=720, tracks=tracks
            )
        made = ready.output
        return VideoFiles(
            rendition=made["name"],
            src=f"{self._base}/preview/store/{made['src']}",
            poster=f"{self._base}/preview/store/{made['poster']}",
            duration=made["duration"],
            width=made["width"],
            height=made["height"],
            tracks=tracks,
        )

    def attachment(self, key: str) -> AttachmentFile:
        file = self._file(key)
        kind = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
        return AttachmentFile(name=file.name, src=self.address(key), bytes=file.bytes, media_type=kind)

    def address(self, key: str) -> str:
        """Where the original of `key` opens: the kept copy, or the upload itself if it was never kept."""
        file = self._file(key)
        if file.sha256 and originals.path(file.sha256).is_file():
            return f"{self._base}/preview/originals/{file.sha256}/{quote(file.name)}"
        kind, _, pk = key.partition("/")
        upload = UPLOADS[kind].objects.filter(pk=pk).first()
        return f"{self._base}{upload.file.url}" if upload else self._base

    def _file(self, key: str) -> FrozenFile:
        try:
            return self._files[key]
        except KeyError:
            raise AuthorError("A file that this page uses was deleted: choose another one there.") from None
