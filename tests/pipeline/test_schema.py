"""The published schemas say what documents are, and do not drift from the models."""

import json
from pathlib import Path

import jsonschema
import pytest
from django.core.management import CommandError, call_command
from django.test import override_settings
from pytest_django import Settings

from pipeline.documents import published_schemas
from pipeline.management.commands.schema import generated
from tests.pipeline import course_factory as school


def test_the_committed_files_are_those_of_the_models() -> None:
    call_command("schema", "--check")


def test_drift_is_named(tmp_path: Path) -> None:
    with override_settings(BASE_DIR=tmp_path), pytest.raises(CommandError, match=r"lesson\.json.*manage\.py schema"):
        call_command("schema", "--check")
    with override_settings(BASE_DIR=tmp_path):
        call_command("schema", verbosity=0)
        call_command("schema", "--check")
    root = tmp_path / "pipeline" / "site"
    assert all(path.read_text() == text for path, text in generated(root).items())


@pytest.mark.parametrize("name", published_schemas())
def test_no_published_schema_has_room_for_an_answer(name: str) -> None:
    text = json.dumps(published_schemas()[name])
    for private in ("correct", "accepted", "explanation", "tolerance", "case_sensitive"):
        assert f'"{private}' not in text


@pytest.mark.django_db
def test_every_document_of_a_release_holds_to_the_published_schema(settings: Settings, tmp_path: Path) -> None:
    settings.LECTERN_STORE = cdn = tmp_path / "cdn"
    course = school.make_course()
    school.release(course)
    manifest, schemas = school.manifest(cdn, course), published_schemas()
    documents = {cdn / f"o/{manifest.outline}": "outline", cdn / "catalogue.json": "catalogue"}
    for item, entry in manifest.documents.items():
        documents[cdn / f"o/{entry.object}"] = "course" if item == str(course.uuid) else "lesson"
    documents |= {cdn / f"o/{module.outline}": "module" for module in manifest.modules}
    assert len(documents) == 7
    for path, name in documents.items():
        jsonschema.validate(json.loads(path.read_bytes()), schemas[name], cls=jsonschema.Draft202012Validator)
