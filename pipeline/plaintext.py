"""Raw block values as plain text for a person who compares them: every word an author wrote, answers included."""

import re
from collections.abc import Iterable, Mapping
from html import unescape
from typing import Any

from pipeline.frozen import FrozenCourse

FILES = {"image": "image", "video": "video", "attachment": "attachment", "cover": "image"}
RICH = {"text", "description", "bio"}


def block_text(block: Mapping[str, Any], course: FrozenCourse) -> str:
    """What a block says, one thing a line. Files are named with the start of their sha256, so a new file shows."""
    return "\n".join(_lines(str(block["type"]), block.get("value"), course)).strip()


def block_files(block: Mapping[str, Any]) -> tuple[str, ...]:
    """Keys of the files that a block and the blocks inside it name, in order."""
    value = block.get("value")
    if not isinstance(value, Mapping):
        return ()
    kind = FILES.get(str(block["type"]))
    if kind:
        return (f"{kind}/{value[kind]}",) if value.get(kind) else ()
    inner = value.get("body")
    return tuple(key for one in inner for key in block_files(one)) if isinstance(inner, list) else ()


def field_text(name: str, value: Any, course: FrozenCourse) -> str:
    """What a page's own field says. `value` is plain JSON."""
    return "\n".join(_lines(name, value, course)).strip()


def _lines(name: str, value: Any, course: FrozenCourse, label: str = "") -> Iterable[str]:
    prefix = f"{label}: " if label else ""
    if value in (None, "", [], {}):
        return
    if name in FILES and isinstance(value, int | str):
        yield prefix + _file(FILES[name], value, course)
    elif isinstance(value, bool):
        if value:
            yield label or name.replace("_", " ").capitalize()
    elif isinstance(value, str):
        yield prefix + (rich_text(value) if name in RICH else value)
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            if key not in {"id", "type", "uuid"}:
                yield from _lines(key, inner, course, _label(name, key))
    elif isinstance(value, list | tuple):
        for number, inner in enumerate(value, 1):
            yield from _item(name, number, inner, course)
    else:
        yield f"{prefix}{value}"


def _item(name: str, number: int, item: Any, course: FrozenCourse) -> Iterable[str]:
    if not isinstance(item, Mapping):
        yield from _lines("", item, course)
    elif name == "rows":
        yield " | ".join(_cell(cell) for cell in item.get("values", item))
    elif name == "choices":
        choice = item.get("value", item)
        yield f"{'✓' if choice.get('correct') else '–'} {choice.get('text', '')}"
    elif name == "questions":
        yield f"Question {number} ({str(item.get('type')).replace('_', ' ')})"
        yield from _lines(str(item.get("type")), item.get("value"), course)
    elif "type" in item and "value" in item:
        yield from _lines(str(item["type"]), item["value"], course)
    else:
        yield from _lines("", item, course)


def _cell(cell: Any) -> str:
    return str(cell.get("value", cell) if isinstance(cell, Mapping) else cell)


def _label(parent: str, key: str) -> str:
    """Names of parts that do not speak for themselves."""
    if key in {"body", "text", "code", "latex", "rows", "columns", "choices", "questions", "prompt", "name", *FILES}:
        return ""
    if parent == "accepted":
        return "Accepted"
    return key.replace("_", " ").capitalize()


def _file(kind: str, value: int | str, course: FrozenCourse) -> str:
    key = value if isinstance(value, str) and "/" in value else f"{kind}/{value}"
    file = course.files.get(key)
    if file is None:
        return key
    tracks = "".join(f", {track.label} {track.kind} ({track.sha256[:8]})" for track in file.tracks)
    return f"{file.name} ({file.sha256[:8]}{tracks})"


def rich_text(html: str) -> str:
    """Editor rich text as plain lines; headings and list items keep a mark so that a change of kind shows."""
    html = re.sub(r"<h([2-6])\b[^>]*>", lambda match: "\n" + "#" * int(match.group(1)) + " ", html)
    html = re.sub(r"<li\b[^>]*>", "\n• ", html)
    html = re.sub(r"<(?:br|hr)\b[^>]*>|</(?:p|div|li|h[2-6]|ul|ol|blockquote)>", "\n", html)
    lines = (" ".join(line.split()) for line in unescape(re.sub(r"<[^>]+>", "", html)).splitlines())
    return "\n".join(line for line in lines if line)
