"""The promise of a store, held by every kind of store; and what only a folder has to promise."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from moto import mock_aws

from pipeline.errors import ObjectExists, PointerMoved, StoreError
from pipeline.store.base import Stat, Store
from pipeline.store.disk import DiskStore
from pipeline.store.memory import MemoryStore
from pipeline.store.s3 import S3Store, client_of
from pipeline.store.s3_place import Place
from tests.object_store import object_store

ROOT = Path(__file__).resolve().parents[2]
THREADS = 8
WRITERS = 16  # of one pointer
KINDS = ["memory", "disk", "seaweedfs", "moto"]
# moto speaks S3 and keeps no promise of a race: it looks and writes in two steps (two of sixteen won here), and closes
# the file that it is answering a reader from when somebody replaces it.
raced = pytest.mark.parametrize("place", [kind for kind in KINDS if kind != "moto"], indirect=True)


@pytest.fixture(params=KINDS)
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Path | Place | None]:
    """Room for one store of each kind: nothing, a folder, or a bucket of a server."""
    if request.param == "moto":
        with mock_aws():
            place = Place(f"school-{uuid4().hex}", "cdn/", region="us-east-1", access_key="a", secret_key="b")
            S3Store(place).client.create_bucket(Bucket=place.bucket)
            yield place
    else:
        rooms = {"memory": lambda: None, "disk": lambda: tmp_path / "cdn", "seaweedfs": lambda: object_store().place()}
        yield rooms[request.param]()
    client_of.cache_clear()


@pytest.fixture
def store(place: Path | Place | None) -> Store:
    return MemoryStore() if place is None else DiskStore(place) if isinstance(place, Path) else S3Store(place)


@pytest.fixture
def disk(tmp_path: Path) -> DiskStore:
    return DiskStore(tmp_path / "cdn")


def at_once(act: Callable[[int], object], count: int = THREADS) -> list[object]:
    """What each of `count` threads got, or the error it met, when all began at the same moment."""
    start, found = threading.Barrier(count), list[object]()

    def run(number: int) -> None:
        start.wait()
        try:
            found.append(act(number))
        except StoreError as error:
            found.append(type(error))

    threads = [threading.Thread(target=run, args=[number]) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


def rounds(store: Store) -> int:
    """Of a race. A server makes those who lose wait for seconds, and its races last long enough to be met."""
    return 20 if store.parallel == 1 else 4


# --- reading --------------------------------------------------------------------------------------------------


def test_absence_is_an_ordinary_answer(store: Store) -> None:
    assert store.read("o/nothing") is None
    assert store.stat("o/nothing") is None
    assert list(store.keys("")) == []
    store.delete("o/nothing")


def test_a_folder_is_not_a_file(store: Store) -> None:
    store.create("courses/x/index.html", b"page")
    assert store.read("courses/x") is None
    assert store.stat("courses") is None
    assert store.read("courses/x/index.html/deeper") is None
    store.delete("courses/x")
    store.delete("courses/x/index.html/deeper")
    assert store.read("courses/x/index.html") == b"page"


def test_the_empty_file_is_a_file(store: Store) -> None:
    assert store.create("o/empty", b"") is True
    assert store.create("o/empty", b"") is False
    stat = store.stat("o/empty")
    assert stat is not None
    assert stat.bytes == 0
    assert store.read("o/empty") == b""


RANGES = [(0, None), (0, 4), (3, 7), (9, None), (9, 99), (4, 4), (7, 3), (10, None), (99, None), (99, 100), (0, 0)]


@pytest.mark.parametrize(("start", "stop"), RANGES)
def test_a_range_is_what_python_would_cut(store: Store, start: int, stop: int | None) -> None:
    data = b"0123456789"
    store.create("m/x/1.m4s", data)
    assert store.read_range("m/x/1.m4s", start, stop) == data[start:stop]
    assert store.read_range("m/x/2.m4s", start, stop) is None


def test_a_range_of_an_empty_file_is_empty(store: Store) -> None:
    store.create("o/empty", b"")
    assert store.read_range("o/empty") == b""
    assert store.read_range("o/empty", 0, 5) == b""


@pytest.mark.parametrize(("start", "stop"), [(-1, None), (0, -1)])
def test_a_range_does_not_count_from_the_end(store: Store, start: int, stop: int | None) -> None:
    store.create("o/a", b"data")
    with pytest.raises(ValueError, match="at 0 or later"):
        store.read_range("o/a", start, stop)


SERVED = {
    f"o/{'a' * 64}": ("application/json", True),
    f"o/{'a' * 64}.html": ("text/html; charset=utf-8", True),
    f"o/{'a' * 64}.webp": ("image/webp", True),
    "m/film/master.m3u8": ("application/vnd.apple.mpegurl", True),
    "m/film/1.m4s": ("video/iso.segment", True),
    "m/film/en.vtt": ("text/vtt; charset=utf-8", True),
    "assets/main-1a2b.js": ("text/javascript; charset=utf-8", True),
    "assets/font-1a2b.woff2": ("font/woff2", True),
    "c/x/current.json": ("application/json", False),
    "courses/x/index.html": ("text/html; charset=utf-8", False),
    "index.html": ("text/html; charset=utf-8", False),
    "catalogue.json": ("application/json", False),
    "sitemap.xml": ("application/xml; charset=utf-8", False),
    "robots.txt": ("text/plain; charset=utf-8", False),
    "schema/v1/lesson.json": ("application/json", False),
    "strange.nobody-knows": ("application/octet-stream", False),
    "o.html": ("text/html; charset=utf-8", False),
}


@pytest.mark.parametrize("key", SERVED)
def test_a_store_says_what_it_serves_a_key_with(store: Store, key: str) -> None:
    media_type, immutable = SERVED[key]
    cache = "public, max-age=31536000, immutable" if immutable else "no-cache"
    for write in (store.replace, store.create, lambda key, data: store.swap(key, data, None)):
        write(key, b"data")
        assert store.stat(key) == Stat(4, media_type, cache, "")
        store.delete(key)


# --- create ---------------------------------------------------------------------------------------------------


def test_create_writes_once(store: Store) -> None:
    assert store.create("o/a", b"one") is True
    assert store.create("o/a", b"one") is False
    with pytest.raises(ObjectExists, match="o/a"):
        store.create("o/a", b"two")
    assert store.read("o/a") == b"one"


def test_create_takes_a_file_too(store: Store, tmp_path: Path) -> None:
    upload = tmp_path / "upload"
    upload.write_bytes(b"x" * 3_000_000)
    assert store.create("o/a", upload) is True
    assert store.create("o/a", upload) is False
    assert store.read("o/a") == upload.read_bytes()
    upload.write_bytes(b"y" * 3_000_000)
    with pytest.raises(ObjectExists):
        store.create("o/a", upload)


@raced
def test_of_many_creators_one_wins_and_its_bytes_stay(store: Store) -> None:
    for number in range(rounds(store)):
        key = f"o/{number}"
        found = at_once(lambda who, key=key: store.create(key, b"%d" % who) and who)  # type: ignore[misc]
        winners = [who for who in found if isinstance(who, int)]
        assert len(winners) == 1
        assert found.count(ObjectExists) == THREADS - 1
        assert store.read(key) == b"%d" % winners[0]


@raced
def test_of_many_creators_of_the_same_bytes_one_is_told_that_it_wrote(store: Store) -> None:
    assert sorted(at_once(lambda _who: store.create("o/a", b"same"))) == [False] * (THREADS - 1) + [True]


def test_control_asking_first_lets_several_creators_win(disk: DiskStore) -> None:
    """The same race, with "is it there?" and the write apart: what create() must not be."""
    path = disk.root / "o"
    path.mkdir(parents=True)
    both = threading.Barrier(THREADS)

    def careless(who: int) -> int | None:
        there = (path / "a").exists()
        both.wait()  # every one has asked before any one writes
        if there:
            return None
        (path / "a").write_bytes(b"%d" % who)
        return who

    assert len([who for who in at_once(careless) if who is not None]) > 1


# --- replace and delete ---------------------------------------------------------------------------------------


def test_replace_writes_only_what_differs(store: Store) -> None:
    assert store.replace("index.html", b"one") is True
    assert store.replace("index.html", b"one") is False
    assert store.replace("index.html", b"two") is True
    assert store.read("index.html") == b"two"


def test_deleted_is_gone_with_the_folders_it_leaves_empty(store: Store, disk: DiskStore) -> None:
    for one in (store, disk):
        one.replace("courses/x/lesson/index.html", b"page")
        one.replace("courses/y/index.html", b"page")
        one.delete("courses/x/lesson/index.html")
        assert list(one.keys("courses/")) == ["courses/y/index.html"]
    assert not (disk.root / "courses" / "x").exists()
    assert (disk.root / "courses" / "y").exists()


def test_writers_and_deleters_of_one_folder_do_not_trip_each_other(store: Store) -> None:
    """A deleter removes the folder it emptied at the moment in which a writer is about to write into it."""

    def act(who: int) -> None:
        for _ in range(100 if store.parallel == 1 else 10):
            store.replace(f"courses/x/{who}/index.html", b"page")
            store.delete(f"courses/x/{who}/index.html")

    assert at_once(act) == [None] * THREADS
    assert list(store.keys("")) == []


# --- swap -----------------------------------------------------------------------------------------------------


def test_swap_needs_what_was_read(store: Store) -> None:
    store.swap("c/x/current.json", b"1", None)
    with pytest.raises(PointerMoved):
        store.swap("c/x/current.json", b"2", None)
    with pytest.raises(PointerMoved):
        store.swap("c/x/current.json", b"2", b"0")
    store.swap("c/x/current.json", b"2", b"1")
    assert store.read("c/x/current.json") == b"2"
    with pytest.raises(PointerMoved):
        store.swap("c/y/current.json", b"2", b"1")
    assert store.read("c/y/current.json") is None


def race(store: Store, key: str, now: bytes | None) -> list[object]:
    """What WRITERS swappers of one pointer, who all know what it holds, were told."""
    mark = uuid4().hex.encode()  # a winner's bytes must not be those of the round before
    return at_once(lambda who: store.swap(key, mark + b"%d" % who, now), WRITERS)


@raced
def test_of_many_swappers_one_wins(store: Store) -> None:
    for _round in range(rounds(store)):
        found = race(store, "c/x/current.json", store.read("c/x/current.json"))
        assert found.count(None) == 1
        assert found.count(PointerMoved) == WRITERS - 1


class Slow(dict[str, bytes]):
    """Files of which everybody has read before anybody writes."""

    def __init__(self, read: threading.Barrier) -> None:
        self.barrier = read

    def get(self, key: str, default: Any = None) -> Any:
        found = super().get(key, default)
        self.barrier.wait()
        return found


class UnlockedDisk(DiskStore):
    barrier: threading.Barrier

    def read(self, key: str) -> bytes | None:
        found = super().read(key)
        self.barrier.wait()
        return found

    def _locked(self, path: Path) -> Any:
        path.parent.mkdir(parents=True, exist_ok=True)
        return nullcontext()


class UnconditionalBucket(S3Store):
    barrier: threading.Barrier

    def _prove(self) -> None:
        """Not asked: it would refuse."""

    def _get(self, name: str, **how: Any) -> tuple[bytes, str] | None:
        found = super()._get(name, **how)
        self.barrier.wait()
        return found

    def _put(self, key: str, data: bytes, writer: str, **_condition: str) -> None:
        super()._put(key, data, writer)


def test_control_without_lock_or_condition_several_swappers_win(place: Path | Place | None) -> None:
    """The same race in the same stores, with what makes one winner switched off in each."""
    read = threading.Barrier(WRITERS)
    store: Any
    if place is None:
        store = MemoryStore()
        store._lock, store._files = nullcontext(), Slow(read)
    else:
        store = UnlockedDisk(place) if isinstance(place, Path) else UnconditionalBucket(place)
        store.barrier = read
    assert race(store, "c/x/current.json", None).count(None) > 1


@raced
def test_no_swap_is_lost(store: Store) -> None:
    """Counting by compare-and-set: the end is the sum of all that were told they had won."""

    def count(_who: int) -> int:
        won = 0
        while won < 10:
            now = store.read("c/x/current.json")
            try:
                store.swap("c/x/current.json", b"%d" % (int(now or 0) + 1), now)
            except PointerMoved:
                continue
            won += 1
        return won

    at_once(count)
    assert store.read("c/x/current.json") == b"%d" % (10 * THREADS)


def test_control_replace_loses_swaps(store: Store) -> None:
    """The same count without the comparison: everybody read 0, so everybody writes 1."""
    read = threading.Barrier(THREADS)

    def careless(_who: int) -> None:
        now = store.read("c/x/current.json")
        read.wait()
        store.replace("c/x/current.json", b"%d" % (int(now or 0) + 1))

    at_once(careless)
    assert store.read("c/x/current.json") == b"1"


# --- keys -----------------------------------------------------------------------------------------------------


def test_keys_are_sorted_as_whole_keys(store: Store) -> None:
    names = ["a-b/c", "a.b", "a/b", "a/b-/c", "a0", "a/z", "a/b.c", "a/b0/c", "B/a", "a/b_/c"]
    for name in names:
        store.create(name, b"")
    assert list(store.keys("")) == sorted(names)
    assert list(store.keys("a/")) == sorted(name for name in names if name.startswith("a/"))
    assert list(store.keys("a/b")) == sorted(name for name in names if name.startswith("a/b"))
    assert list(store.keys("nothing/")) == []


@pytest.mark.parametrize("prefix", ["../", "/", ".", "a/../", "a//", "a/\n", "%2e%2e/"])
def test_a_listing_does_not_leave_the_store(store: Store, prefix: str) -> None:
    with pytest.raises(StoreError):
        store.keys(prefix)


def test_a_listing_follows_no_link_out_of_the_folder(disk: DiskStore, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret").write_bytes(b"")
    disk.create("o/a", b"")
    (disk.root / "o" / "way").symlink_to(outside)
    (disk.root / "o" / "circle").symlink_to(disk.root)
    assert "o/way/secret" not in list(disk.keys(""))


HOSTILE = {
    "empty": "",
    "root": "/etc/passwd",
    "up": "../outside",
    "up inside": "o/../../outside",
    "here": "o/./a",
    "nul": "o/a\0b",
    "line end": "o/a\n",
    "carriage return": "o/a\r",
    "doubled slash": "o//a",
    "ends as a folder": "o/",
    "space": "o/a b",
    "backslash": "o\\a",
    "percent": "o/%2e%2e",
    "drive": "C:/a",
    "accent": "o/é",
    "look-alike slash": "o\u2215a",
    "right to left": "o/\u202eexe",
    "digits of another script": "o/١",
    "dot file": ".half-1",
    "dot folder": "o/.git/config",
    "long part": "o/" + "a" * 201,
    "long key": "/".join(["a" * 100] * 10),
}


@pytest.mark.parametrize("key", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_hostile_key_is_refused_by_every_call_and_leaves_nothing(store: Store, key: str, tmp_path: Path) -> None:
    before = sorted(tmp_path.rglob("*"))
    calls: list[Callable[[], object]] = [
        lambda: store.read(key),
        lambda: store.stat(key),
        lambda: store.create(key, b""),
        lambda: store.replace(key, b""),
        lambda: store.swap(key, b"", None),
        lambda: store.delete(key),
    ]
    for call in calls:
        with pytest.raises(StoreError, match="not a key"):
            call()
    assert sorted(tmp_path.rglob("*")) == before


def test_the_longest_key_is_a_key(store: Store) -> None:
    key = "/".join(["a" * 200] * 4)
    store.swap(key, b"1", None)
    store.replace(key, b"2")
    assert store.read(key) == b"2"
    assert list(store.keys("")) == [key]


# --- a reader beside a writer ---------------------------------------------------------------------------------

SIZE = 400_000


def torn_reads(disk: DiskStore, write: Callable[[bytes], object]) -> tuple[int, int]:
    """(reads, reads that were not one whole version) while another thread wrote many versions with `write`."""
    versions = [bytes([letter]) * SIZE for letter in b"ab"]
    write(versions[0])
    done = threading.Event()

    def writer() -> None:
        for number in range(60):
            write(versions[number % 2])
        done.set()

    thread = threading.Thread(target=writer)
    thread.start()
    reads = torn = 0
    while not done.is_set():
        reads += 1
        torn += disk.read("index.html") not in versions
    thread.join()
    return reads, torn


def test_a_reader_never_sees_half_a_file(disk: DiskStore) -> None:
    reads, torn = torn_reads(disk, lambda data: disk.replace("index.html", data))
    assert reads > 10
    assert torn == 0


def test_control_writing_in_place_is_seen_half_done(disk: DiskStore) -> None:
    def in_place(data: bytes) -> None:
        disk.root.mkdir(exist_ok=True)
        with (disk.root / "index.html").open("wb", buffering=0) as file:
            for start in range(0, SIZE, 4096):
                file.write(data[start : start + 4096])

    assert torn_reads(disk, in_place)[1] > 0


# --- kill -9 and power cuts -----------------------------------------------------------------------------------

KILLED = """
import os, signal, sys
from pathlib import Path
from pipeline.store.disk import DiskStore

