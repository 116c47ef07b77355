"""Makes clean WebVTT of uploaded captions, WebVTT or SubRip (W3C WebVTT: The Web Video Text Tracks Format)."""

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass

from pipeline.errors import AuthorError

MAX_BYTES = 5_000_000
MAX_OPEN = 16  # tags inside each other
FOREIGN = 0.4  # of the letters: no language of Western Europe has as many with accents
TAGS = frozenset({"b", "i", "u", "c", "v", "ruby", "rt", "lang"})

_TIME = re.compile(r"(?:(\d{1,4}):)?([0-5]?\d):([0-5]?\d)[.,](\d{1,3})")
_TIMING = re.compile(r"\s*(\S+)\s*-->\s*(\S+)(.*)")
_SETTING = re.compile(
    r"(?:vertical:(?:rl|lr)|line:-?\d+(?:\.\d+)?%?(?:,(?:start|center|end))?|size:\d+(?:\.\d+)?%"
    r"|position:\d+(?:\.\d+)?%(?:,(?:line-left|center|line-right))?|align:(?:start|center|end|left|right))"
)
_TAG = re.compile(r"<(/?)([A-Za-z]+)((?:\.[\w.-]*)?)([ \t\n][^<>]*)?>|<[\d:.]*>")
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f\x85\u2028\u2029]")  # a reference can spell them: &#13; ends a line
_OVERRIDE = re.compile(r"\{\\[^{}\n]*\}")  # what subtitle editors write for place and font: {\an8}


@dataclass(frozen=True)
class Cue:
    """One caption. `start` and `end` in milliseconds; `text` is WebVTT cue text with closed, allowed tags only."""

    start: int
    end: int
    text: str
    settings: str = ""

    @property
    def plain(self) -> str:
        """The words alone, on one line."""
        return " ".join(html.unescape(_TAG.sub("", self.text)).split())


def to_webvtt(data: bytes, name: str) -> bytes:
    """Canonical WebVTT (UTF-8, LF) of the captions in `data`, a file its author calls `name`.

    Raises `AuthorError`, a sentence with the file, the line and the remedy.
    """
    parts = ["WEBVTT"]
    for cue in cues(data, name):
        settings = f" {cue.settings}" if cue.settings else ""
        parts.append(f"{_clock(cue.start)} --> {_clock(cue.end)}{settings}\n{cue.text}")
    return ("\n\n".join(parts) + "\n").encode()


def cues(data: bytes, name: str) -> tuple[Cue, ...]:
    """The captions in `data`, in order of time; those that overlap stay. Raises `AuthorError` as `to_webvtt` does."""
    lines = _text(data, name).split("\n")
    webvtt = bool(lines) and re.fullmatch(r"WEBVTT(?:[ \t].*)?", lines[0]) is not None
    found = list(_cues(lines, name, webvtt))
    if not found:
        raise AuthorError(
            f"{name} holds no captions: write each as a line 00:00:01.000 --> 00:00:04.000 with its words below."
        )
    return tuple(sorted(found, key=lambda cue: cue.start))


def _text(data: bytes, name: str) -> str:
    if not data.strip():
        raise AuthorError(f"{name} is empty; export the captions again as WebVTT or SubRip.")
    if len(data) > MAX_BYTES:
        raise AuthorError(
            f"{name} is {len(data) / 1e6:.0f} MB, too large for captions; export them as WebVTT or SubRip."
        )
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        text = data.decode("utf-16", errors="replace")
    elif b"\0" in data:
        raise AuthorError(f"{name} is not a text file; export the captions as WebVTT or SubRip.")
    else:
        try:
            text = data.decode("utf-8-sig")
        except UnicodeDecodeError:
            text = _western(data, name)
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _western(data: bytes, name: str) -> str:
    """Old subtitle editors write the code page of Western Europe. What another alphabet gives there is no words."""
    text = data.decode("cp1252", errors="replace")
    foreign = sum(sign > "\x7f" for sign in text)
    if foreign > FOREIGN * sum(sign.isalpha() for sign in text):
        raise AuthorError(f"{name} is not written in UTF-8; export the captions again with the encoding UTF-8.")
    return text


def _cues(lines: list[str], name: str, webvtt: bool) -> Iterator[Cue]:
    number = 0
    while number < len(lines):
        match = _TIMING.fullmatch(lines[number])
        if match is None:
            if "-->" in lines[number]:
                raise AuthorError(_bad_time(name, number, lines[number]))
            number += 1  # a counter, an identifier, a heading, a NOTE, a STYLE or an empty line
            continue
        start, end = _milliseconds(match[1]), _milliseconds(match[2])
        if start is None or end is None:
            raise AuthorError(_bad_time(name, number, lines[number]))
        if end <= start:
            raise AuthorError(
                f"{name}, line {number + 1}: the caption ends before it begins ({lines[number].strip()[:60]}); "
                "exchange or correct the two times."
            )
        settings = " ".join(part for part in match[3].split() if _SETTING.fullmatch(part)) if webvtt else ""
        number += 1
        words = []
        while number < len(lines) and lines[number].strip():
            if "-->" in lines[number]:
                raise AuthorError(
                    f"{name}, line {number + 1}: a new caption begins inside the one before; "
                    "put an empty line above it."
                )
            words.append(lines[number].strip())
            number += 1
        text = _clean("\n".join(words))
        if text:
            yield Cue(start, end, text, settings)


def _bad_time(name: str, number: int, line: str) -> str:
    return (
        f"{name}, line {number + 1}: “{line.strip()[:60]}” is not a time that can be read; "
        "write it as 00:01:02.500 --> 00:01:05.000."
    )


def _milliseconds(clock: str) -> int | None:
    match = _TIME.fullmatch(clock)
    if match is None:
        return None
    hours, minutes, seconds = (int(part or 0) for part in match.groups()[:3])
    return ((hours * 60 + minutes) * 60 + seconds) * 1000 + int(match[4].ljust(3, "0"))


def _clock(milliseconds: int) -> str:
    seconds, rest = divmod(milliseconds, 1000)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02}:{minutes:02}:{seconds:02}.{rest:03}"


def _clean(text: str) -> str:
    """Cue text with allowed tags only, each closed in order; everything else is words."""
    text = _OVERRIDE.sub("", text)
    parts: list[str] = []
    open_tags: list[str] = []
    at = 0
    for match in _TAG.finditer(text):
        parts.append(_escaped(text[at : match.start()]))
        at = match.end()
        closing, tag, classes, annotation = match[1], (match[2] or "").lower(), match[3] or "", match[4] or ""
        if tag not in TAGS:
            continue
        if not closing and len(open_tags) < MAX_OPEN:
            said = " ".join(_escaped(annotation).split()) if tag in ("v", "lang") else ""
            parts.append(f"<{tag}{classes}{' ' + said if said else ''}>")
            open_tags.append(tag)
        elif closing and tag in open_tags:
            while (last := open_tags.pop()) != tag:
                parts.append(f"</{last}>")
            parts.append(f"</{tag}>")
    parts.append(_escaped(text[at:]))
    parts += [f"</{tag}>" for tag in reversed(open_tags)]
    return "\n".join(line.strip() for line in "".join(parts).split("\n") if line.strip())


def _escaped(words: str) -> str:
    """Words in which no browser finds a tag; references that were there already are not escaped twice."""
    return html.escape(_CONTROL.sub(" ", html.unescape(words)), quote=False)
