"""Which keys of the store somebody needs: readers, learners with a pin, editors who go back, and whoever builds.

Whatever cannot be known ends the look with an error: the sweep that asks would take it for nothing.
"""

import re
from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import F, OuterRef, Q, QuerySet, Subquery, Window
from django.db.models.functions import RowNumber
from pydantic import ValidationError

from pipeline.condemned import needed
from pipeline.errors import StoreError
from pipeline.manifest import Pointer, assemble
from pipeline.models import Candidate, ChangeEvent, Pin, Publication, Release, Rendition, ScheduledRelease
from pipeline.store.base import Store

POINTER = re.compile(r"c/([0-9a-f-]{36})/current\.json")


class Kept:
    """`keys` maps each needed key to its size in bytes where that is known. It only ever grows: what was needed at one
    look counts as needed at the next.

    `releases`: how many of the newest releases of a course are kept; `days`: for how long a release is kept after it
    was built. `missing` names releases that should be kept and whose manifest is gone: nobody knows what they need.
    """

    def __init__(self, store: Store, *, releases: int, days: int, now: datetime) -> None:
        self.keys: dict[str, int | None] = {}
        self.missing: set[str] = set()
        self._store = store
        self._newest = releases
        self._since = now - timedelta(days=days)
        self._manifests: set[str] = set()
        self._candidates: set[int] = set()
        self._settled: dict[UUID, tuple[int, int | None]] = {}
        self._looked = False

    def look(self) -> None:
        """Add what is needed now. The first look reads every pointer, a later one those that may have moved since.

        Raises StoreError, in words, if a pointer or a live manifest cannot be read.
        """
        for key in self._pointers():
            self._pointer(key)
        for number, title, state, manifest in self._releases():
            self._release(f"release {number} of “{title}”", state, manifest)
        for candidate in _unbuilt_candidates().exclude(pk__in=self._candidates):
            self._candidates.add(candidate.pk)
            self._files(candidate)

    def _pointers(self) -> Iterable[str]:
        """A pointer moves only under a lease, and what its course has to do afterwards shows in the course's row."""
        rows = Publication.objects.values_list("course", "generation", "live_release", "built_seq", "wanted_seq")
        moving = []
        for course, generation, live, built, wanted in rows.iterator():
            if built != wanted or self._settled.get(course) != (generation, live):
                moving.append(f"c/{course}/current.json")
            self._settled[course] = (generation, live)
        if self._looked:
            return moving
        self._looked = True
        return [key for key in self._store.keys("c/") if POINTER.fullmatch(key)]

    def _pointer(self, key: str) -> None:
        """Signed by us or not: a browser that was sent there does not ask the database."""
        data = self._store.read(key)
        if data is None:
            return
        try:
            pointer = Pointer.model_validate_json(data)
        except ValidationError:
            raise StoreError(
                f"{key} cannot be read, so nobody knows what readers need: run manage.py reconcile, then sweep again."
            ) from None
        if not self._manifest(pointer.manifest):
            raise StoreError(
                f"{key} names the manifest {pointer.manifest}, which is gone: run manage.py reconcile, then sweep."
            )

    def _releases(self) -> "QuerySet[Release, tuple[int, str, str, str]]":
        """Live, among the newest of their course, built lately, pinned, on their way back, or asked for.

        Of each its number, its title, its state and the name of its manifest.
        """
        built = Release.objects.exclude(manifest="").exclude(state=Release.State.SWEPT)
        place = Window(RowNumber(), partition_by=F("course"), order_by=F("number").desc())
        newest = built.annotate(place=place).filter(place__lte=self._newest).values("pk")
        upto = Publication.objects.filter(course=OuterRef("course")).values("built_seq")[:1]
        asked = ChangeEvent.objects.filter(release__isnull=False, id__gt=Subquery(upto)).values("release")
        named = Q(pk__in=Publication.objects.filter(live_release__isnull=False).values("live_release"))
        named |= Q(pk__in=Pin.objects.values("release")) | Q(pk__in=asked) | Q(pk__in=newest)
        named |= Q(state__in=(Release.State.LIVE, Release.State.WAITING)) | Q(built_at__gte=self._since)
        return built.filter(named).values_list("number", "candidate__title", "state", "manifest")

    def _release(self, release: str, state: str, manifest: str) -> None:
        if release in self.missing or self._manifest(manifest):
            return
        if state == Release.State.LIVE:
            raise StoreError(f"The manifest of the live {release} is gone: run manage.py reconcile, then sweep again.")
        self.missing.add(release)

    def _manifest(self, name: str) -> bool:
        """Whether there is a manifest of this name, with all its shards; then what it names is needed."""
        if name in self._manifests:
            return True
        key, sizes = f"o/{name}", dict[str, int]()

        def read(own: str) -> bytes | None:
            if (data := self._store.read(own)) is not None:
                sizes[own] = len(data)
            return data

        manifest, lost = assemble(name, read)
        if damaged := [own for own in lost if own in sizes]:
            what = "manifest" if damaged[0] == key else "shard"
            raise StoreError(
                f"The {what} {damaged[0]} does not hold the bytes that its name says: run manage.py verify."
            )
        if manifest is None or lost:
            return False
        self._manifests.add(name)
        self.keys |= {**needed(manifest), **sizes}
        return True

    def _files(self, candidate: Candidate) -> None:
        """Of a candidate that has no manifest yet: what was made of its images and videos, which took long to make."""
        originals = {file.sha256 for file in candidate.frozen().files.values()}
        ready = Rendition.objects.filter(original__in=originals, state=Rendition.State.READY)
        for output in ready.values_list("output", flat=True):
            self.keys |= {file["key"]: file["bytes"] for file in output.get("files", [])}


def building() -> bool:
    """Whether any worker holds a course or a rendition at this moment. A dead one does until it is followed up."""
    return Publication.objects.exclude(lease_owner="").exists() or Rendition.objects.exclude(lease_owner="").exists()


def _unbuilt_candidates() -> "QuerySet[Candidate]":
    """Under review, scheduled, or approved and not built yet."""
    waiting = Release.objects.filter(state=Release.State.WAITING, manifest="").values("candidate")
    scheduled = ScheduledRelease.objects.filter(state=ScheduledRelease.State.WAITING).values("candidate")
    under_review = Q(state=Candidate.State.IN_REVIEW)
    return Candidate.objects.filter(under_review | Q(pk__in=waiting) | Q(pk__in=scheduled))
