"""The pointer moves before its objects are written, and the store fails in between, once for each release."""

import threading
from typing import Any

from pipeline import release
from pipeline.errors import StoreError
from pipeline.manifest import Manifest
from pipeline.models import Publication
from pipeline.store.base import Store

waiting = threading.local()
moved: set[str] = set()
write, move = release._write_objects, release.point


def later(*given: Any) -> tuple[int, int]:
    """In the place of `release._write_objects`."""
    waiting.objects = given
    return 0, 0


def first(store: Store, publication: Publication, manifest: Manifest, lease: Any) -> int:
    """In the place of `release.point`."""
    generation = move(store, publication, manifest, lease)
    if manifest.name() not in moved:
        moved.add(manifest.name())
        raise StoreError("The store answered 503.")
    write(*waiting.objects)
    return generation


release._write_objects, release.point = later, first