def killed(descriptor):
    os.kill(os.getpid(), signal.SIGKILL)

os.fsync = killed
store = DiskStore(Path(sys.argv[1]))
{"create": lambda: store.create("o/a", b"new"),
 "replace": lambda: store.replace("o/a", b"new"),
 "swap": lambda: store.swap("o/a", b"new", b"old")}[sys.argv[2]]()
"""


@pytest.mark.parametrize("act", ["create", "replace", "swap"])
def test_a_writer_killed_before_the_rename_has_written_nothing(disk: DiskStore, act: str) -> None:
    disk.create("o/b", b"other")
    old = None if act == "create" else b"old"
    if old:
        disk.create("o/a", old)
    before = list(disk.keys(""))
    killed = subprocess.run([sys.executable, "-c", KILLED, str(disk.root), act], cwd=ROOT, check=False)
    assert killed.returncode == -9
    assert disk.read("o/a") == old
    assert list(disk.keys("")) == before
    left = list((disk.root / ".half").iterdir())
    assert len(left) == 1, "the writer was killed with its file half written"
    assert disk.clear_half_written() == 0, "a young one may belong to a writer that lives"
    yesterday = time.time() - 25 * 3600
    os.utime(left[0], (yesterday, yesterday))
    assert disk.clear_half_written() == 1
    assert not list((disk.root / ".half").iterdir())
    disk.swap("o/a", b"newer", old)  # the lock of the killed one is not held any more
    assert disk.read("o/a") == b"newer"


@pytest.fixture
def steps(disk: DiskStore, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the disk was asked for, in order. Each call is passed on."""
    told: list[str] = []
    fsync, link, replace = os.fsync, os.link, os.replace

    def name(path: object) -> str:
        relative = os.path.relpath(str(path), disk.root)
        return "half" if relative.startswith(".half/") else relative

    def tell_fsync(descriptor: int) -> None:
        told.append("sync " + name(Path(f"/proc/self/fd/{descriptor}").readlink()))
        fsync(descriptor)

    def tell_link(source: Path, target: Path) -> None:
        told.append(f"link {name(source)} {name(target)}")
        link(source, target)

    def tell_replace(source: Path, target: Path) -> None:
        told.append(f"rename {name(source)} {name(target)}")
        replace(source, target)

    monkeypatch.setattr(os, "fsync", tell_fsync)
    monkeypatch.setattr(os, "link", tell_link)
    monkeypatch.setattr(os, "replace", tell_replace)
    return told


