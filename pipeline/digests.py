"""Canonical bytes and their names: the same value gives the same bytes and the same sha256 everywhere."""

import hashlib
import json
from pathlib import Path
from typing import Any


def canonical_json(value: Any) -> bytes:
    """UTF-8 JSON with sorted keys and no spaces; refuses NaN and Infinity (RFC 8259 has no such numbers).

    `value` is made of dict, list, str, int, float, bool and None only.
    """
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()


def sha256(data: bytes) -> str:
    """The lower-case hexadecimal sha256 of `data` (64 characters)."""
    return hashlib.sha256(data).hexdigest()


def sha256_file(path: Path) -> str:
    """The lower-case hexadecimal sha256 of a file, read in pieces."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def digest(value: Any) -> str:
    """The sha256 of `canonical_json(value)`."""
    return sha256(canonical_json(value))
