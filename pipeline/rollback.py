"""Make an older release live again: its manifest under a new, higher generation. Nothing is drawn again."""

from typing import Any
from uuid import UUID

from django.db import transaction

from pipeline import addresses, approval, outbox, tombstones
from pipeline.condemned import needed, spare
from pipeline.errors import AuthorError, StoreError
from pipeline.lease import Lease
from pipeline.models import ChangeEvent, Publication, Release
from pipeline.release import begin_again, commit, missing, point, read_manifest, write_pages
from pipeline.store.base import Store


def roll_back(course: UUID, number: int, by: Any) -> None:
    """Ask for release `number` of a course to be live again. `by` is a user, or None for the command line.

    Raises AuthorError if there is no such release, it was never built, something in it was purged or made private
    since, or it is live already and nothing else is on its way: while a newer approval waits, putting back what is live
    is how that approval is stopped.
    """
    with transaction.atomic():
        publication = outbox.lock(course)
        release = Release.objects.filter(course=course, number=number).first()
        if release is None:
            raise AuthorError(f"This course has no release {number}.")
        if publication.standing == Publication.Standing.GONE:
            raise AuthorError(f"“{publication}” was deleted: reopen it first, then roll it back.")
        if not release.manifest:
            raise AuthorError(f"Release {number} was never built, so it cannot be put back.")
        if release.state == Release.State.SWEPT:
            raise AuthorError(
                f"Release {number} is no longer on the store, so it cannot be put back: submit what it said once more."
            )
        settled = publication.built_seq == publication.wanted_seq
        if settled and publication.live_release_id == release.pk:
            raise AuthorError(f"Release {number} is live already.")
        frozen = release.candidate.frozen()
        tombstones.refuse_course(frozen, f"release {number}")
        approval.refuse_private(frozen, f"release {number} was frozen, so it cannot be put back: make it public first")
        outbox.record(course, ChangeEvent.Kind.ROLLED_BACK, release=release, actor=by, note=f"to release {number}")


def put_back(release: Release, lease: Lease, seq: int, store: Store) -> None:
    """The worker's half: check that every object is still there, then pointer, pages, row.

    Raises StoreError if one is not, and AuthorError if something in it was purged since, or if the release's address is
    another course's by now.
    """
    tombstones.refuse_course(release.candidate.frozen(), f"release {release.number}")
    spare({f"o/{release.manifest}", *needed(read_manifest(store, release.manifest))})
    manifest = read_manifest(store, release.manifest)  # once more: a sweep may have been faster than the line above
    if gone := missing(store, manifest, lease.keep):
        raise StoreError(f"Release {release.number} cannot be put back: {len(gone)} objects are gone, {gone[0]} first.")
    addresses.refuse_taken(release.course, release.slug)
    begin_again(release, manifest, lease)
    publication = lease.publication()
    generation = point(store, publication, release.number, release.manifest, lease)
    write_pages(store, manifest, publication, lease)
    commit(release, lease, seq, generation)
