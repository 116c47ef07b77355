"""Keys of the store that nothing names any more, and how a release that needs one of them again takes it back.

A row is a key's whole sentence: the sweep writes it, waits, holds it locked while it deletes the key, and removes it.
Whoever is about to name a key again removes the row first, and looks whether the key is there afterwards: either the
sweep then finds no row and deletes nothing, or it was faster, and the look finds the key gone.
"""

from collections.abc import Iterable

from django.db import transaction

from pipeline.manifest import Manifest
from pipeline.models import Condemned

CHUNK = 500  # keys in one statement


def needed(manifest: Manifest) -> dict[str, int | None]:
    """Every key that a whole manifest names, shards too, and its size in bytes where the manifest tells it.

    Mutable paths are not among them, nor is the manifest's own key: `o/` and the name that its pointer calls it by.
    """
    keys: dict[str, int | None] = {f"o/{manifest.outline}": None}
    keys |= {f"o/{name}": None for module in manifest.modules for name in (module.shard, module.outline)}
    keys |= {f"o/{entry.object}": entry.bytes for entry in manifest.documents.values()}
    keys |= {f"o/{entry.object}.html": entry.bytes for entry in manifest.pages.values()}
    keys |= {file.key: file.bytes for file in manifest.files}
    for files in manifest.renditions.values():
        keys |= {file.key: file.bytes for file in files}
    return keys


def spare(keys: Iterable[str]) -> int:
    """Take the sentence back from those of `keys` that are condemned; how many were.

    Waits for a sweep that is deleting one of them at this moment. Called after the objects were written and before
    anybody looks whether they are there, which is before a pointer names them.
    """
    if not Condemned.objects.exists():
        return 0
    spared, wanted = 0, sorted(set(keys))
    for chunk in (wanted[place : place + CHUNK] for place in range(0, len(wanted), CHUNK)):
        if not Condemned.objects.filter(key__in=chunk).exists():
            continue
        with transaction.atomic():
            # In the order of their keys, as the sweep locks them: two who lock in two orders would wait for ever.
            rows = Condemned.objects.filter(key__in=chunk).order_by("key").select_for_update()
            found = [row.pk for row in rows]
            spared += Condemned.objects.filter(pk__in=found).delete()[0]
    return spared
