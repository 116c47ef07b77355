"""Whoever starts, stops and balances processes asks here."""

import pytest
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client

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


@pytest.mark.parametrize("path", ["/readyz", "/v1/readyz"])
def test_a_cache_that_is_away_is_said(path: str, settings) -> None:
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "no_table"}}
    response = Client().get(path)
    assert refusal(response) == (503, "not_ready")
    assert "cache" in response.json()["detail"]
