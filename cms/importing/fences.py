"""Fenced code as blocks: source code with the output it should give, and the YAML of videos, embeds and quizzes."""

from collections.abc import Callable

from django.core.exceptions import ValidationError
from markdown_it.token import Token

from cms.importing import quizzes
from cms.importing.attributes import Attributes, attributes
from cms.importing.front_matter import Fields, YamlFault, parsed
from cms.importing.rewriting import rewritten_text
from cms.importing.source import Raw, Source
from cms.importing.uploads import Track
from content.blocks.code import LANGUAGES, line_numbers
from content.blocks.media import VIDEO_IDS
from content.models import CaptionTrack
from content.models.course import LANGUAGE_TAG
from pipeline.errors import AuthorError

KNOWN = {name for name, _ in LANGUAGES}
ALIASES = {
    **dict.fromkeys(("", "plain", "plaintext", "txt", "source", "none", "code", "output", "error"), "text"),
    **dict.fromkeys(("sh", "shell", "console", "zsh", "terminal"), "bash"),
    "py": "python",
    "python3": "python",
    "pycon": "python",
    "js": "javascript",
    "ts": "typescript",
    "yml": "yaml",
    "c++": "cpp",
    "cc": "cpp",
    "rs": "rust",
    "golang": "go",
    "htm": "html",
    "xml": "html",
}
OUTPUTS = {"output": "Output", "error": "Error"}


def fence(token: Token, line: int, source: Source) -> Raw | None:
    """The block of one piece of code, fenced or indented; None, and a finding, where there is nothing to show.

    An output that follows no code is a block of its own, with “Output” or “Error” where the name of a file stands.
    """
    name, given = _info(token.info)
    if name in DIRECTIVES:
        return DIRECTIVES[name](token.content, line, source)
    code = token.content.rstrip("\n")
    if not code.strip():
        source.warning(line, "A piece of code is empty and left out: write it, or remove its fences.")
        return None
    language = ALIASES.get(name, name)
    if language not in KNOWN:
        source.warning(line, f"Code in “{name}” is shown without colours. Known are: {', '.join(sorted(KNOWN))}.")
        language = "text"
    filename = given.values.get("filename", "") or OUTPUTS.get(name, "")
    value = {
        "language": language,
        "code": code,
        "highlight": _highlight(given.values.get("highlight", ""), code, line, source),
        "filename": source.short(filename, 120, "The file name of a piece of code", line),
        "output": "",
        "output_kind": "output",
    }
    return {"type": "code", "value": value, "id": str(line)}


def output_kind(token: Token) -> str:
    """`output` or `error` if the fence shows what the code before it gives, else nothing."""
    name, _ = _info(token.info)
    return name if name in OUTPUTS else ""


def _info(info: str) -> tuple[str, Attributes]:
    """Language and attributes of what stands behind a fence: `python {…}`, `{.python}`, `python a="b"`."""
    word, _, rest = info.strip().partition(" ")
    if not word.startswith("{"):
        word, brace, more = word.partition("{")
        return word.lower().removeprefix("language-").rstrip("="), attributes(brace + more + " " + rest)
    given = attributes(info)
    names = (*given.classes, *given.words)
    return (names[0].lower().removeprefix("language-") if names else ""), given


def _highlight(text: str, code: str, line: int, source: Source) -> str:
    try:
        lines = line_numbers(text)
    except ValueError:
        source.error(line, f"“highlight={text}” names no lines: write numbers and ranges, such as 2,4-6.")
        return ""
    count = len(code.splitlines())
    if lines and lines[-1] > count:
        source.error(line, f"“highlight={text}” names line {lines[-1]}, and the code has {count}: correct the range.")
        return ""
    return text


def _fields(content: str, line: int, source: Source) -> Fields | None:
    try:
        return Fields(parsed(content), source.findings, source.name, line)
    except YamlFault as fault:
        source.error(line + fault.line, str(fault))
        return None


def _video(content: str, line: int, source: Source) -> Raw | None:
    fields = _fields(content, line, source)
    if fields is None:
        return None
    address = fields.text("file")
    if not address:
        source.error(line, "A video names no file: write “file: films/name.mp4”.")
        return None
    upload = source.upload("video", address, line)
    value = {
        "video": upload,
        "title": fields.text("title", most=200),
        "transcript": rewritten_text(fields.text("transcript"), line, source, "a transcript"),
    }
    tracks = fields.items("captions")
    fields.refuse_unknown()
    if upload is None:
        return None
    for track in tracks:
        _track(Fields(track, source.findings, source.name, line), upload, line, source)
    if not source.uploads.tracks.get(upload):
        source.warning(line, f"The video “{address}” has no captions: name a .vtt or .srt file under “captions”.")
    return {"type": "video", "value": value, "id": str(line)}


def _track(fields: Fields, upload: object, line: int, source: Source) -> None:
    address, language = fields.text("file"), fields.text("language", "en", most=12)
    kind = fields.choice("kind", tuple(CaptionTrack.Kind.values), CaptionTrack.Kind.CAPTIONS.value)
    label = fields.text("label", language, most=60)
    fields.refuse_unknown()
    if not _is_language(language):
        source.error(line, f"“{language}” is not a language tag: write one such as en, de or pt-BR.")
    try:
        path = source.folder.named(address or "?", source.bases)
        source.uploads.add_track(upload, Track(path, language, label, kind))  # type: ignore[arg-type]  # an Upload
    except AuthorError as error:
        source.error(line, str(error))


def _is_language(tag: str) -> bool:
    try:
        LANGUAGE_TAG(tag)
    except ValidationError:
        return False
    return True


def _embed(content: str, line: int, source: Source) -> Raw | None:
    fields = _fields(content, line, source)
    if fields is None:
        return None
    provider = fields.choice("provider", tuple(VIDEO_IDS), "youtube")
    video_id, title = fields.text("id"), fields.text("title", most=200)
    fields.refuse_unknown()
    if not VIDEO_IDS[provider].fullmatch(video_id):
        source.error(line, f"“{video_id}” is not a video id of {provider}: copy only the id from the video's address.")
        return None
    return {"type": "embed", "value": {"provider": provider, "video_id": video_id, "title": title}, "id": str(line)}


def _quiz(content: str, line: int, source: Source) -> Raw | None:
    fields = _fields(content, line, source)
    return quizzes.quiz(fields, line, source) if fields else None


DIRECTIVES: dict[str, Callable[[str, int, Source], Raw | None]] = {"video": _video, "embed": _embed, "quiz": _quiz}
