"""What the build of the student site leaves behind, and what `--check` refuses."""

import base64
import hashlib
import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest
from django.test import override_settings

from pipeline import html
from pipeline.errors import PipelineError
from pipeline.site import build

SITE = Path(build.__file__).resolve().parent


@pytest.fixture
def copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The site's sources in a folder of their own, with the installed packages, so that nothing real is built over."""
    folder = tmp_path / "site"
    shutil.copytree(SITE, folder, ignore=shutil.ignore_patterns("node_modules", "dist*", "__pycache__", "templates"))
    (folder / "node_modules").symlink_to(SITE / "node_modules", target_is_directory=True)
    monkeypatch.setattr(build, "FOLDER", folder)
    return folder


def manifest(folder: Path) -> dict[str, Any]:
    made: dict[str, Any] = json.loads((folder / "dist" / "manifest.json").read_text())
    return made


def test_check_accepts_the_sources_as_they_are(capsys: pytest.CaptureFixture[str]) -> None:
    assert build.main(["--check"]) == 0
    assert "types hold" in capsys.readouterr().out


def test_check_names_a_type_error(copy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = copy / "src" / "lec-theme.ts"
    source.write_text(source.read_text() + "\nexport const wrong: number = 'text';\n")
    assert build.main(["--check"]) == 1
    assert "lec-theme.ts" in capsys.readouterr().err


def test_check_misses_a_module(copy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (copy / "src" / "lec-copy.ts").unlink()
    assert build.main(["--check"]) == 1
    assert "lec-copy" in capsys.readouterr().err


def test_pages_hold_no_element_that_nobody_defines() -> None:
    templates = "".join(path.read_text() for path in (SITE / "templates").rglob("*.html"))
    sources = "".join(path.read_text() for path in (SITE / "src").glob("lec-*.ts"))
    assert set(re.findall(r"<(lec-[\w-]+)", templates)) == set(re.findall(r'define\("(lec-[\w-]+)"', sources))


def test_a_build_has_everything_its_manifest_names(copy: Path) -> None:
    assert build.main([]) == 0
    made = manifest(copy)
    files = {f"assets/{path.name}" for path in (copy / "dist" / "assets").iterdir()}
    assert set(made["files"]) == files
    for asset in (made["script"], made["early"], made["style"], made["icon"], *made["modules"]):
        digest = hashlib.sha384((copy / "dist" / asset["key"]).read_bytes()).digest()
        assert asset["integrity"] == f"sha384-{base64.b64encode(digest).decode()}"
    assert made["fonts"]
    assert set(made["fonts"]) < files
    # Relative names inside the files lead to files of the same build.
    for name in files:
        if name.endswith((".js", ".css")):
            text = (copy / "dist" / name).read_text()
            inner = re.findall(r'(?:from|import)\s*\(?"\./([^"]+)"|url\((?:"|\')?\./([^"\')]+)', text)
            assert {f"assets/{a or b}" for a, b in inner} <= files


def test_two_builds_are_the_same_and_leave_one_folder(copy: Path) -> None:
    assert build.main([]) == 0
    first = {path.name: path.read_bytes() for path in (copy / "dist" / "assets").iterdir()}
    assert build.main([]) == 0
    assert {path.name: path.read_bytes() for path in (copy / "dist" / "assets").iterdir()} == first
    assert [path.name for path in copy.glob("dist*")] == ["dist"]


def test_a_build_that_fails_leaves_the_old_one(copy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert build.main([]) == 0
    before = manifest(copy)
    (copy / "src" / "site.ts").write_text('import "./nowhere";\n')
    assert build.main([]) == 1
    assert "nowhere" in capsys.readouterr().err
    assert manifest(copy) == before


def test_a_page_loads_little_before_it_is_asked_to(copy: Path) -> None:
    """What every page runs at once stays small; the player and the forms come to pages that hold them."""
    assert build.main([]) == 0
    made = manifest(copy)
    at_once = [made["script"], made["early"], *made["modules"]]
    assert sum((copy / "dist" / asset["key"]).stat().st_size for asset in at_once) < 30_000
    assert (copy / "dist" / made["style"]["key"]).stat().st_size < 60_000
    assert not any("hls" in asset["key"] for asset in at_once)


def test_the_lock_names_versions_and_hashes_but_no_addresses() -> None:
    lock = json.loads((SITE / "package-lock.json").read_text())
    packages = {name: facts for name, facts in lock["packages"].items() if name}
    assert packages
    assert all("resolved" not in facts for facts in packages.values())
    assert all(facts["integrity"].startswith("sha512-") for facts in packages.values())
    assert "omit-lockfile-registry-resolved=true" in (SITE / ".npmrc").read_text()


def test_a_site_that_was_not_built_says_so(tmp_path: Path) -> None:
    with override_settings(LECTERN_SITE_DIST=tmp_path), pytest.raises(PipelineError, match="make site"):
        html.site()


def test_the_site_knows_every_built_file() -> None:
    assert set(html.assets()) == set(html.site().files)
    assert all(path.is_file() for path in html.assets().values())
