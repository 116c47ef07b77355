"""A store in a bucket, on any server that speaks S3 and honours conditional writes."""

import hashlib
import os
import random
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import uuid4

import boto3
from botocore import exceptions as boto
from botocore.config import Config

from pipeline.errors import ObjectExists, PointerMoved, StoreError
from pipeline.store import s3_failures as failures
from pipeline.store.base import KEY, Stat, checked, checked_prefix, checked_range
from pipeline.store.s3_failures import Absent, BrokenOff, Conflict, OutOfRange, Refused
from pipeline.store.s3_place import Measured, Place, as_told, checksum, measure, told_of
from pipeline.store.s3_upload import PART, abandon, upload

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

Answer = TypeVar("Answer")

PAUSES = (0.1, 0.3, 1.0, 3.0)  # at most so many seconds before the next try, where boto3 does not try again itself
STALE = timedelta(days=1)
SCRATCH = ".half/"  # no part of a key begins with a dot: no reader and no listing meets what lies here
CONFIG = Config(
    connect_timeout=5,
    read_timeout=30,
    max_pool_connections=16,
    retries={"mode": "standard", "total_max_attempts": 4},
    request_checksum_calculation="when_required",  # we send the sha256: it would add a second sum
)
NO_KEYS = (boto.NoCredentialsError, boto.PartialCredentialsError, boto.CredentialRetrievalError)
BROKEN_OFF = (boto.ResponseStreamingError, boto.IncompleteReadError, boto.FlexibleChecksumError)
UNREACHED = (boto.ConnectionError, boto.HTTPClientError)


@cache
def client_of(_process: int, service: str, place: Place) -> Any:
    """One for each process, whose connections must not be shared with a child; its threads may share it."""
    # boto3's default session is not safe to make clients from in several threads; one of our own is.
    make: Any = boto3.session.Session().client
    return make(
        service,
        endpoint_url=place.endpoint or None,
        region_name=place.region or None,
        aws_access_key_id=place.access_key or None,
        aws_secret_access_key=place.secret_key or None,
        config=CONFIG.merge(Config(s3={"addressing_style": "path"})) if place.endpoint else CONFIG,
    )


def call(where: object, doing: str, act: Callable[[], Answer], again: tuple[type[StoreError], ...] = ()) -> Answer:
    """What `act` answers. Raises StoreError with a sentence; tries again after the kinds of error in `again`."""
    pauses = iter(PAUSES)
    while True:
        try:
            return act()
        except (boto.ClientError, boto.BotoCoreError) as error:
            failure = _failure(where, doing, error)
            pause = next(pauses, None)
            if pause is None or not isinstance(failure, again):
                raise failure from error
        time.sleep(random.uniform(0, pause))  # noqa: S311  (it keeps writers apart, and no secret)


def _failure(where: object, doing: str, error: Exception) -> StoreError:
    if isinstance(error, boto.ClientError):
        status = int(error.response["ResponseMetadata"]["HTTPStatusCode"])
        return failures.answered(where, doing, status, error.response["Error"].get("Code", ""))
    kind, cause = StoreError, str(error).rstrip(".")
    if isinstance(error, NO_KEYS):
        cause = failures.NO_KEYS
    elif isinstance(error, BROKEN_OFF):
        kind, cause = BrokenOff, failures.DAMAGED
    elif isinstance(error, UNREACHED):
        cause = failures.UNREACHED
    return kind(f"{doing} failed at {where}: {cause}.")


# By process: buckets that were seen to be there, and those whose conditional writes were seen to hold.
_there: set[tuple[int, Place]] = set()
_conditional: set[tuple[int, Place]] = set()


