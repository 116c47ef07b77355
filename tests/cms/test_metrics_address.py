"""The metrics' address: there is none without a token, and it opens to nobody without the same one."""

from typing import Any

import pytest
from django.test import Client

pytestmark = pytest.mark.django_db


def ask(token: str | None, scheme: str = "Bearer") -> Any:
    headers = {} if token is None else {"Authorization": f"{scheme} {token}"}
    return Client().get("/metrics", headers=headers)


def test_without_a_token_there_is_no_such_address(settings: Any) -> None:
    settings.METRICS_TOKEN = ""
    assert ask("").status_code == ask(None).status_code == 404


@pytest.mark.parametrize(("token", "scheme"), [(None, ""), ("", "Bearer"), ("wrong", "Bearer"), ("a-token", "Basic")])
def test_the_wrong_token_opens_nothing(settings: Any, token: str | None, scheme: str) -> None:
    settings.METRICS_TOKEN = "a-token"
    answer = ask(token, scheme)
    assert (answer.status_code, answer["WWW-Authenticate"]) == (401, "Bearer")
    assert b"lectern_" not in answer.content


def test_the_right_one_opens_it(settings: Any) -> None:
    settings.METRICS_TOKEN = "a-token"
    answer = ask("a-token", "bearer")
    assert answer.status_code == 200
    assert answer["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    assert "no-store" in answer["Cache-Control"]
    assert b"lectern_publish_wanting 0" in answer.content
    assert Client().post("/metrics", headers={"Authorization": "Bearer a-token"}).status_code == 405
