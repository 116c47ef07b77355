"""Removes the uploads, in the authors' library, that a purged original was made of."""

import hashlib
from typing import Any

from content.models import Attachment, CaptionTrack, ImageOriginal, Video
from pipeline import frozen_parts
from pipeline.models import Candidate


def delete(sha256: str) -> int:
    """Delete every upload whose file has these bytes, file first; how many. A file that is gone already counts as that
    which a candidate froze under this upload. Blocks that name the upload say so in the editor.
    """
    count = 0
    for model, ids in _frozen(sha256).items():
        for upload in model.objects.filter(pk__in=ids):
            if _same(upload.file, sha256):
                upload.file.storage.delete(upload.file.name)
                upload.delete()
                count += 1
    for track in CaptionTrack.objects.all():
        if _same(track.file, sha256, missing=False):
            track.file.storage.delete(str(track.file.name))
            track.delete()
            count += 1
    return count


def _frozen(sha256: str) -> dict[Any, set[int]]:
    """The ids of the uploads that were frozen with these bytes, by their model."""
    models: dict[str, Any] = {"image": ImageOriginal, "attachment": Attachment, "video": Video}
    found: dict[Any, set[int]] = {model: set() for model in models.values()}
    naming = frozen_parts.holding(sha256, Candidate.objects.all())
    for candidate in Candidate.objects.filter(pk__in=naming).iterator(chunk_size=10):
        for key, file in candidate.frozen().files.items():
            if file.sha256 == sha256:
                kind, _, number = key.partition("/")
                found[models[kind]].add(int(number))
    return found


def _same(file: Any, sha256: str, *, missing: bool = True) -> bool:
    try:
        with file.storage.open(file.name, "rb") as opened:
            return hashlib.file_digest(opened, "sha256").hexdigest() == sha256
    except FileNotFoundError:
        return missing
