"""The files of a release: what pages and documents get for the keys of a candidate's `files`."""

from collections.abc import Callable, Collection, Mapping
from functools import reduce
from operator import or_
from pathlib import PurePosixPath
from typing import Any

from django.db.models import Q, QuerySet

from pipeline import captions, images, video
from pipeline.assets import AttachmentFile, VideoFiles
from pipeline.digests import sha256
from pipeline.documents import Image, ImageSource, Track
from pipeline.errors import AuthorError, PipelineError, RenditionsPending
from pipeline.frozen import FrozenCourse, FrozenFile, FrozenTrack
from pipeline.manifest import File
from pipeline.models import Rendition
from pipeline.originals import path
from pipeline.store.base import Store

RECIPES = {Rendition.Kind.IMAGE: images.RECIPE, Rendition.Kind.VIDEO: video.RECIPE}

# What may be offered for download. A host derives Content-Type from the name, so nothing a browser would run as a
# page of the school (html, svg, js) is here.
MEDIA_TYPES = {
    "csv": "text/csv",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "ipynb": "application/x-ipynb+json",
    "json": "application/json",
    "md": "text/markdown",
    "pdf": "application/pdf",
    "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "py": "text/x-python",
    "txt": "text/plain",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "zip": "application/zip",
}


def originals(frozen: FrozenCourse) -> dict[Rendition.Kind, dict[str, str]]:
    """sha256 to name of every image and of every video of `frozen`."""
    found: dict[Rendition.Kind, dict[str, str]] = {kind: {} for kind in Rendition.Kind}
    for key, file in frozen.files.items():
        kind = key.partition("/")[0]
        if kind in found:
            found[Rendition.Kind(kind)][file.sha256] = file.name
    return found


def rows(sha256s: Mapping[Rendition.Kind, Collection[str]]) -> "QuerySet[Rendition]":
    """The renditions of these originals, told by kind, by the present recipes."""
    asked = [Q(kind=kind, recipe=RECIPES[kind], original__in=sorted(named)) for kind, named in sha256s.items() if named]
    return Rendition.objects.filter(reduce(or_, asked)) if asked else Rendition.objects.none()


class ReleasedAssets:
    """Answers a renderer from finished renditions, and keeps captions and attachments in the store.

    Remembers what it was asked for: that, and nothing else, belongs to the release's manifest. `beat` is called
    before each file, which may take long to copy. `looking` is for `explain`: nothing is kept or asked for anew.
    """

    def __init__(
        self, frozen: FrozenCourse, store: Store, beat: Callable[[], None] = lambda: None, *, looking: bool = False
    ) -> None:
        self._frozen = frozen
        self._store = store
        self._beat = beat
        self._looking = looking
        self._rows = {(row.kind, row.original): row for row in rows(originals(frozen))}
        self._files: dict[str, File] = {}
        self._renditions: dict[str, tuple[File, ...]] = {}
        self._there: set[int] = set()  # the renditions whose files were looked at

    def image(self, key: str, *, alt: str, decorative: bool) -> Image:
        output = self._finished(Rendition.Kind.IMAGE, key)
        for file in output["files"]:
            self._remember(File(**file))
        return Image(
            alt=alt,
            decorative=decorative,
            width=output["width"],
            height=output["height"],
            sources=tuple(ImageSource(**source) for source in output["sources"]),
            fallback=ImageSource(**output["fallback"]),
        )

    def video(self, key: str) -> VideoFiles:
        output = self._finished(Rendition.Kind.VIDEO, key)
        self._renditions[output["name"]] = tuple(File(**file) for file in output["files"])
        return VideoFiles(
            rendition=output["name"],
            src=output["src"],
            poster=output["poster"],
            duration=output["duration"],
            width=output["width"],
            height=output["height"],
            tracks=tuple(self._track(track) for track in self._file(key).tracks),
        )

    def attachment(self, key: str) -> AttachmentFile:
        file = self._file(key)
        extension = PurePosixPath(file.name).suffix.lower().removeprefix(".")
        if extension not in MEDIA_TYPES:
            raise AuthorError(
                f"{file.name} is of a kind that is not offered for download; put it into a ZIP file, or use one of: "
                f"{', '.join(MEDIA_TYPES)}."
            )
        # The original's name is the sha256 of its bytes, so it is the name of the object too.
        src = f"o/{file.sha256}.{extension}"
        size = file.bytes if self._looking else self._shipped(file, src)
        self._remember(File(key=src, sha256=file.sha256, bytes=size))
        return AttachmentFile(name=file.name, src=src, bytes=size, media_type=MEDIA_TYPES[extension])

    def files(self) -> tuple[File, ...]:
        """Images, captions and attachments asked for so far, by key."""
        return tuple(self._files[key] for key in sorted(self._files))

    def renditions(self) -> dict[str, tuple[File, ...]]:
        """Videos asked for so far: the rendition's name to its files."""
        return dict(sorted(self._renditions.items()))

    def taken(self) -> tuple[tuple[File, ...], dict[str, tuple[File, ...]]]:
        """Files and renditions asked for since this was last called: those of one lesson, if it is drawn in between."""
        found = self.files(), self.renditions()
        self._files, self._renditions = {}, {}
        return found

    def _shipped(self, file: FrozenFile, key: str) -> int:
        """Put an original into the store as it is; its size."""
        original = path(file.sha256)
        if not original.is_file():
            raise PipelineError(f"The original {file.sha256} of {file.name} is not among the originals.")
        self._beat()
        self._store.create(key, original)
        return original.stat().st_size

    def _track(self, track: FrozenTrack) -> Track:
        self._beat()
        data = captions.to_webvtt(path(track.sha256).read_bytes(), track.name)
        name = sha256(data)
        src = f"o/{name}.vtt"
        self._store.create(src, data)
        self._remember(File(key=src, sha256=name, bytes=len(data)))
        return Track(src=src, language=track.language, label=track.label, kind=track.kind)

    def _file(self, key: str) -> FrozenFile:
        try:
            return self._frozen.files[key]
        except KeyError:
            raise AuthorError(
                f"The file {key} was deleted from the library; choose another one in its block."
            ) from None

    def _finished(self, kind: Rendition.Kind, key: str) -> dict[str, Any]:
        file = self._file(key)
        row = self._rows.get((kind, file.sha256))
        if row is None or row.state != Rendition.State.READY:
            raise RenditionsPending(f"{file.name} is being prepared.")
        if not self._looking and self._lacks(row):
            # A store that was emptied or changed heals itself: the rendition is made once more.
            Rendition.objects.filter(pk=row.pk, state=Rendition.State.READY).update(
                state=Rendition.State.WANTED, progress=0, attempts=0
            )
            raise RenditionsPending(f"{file.name} is missing from the store and is being prepared again.")
        output: dict[str, Any] = row.output
        return output

    def _lacks(self, row: Rendition) -> bool:
        """Whether a file of this rendition is gone from the store. Looks once, however many lessons show it."""
        if row.pk in self._there:
            return False
        for made in row.output["files"]:
            self._beat()
            if self._store.stat(made["key"]) is None:
                return True
        self._there.add(row.pk)
        return False

    def _remember(self, file: File) -> None:
        self._files[file.key] = file
