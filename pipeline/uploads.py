"""Many calls of a store at once, as many as it is worth while; all else stays in the thread that asks."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from pipeline.condemned import needed
from pipeline.digests import sha256
from pipeline.errors import StoreError
from pipeline.manifest import File, Manifest, assemble
from pipeline.store.base import Store

AHEAD = 4  # calls that wait for each thread: more would only hold more bytes in memory

Item = TypeVar("Item")
Answer = TypeVar("Answer")


def each(
    store: Store, act: Callable[[Item], Answer], items: Sequence[Item], beat: Callable[[], None]
) -> Iterator[tuple[Item, Answer]]:
    """Every item with what `act` answers to it, in order. `act` calls the store and nothing else: it may run in other
    threads, which have no business with the database. `beat` is called here, before each answer is waited for.
    """
    if store.parallel == 1:
        for item in items:
            beat()
            yield item, act(item)
        return
    group = store.parallel * AHEAD
    with ThreadPoolExecutor(store.parallel) as pool:
        for start in range(0, len(items), group):
            some = items[start : start + group]
            answers = pool.map(act, some)
            for item in some:
                beat()
                yield item, next(answers)


def create(store: Store, objects: dict[str, bytes], beat: Callable[[], None]) -> tuple[int, int]:
    """Create these objects, by key; how many were new, and their bytes."""
    made = each(store, lambda item: store.create(*item), sorted(objects.items()), beat)
    sizes = [len(data) for (_key, data), new in made if new]
    return len(sizes), sum(sizes)


def absent(
    store: Store, texts: dict[str, str], files: Iterable[File], beat: Callable[[], None] = lambda: None
) -> list[str]:
    """The keys that the store does not hold. `texts` maps keys to the sha256 of what they hold: they are read and
    hashed. Of `files`, which may be gigabytes, the sizes are compared.
    """

    def text(item: tuple[str, str]) -> bool:
        data = store.read(item[0])
        return data is not None and sha256(data) == item[1]

    def file(item: File) -> bool:
        stat = store.stat(item.key)
        return stat is not None and stat.bytes == item.bytes

    gone = [key for (key, _name), there in each(store, text, list(texts.items()), beat) if not there]
    once = list({one.key: one for one in files}.values())
    return gone + [one.key for one, there in each(store, file, once, beat) if not there]


def missing(store: Store, manifest: Manifest, beat: Callable[[], None] = lambda: None) -> list[str]:
    """The keys that a whole manifest needs and that the store does not hold. `beat` is called before each look."""
    files = [*manifest.files, *(file for group in manifest.renditions.values() for file in group)]
    texts = {key: key[2:66] for key in needed(manifest) if key.startswith("o/")}
    for one in files:
        texts.pop(one.key, None)
    return absent(store, texts, files, beat)


def find_manifest(store: Store, name: str) -> Manifest | None:
    """The whole manifest of this name, or None if it or a shard of it is gone or damaged."""
    manifest, lost = assemble(name, store.read)
    return None if lost else manifest


def read_manifest(store: Store, name: str) -> Manifest:
    """The whole manifest of this name. Raises StoreError if it, or a shard of it, is gone or damaged."""
    manifest, lost = assemble(name, store.read)
    if manifest is None:
        raise StoreError(f"The manifest {name} is missing from the store.")
    if lost:
        raise StoreError(f"The manifest {name} is not whole: {lost[0]} is missing from the store, or damaged.")
    return manifest
