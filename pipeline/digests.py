"""Canonical bytes and their names: the same value gives the same bytes and the same sha256 everywhere."""

import hashlib
import json
from pathlib import Path
from typing import Any

import orjson

# Nothing is written that the standard library would refuse or write otherwise.
_OPTIONS = (
    orjson.OPT_SORT_KEYS
    | orjson.OPT_PASSTHROUGH_SUBCLASS
    | orjson.OPT_PASSTHROUGH_DATACLASS
    | orjson.OPT_PASSTHROUGH_DATETIME
)
_ALIKE = {str, int, bool, type(None)}


def canonical_json(value: Any) -> bytes:
    """UTF-8 JSON with sorted keys and no spaces; refuses NaN and Infinity (RFC 8259 has no such numbers).

    `value` is made of dict, list, str, int, float, bool and None only. orjson writes it, in a tenth of the time,
    wherever it writes what `json` would: `slow_canonical_json` is what canonical means.
    """
    if _written_alike(value):
        try:
            return orjson.dumps(value, option=_OPTIONS)
        except orjson.JSONEncodeError:
            pass  # keys that are no strings, numbers above 64 bits, halves of a surrogate pair, deep nesting
    return slow_canonical_json(value)


def slow_canonical_json(value: Any) -> bytes:
    """`canonical_json` by the standard library alone."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()


def _written_alike(value: Any) -> bool:
    """Whether `value` holds nothing that orjson writes otherwise: NaN as null, 1e-07 as 1e-7, a UUID as its text."""
    boxes = [[value]]
    for box in boxes:  # grows while it is walked
        for inner in box:
            kind = type(inner)
            if kind in _ALIKE:
                continue
            if kind is dict:
                boxes.append(inner.values())
            elif kind is list or kind is tuple:
                boxes.append(inner)
            # Between these two no library writes an exponent. NaN is not between them.
            elif kind is not float or not (1e-4 <= abs(inner) < 1e16 or inner == 0):
                return False
    return True


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
