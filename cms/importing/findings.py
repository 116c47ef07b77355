"""What an import has to say about a folder: sentences that name file and line, errors apart from warnings."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

Severity = Literal["error", "warning"]


@dataclass(frozen=True)
class Finding:
    """One sentence with its remedy. `file` is relative to the folder; `line` counts from 1 and is 0 for all of it."""

    severity: Severity
    file: str
    line: int
    sentence: str

    @property
    def is_error(self) -> bool:
        return self.severity == "error"

    @property
    def place(self) -> str:
        return f"{self.file}:{self.line}" if self.line else self.file


class Findings:
    """Collects findings. The same sentence about the same place is kept once."""

    def __init__(self) -> None:
        self._found: dict[Finding, None] = {}

    def __iter__(self) -> Iterator[Finding]:
        return iter(self._found)

    def error(self, file: str, line: int, sentence: str) -> None:
        self._found[Finding("error", file, line, sentence)] = None

    def warning(self, file: str, line: int, sentence: str) -> None:
        self._found[Finding("warning", file, line, sentence)] = None

    def any_errors(self) -> bool:
        return any(finding.is_error for finding in self._found)
