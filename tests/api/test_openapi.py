"""The written contract is the one that is served."""

import json

import pytest
from django.conf import settings as django_settings
from django.core.management import CommandError, call_command

from tests.api.cast import Browser, routes

pytestmark = pytest.mark.urls("settings.urls_api")
FILE = django_settings.BASE_DIR / "api" / "openapi.json"


@pytest.mark.django_db
def test_the_file_is_what_the_api_serves() -> None:
    assert Browser().get("/v1/openapi.json").json() == json.loads(FILE.read_text())


def test_every_route_is_in_it() -> None:
    paths = json.loads(FILE.read_text())["paths"]
    assert sorted((method.upper(), path) for path, of in paths.items() for method in of) == routes()


def test_every_refusal_in_it_has_the_one_shape() -> None:
    for path, methods in json.loads(FILE.read_text())["paths"].items():
        for method, operation in methods.items():
            for status, answer in operation["responses"].items():
                if int(status) >= 400:
                    shape = answer["content"]["application/json"]["schema"]
                    assert shape == {"$ref": "#/components/schemas/Refused"}, (path, method, status)


def test_drift_is_said_and_mended(settings, tmp_path) -> None:
    settings.BASE_DIR = tmp_path
    (tmp_path / "api").mkdir()
    with pytest.raises(CommandError, match="Not up to date"):
        call_command("openapi", "--check")
    assert not (tmp_path / "api" / "openapi.json").exists()
    call_command("openapi")
    call_command("openapi", "--check")
    assert (tmp_path / "api" / "openapi.json").read_text() == FILE.read_text()
    (tmp_path / "api" / "openapi.json").write_text("{}")
    with pytest.raises(CommandError, match=r"manage\.py openapi"):
        call_command("openapi", "--check")


@pytest.mark.django_db
def test_the_page_of_the_docs_names_every_route_and_runs_no_script() -> None:
    response = Browser().get("/v1/docs")
    text = response.content.decode()
    assert all(path in text for _, path in routes())
    assert "<script" not in text
    assert "default-src 'none'" in response["Content-Security-Policy"]
