"""JSON as the standard means it, on our routes and allauth's alike."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.strict_json import NotStrict, read
from tests.api.cast import Browser, refusal

BAD = [
    b"",
    b"{",
    b"NaN",
    b'{"a": NaN}',
    b'{"a": Infinity}',
    b'{"a": -Infinity}',
    b'{"a": 1e999}',
    b'{"a": 1, "a": 2}',
    b'{"a": {"b": 1, "b": 2}}',
    b'{"a": "\\u0000"}',
    b'{"\\u0000": 1}',
    b'{"a": "\\ud800"}',
    b'{"a": "\xff"}',
    b"\xef\xbb\xbf{}",
    "{}".encode("utf-16"),
    b"[" * 100_000,
    b'{"a": ' + b"9" * 5000 + b"}",
    b"{'a': 1}",
    b"{} {}",
]


@pytest.mark.parametrize("data", BAD, ids=range(len(BAD)))
def test_what_is_not_strict_is_refused(data: bytes) -> None:
    with pytest.raises(NotStrict):
        read(data)


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    try:
        read(data)
    except NotStrict as reason:
        assert str(reason)


@pytest.mark.django_db
@pytest.mark.urls("settings.urls_api")
@pytest.mark.parametrize("path", ["/v1/progress", "/v1/enrolments", "/_allauth/browser/v1/auth/login"])
@pytest.mark.parametrize("data", BAD[1:], ids=range(1, len(BAD)))
def test_no_door_takes_it(browser: Browser, path: str, data: bytes) -> None:
    response = browser.send("POST", path, data)
    assert refusal(response) == (400, "malformed")
    assert response.json()["detail"].startswith("The body could not be read: ")


@pytest.mark.django_db
@pytest.mark.urls("settings.urls_api")
@pytest.mark.parametrize("path", ["/v1/progress", "/_allauth/browser/v1/auth/login"])
def test_a_body_of_another_type_or_size_is_refused(browser: Browser, path: str) -> None:
    token = browser.get("/v1/session").json()["csrf"]
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"):
        response = browser.generic("POST", path, b"{}", content_type=kind, headers={"X-CSRFToken": token})
        assert refusal(response) == (415, "wrong_type")
    large = browser.send("POST", path, b'{"a": "' + b"x" * 512 * 1024 + b'"}')
    assert refusal(large) == (413, "too_big")
