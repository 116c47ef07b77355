"""Try on a live store, with scratch keys of its own, whether it keeps each promise that publishing rests on."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from uuid import uuid4

from pipeline.errors import ObjectExists, PointerMoved, StoreError
from pipeline.store.base import Stat, Store
from pipeline.store.headers import headers_of

WRITERS = 8
DATA = b"0123456789"


@dataclass(frozen=True)
class Promise:
    """One thing that was tried. `fault` says what was found instead, and is empty if the promise was kept."""

    what: str
    fault: str = ""


def probe(store: Store) -> list[Promise]:
    """Try everything; what was found. Nothing is left behind, unless the store refuses to delete, which is a fault.

    A store that refuses, or cannot be reached, is a fault in the words of its StoreError or OSError.
    """
    folder = f"doctor/{uuid4().hex}"
    tries: dict[str, Callable[[Store, str], Iterator[str]]] = {
        "create-only writes": _create,
        "compare-and-set": _swap,
        f"a race of {WRITERS} writers": _race,
        "ranges": _range,
        "headers": _headers,
        "listing": _listing,
        "deletion": _deletion,
    }
    found = list[Promise]()
    try:
        for what, attempt in tries.items():
            found.append(Promise(what, _fault(attempt, store, f"{folder}/{len(found)}")))
            if found[0].fault:
                break  # a store that cannot even be written to would say the same of everything
    finally:
        left = _fault(_clear, store, folder)
    return [*found, *([Promise("scratch files", left)] if left else [])]


def _fault(attempt: Callable[[Store, str], Iterator[str]], store: Store, folder: str) -> str:
    try:
        return next(attempt(store, folder), "")
    except (StoreError, OSError) as error:
        return str(error)


def _create(store: Store, folder: str) -> Iterator[str]:
    key = f"{folder}/a"
    if store.create(key, DATA) is not True:
        yield "a new file was taken for an old one"
    if store.create(key, DATA) is not False:
        yield "the same bytes were written twice"
    try:
        store.create(key, b"other")
    except ObjectExists:
        pass
    else:
        yield "a file that must never change was overwritten"
    if store.read(key) != DATA:
        yield "other bytes were read than written"


def _swap(store: Store, folder: str) -> Iterator[str]:
    key = f"{folder}/current.json"
    store.swap(key, b"1", None)
    for expected in (None, b"0"):
        try:
            store.swap(key, b"2", expected)
        except PointerMoved:
            continue
        yield "a pointer was moved by somebody who did not know what it held"
    store.swap(key, b"2", b"1")
    if store.read(key) != b"2":
        yield "other bytes were read than written"


def _race(store: Store, folder: str) -> Iterator[str]:
    key, start, won, met = f"{folder}/current.json", threading.Barrier(WRITERS), list[int](), list[Exception]()

    def swap(number: int) -> None:
        start.wait()
        try:
            store.swap(key, b"%d" % number, None)
            won.append(number)
        except PointerMoved:
            pass
        except (StoreError, OSError) as error:  # carried to the thread that waits
            met.append(error)

    threads = [threading.Thread(target=swap, args=[number]) for number in range(WRITERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if met:
        yield str(met[0])
    if len(won) != 1:
        yield f"{len(won)} of them were told that they had won"


def _range(store: Store, folder: str) -> Iterator[str]:
    key = f"{folder}/a"
    store.create(key, DATA)
    if store.read_range(key, 3, 6) != DATA[3:6] or store.read_range(key, 7) != DATA[7:]:
        yield "a part of a file was asked for and another was answered: players cannot seek"


def _headers(store: Store, folder: str) -> Iterator[str]:
    for name in ("index.html", "master.m3u8"):
        key = f"{folder}/{name}"
        store.replace(key, DATA)
        served = headers_of(key)
        wanted = Stat(len(DATA), served.media_type, served.cache, served.encoding)
        if (found := store.stat(key)) != wanted:
            yield f"it serves {name} with {found}, and was told {wanted}"


def _listing(store: Store, folder: str) -> Iterator[str]:
    names = [f"{folder}/{name}" for name in ("a-b/c", "a/b", "a0", "a.b")]
    for name in names:
        store.create(name, b"")
    if list(store.keys(f"{folder}/")) != sorted(names):
        yield "it does not list what it holds"


def _deletion(store: Store, folder: str) -> Iterator[str]:
    key = f"{folder}/a"
    store.create(key, DATA)
    store.delete(key)
    store.delete(key)
    if store.read(key) is not None or store.stat(key) is not None:
        yield "a deleted file is still there"


def _clear(store: Store, folder: str) -> Iterator[str]:
    for key in list(store.keys(f"{folder}/")):
        store.delete(key)
    if left := list(store.keys(f"{folder}/")):
        yield f"{len(left)} of them below {folder} could not be deleted"
