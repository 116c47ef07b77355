"""Whether what readers of a course ask for lies on the store as the database says. Reads only."""

from pipeline.catalogue import keys, listing, parts
from pipeline.condemned import needed
from pipeline.errors import StoreError
from pipeline.html_views import of_the_course
from pipeline.keys import public_key
from pipeline.manifest import assemble, verified
from pipeline.models import Publication
from pipeline.store.base import Store

SAMPLE = 200  # files of a course that are looked at in one round
OPEN = Publication.Standing.OPEN


def pointer_fault(publication: Publication, store: Store) -> str:
    """What is wrong with the pointer of a course with a live release, or nothing."""
    release = publication.live_release
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
        "its pointer tells another standing than the database": (pointer.standing or OPEN) != publication.standing,
        "its manifest is gone from the store": store.stat(f"o/{release.manifest}") is None,
    }
    return next((fault for fault, found in wrong.items() if found), "")


def stored_fault(publication: Publication, store: Store, *, part: int | None = None) -> tuple[str, str]:
    """What is gone of a course's live release, and what is damaged so that no rebuild can write it; or nothing.

    Pages count as gone if their size is wrong: they are written again. With `part`, one part of all files is looked at,
    about `SAMPLE` of them, and another one for the next number. Sizes are compared, and no byte is read.
    """
    release = publication.live_release
    manifest, lost = assemble(release.manifest, store.read) if release else (None, [])
    if manifest is None:
        return "", ""  # the pointer's fault already
    if lost:
        return f"{len(lost)} of its files are gone from the store, {lost[0]} among them", ""
    files = sorted({**needed(manifest), **{path: entry.bytes for path, entry in manifest.pages.items()}}.items())
    if part is not None:
        parts = -(-len(files) // SAMPLE)
        files = files[part % parts :: parts]
    gone: list[str] = []
    damaged: list[str] = []
    for key, size in files:
        stat, page = store.stat(key), key in manifest.pages
        if stat is None:
            gone.append(key)
        # The own page of a course that is sold says for how much, which its release does not.
        elif (
            size is not None
            and stat.bytes != size
            and not (page and (publication.standing != OPEN or (publication.price and of_the_course(key))))
        ):
            (gone if page else damaged).append(key)
    return (
        f"{len(gone)} of its files are gone from the store, {gone[0]} among them" if gone else "",
        f"{', '.join(damaged)} on the store: not of the size that the manifest says. Delete it there, and the next "
        "round has it written again"
        if damaged
        else "",
    )


def catalogue_fault(store: Store, *, whole: bool) -> str:
    """What is wrong with the lists of all courses, or nothing. Without `whole` only the catalogue's absence is noticed.

    Of the pages, the feed and the sitemap it is asked whether they are there.
    """
    if not whole:
        return "" if store.stat("catalogue.json") else "it is gone from the store"
    listed = listing()
    for key, part in parts(listed).items():
        data = store.read(key)
        if data is None:
            return "it is gone from the store" if key == "catalogue.json" else f"its part {key} is gone from the store"
        if data != part.to_bytes():
            return "it lists something else than what is live"
    gone = [key for key in keys(listed) if store.stat(key) is None]
    return f"{len(gone)} of its files are gone from the store, {gone[0]} among them" if gone else ""
