"""Whoever starts, stops and balances processes asks here."""

import pytest
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client

from api import health
from tests.api.cast import refusal

pytestmark = [pytest.mark.django_db, pytest.mark.urls("settings.urls_api")]


@pytest.mark.parametrize("path", ["/healthz", "/v1/healthz", "/readyz", "/v1/readyz"])
def test_all_is_well(path: str) -> None:
    response = Client().get(path)
    assert (response.status_code, response.json()) == (200, {"status": "ok"})


@pytest.mark.parametrize("path", ["/healthz", "/v1/healthz"])
def test_being_up_asks_nothing_of_the_database(path: str, django_assert_num_queries) -> None:
    with django_assert_num_queries(0):
        Client().get(path)


@pytest.mark.parametrize("path", ["/readyz", "/v1/readyz"])
def test_a_migration_that_waits_is_said(path: str) -> None:
    MigrationRecorder(connection).record_unapplied("api", "0002_learning")
    response = Client().get(path)
    assert refusal(response) == (503, "not_ready")
    assert response.json()["detail"] == "Migrations that are not applied: 1; run manage.py migrate."


def test_applying_what_waited_makes_ready() -> None:
    recorder = MigrationRecorder(connection)
    recorder.record_unapplied("api", "0002_learning")
    assert refusal(Client().get("/readyz")) == (503, "not_ready")
    recorder.record_applied("api", "0002_learning")
    assert Client().get("/readyz").status_code == 200


def test_the_migrations_are_read_from_disk_once(monkeypatch: pytest.MonkeyPatch, django_assert_num_queries) -> None:
    """Anybody may ask, as often as they like."""
    Client().get("/readyz")
    monkeypatch.delattr(MigrationLoader, "load_disk")
    with django_assert_num_queries(2):  # whether there is a table of migrations, and what it holds
        assert Client().get("/readyz").status_code == 200


def test_a_migration_that_replaces_others_needs_them_or_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    ours, gone = ("api", "0001_squashed_0002"), ("api", "0000_long_ago")
    replaced = frozenset({("api", "0001_initial"), ("api", "0002_learning")})
    monkeypatch.setattr(health, "_wanted", lambda: {ours: replaced})
    assert Client().get("/readyz").status_code == 200
    monkeypatch.setattr(health, "_wanted", lambda: {ours: replaced | {gone}})
    assert refusal(Client().get("/readyz")) == (503, "not_ready")
    MigrationRecorder(connection).record_applied(*ours)
    assert Client().get("/readyz").status_code == 200


def test_a_database_without_its_tables_is_not_ready() -> None:
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE django_migrations RENAME TO elsewhere")
    response = Client().get("/readyz")
    assert refusal(response) == (503, "not_ready")
    assert "run manage.py migrate" in response.json()["detail"]


@pytest.mark.parametrize("path", ["/readyz", "/v1/readyz"])
def test_a_cache_that_is_away_is_said(path: str, settings) -> None:
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "no_table"}}
    response = Client().get(path)
    assert refusal(response) == (503, "not_ready")
    assert "cache" in response.json()["detail"]