def test_bytes_are_safe_before_their_name_and_the_name_before_the_answer(disk: DiskStore, steps: list[str]) -> None:
    (disk.root / ".half").mkdir(parents=True)
    disk.create("o/a", b"1")
    assert steps == ["sync half", "sync .", "link half o/a", "sync o"]
    steps.clear()
    disk.create("o/a", b"1")
    assert steps == ["sync o"], "the name that is there already is made safe before a pointer leads to it"
    steps.clear()
    disk.replace("index.html", b"1")
    assert steps == ["sync half", "rename half index.html", "sync ."]
    steps.clear()
    disk.swap("c/x/current.json", b"1", None)
    assert steps == ["sync .", "sync c", "sync half", "rename half c/x/current.json", "sync c/x"]
    steps.clear()
    disk.delete("o/a")
    assert steps == ["sync ."], "the folder that the deletion left standing"


def test_what_is_half_written_lies_in_one_folder_that_is_no_part_of_the_store(disk: DiskStore) -> None:
    disk.create("o/a", b"1")
    disk.replace("courses/x/index.html", b"2")
    assert {path.name for path in disk.root.iterdir()} == {"o", "courses", ".half"}
    assert list((disk.root / ".half").iterdir()) == []
    (disk.root / ".half" / "left").write_bytes(b"half")
    assert list(disk.keys("")) == ["courses/x/index.html", "o/a"]
    with pytest.raises(StoreError):
        disk.read(".half/left")


def test_clearing_looks_into_one_folder_however_large_the_store_is(
    disk: DiskStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(30):
        disk.create(f"o/{number}/a", b"1")
    scandir, looked = os.scandir, []

    def look(folder: object = ".") -> object:
        looked.append(folder)
        return scandir(folder)  # type: ignore[call-overload]

    monkeypatch.setattr(os, "scandir", look)
    disk.clear_half_written()
    assert len(looked) < 5


def test_a_file_named_by_its_content_is_known_by_its_size(disk: DiskStore, tmp_path: Path) -> None:
    """Reading gigabytes twice, to find that they are the same, may take longer than a worker may be silent."""
    data = tmp_path / "film.zip"
    data.write_bytes(b"new")
    for key in (f"o/{'a' * 64}.zip", f"o/{'a' * 64}"):
        disk.create(key, b"old")
        assert disk.create(key, data) is False
        with pytest.raises(ObjectExists):
            disk.create(key, b"new")
    disk.create("m/film/1.ts", b"old")
    with pytest.raises(ObjectExists):
        disk.create("m/film/1.ts", data)
    data.write_bytes(b"longer")
    with pytest.raises(ObjectExists):
        disk.create(f"o/{'a' * 64}.zip", data)
