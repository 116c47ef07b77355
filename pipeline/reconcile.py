"""Find what a lost doorbell, a dead worker or a foreign hand left behind, put it right, and say so."""

from django.db.models import F, Q
from django.utils import timezone

from pipeline import outbox
from pipeline.catalogue import CATALOGUE
from pipeline.errors import StoreError
from pipeline.keys import public_key
from pipeline.manifest import verified
from pipeline.models import ChangeEvent, Publication, Rendition
from pipeline.store import the_store
from pipeline.store.base import Store
from pipeline.store.disk import DiskStore


def reconcile() -> list[str]:
    """One round; a sentence for each thing that needed a hand."""
    now, store = timezone.now(), the_store()
    told = []
    due = Publication.objects.filter(built_seq__lt=F("wanted_seq"))
    due = due.filter(Q(lease_until=None) | Q(lease_until__lt=now)).filter(Q(next_try_at=None) | Q(next_try_at__lte=now))
    for publication in due:
        outbox.ring(publication.course)
        told.append(f"{publication}: was not built up to its last change; rang a worker.")
    told += _renditions()
    for publication in Publication.objects.filter(built_seq=F("wanted_seq"), live_release__isnull=False):
        if fault := _pointer_fault(publication, store):
            outbox.record(publication.course, ChangeEvent.Kind.REBUILD, note=fault)
            told.append(f"{publication}: {fault}; asked for a rebuild.")
    if isinstance(store, DiskStore) and (cleared := store.clear_half_written()):
        told.append(f"Removed {cleared} half-written files from the store.")
    return told


def _renditions() -> list[str]:
    # A late import: the tasks need the queue's settings.
    from pipeline.tasks import make_rendition

    now = timezone.now()
    idle = Q(state=Rendition.State.WANTED) | Q(state=Rendition.State.WORKING, lease_until__lt=now)
    told = []
    for rendition in Rendition.objects.filter(idle):
        make_rendition(rendition.pk)
        told.append(f"{rendition.name}: its rendition was not being made; rang a worker.")
    return told


def _pointer_fault(publication: Publication, store: Store) -> str:
    """What is wrong with the pointer on the store, or nothing."""
    release = publication.live_release
    if release is None or publication.course == CATALOGUE:
        return ""
    data = store.read(f"c/{publication.course}/current.json")
    if data is None:
        return "its pointer is gone from the store"
    try:
        pointer = verified(data, public_key())
    except StoreError:
        return "its pointer's signature does not hold"
    if pointer.manifest != release.manifest:
        return "its pointer names another manifest than the database"
    return ""
