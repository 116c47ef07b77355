"""Find what a lost doorbell, a dead worker or a foreign hand left behind, put it right, and say so."""

from django.db.models import F, Q
from django.utils import timezone

from pipeline import originals, outbox, renditions
from pipeline.errors import StoreError
from pipeline.keys import public_key
from pipeline.manifest import verified
from pipeline.models import ChangeEvent, Publication, Release
from pipeline.store import the_store
from pipeline.store.base import Store
from pipeline.store.disk import DiskStore


def reconcile() -> list[str]:
    """One round; a sentence for each thing that needed a hand. Compares database, release and pointer.

    A course that waits for its renditions is looked at again, but needs no hand.
    """
    store = the_store()
    told = _unbuilt()
    if made := renditions.ring_due():
        told.append(f"{made} rendition{'s were' if made > 1 else ' was'} not being made; rang a worker.")
    for publication in Publication.objects.filter(built_seq=F("wanted_seq")).select_related("live_release"):
        if fault := _pointer_fault(publication, publication.live_release, store):
            outbox.record(publication.course, ChangeEvent.Kind.REBUILD, note=fault)
            told.append(f"{publication}: {fault}; asked for a rebuild.")
    if isinstance(store, DiskStore) and (cleared := store.clear_half_written()):
        told.append(f"Removed {cleared} half-written files from the store.")
    if copies := originals.clear_half_copied():
        told.append(f"Removed {copies} half-copied files from the originals.")
    return told


def _unbuilt() -> list[str]:
    now = timezone.now()
    due = Publication.objects.filter(built_seq__lt=F("wanted_seq"))
    due = due.filter(Q(lease_until=None) | Q(lease_until__lt=now)).filter(Q(next_try_at=None) | Q(next_try_at__lte=now))
    told = []
    for publication in due:
        outbox.ring(publication.course)
        if not publication.waiting_for:
            told.append(f"{publication}: was not built up to its last change; rang a worker.")
    return told


def _pointer_fault(publication: Publication, release: Release | None, store: Store) -> str:
    """What is wrong with the pointer on the store, or nothing. The catalogue has no release and no pointer."""
    if release is None:
        return ""
    data = store.read(f"c/{publication.course}/current.json")
    if data is None:
        return "its pointer is gone from the store"
    try:
        pointer = verified(data, public_key())
    except StoreError:
        return "its pointer's signature does not hold"
    wrong = {
        "its pointer is another course's": pointer.course != publication.course,
        "its pointer names another manifest than the database": pointer.manifest != release.manifest,
        "its pointer is an older one than the database knows": pointer.generation < publication.generation,
        "its manifest is gone from the store": store.stat(f"o/{release.manifest}") is None,
    }
    return next((fault for fault, found in wrong.items() if found), "")
