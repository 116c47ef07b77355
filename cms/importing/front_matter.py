"""The YAML above a Markdown file, and in its quizzes and videos: read as plain words, each field asked for by kind."""

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

import yaml

from cms.importing.findings import Findings
from pipeline.errors import AuthorError

MAX_YAML = 64 * 1024  # characters
FENCE = "---"
YES, NO = {"true", "yes", "on", "1"}, {"false", "no", "off", "0", ""}


class YamlFault(AuthorError):
    """`line` counts from 1 within the YAML."""

    def __init__(self, line: int, sentence: str) -> None:
        self.line = line
        super().__init__(sentence)


def split(text: str) -> tuple[str, str, int]:
    """(YAML, body, first line of the body). Raises YamlFault if the YAML has no end; line 1 is its opening `---`."""
    lines = text.split("\n")
    if lines[0].rstrip() != FENCE:
        return "", text, 1
    for number, line in enumerate(lines[1:], 1):
        if line.rstrip() in {FENCE, "..."}:
            return "\n".join(lines[1:number]), "\n".join(lines[number + 1 :]), number + 2
    raise YamlFault(1, "The front matter has no end: write --- on a line of its own below it.")


def parsed(source: str) -> Any:
    """The YAML in `source` with every scalar as a string: `no` is a language, and 1.10 keeps its nought.

    Raises YamlFault. Anchors are refused: nine lines of them can stand for a thousand million values.
    """
    if len(source) > MAX_YAML:
        raise YamlFault(1, f"The YAML has {len(source)} characters, and at most {MAX_YAML} are read: shorten it.")
    try:
        for event in yaml.parse(source, Loader=yaml.BaseLoader):
            if isinstance(event, yaml.AliasEvent):
                line = event.start_mark.line + 1 if event.start_mark else 1
                raise YamlFault(line, "YAML aliases (*name) are not read: write the value again.")
        return yaml.load(source, Loader=yaml.BaseLoader)  # noqa: S506  (makes strings, lists and mappings, no objects)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark is not None else 1
        hint = "put a text that holds “: ” or begins with a sign into quotation marks"
        raise YamlFault(line, f"This is not YAML ({error.problem}): {hint}.") from error
    except yaml.YAMLError as error:
        raise YamlFault(1, f"This is not YAML ({error}): save the file again as UTF-8 text.") from error
    except RecursionError as error:
        raise YamlFault(1, "The YAML is nested too deeply to be read: write it flat.") from error


class Fields:
    """One YAML mapping. Every reader answers with a default for what is absent and notes what cannot be right."""

    def __init__(self, values: Any, findings: Findings, file: str, line: int) -> None:
        self.findings, self.file, self.line = findings, file, line
        self._asked: set[str] = set()
        if values in (None, ""):
            values = {}
        if not isinstance(values, Mapping):
            findings.error(file, line, "Here should be fields, one a line, such as “title: My lesson”.")
            values = {}
        self._values: dict[str, Any] = {str(name): value for name, value in values.items()}

    def has(self, name: str) -> bool:
        return bool(self._values.get(name))

    def raw(self, name: str) -> Any:
        self._asked.add(name)
        return self._values.get(name)

    def text(self, name: str, default: str = "", *, most: int = 0) -> str:
        """A text of at most `most` characters, white space folded; 0 leaves it as it is, however long."""
        value = self.raw(name)
        if value is None or value == "":
            return default
        if not isinstance(value, str):
            self._error(f"“{name}” should be a text, not a list.")
            return default
        if not most:
            return value.strip()
        folded = " ".join(value.split())
        if len(folded) > most:
            self._error(f"“{name}” has {len(folded)} characters, and at most {most} fit: shorten it.")
        return folded[:most]

    def number(self, name: str, default: str = "0", *, least: str | None = "0", most: str = "999") -> Decimal:
        value = self.text(name, default)
        try:
            found = Decimal(value)
        except InvalidOperation:
            self._error(f"“{name}: {value}” is not a number: write one such as {default}.")
            return Decimal(default)
        if not found.is_finite() or found > Decimal(most) or (least is not None and found < Decimal(least)):
            self._error(f"“{name}: {value}” is out of reach: write a number from {least} to {most}.")
            return Decimal(default)
        return found

    def whole(self, name: str, default: int = 0, *, least: int = 0, most: int = 9999) -> int:
        found = self.number(name, str(default), least=str(least), most=str(most))
        if found != found.to_integral_value():
            self._error(f"“{name}: {found}” should be a whole number.")
        return int(found)

    def flag(self, name: str) -> bool:
        value = self.text(name).lower()
        if value not in YES | NO:
            self._error(f"“{name}: {value}” should be true or false.")
        return value in YES

    def choice(self, name: str, allowed: tuple[str, ...], default: str) -> str:
        value = self.text(name, default)
        if value not in allowed:
            self._error(f"“{name}: {value}” is none of: {', '.join(allowed)}.")
            return default
        return value

    def texts(self, name: str, *, most: int) -> list[str]:
        """A list of texts; one text counts as a list of one."""
        found = []
        for item in self.items(name):
            if not isinstance(item, str):
                self._error(f"“{name}” should be a list of texts: put a text with “: ” in it into quotation marks.")
            elif len(item) > most:
                self._error(
                    f"“{item[:40]}…” in “{name}” has {len(item)} characters, and at most {most} fit: shorten it."
                )
            elif item.strip():
                found.append(" ".join(item.split()))
        return found

    def items(self, name: str) -> list[Any]:
        """A list of anything; one thing counts as a list of one."""
        value = self.raw(name)
        if value is None or value == "":
            return []
        return value if isinstance(value, list) else [value]

    def refuse_unknown(self, also: tuple[str, ...] = ()) -> None:
        """Warn of every field that nobody asked for: it is misspelt, or of another dialect."""
        for name in self._values:
            if name not in self._asked and name not in also:
                known = ", ".join(sorted(self._asked))
                self.findings.warning(self.file, self.line, f"The field “{name}” is not read. Fields here: {known}.")

    def _error(self, sentence: str) -> None:
        self.findings.error(self.file, self.line, sentence)
