"""The editor's forms for images and videos: a file that could never be published is refused while it is uploaded."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import Any

from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from wagtail.images.fields import WagtailImageField
from wagtail.images.forms import BaseImageForm
from wagtailmedia.forms import BaseMediaForm

from cms.judged import judge_image
from pipeline import probe
from pipeline.errors import AuthorError


class JudgedImageField(WagtailImageField):
    """Judges before Wagtail opens the file, which fails without a sentence on what is cut short."""

    def to_python(self, data: Any) -> Any:
        if isinstance(data, UploadedFile):
            with _on_disk(data) as path, _as_validation():
                judge_image(path, data.name or "The image")
        return super().to_python(data)


class ImageForm(BaseImageForm):
    file = JudgedImageField(label="File")


class VideoForm(BaseMediaForm):
    def clean_file(self) -> Any:
        """The file, probed in a child process if it is a new one: a course's reviewer should not find out."""
        file = self.cleaned_data["file"]
        if isinstance(file, UploadedFile):
            with _on_disk(file) as path, _as_validation():
                probe.probe(path, file.name or "The video")
        return file


@contextmanager
def _on_disk(upload: Any) -> Iterator[Path]:
    """Where the upload lies. Django keeps small ones in memory: those are written out for as long as this lasts."""
    if hasattr(upload, "temporary_file_path"):
        yield Path(upload.temporary_file_path())
        return
    with tempfile.NamedTemporaryFile(suffix=PurePosixPath(upload.name or "").suffix) as copy:
        upload.seek(0)
        shutil.copyfileobj(upload, copy)
        copy.flush()
        upload.seek(0)
        yield Path(copy.name)


@contextmanager
def _as_validation() -> Iterator[None]:
    try:
        yield
    except AuthorError as error:
        raise ValidationError(str(error)) from error
