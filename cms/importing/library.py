"""Files of the folder as rows of the library: one row for the same bytes, however often they are imported."""

import hashlib
from collections.abc import Callable
from pathlib import Path, PurePosixPath
from typing import Any

from django.core.files import File
from django.core.files.storage import Storage

from cms.importing.uploads import Track, Upload
from content.models import Attachment, CaptionTrack, ImageOriginal, Video

_PIECE = 1 << 20


class Library:
    """Call `remove_written` if the transaction of the rows fails: the database forgets them, the disk does not."""

    def __init__(self, author: Any) -> None:
        self._author = author
        self._rows: dict[Upload, int] = {}
        self._written: list[tuple[Storage, str]] = []
        self.created = 0

    def row(self, upload: Upload) -> int:
        """The id of the row that holds these bytes, made if there is none."""
        if upload not in self._rows:
            ways: dict[str, Callable[[Upload], Any]] = {"image": self._image, "attachment": self._attachment}
            find = ways.get(upload.kind, self._video)
            self._rows[upload] = find(upload).pk
        return self._rows[upload]

    def keep_tracks(self, video: Upload, tracks: list[Track]) -> None:
        """Give a video these captions. Others that it has stay."""
        for track in tracks:
            row = CaptionTrack.objects.filter(video=self.row(video), language=track.language, kind=track.kind).first()
            row = row or CaptionTrack(video_id=self.row(video), language=track.language, kind=track.kind)
            same = bool(row.pk) and _holds(row.file, _digest(track.path))
            if same and row.label == track.label:
                continue
            row.label = track.label
            if not same:
                self._store(row.file, track.path)
            row.save()

    def remove_written(self) -> None:
        for storage, name in self._written:
            storage.delete(name)

    def _image(self, upload: Upload) -> ImageOriginal:
        for known in ImageOriginal.objects.filter(file_hash=_digest(upload.path)).order_by("pk"):
            if known.file.storage.exists(known.file.name):
                found: ImageOriginal = known
                return found
        row = ImageOriginal(title=upload.title, uploaded_by_user=self._author)
        self._store(row.file, upload.path)
        row._set_image_file_metadata()
        row.save()
        return row

    def _attachment(self, upload: Upload) -> Attachment:
        """Learners see the name of the file they download: the same bytes under another name are another attachment."""
        for known in Attachment.objects.filter(file_hash=_digest(upload.path)).order_by("pk"):
            named = PurePosixPath(known.file.name).stem.startswith(known.file.storage.get_valid_name(upload.path.stem))
            if named and known.file.storage.exists(known.file.name):
                found: Attachment = known
                return found
        row = Attachment(title=upload.title, uploaded_by_user=self._author)
        self._store(row.file, upload.path)
        row._set_document_file_metadata()
        row.save()
        return row

    def _video(self, upload: Upload) -> Video:
        size = upload.path.stat().st_size
        for known in Video.objects.order_by("pk"):
            alike = known.file.storage.exists(known.file.name) and known.file.size == size
            if alike and _holds(known.file, _digest(upload.path)):
                found: Video = known
                return found
        row = Video(title=upload.title, type="video", uploaded_by_user=self._author)
        self._store(row.file, upload.path)
        row.save()
        return row

    def _store(self, field: Any, path: Path) -> None:
        try:
            with path.open("rb") as opened:
                field.save(path.name, File(opened, name=path.name), save=False)
        finally:
            self.created += 1
            if field.name:  # written, though what came after it may have failed
                self._written.append((field.storage, field.name))


def _digest(path: Path) -> str:
    """SHA-1, which is what Wagtail keeps of its uploads."""
    with path.open("rb") as opened:
        return hashlib.file_digest(opened, "sha1").hexdigest()


def _holds(field: Any, digest: str) -> bool:
    if not field.storage.exists(field.name):
        return False
    found = hashlib.sha1(usedforsecurity=False)
    with field.storage.open(field.name, "rb") as opened:
        while piece := opened.read(_PIECE):
            found.update(piece)
    return found.hexdigest() == digest
