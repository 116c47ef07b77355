"""What a course is to readers whatever its release says: open, retired, withdrawn or gone; changed, then shown."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from pipeline import addresses, notices, outbox
from pipeline.catalogue import CATALOGUE
from pipeline.errors import AuthorError
from pipeline.lease import Lease
from pipeline.models import Address, ChangeEvent, Publication
from pipeline.release import missing, point, write_pages
from pipeline.store.base import Store
from pipeline.uploads import find_manifest

Standing = Publication.Standing
LONGEST_NOTE = 500
# The events of the verbs that change a standing.
CHANGES = frozenset({ChangeEvent.Kind.RETIRED, ChangeEvent.Kind.WITHDRAWN, ChangeEvent.Kind.REOPENED})


def change(
    course: UUID,
    to: Publication.Standing,
    kind: ChangeEvent.Kind,
    by: Any,
    note: str = "",
    *,
    refuse: Callable[[Publication], None] = lambda _publication: None,
    said: str = "",
    **facts: Any,
) -> None:
    """Set a course's standing and write its event down, in one transaction with the course's row locked.

    `by` is a user, or None for the command line; `note` is told to readers, `said` (or else the note) stands in the
    event. `refuse` sees the row as it is and raises AuthorError. Raises AuthorError too if the note is too long.
    """
    note = note.strip()
    if len(note) > LONGEST_NOTE:
        raise AuthorError(f"The note is {len(note)} characters long: readers are told at most {LONGEST_NOTE}.")
    with transaction.atomic():
        publication = outbox.lock(course)
        refuse(publication)
        Publication.objects.filter(pk=publication.pk).update(
            standing=to, standing_note=note, standing_at=timezone.now(), **facts
        )
        outbox.record(course, kind, actor=by, note=said or note)
        # A course that cannot be built leaves the list, or comes back to it, all the same.
        outbox.record(CATALOGUE, ChangeEvent.Kind.REBUILD, note=f"a course is {to.label.lower()}")


def refuse_unreleased(publication: Publication) -> None:
    """Raises AuthorError if readers have nothing of the course: it never had a release, or it was deleted."""
    if publication.live_release_id is None:
        raise AuthorError("Nothing of this course is live, so there is nothing to take from readers.")
    if publication.standing == Standing.GONE:
        raise AuthorError(f"“{publication}” was deleted, and its pages say so already.")


def show(publication: Publication, lease: Lease, store: Store) -> int | None:
    """Show readers a course's standing with the release they have: pointer, then pages; the pointer's generation.

    Nothing is built, so a build that fails, or that waits for a video, keeps no withdrawal waiting. None if there is no
    release, or if what has to be shown is no longer whole: a rebuild makes it anew. Killed anywhere, the same call
    again finishes.
    """
    live = publication.live_release
    manifest = find_manifest(store, live.manifest) if live else None
    if live is None or manifest is None:
        return None
    if publication.standing in notices.OPEN and missing(store, manifest, lease.keep):
        return None
    if publication.standing == Standing.GONE:
        generation = point(store, publication, live.number, live.manifest, lease)
        _say_gone(publication, list(manifest.pages), lease, store)
        return generation
    addresses.refuse_taken(publication.course, live.slug)
    with transaction.atomic():
        lease.renew()
        addresses.claim(publication.course, manifest.outline, lambda: addresses.pages(live.read_outline()))
    generation = point(store, publication, live.number, live.manifest, lease)
    write_pages(store, manifest, publication, lease)
    return generation


def _say_gone(publication: Publication, pages: list[str], lease: Lease, store: Store) -> None:
    """A notice wherever the course speaks, also where it left redirects; not where another course is by now."""
    ours = set(addresses.held(publication.course))
    taken = set(
        Address.objects.filter(path__in=pages).exclude(course=publication.course).values_list("path", flat=True)
    )
    written = sorted((ours | set(pages)) - taken)
    for path in written:
        page = notices.notice(publication, path)
        if store.read(path) != page:
            lease.renew()
            store.replace(path, page)
    # A course that took one of these over while we wrote there puts its page back.
    lost = Address.objects.filter(path__in=written).exclude(course=publication.course)
    for course in lost.values_list("course", flat=True).distinct():
        outbox.record(course, ChangeEvent.Kind.REBUILD, note="a deleted course wrote to an address that it had left")
    addresses.tell_led_here(publication.course)
