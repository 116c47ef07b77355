"""A bucket that answers 403, 404, 409, 412, 503, late, damaged or not at all: success, or a sentence that helps."""

import hashlib
import io
import multiprocessing
import threading
import tracemalloc
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
import urllib3
from botocore.awsrequest import AWSResponse
from botocore.exceptions import ConnectionClosedError, EndpointConnectionError
from moto import mock_aws

from pipeline.errors import ObjectExists, PointerMoved, StoreError
from pipeline.store import s3
from pipeline.store.s3 import S3Store, client_of
from pipeline.store.s3_place import Place
from pipeline.store.s3_upload import PART
from tests.object_store import free_ports, object_store

POINTER = "c/x/current.json"
Hook = Callable[..., Any]


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Between two tries nobody waits."""
    nothing = SimpleNamespace(sleep=lambda _seconds: None)
    monkeypatch.setattr("botocore.endpoint.time", nothing)
    monkeypatch.setattr(s3, "time", nothing)
    yield
    client_of.cache_clear()


@pytest.fixture
def bucket() -> S3Store:
    """A real one, which has written already: what is injected hits the call, not the first look at the server."""
    store = S3Store(object_store().place())
    store.create("o/first", b"first")
    return store


def on(store: S3Store, operation: str, hook: Hook, event: str = "before-send") -> None:
    store.client.meta.events.register_first(f"{event}.s3.{operation}", hook)


class Answers:
    """Answers instead of the server, `times` times."""

    def __init__(self, status: int, code: str = "", times: int = 1000) -> None:
        self.status, self.left, self.asked = status, times, 0
        self.body = f"<Error><Code>{code}</Code><Message>No.</Message></Error>".encode() if code else b""

    def __call__(self, request: Any, **_kwargs: Any) -> AWSResponse | None:
        self.asked += 1
        if self.asked > self.left:
            return None
        raw = urllib3.HTTPResponse(body=io.BytesIO(self.body), preload_content=False)
        return AWSResponse(request.url, self.status, {}, raw)


class DropsAnswers:
    """The server has done it, and the connection breaks before it can say so; `times` times."""

    def __init__(self, store: S3Store, times: int = 1, then: Callable[[], object] = lambda: None) -> None:
        self.session: Any = store.client._endpoint.http_session  # type: ignore[attr-defined]
        self.left, self.then, self.statuses = times, then, list[int]()

    def __call__(self, request: Any, **_kwargs: Any) -> None:
        if self.left == 0:
            return
        self.left -= 1
        self.statuses.append(self.session.send(request).status_code)
        self.then()
        raise ConnectionClosedError(endpoint_url=request.url)


def unreached(request: Any, **_kwargs: Any) -> None:
    raise EndpointConnectionError(endpoint_url=request.url)


# --- answers that pass, and answers that stay ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "code"), [(503, "SlowDown"), (500, "InternalError"), (409, "ConditionalRequestConflict")]
)
def test_what_passes_is_waited_for(bucket: S3Store, status: int, code: str) -> None:
    busy = Answers(status, code, times=2)
    on(bucket, "PutObject", busy)
    assert bucket.create("o/a", b"data") is True
    assert busy.asked == 3
    assert bucket.read("o/a") == b"data"


WRITES: dict[str, Callable[[S3Store], object]] = {
    "create": lambda store: store.create("o/a", b"data"),
    "replace": lambda store: store.replace("index.html", b"data"),
    "swap": lambda store: store.swap(POINTER, b"data", None),
}
STAYS = {
    (503, "SlowDown"): "does not answer as it should",
    (409, "ConditionalRequestConflict"): "somebody else is writing the same key",
    (403, "AccessDenied"): "give these credentials s3:GetObject",
    (403, "RequestTimeTooSkewed"): "clock of this machine",
    (404, "NoSuchBucket"): "no such bucket: make it, or correct LECTERN_STORE",
    (301, "PermanentRedirect"): "set S3_REGION",
    (400, "BadDigest"): "arrived damaged",
    (501, "NotImplemented"): "manage.py doctor",
    (507, "InsufficientStorage"): "disk is full",
}


@pytest.mark.parametrize("act", WRITES.values(), ids=WRITES.keys())
@pytest.mark.parametrize(("answer", "sentence"), STAYS.items(), ids=[code for _, code in STAYS])
def test_what_stays_is_said(
    bucket: S3Store, act: Callable[[S3Store], object], answer: tuple[int, str], sentence: str
) -> None:
    on(bucket, "PutObject", Answers(*answer))
    with pytest.raises(StoreError, match=sentence) as told:
        act(bucket)
    assert type(told.value) is StoreError or answer[0] == 409
    assert f"at {bucket.place}: " in str(told.value)
    assert list(bucket.keys("")) == ["o/first"]


@pytest.mark.parametrize("act", WRITES.values(), ids=WRITES.keys())
def test_a_server_that_cannot_be_reached_is_said(bucket: S3Store, act: Callable[[S3Store], object]) -> None:
    on(bucket, "PutObject", unreached)
    with pytest.raises(StoreError, match="cannot be reached: look at the network and at S3_ENDPOINT_URL"):
        act(bucket)


def test_nobody_behind_the_address(bucket: S3Store) -> None:
    store = S3Store(replace(bucket.place, endpoint=f"http://127.0.0.1:{free_ports(1)[0]}"))
    for call in (
        lambda: store.read("o/a"),
        lambda: store.stat("o/a"),
        lambda: store.keys(""),
        lambda: store.create("o/a", b""),
    ):
        with pytest.raises(StoreError, match="cannot be reached"):
            call()


def test_a_wrong_secret_is_said(bucket: S3Store) -> None:
    store = S3Store(replace(bucket.place, secret_key="another"))
    with pytest.raises(StoreError, match="check S3_SECRET_ACCESS_KEY"):
        store.read("o/first")
    with pytest.raises(StoreError, match="check S3_ACCESS_KEY_ID"):
        S3Store(replace(bucket.place, access_key="nobody")).read("o/first")


def test_no_credentials_at_all_is_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, str(tmp_path / "none"))
    with pytest.raises(StoreError, match="set S3_ACCESS_KEY_ID and S3_SECRET_ACCESS_KEY"):
        S3Store(Place("school", endpoint=object_store().endpoint)).read("o/a")


def test_a_bucket_that_is_not_there_is_no_empty_store() -> None:
    with mock_aws():
        store = S3Store(Place(f"nobody-{uuid4().hex}", region="us-east-1", access_key="a", secret_key="b"))
        for call in (
            lambda: store.read("o/a"),
            lambda: store.stat("o/a"),
            lambda: store.keys(""),
            lambda: store.create("o/a", b""),
            lambda: store.replace("o/a", b""),
            lambda: store.swap(POINTER, b"", None),
        ):
            with pytest.raises(StoreError, match="no such bucket"):
                call()


# --- an answer that is lost ------------------------------------------------------------------------------------


@pytest.mark.parametrize("act", WRITES.values(), ids=WRITES.keys())
def test_a_write_whose_answer_is_lost_is_known_again(bucket: S3Store, act: Callable[[S3Store], object]) -> None:
    dropped = DropsAnswers(bucket)
    on(bucket, "PutObject", dropped)
    assert act(bucket) in (True, None)
    assert dropped.statuses == [200]
    assert [bucket.read(key) for key in bucket.keys("") if key != "o/first"] == [b"data"]


def test_control_without_its_name_the_writer_loses_to_itself(bucket: S3Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(s3, "uuid4", lambda: SimpleNamespace(hex=""))
    told_of = s3.told_of
    monkeypatch.setattr(s3, "told_of", lambda key, sha256, _writer: told_of(key, sha256, uuid4().hex))
    on(bucket, "PutObject", DropsAnswers(bucket))
    with pytest.raises(PointerMoved):
        bucket.swap(POINTER, b"data", None)


def test_a_pointer_that_another_moved_on_in_between_is_moved(bucket: S3Store) -> None:
    other = S3Store(replace(bucket.place))
    other_client = S3Store(replace(bucket.place, region="us-west-1"))  # a client of its own, without the hook
    bucket.swap(POINTER, b"1", None)
    on(bucket, "PutObject", DropsAnswers(bucket, then=lambda: other_client.swap(POINTER, b"3", b"2")))
    with pytest.raises(PointerMoved):
        bucket.swap(POINTER, b"2", b"1")
    assert other.read(POINTER) == b"3"


def test_two_that_swap_the_same_bytes_are_not_both_told_that_they_won(bucket: S3Store) -> None:
    found, start = [], threading.Barrier(16)

    def swap() -> None:
        start.wait()
        try:
            found.append(bucket.swap(POINTER, b"same", None))
        except PointerMoved as error:
            found.append(error)

    threads = [threading.Thread(target=swap) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found.count(None) == 1


def test_an_object_that_was_deleted_in_between_is_written(bucket: S3Store) -> None:
    """412, and nothing is there any more when it is looked at."""
    on(bucket, "PutObject", Answers(412, "PreconditionFailed", times=1))
    assert bucket.create("o/a", b"data") is True
    assert bucket.read("o/a") == b"data"


# --- bytes that are damaged ------------------------------------------------------------------------------------


def test_the_server_refuses_bytes_that_arrive_damaged(bucket: S3Store) -> None:
    def damage(request: Any, **_kwargs: Any) -> None:
        request.body = b"dat\0"

    on(bucket, "PutObject", damage)
    with pytest.raises(StoreError):
        bucket.create("o/a", b"data")
    assert bucket.read("o/a") is None


def test_every_write_carries_the_sha256_of_its_bytes(bucket: S3Store) -> None:
    seen: list[Any] = []
    on(bucket, "PutObject", lambda request, **_kwargs: seen.append(request.headers["x-amz-checksum-sha256"]))
    for act in WRITES.values():
        act(bucket)
    assert seen == [b"Om6weQ85rIfJTzhWst0sXREOaBFgImGpqSPTuyOtyLc="] * 3


def test_a_body_that_breaks_off_is_asked_for_again(bucket: S3Store) -> None:
    def half(request: Any, **_kwargs: Any) -> AWSResponse | None:
        asked.append(1)
        if len(asked) > 2:
            return None
        raw = urllib3.HTTPResponse(body=io.BytesIO(b"fi"), preload_content=False)
        return AWSResponse(request.url, 200, {"content-length": "5", "etag": '"1"'}, raw)

    asked: list[int] = []
    on(bucket, "GetObject", half)
    assert bucket.read("o/first") == b"first"
    assert len(asked) == 3


# --- servers without conditional writes ------------------------------------------------------------------------


@pytest.mark.parametrize("header", ["If-None-Match", "If-Match"])
@pytest.mark.parametrize("act", ["create", "swap"])
def test_a_server_that_ignores_conditions_is_not_written_to(header: str, act: str) -> None:
    store = S3Store(object_store().place())

    def ignore(request: Any, **_kwargs: Any) -> None:
        del request.headers[header]

    on(store, "PutObject", ignore, "before-sign")
    with pytest.raises(StoreError, match=f"ignores {header}"):
        WRITES[act](store)
    found = store.client.list_objects_v2(Bucket=store.place.bucket, Prefix=store.place.prefix)
    assert found["KeyCount"] == 0, "nothing is written, and the scratch file is gone"


def test_the_server_is_asked_once_in_a_process() -> None:
    store, asked = S3Store(object_store().place()), list[str]()
    on(store, "PutObject", lambda request, **_kwargs: asked.append(request.url))
    store.create("o/a", b"1")
    S3Store(store.place).create("o/b", b"1")
    assert len([url for url in asked if "/.half/" in url]) == 3
    assert len(asked) == 5


# --- large files -----------------------------------------------------------------------------------------------


@pytest.fixture
def film(tmp_path: Path) -> Path:
    path = tmp_path / "film.mp4"
    path.write_bytes(hashlib.sha256(b"film").digest() * (3 * PART // 32) + b"the end")
    return path


def uploads(store: S3Store) -> list[Any]:
    found = store.client.list_multipart_uploads(Bucket=store.place.bucket, Prefix=store.place.prefix)
    return list(found.get("Uploads", []))


def test_a_large_file_arrives_whole_in_parts(bucket: S3Store, film: Path) -> None:
    assert bucket.create("m/film/1.mp4", film) is True
    assert bucket.create("m/film/1.mp4", film) is False
    stat = bucket.stat("m/film/1.mp4")
    assert stat is not None
    assert (stat.media_type, stat.cache) == ("video/mp4", "public, max-age=31536000, immutable")
    assert bucket.read("m/film/1.mp4") == film.read_bytes()
    film.write_bytes(b"x" * film.stat().st_size)
    with pytest.raises(ObjectExists):
        bucket.create("m/film/1.mp4", film)
    assert uploads(bucket) == []


def test_a_large_file_needs_little_memory(bucket: S3Store, tmp_path: Path) -> None:
    film = tmp_path / "film"
    with film.open("wb") as file:
        file.truncate(12 * PART)
    tracemalloc.start()
    bucket.create("o/film", film)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 4 * PART


FAILING = ["CreateMultipartUpload", "UploadPart", "CompleteMultipartUpload"]


@pytest.mark.parametrize("operation", FAILING)
def test_a_large_file_that_fails_leaves_nothing(bucket: S3Store, film: Path, operation: str) -> None:
    on(bucket, operation, Answers(403, "AccessDenied"))
    with pytest.raises(StoreError, match="s3:AbortMultipartUpload"):
        bucket.create("m/film/1.mp4", film)
    assert bucket.stat("m/film/1.mp4") is None
    assert uploads(bucket) == []


@pytest.mark.parametrize("operation", FAILING)
def test_a_large_file_whose_answers_are_lost_is_written_all_the_same(
    bucket: S3Store, film: Path, operation: str
) -> None:
    on(bucket, operation, DropsAnswers(bucket))
    assert bucket.create("m/film/1.mp4", film) is True
    assert bucket.read("m/film/1.mp4") == film.read_bytes()


def test_a_conflict_at_the_end_begins_the_upload_again(bucket: S3Store, film: Path) -> None:
    """As S3 asks for: an upload that met 409 cannot be completed any more."""
    begun: list[int] = []

    def count(**_kwargs: Any) -> None:
        begun.append(1)

    on(bucket, "CreateMultipartUpload", count)
    on(bucket, "CompleteMultipartUpload", Answers(409, "ConditionalRequestConflict", times=1))
    assert bucket.create("m/film/1.mp4", film) is True
    assert len(begun) == 2
    assert uploads(bucket) == []


def test_of_several_that_send_a_large_file_it_is_there_whole_and_nothing_is_left(bucket: S3Store, film: Path) -> None:
    """All of them begin, because none found it there; the end decides.

    How many are told that they wrote it is the server's to say: SeaweedFS lets several ends through at once.
    """
    begun, found = threading.Barrier(4), list[bool]()

    def wait(**_kwargs: Any) -> None:
        begun.wait(30)

    on(bucket, "CreateMultipartUpload", wait)
    threads = [threading.Thread(target=lambda: found.append(bucket.create("o/film", film))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 4 and any(found)
    assert bucket.read("o/film") == film.read_bytes()
    assert bucket.create("o/film", film) is False
    assert uploads(bucket) == []


def test_a_file_that_changes_while_it_is_sent_is_not_written(bucket: S3Store, film: Path) -> None:

    def change(**_kwargs: Any) -> None:
        film.write_bytes(b"y" * film.stat().st_size)

    on(bucket, "CreateMultipartUpload", change)
    with pytest.raises(StoreError, match="changed while it was being written"):
        bucket.create("o/film", film)
    assert bucket.stat("o/film") is None
    assert uploads(bucket) == []


def test_the_parts_of_a_killed_writer_are_removed_a_day_later(bucket: S3Store, monkeypatch: pytest.MonkeyPatch) -> None:
    key = f"{bucket.place.prefix}o/film"
    bucket.client.create_multipart_upload(Bucket=bucket.place.bucket, Key=key)
    assert bucket.clear_half_written() == 0, "a young one may belong to a writer that lives"
    monkeypatch.setattr(s3, "STALE", timedelta(seconds=-60))
    assert bucket.clear_half_written() == 1
    assert uploads(bucket) == []


# --- other hands, other prefixes, other processes --------------------------------------------------------------


def test_what_another_hand_put_there_is_compared_by_its_bytes(bucket: S3Store, film: Path) -> None:
    raw = {"Bucket": bucket.place.bucket, "Key": f"{bucket.place.prefix}o/a"}
    bucket.client.put_object(**raw, Body=b"data")
    assert bucket.create("o/a", b"data") is False
    with pytest.raises(ObjectExists):
        bucket.create("o/a", b"Data")
    assert bucket.replace("o/a", b"data") is True, "its headers are put right"
    assert bucket.replace("o/a", b"data") is False
    bucket.client.put_object(**raw | {"Key": f"{bucket.place.prefix}o/film"}, Body=film.read_bytes())
    assert bucket.create("o/film", film) is False


def test_what_is_not_a_key_is_not_listed(bucket: S3Store) -> None:
    for name in ("o/with space", ".half/left", "o/.hidden", "o/é"):
        bucket.client.put_object(Bucket=bucket.place.bucket, Key=bucket.place.prefix + name, Body=b"")
    assert list(bucket.keys("")) == ["o/first"]


def test_one_prefix_does_not_see_into_another(bucket: S3Store) -> None:
    inner = S3Store(replace(bucket.place, prefix=f"{bucket.place.prefix}o/"))
    beside = S3Store(replace(bucket.place, prefix=f"{bucket.place.prefix.rstrip('/')}-2/"))
    beside.create("o/b", b"2")
    assert list(bucket.keys("")) == ["o/first"]
    assert list(inner.keys("")) == ["first"]
    assert bucket.read("o/b") is None


def test_a_listing_goes_on_after_a_thousand_keys() -> None:
    with mock_aws():
        store = S3Store(Place("school", region="us-east-1", access_key="a", secret_key="b"))
        store.client.create_bucket(Bucket="school")
        names = [f"o/{number}" for number in range(1100)]
        for name in names:
            store.client.put_object(Bucket="school", Key=name, Body=b"")
        assert list(store.keys("o/")) == sorted(names)


def test_a_child_has_connections_of_its_own(bucket: S3Store) -> None:
    mine = bucket.client

    def child() -> None:
        bucket.create("o/child", b"child")
        raise SystemExit(0 if bucket.client is not mine else 1)

    process = multiprocessing.get_context("fork").Process(target=child)
    process.start()
    process.join(60)
    assert process.exitcode == 0
    assert bucket.client is mine
    assert bucket.read("o/child") == b"child"
