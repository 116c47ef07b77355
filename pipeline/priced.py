"""What a course costs, told to readers: it belongs to no release, so another price makes none."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db import transaction

from pipeline import notices, outbox
from pipeline.catalogue import CATALOGUE
from pipeline.html_views import course_path
from pipeline.lease import Lease
from pipeline.manifest import Manifest
from pipeline.models import ChangeEvent, Publication, Release
from pipeline.price import Price
from pipeline.release import pointed
from pipeline.store.base import Store


def tell(prices: Mapping[UUID, Price | None], by: Any) -> int:
    """Let readers know what these courses cost; for None what their authors wrote stands again. How many changed.

    Call it in the transaction that changes the price. `by` is a user, or None for the command line.
    """
    changed = 0
    with transaction.atomic():
        # Courses in order, then the catalogue: a worker that commits holds its course's row, and waits for that one.
        for course, price in sorted(prices.items()):
            publication = outbox.lock(course)
            said = price.model_dump(mode="json") if price else None
            if publication.price == said:
                continue
            Publication.objects.filter(pk=publication.pk).update(price=said)
            outbox.record(course, ChangeEvent.Kind.PRICED, actor=by, note=price.label if price else "no longer offered")
            changed += 1
        if changed:
            # A course whose release waits or fails costs something else all the same.
            outbox.record(CATALOGUE, ChangeEvent.Kind.REBUILD, actor=by, note="a price changed")
    return changed


def show(publication: Publication, lease: Lease, store: Store) -> None:
    """Put a course's page with its price where readers have it. Nothing else is built, or looked at.

    Nothing happens while there is no such page: nothing is live, a notice is there, or a release is half on its way,
    which puts the page there itself. What the store has lost is asked for.
    """
    live = publication.live_release
    if live is None or publication.standing in notices.CLOSED:
        return
    now = pointed(store, publication)
    if now is None or (now.manifest, now.generation) != (live.manifest, publication.generation):
        return
    if (now.standing or Publication.Standing.OPEN) != publication.standing:
        return  # reopened, say, and not there yet: its address may be another course's by now
    path = f"{course_path(live.slug)}index.html"
    page = _page(publication, live, path, store)
    if page is None:
        asked = ChangeEvent.objects.filter(course=publication.course, id__gt=publication.built_seq)
        if asked.filter(kind=ChangeEvent.Kind.REBUILD).exists():
            return
        outbox.record(publication.course, ChangeEvent.Kind.REBUILD, note="what its page is made of is missing")
    elif store.read(path) != page:
        lease.renew()
        store.replace(path, page)


def _page(publication: Publication, live: Release, path: str, store: Store) -> bytes | None:
    """The page that belongs at `path`, or None if the store has lost what it takes."""
    top = store.read(f"o/{live.manifest}")
    if top is None:
        return None
    own = Manifest.model_validate_json(top).pages[path]
    return notices.instead(publication, live.number, {path: own}).get(path) or store.read(f"o/{own.object}.html")
