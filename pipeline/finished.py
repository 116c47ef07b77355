"""Keeps finished renditions in the store, and shapes what the `Rendition` row remembers of them.

An image's row holds `{"width", "height", "sources": [{"src", "media_type", "width"}], "fallback": {...}, "files"}`, a
video's `{"name", "src", "poster", "duration", "width", "height", "rungs", "files"}`; `files` are `manifest.File`s.
"""

from collections.abc import Callable
from pathlib import Path

from pipeline import hls, ladder
from pipeline.images import ImageFile, MadeImage
from pipeline.manifest import File
from pipeline.store.base import Store
from pipeline.video import MadeVideo


def store_image(made: MadeImage, folder: Path, store: Store) -> dict[str, object]:
    """Write the files of an image below `o/`."""
    files = []
    for file in {image.file: image for image in (*made.sources, made.fallback)}.values():
        path = folder / file.file
        store.create(f"o/{file.file}", path)
        files.append(File(key=f"o/{file.file}", sha256=path.stem, bytes=path.stat().st_size).model_dump())
    return {
        "width": made.width,
        "height": made.height,
        "sources": [_source(file) for file in made.sources],
        "fallback": _source(made.fallback),
        "files": files,
    }


def _source(file: ImageFile) -> dict[str, object]:
    return {"src": f"o/{file.file}", "media_type": file.media_type, "width": file.width}


def store_video(made: MadeVideo, folder: Path, store: Store, renew: Callable[[], None]) -> dict[str, object]:
    """Write the files of a video below `m/<name>/`, the master playlist last. `renew` is called between files."""
    files = []
    # Playlists after what they name, so that no reader ever follows one into nothing.
    for relative in sorted(made.files, key=lambda name: (name.endswith(".m3u8"), name == hls.MASTER, name)):
        key = f"m/{made.name}/{relative}"
        store.create(key, folder / relative)
        size = (folder / relative).stat().st_size
        files.append(File(key=key, sha256=made.files[relative], bytes=size).model_dump())
        renew()
    return {
        "name": made.name,
        "src": f"m/{made.name}/{hls.MASTER}",
        "poster": f"m/{made.name}/{ladder.POSTER}",
        "duration": made.duration,
        "width": made.width,
        "height": made.height,
        "rungs": list(made.rungs),
        "files": files,
    }
