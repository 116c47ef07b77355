"""Signed cookies for films: given to who is in a course, and read as CloudFront reads them."""

import base64
import json
from datetime import datetime, timedelta
from functools import cache
from typing import Any

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from django.http import HttpResponse
from django.utils import timezone
from pytest_django import Settings

from api.accounts.models import User
from api.edge.rules import the_signer
from pipeline.models import Publication
from tests.api.cast import COURSE, Browser, refusal, take_down

pytestmark = [pytest.mark.django_db, pytest.mark.urls("settings.urls_api")]
ADDRESS = "/v1/edge/cookies"
NAMES = {"CloudFront-Policy", "CloudFront-Signature", "CloudFront-Key-Pair-Id"}


@cache
def key() -> RSAPrivateKey:
    return generate_private_key(public_exponent=65537, key_size=2048)


@pytest.fixture
def locked(settings: Settings) -> None:
    """The school has put a lock on its films."""
    settings.SITE_URL = "https://school.example"
    settings.CLOUDFRONT_KEY_PAIR_ID = "K2JCJMDEHXQW5F"
    settings.CLOUDFRONT_PRIVATE_KEY = (
        key().private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption()).decode()
    )
    settings.CLOUDFRONT_COOKIE_DOMAIN = "school.example"
    settings.CLOUDFRONT_COOKIE_MINUTES = 240
    settings.SESSION_COOKIE_SECURE = True


def decoded(text: str) -> bytes:
    return base64.b64decode(text.translate(str.maketrans("-_~", "+=/")), validate=True)


def policy(response: HttpResponse) -> dict[str, Any]:
    """The statement that CloudFront reads, once the signature holds."""
    signed = decoded(response.cookies["CloudFront-Policy"].value)
    key().public_key().verify(decoded(response.cookies["CloudFront-Signature"].value), signed, PKCS1v15(), SHA1())  # noqa: S303  (what CloudFront verifies with)
    assert b" " not in signed and b"\n" not in signed, "CloudFront refuses a policy with white space"
    (statement,) = json.loads(signed)["Statement"]
    return statement


def test_who_is_in_a_course_may_fetch_films_for_a_while(locked: None, enrolled: Browser) -> None:
    before = timezone.now()
    response = enrolled.send("POST", ADDRESS)
    assert response.status_code == 200
    expires = datetime.fromisoformat(response.json()["expires_at"])
    assert timedelta(minutes=239) < expires - before <= timedelta(minutes=240, seconds=5)
    assert policy(response) == {
        "Resource": "https://school.example/m/*",
        "Condition": {"DateLessThan": {"AWS:EpochTime": int(expires.timestamp())}},
    }
    assert response.cookies["CloudFront-Key-Pair-Id"].value == "K2JCJMDEHXQW5F"
    assert response["Cache-Control"] == "no-store"


def test_the_cookies_go_to_the_films_of_the_site_alone_and_to_no_script(locked: None, enrolled: Browser) -> None:
    cookies = enrolled.send("POST", ADDRESS).cookies
    assert set(cookies) >= NAMES
    for name in NAMES:
        about = cookies[name]
        assert (about["domain"], about["path"], about["samesite"]) == ("school.example", "/m/", "Lax")
        assert about["secure"] and about["httponly"]
        assert not about["max-age"] and not about["expires"], "they end with the browser's session"
        assert '"' not in about.OutputString(), "CloudFront reads no quoted value"


def test_a_site_below_a_path_has_its_films_there(locked: None, enrolled: Browser, settings: Settings) -> None:
    settings.SITE_URL = "https://school.example/of/ours"
    response = enrolled.send("POST", ADDRESS)
    assert policy(response)["Resource"] == "https://school.example/of/ours/m/*"
    assert response.cookies["CloudFront-Policy"]["path"] == "/of/ours/m/"


def test_a_policy_that_was_changed_does_not_hold(locked: None, enrolled: Browser) -> None:
    response = enrolled.send("POST", ADDRESS)
    changed = decoded(response.cookies["CloudFront-Policy"].value).replace(b"/m/*", b"/*")
    response.cookies["CloudFront-Policy"] = base64.b64encode(changed).decode().translate(str.maketrans("+=/", "-_~"))
    with pytest.raises(InvalidSignature):
        policy(response)


def refused(browser: Browser, status: int, code: str) -> None:
    response = browser.send("POST", ADDRESS)
    assert refusal(response) == (status, code)
    assert not NAMES & set(response.cookies)


def test_a_school_without_a_lock_says_so(enrolled: Browser) -> None:
    refused(enrolled, 409, "no_edge")


def test_who_is_in_no_course_gets_none(locked: None, browser: Browser, live: None) -> None:
    refused(browser, 404, "not_enrolled")


def test_another_s_course_opens_nothing(locked: None, enrolled: Browser, noor: User) -> None:
    refused(Browser(noor), 404, "not_enrolled")


def test_who_has_left_gets_no_more(locked: None, enrolled: Browser) -> None:
    enrolled.send("DELETE", f"/v1/enrolments/{COURSE}")
    refused(enrolled, 404, "not_enrolled")


@pytest.mark.parametrize("standing", ["withdrawn", "gone"])
def test_a_course_that_was_taken_away_opens_nothing(locked: None, enrolled: Browser, standing: str) -> None:
    Publication.objects.filter(course=COURSE).update(standing=standing)
    refused(enrolled, 404, "not_enrolled")


def test_a_course_without_a_live_release_opens_nothing(locked: None, enrolled: Browser) -> None:
    take_down()
    refused(enrolled, 404, "not_enrolled")


def test_a_retired_course_may_be_finished(locked: None, enrolled: Browser) -> None:
    Publication.objects.filter(course=COURSE).update(standing="retired")
    assert enrolled.send("POST", ADDRESS).status_code == 200


def test_the_key_stands_in_no_representation(locked: None) -> None:
    signer = the_signer()
    assert signer is not None
    assert "PRIVATE" not in repr(signer)
