"""Keeping an uploaded original."""

import hashlib
import io
from pathlib import Path

import pytest
from pytest_django import Settings

from pipeline import originals
from pipeline.errors import PipelineError


@pytest.fixture(autouse=True)
def folder(settings: Settings, tmp_path: Path) -> Path:
    settings.LECTERN_ORIGINALS = tmp_path / "originals"
    return tmp_path / "originals"


def files(folder: Path) -> list[Path]:
    return sorted(path.relative_to(folder) for path in folder.rglob("*") if path.is_file())


def test_an_original_lies_under_its_sha256(folder: Path) -> None:
    name = originals.keep(io.BytesIO(b"a figure"))
    assert name == hashlib.sha256(b"a figure").hexdigest()
    assert originals.path(name).read_bytes() == b"a figure"
    assert files(folder) == [Path(name[:2]) / name]


def test_the_same_bytes_are_kept_once_and_not_written_again(folder: Path, tmp_path: Path) -> None:
    upload = tmp_path / "figure.png"
    upload.write_bytes(b"a figure")
    first = originals.keep(upload)
    inode = originals.path(first).stat().st_ino
    assert originals.keep(io.BytesIO(b"a figure")) == first
    assert originals.path(first).stat().st_ino == inode
    assert len(files(folder)) == 1


def test_a_file_that_was_read_before_is_kept_whole() -> None:
    upload = io.BytesIO(b"a figure")
    upload.read(3)
    assert originals.path(originals.keep(upload)).read_bytes() == b"a figure"


class Torn(io.RawIOBase):
    """An upload whose line breaks after the first piece."""

    pieces = iter([b"half"])

    def read(self, _size: int = -1) -> bytes:
        for piece in self.pieces:
            return piece
        raise ConnectionResetError

    def seekable(self) -> bool:
        return False


def test_a_broken_upload_leaves_nothing(folder: Path) -> None:
    with pytest.raises(ConnectionResetError):
        originals.keep(Torn())  # type: ignore[arg-type]
    assert files(folder) == []


@pytest.mark.parametrize("name", ["", "../../etc/passwd", "A" * 64, "a" * 63])
def test_only_a_sha256_names_an_original(name: str) -> None:
    with pytest.raises(PipelineError):
        originals.path(name)
