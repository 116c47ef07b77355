"""The folder that is imported: nothing outside it is read, whatever a file or a link in it says."""

import re
from pathlib import Path
from urllib.parse import unquote

from django.utils.text import slugify

from pipeline.errors import AuthorError

MAX_TEXT = 2 * 1024 * 1024  # bytes of one Markdown or YAML file
NUMBERED = re.compile(r"^(\d+)[-_. ]+(.+)$")
SCHEME = re.compile(r"^[A-Za-z][A-Za-z0-9+.-]*:")


class Folder:
    """Paths handed out are absolute, resolved and inside the folder."""

    def __init__(self, root: Path) -> None:
        """Raises AuthorError if `root` is no folder."""
        if not root.is_dir():
            raise AuthorError(f"{root} is not a folder: name the folder that holds the course.")
        self.given = root
        self.root = root.resolve()

    def name(self, path: Path) -> str:
        """How people call `path`: relative to the folder."""
        return path.relative_to(self.root).as_posix()

    def named(self, address: str, bases: tuple[Path, ...]) -> Path:
        """The file that `address` names, seen from the first of `bases` that has it.

        Raises AuthorError if it leaves the folder, by `..`, by an absolute path, by `file:` or by a symbolic link, or
        if there is no such file.
        """
        plain = unquote(re.split(r"[?#]", address, maxsplit=1)[0])
        if SCHEME.match(plain) or plain.startswith(("/", "\\", "~")) or "\0" in plain:
            raise AuthorError(self._outside(address))
        for base in bases:
            path = (base / plain).resolve()
            if not path.is_relative_to(self.root):
                raise AuthorError(self._outside(address))
            if path.is_file():
                return path
        raise AuthorError(f"“{address}” is not in the folder: add the file, or correct the path.")

    def text(self, path: Path) -> str:
        """The text of a file, lines ended by \\n. Raises AuthorError for what is too large, or not UTF-8."""
        if not path.resolve().is_relative_to(self.root):
            raise AuthorError(
                f"“{path.name}” is a link that leads out of the course's folder: put the file itself here."
            )
        if path.stat().st_size > MAX_TEXT:
            raise AuthorError(
                f"The file has {path.stat().st_size / 1e6:.0f} MB, and a text has at most 2: is it the right file?"
            )
        data = path.read_bytes()
        try:
            text = data.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            line = data[: error.start].count(b"\n") + 1
            raise AuthorError(f"Line {line} is not UTF-8: save the file in that encoding.") from error
        if "\0" in text:
            line = text[: text.index("\0")].count("\n") + 1
            raise AuthorError(f"Line {line} holds a NUL character, so this is no text: save the file again as UTF-8.")
        return text.replace("\r\n", "\n").replace("\r", "\n")

    @staticmethod
    def _outside(address: str) -> str:
        return (
            f"“{address[:80]}” leads out of the course's folder: copy the file into the folder and name it from there, "
            "or write a whole address (https://…)."
        )


def numbered(folder: Path) -> list[Path]:
    """What in `folder` begins with a number, in the order of those numbers."""
    found = [path for path in folder.iterdir() if NUMBERED.match(path.name)]
    return sorted(found, key=lambda path: (int(number_of(path)), path.name))


def number_of(path: Path) -> str:
    match = NUMBERED.match(path.name)
    return match[1] if match else "0"


def without_number(name: str) -> str:
    """`02-why-sample` without what only orders it."""
    match = NUMBERED.match(name)
    return match[2] if match else name


def slug_of(name: str) -> str:
    """A name as a part of an address."""
    return slugify(name)[:100] or "part"