class S3Store:
    """Objects below `place.prefix`. Each carries, as metadata, the sha256 of its bytes and a name of the call that
    wrote it: so bytes are compared without being fetched, and a call whose answer was lost knows its own work again."""

    parallel = 8

    def __init__(self, place: Place) -> None:
        self.place = place

    @property
    def client(self) -> "S3Client":
        found: S3Client = client_of(os.getpid(), "s3", self.place)
        return found

    def read(self, key: str) -> bytes | None:
        found = self._get(self._name(key))
        return found[0] if found else None

    def read_range(self, key: str, start: int = 0, stop: int | None = None) -> bytes | None:
        checked_range(start, stop)
        name = self._name(key)
        if stop is not None and stop <= start:
            return b"" if self._head(name) else None
        found = self._get(name, Range=f"bytes={start}-{'' if stop is None else stop - 1}")
        return found[0] if found else None

    def stat(self, key: str) -> Stat | None:
        head = self._head(self._name(key))
        if head is None:
            return None
        served = (head.get("ContentType", ""), head.get("CacheControl", ""), head.get("ContentEncoding", ""))
        return Stat(head["ContentLength"], *served)

    def create(self, key: str, data: bytes | Path) -> bool:
        name = self._name(key)
        self._prove()
        measured, writer = measure(data), uuid4().hex
        for pause in PAUSES:
            # Gigabytes are not sent only to be refused.
            if isinstance(data, Path) and (there := self._head(name)):
                return self._ours(key, there, measured, writer)
            try:
                if isinstance(data, Path) and measured.bytes > PART:
                    upload(self._ask, self.client, name, data, measured, told_of(key, measured.sha256, writer))
                else:
                    self._put(key, data if isinstance(data, bytes) else data.read_bytes(), writer, IfNoneMatch="*")
            except Conflict:
                time.sleep(random.uniform(0, pause))  # noqa: S311  (as in `call`)
            except (Refused, Absent):
                if there := self._head(name):
                    return self._ours(key, there, measured, writer)
                # It was deleted again, or somebody ended our upload: from the beginning.
            else:
                return True
        raise StoreError(f"Writing {key} failed at {self.place}: {failures.BY_STATUS[409]}.")

    def replace(self, key: str, data: bytes) -> bool:
        """As promised; and what another hand put there, or is served with other headers, is written anew."""
        head, writer = self._head(self._name(key)), uuid4().hex
        if head and head["ContentLength"] == len(data) and as_told(head, told_of(key, measure(data).sha256, writer)):
            return False
        self._put(key, data, writer)
        return True

    def swap(self, key: str, data: bytes, expected: bytes | None) -> None:
        name = self._name(key)
        self._prove()
        found, writer = self._get(name), uuid4().hex
        moved = PointerMoved(f"{key} was moved by somebody else.")
        if (found[0] if found else None) != expected:
            raise moved
        try:
            self._put(key, data, writer, **({"IfMatch": found[1]} if found else {"IfNoneMatch": "*"}))
        except (Refused, Absent):
            # The answer to the first try may have been lost: then it is our own work that refuses the second.
            head = self._head(name)
            if head is None or head["Metadata"].get("writer") != writer:
                raise moved from None

    def delete(self, key: str) -> None:
        self._ask(f"Deleting {key}", self.client.delete_object, Key=self._name(key))

    def keys(self, prefix: str) -> Iterator[str]:
        """As promised. All are in memory at once: S3 lists in the order of bytes, but not every server does."""
        cut = len(self.place.prefix)
        listing = self.client.get_paginator("list_objects_v2").paginate
        names = self._pages("Listing", listing, "Contents", self.place.prefix + checked_prefix(prefix))
        # What another hand put there under a name that is not a key could not be read by it either.
        return iter(sorted(one["Key"][cut:] for one in names if KEY.fullmatch(one["Key"], cut)))

    def clear_half_written(self) -> int:
        """As promised: uploads that nobody ended, whose bytes are paid for and never seen."""
        listing = self.client.get_paginator("list_multipart_uploads").paginate
        begun = self._pages("Looking for half-written files", listing, "Uploads", self.place.prefix)
        stale = [one for one in begun if one["Initiated"] < datetime.now(UTC) - STALE]
        for one in stale:
            abandon(self._ask, self.client, Key=one["Key"], UploadId=one["UploadId"])
        return len(stale)

    def clock(self) -> datetime:
        answer = self._ask("Asking the time", self.client.list_objects_v2, Prefix=self.place.prefix, MaxKeys=1)
        return parsedate_to_datetime(answer["ResponseMetadata"]["HTTPHeaders"]["date"])

    def _name(self, key: str) -> str:
        return self.place.prefix + checked(key)

    def _ask(
        self, doing: str, operation: Callable[..., Answer], again: tuple[type[StoreError], ...] = (), **what: Any
    ) -> Answer:
        return call(self.place, doing, lambda: operation(Bucket=self.place.bucket, **what), again)

    def _pages(self, doing: str, listing: Callable[..., Any], part: str, prefix: str) -> list[dict[str, Any]]:
        def every(**what: Any) -> list[dict[str, Any]]:
            return [entry for page in listing(**what) for entry in page.get(part, [])]

        return self._ask(doing, every, Prefix=prefix)

    def _get(self, name: str, **how: Any) -> tuple[bytes, str] | None:
        """Bytes and ETag, or None."""

        def get(**what: Any) -> tuple[bytes, str]:
            answer = self.client.get_object(**what)
            return answer["Body"].read(), answer["ETag"]

        try:
            # boto3 tries again until an answer begins; what breaks off in its middle is ours to ask for again.
            return self._ask(f"Reading {name}", get, again=(BrokenOff,), Key=name, **how)
        except Absent:
            return None
        except OutOfRange:
            return b"", ""

    def _head(self, name: str) -> dict[str, Any] | None:
        doing = f"Asking for {name}"
        try:
            return dict(self._ask(doing, self.client.head_object, Key=name))
        except Absent:
            # HEAD has no words, and says the same of a bucket that is not there; but that is no empty store.
            if (this := (os.getpid(), self.place)) not in _there:
                self._ask(doing, self.client.list_objects_v2, Prefix=name, MaxKeys=1)
                _there.add(this)
            return None

    def _put(self, key: str, data: bytes, writer: str, **condition: str) -> None:
        told = told_of(key, measure(data).sha256, writer)
        what = {"Key": self.place.prefix + key, "Body": data, "ChecksumSHA256": checksum(data)}
        self._ask(f"Writing {key}", self.client.put_object, again=(Conflict,), **what, **told, **condition)

    def _ours(self, key: str, there: dict[str, Any], measured: Measured, writer: str) -> bool:
        """True if this very call wrote what is there, False if another wrote the same; else raises ObjectExists."""
        told = there["Metadata"]
        if told.get("writer") == writer:
            return True
        # Another hand leaves no metadata: then there is nothing to go by but the bytes.
        if there["ContentLength"] != measured.bytes or (told.get("sha256") or self._sha256(key)) != measured.sha256:
            raise ObjectExists(f"{key} holds other bytes already.")
        return False

    def _sha256(self, key: str) -> str:
        def digest(**what: Any) -> str:
            whole = hashlib.sha256()
            for piece in self.client.get_object(**what)["Body"].iter_chunks(PART):
                whole.update(piece)
            return whole.hexdigest()

        return self._ask(f"Reading {key}", digest, again=(BrokenOff,), Key=self._name(key))

    def _prove(self) -> None:
        """Once in each process: no conditional write to a server that was not seen to honour them."""
        this = (os.getpid(), self.place)
        if this in _conditional:
            return
        key = SCRATCH + uuid4().hex
        try:
            self._put(key, b"first", "", IfNoneMatch="*")
            for name, condition in (
                ("If-None-Match", {"IfNoneMatch": "*"}),
                ("If-Match", {"IfMatch": f'"{"0" * 32}"'}),
            ):
                try:
                    self._put(key, b"second", "", **condition)
                except Refused:
                    continue
                raise failures.unconditional(self.place, name)
        finally:
            self._ask("Deleting a scratch file", self.client.delete_object, Key=self.place.prefix + key)
        _conditional.add(this)
