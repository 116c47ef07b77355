"""What learners say about themselves."""

import pytest

from api.accounts.models import User
from tests.api.cast import Browser, refusal

pytestmark = [pytest.mark.django_db, pytest.mark.urls("settings.urls_api")]


def test_what_is_left_out_stays(browser: Browser, sam: User) -> None:
    assert browser.send("PATCH", "/v1/me", {"time_zone": "Europe/London"}).json()["time_zone"] == "Europe/London"
    answer = browser.send("PATCH", "/v1/me", {"name": "  Sam  I. ", "language": "pt-BR"}).json()
    assert (answer["name"], answer["language"], answer["time_zone"]) == ("Sam I.", "pt-BR", "Europe/London")
    assert browser.send("PATCH", "/v1/me", {}).json() == answer
    assert browser.get("/v1/session").json()["user"] == answer


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"name": ""}, "name: a name has 1 to 120 characters"),
        ({"name": "x" * 121}, "name: a name has 1 to 120 characters"),
        ({"name": "Sam\u202e"}, "name: a name cannot hold control characters"),
        ({"name": None}, "name: "),
        ({"name": 7}, "name: "),
        ({"language": "english"}, "language: a language is a tag"),
        ({"time_zone": "Mars/Olympus"}, "time_zone: a time zone is a name"),
        ({"email": "root@example.org"}, "email: there is no such field"),
        ({"is_staff": True}, "is_staff: there is no such field"),
        ({"id": 1}, "id: there is no such field"),
        ([], "the body: send a JSON object"),
        ("name", "the body: "),
        (None, "the body: "),
    ],
)
def test_what_is_wrong_is_said_and_changes_nothing(browser: Browser, sam: User, body: object, said: str) -> None:
    response = browser.send("PATCH", "/v1/me", body if body is not None else b"null")
    assert refusal(response) == (422, "invalid")
    assert response.json()["detail"].startswith(f"Please correct {said}")
    kept = User.objects.get()
    assert (kept.display_name, kept.email, kept.is_staff) == ("Sam", "sam@example.org", False)


def test_a_body_that_is_missing_is_said(browser: Browser) -> None:
    assert refusal(browser.send("PATCH", "/v1/me")) == (422, "invalid")
