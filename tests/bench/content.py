"""What the lessons of the benchmark say: ten blocks each, about 12 kB of JSON, no two blocks alike.

Text is Python's own documentation and code its own library, so nothing has to be shipped, and a cache of what was
drawn before cannot answer for what was not.
"""

import re
import sysconfig
from collections.abc import Iterator
from functools import cache
from html import escape
from pathlib import Path
from pydoc_data.topics import topics
from typing import Any
from uuid import UUID, uuid5

ROOT = UUID("9d0a7c52-5f0e-4f6c-9b0e-4f6f0e7b3c11")
CODE_LINES = 34


@cache
def paragraphs() -> tuple[str, ...]:
    """Running text of 150 to 420 characters each, without markup."""
    found = []
    for _name, text in sorted(topics.items()):
        for part in re.split(r"\n\s*\n", text):
            line = re.sub(r"[*`\\_\[\]<>|~$#]", "", " ".join(part.split()))
            if 150 <= len(line) <= 420 and line[0].isalpha():
                found.append(line)
    return tuple(found)


@cache
def listings() -> tuple[str, ...]:
    """Pieces of `CODE_LINES` lines, about 1.2 kB each."""
    found = []
    for path in sorted(Path(sysconfig.get_path("stdlib")).glob("*.py")):
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
        for start in range(0, len(lines) - CODE_LINES, CODE_LINES):
            piece = "\n".join(lines[start : start + CODE_LINES]).strip("\n")
            if 900 <= len(piece) <= 1600:
                found.append(piece)
    return tuple(found)


def lesson(number: int, *, page: int, image: int, video: int) -> list[dict[str, Any]]:
    """The raw blocks of lesson `number`, which links to `page` and shows `image` and `video` (database ids)."""
    words = _from(paragraphs(), number * 13)
    code = _from(listings(), number * 2)

    def block(kind: str, name: str, value: Any) -> dict[str, Any]:
        return {"type": kind, "id": str(uuid5(ROOT, f"{number} {name}")), "value": value}

    def say(part: str) -> str:
        return f"{next(words)} ({number}, {part})"

    def text(name: str) -> dict[str, Any]:
        items = "".join(f'<li data-block-key="i{item}">{escape(say(f"{name}{item}")[:90])}</li>' for item in range(4))
        return block(
            "text",
            name,
            f'<p data-block-key="a">{escape(say(name))} See <a linktype="page" id="{page}">the lesson before</a>.</p>'
            f'<p data-block-key="b">{escape(say(name))} <b>All of it</b> is in '
            f'<a href="https://docs.python.org/3/library/?n={number}&amp;p={name}">the library’s <i>pages</i></a>.</p>'
            f'<p data-block-key="c">{escape(say(name))}</p><ul>{items}</ul>',
        )

    def listing(name: str) -> dict[str, Any]:
        value = {"language": "python", "code": f"# Example {name} of lesson {number}\n{next(code)}", "highlight": "2-3"}
        return block("code", name, value | {"filename": "", "output": f"{number}\n", "output_kind": "output"})

    def quiz(name: str) -> dict[str, Any]:
        choices = [
            {"type": "item", "id": str(uuid5(ROOT, f"{number} {name} {place}")), "value": choice}
            for place, choice in enumerate(
                {"text": f"{say(name)[:60]} `{number}`", "correct": right == 1} for right in range(4)
            )
        ]
        value = {"prompt": f"{say(name)[:120]}: *what* does it say?", "points": 1, "choices": choices}
        question = block("single", f"{name} question", value | {"explanation": f"Because **{say(name)[:110]}**."})
        return block("quiz", name, {"title": f"Check {name}", "pass_percent": 60, "questions": [question]})

    return [
        block("text", "heading", f'<h2 data-block-key="h">Part {number} of the whole</h2>'),
        text("first"),
        listing("one"),
        text("second"),
        block("image", "figure", {"image": image, "alt": f"Figure {number}", "decorative": False, "caption": "Seen."}),
        quiz("A"),
        text("third"),
        listing("two"),
        block("video", "film", {"video": video, "title": f"Film {number}", "transcript": say("a") + "\n\n" + say("b")}),
        quiz("B"),
    ]


def _from(pool: tuple[str, ...], start: int) -> Iterator[str]:
    while True:
        yield pool[start % len(pool)]
        start += 1
