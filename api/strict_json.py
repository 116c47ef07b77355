"""JSON as RFC 8259 means it: what Python reads beyond the standard, or databases cannot keep, is refused."""

import json
import math
from typing import Any


class NotStrict(ValueError):
    """The text is not strict JSON. Says why, as the end of a sentence."""


def read(data: bytes) -> Any:
    """The value of `data`. Raises NotStrict for anything else than UTF-8 JSON with finite numbers and single keys."""
    try:
        value = json.loads(data.decode(), object_pairs_hook=_object, parse_constant=_constant, parse_float=_float)
        _check_texts(value)
    except NotStrict:
        raise
    except UnicodeDecodeError:
        raise NotStrict("it is not UTF-8") from None
    except RecursionError:
        raise NotStrict("it is nested too deeply") from None
    except ValueError:  # a syntax error, or an integer of thousands of digits
        raise NotStrict("it is not valid JSON") from None
    return value


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise NotStrict("an object names a key twice")
    return found


def _constant(name: str) -> None:
    raise NotStrict(f"{name} is not a JSON number")


def _float(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise NotStrict(f"{text[:20]} is too large a number")
    return number


def _check_texts(value: Any) -> None:
    if isinstance(value, dict):
        for key, inner in value.items():
            _check_texts(key)
            _check_texts(inner)
    elif isinstance(value, list):
        for inner in value:
            _check_texts(inner)
    elif isinstance(value, str):
        # PostgreSQL keeps no NUL in text, and half of a surrogate pair has no UTF-8.
        if "\0" in value:
            raise NotStrict("a text holds a NUL character")
        if any("\ud800" <= letter <= "\udfff" for letter in value):
            raise NotStrict("a text holds half of a surrogate pair")
