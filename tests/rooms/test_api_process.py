"""The API's process installs no Wagtail, and its tables refer to nothing that authors write."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
# What only the CMS's process and the worker may load.
FOREIGN = {"wagtail", "wagtailmedia", "content", "cms", "modelcluster", "taggit", "treebeard", "boto3", "huey.contrib"}
BOOT = """
import json, sys
import django
django.setup()
import settings.urls_api
from django.apps import apps
from django.core.management import call_command
from django.test import Client
call_command("migrate", verbosity=0)
call_command("createcachetable")
answers = {path: Client().get(path).status_code for path in ("/v1/healthz", "/readyz", "/v1/session", "/v1/enrolments")}
relations = [
    [f"{model.__name__}.{field.name}", field.related_model._meta.app_label]
    for model in apps.get_app_config("api").get_models(include_auto_created=True)
    for field in model._meta.get_fields(include_hidden=True)
    if field.is_relation and not field.auto_created and field.related_model
]
print(json.dumps({"answers": answers, "modules": sorted(sys.modules), "relations": relations}))
"""


@pytest.fixture(scope="module")
def process(tmp_path_factory: pytest.TempPathFactory) -> dict:
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    folder = tmp_path_factory.mktemp("api")
    done = subprocess.run(
        [sys.executable, "-c", BOOT],
        cwd=ROOT,
        env={**kept, "LECTERN_VAR": str(folder), "DJANGO_SETTINGS_MODULE": "settings.api"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_it_starts_and_answers(process: dict) -> None:
    assert process["answers"] == {"/v1/healthz": 200, "/readyz": 200, "/v1/session": 200, "/v1/enrolments": 401}


def test_nothing_of_the_editor_is_loaded(process: dict) -> None:
    loaded = [
        name for name in process["modules"] if any(name == part or name.startswith(f"{part}.") for part in FOREIGN)
    ]
    assert loaded == [], "the API's process must not load these"
    assert "api.router" in process["modules"], "the list is of the right process"


def test_no_table_of_the_api_refers_to_content(process: dict) -> None:
    assert {app for _, app in process["relations"]} <= {"api", "auth", "contenttypes", "pipeline"}, process["relations"]
    assert ["Enrolment.user", "api"] in process["relations"], "the relations are looked at"
