"""Signal receivers live in cms/receivers.py alone: whoever asks "what happens at publish?" reads one file."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FILES = [
    file
    for room in ("content", "pipeline", "api", "cms", "settings")
    for file in sorted((ROOT / room).rglob("*.py"))
    if "node_modules" not in file.parts and file != ROOT / "cms" / "receivers.py"
]


def receivers(source: str) -> list[int]:
    """The lines that connect a signal: `@receiver(...)` or `signal.connect(...)` on something named like one."""
    lines = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call):
            name = getattr(node.func, "attr", getattr(node.func, "id", ""))
            if name == "receiver" or (name == "connect" and _is_signal(node.func)):
                lines.append(node.lineno)
    return lines


def _is_signal(function: ast.expr) -> bool:
    owner = getattr(function, "value", None)
    return isinstance(owner, ast.Name | ast.Attribute)


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(ROOT)))
def test_no_receiver_outside_its_file(file: Path) -> None:
    assert receivers(file.read_text()) == [], f"{file.relative_to(ROOT)} connects a signal: move it to cms/receivers.py"


def test_the_search_finds_both_forms() -> None:
    assert receivers("@receiver(page_published)\ndef f(): ...\npage_published.connect(f)") == [1, 3]
