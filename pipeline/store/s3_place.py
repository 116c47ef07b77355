"""Where a bucket is, and what is told of the bytes that go there."""

import hashlib
from base64 import b64encode
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pipeline.store.headers import headers_of


@dataclass(frozen=True)
class Place:
    """Where a bucket is and who asks. What is empty is for boto3 to find (environment, profile, role)."""

    bucket: str = ""
    prefix: str = ""  # empty, or ends with a slash
    endpoint: str = ""
    region: str = ""
    access_key: str = ""
    secret_key: str = field(default="", repr=False)

    def __str__(self) -> str:
        return f"s3://{self.bucket}/{self.prefix}"


def place_at(address: str, **how: str) -> Place:
    """The place of `s3://bucket/some/prefix`."""
    bucket, _, prefix = address.removeprefix("s3://").partition("/")
    return Place(bucket, f"{prefix.strip('/')}/" if prefix.strip("/") else "", **how)


@dataclass(frozen=True)
class Measured:
    """The size of some bytes and the hexadecimal sha256 of them."""

    bytes: int
    sha256: str


def measure(data: bytes | Path) -> Measured:
    """What `data` is, read piece by piece if it is a file."""
    if isinstance(data, bytes):
        return Measured(len(data), hashlib.sha256(data).hexdigest())
    with data.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        return Measured(file.tell(), digest)


def checksum(data: bytes) -> str:
    """As S3 writes a sha256: base64. A server that was told it refuses bytes that arrive damaged."""
    return b64encode(hashlib.sha256(data).digest()).decode()


def told_of(key: str, sha256: str, writer: str) -> dict[str, Any]:
    """What is stored beside the bytes of `key`: the headers it is served with, and our metadata."""
    served = headers_of(key)
    told: dict[str, Any] = {
        "ContentType": served.media_type,
        "CacheControl": served.cache,
        "Metadata": {"sha256": sha256, "writer": writer},
    }
    return told | ({"ContentEncoding": served.encoding} if served.encoding else {})


def as_told(head: dict[str, Any], told: dict[str, Any]) -> bool:
    """Whether an object is served as `told_of` says, with the sha256 it says."""
    served = ("ContentType", "CacheControl", "ContentEncoding")
    same = all(head.get(name, "") == told.get(name, "") for name in served)
    return same and head["Metadata"].get("sha256") == told["Metadata"]["sha256"]
