"""The store and the CDN before it are chosen by settings, and settings that name none stop the start in a sentence."""

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
)
from django.core.exceptions import ImproperlyConfigured
from pytest_django import Settings

from pipeline.edge import CloudFront, NoEdge, the_distribution, the_edge
from pipeline.store import the_store
from pipeline.store.disk import DiskStore
from pipeline.store.s3 import S3Store
from pipeline.store.s3_place import Place
from settings import env

# --- the store ------------------------------------------------------------------------------------------------


def test_a_folder_is_a_folder(settings: Settings, tmp_path: Path) -> None:
    settings.LECTERN_STORE = env.folder_or_bucket("LECTERN_STORE", str(tmp_path))
    store = the_store()
    assert isinstance(store, DiskStore)
    store.create("o/a", b"a")
    assert (tmp_path / "o/a").read_bytes() == b"a"


@pytest.mark.parametrize(
    ("address", "prefix"),
    [("s3://school", ""), ("s3://school/", ""), ("s3://school/of/ours", "of/ours/"), ("s3://school/of/", "of/")],
)
def test_a_bucket_is_a_bucket_with_all_that_is_said_of_it(settings: Settings, address: str, prefix: str) -> None:
    settings.LECTERN_STORE = env.folder_or_bucket("LECTERN_STORE", address)
    settings.S3_ENDPOINT_URL, settings.S3_REGION = "https://s3.example", "eu-north-1"
    settings.S3_ACCESS_KEY_ID, settings.S3_SECRET_ACCESS_KEY = "who", "secret"
    store = the_store()
    assert isinstance(store, S3Store)
    assert store.place == Place("school", prefix, "https://s3.example", "eu-north-1", "who", "secret")
    assert "secret" not in repr(store.place)


@pytest.mark.parametrize(
    "address",
    [
        "",
        "s3://",
        "s3:///of",
        "s3://Sch",
        "s3://a",
        "s3://school//of",
        "s3://school/.of",
        "gs://school",
        "s3://school/ü",
    ],
)
def test_what_is_no_store_is_refused(address: str) -> None:
    with pytest.raises(ImproperlyConfigured, match=r"^LECTERN_STORE is "):
        env.folder_or_bucket("LECTERN_STORE", address)


@pytest.mark.parametrize("address", ["s3.example", "ftp://s3.example", "https://", "https:// s3.example"])
def test_an_endpoint_is_an_address(address: str) -> None:
    with pytest.raises(ImproperlyConfigured, match=r"^S3_ENDPOINT_URL is "):
        env.address("S3_ENDPOINT_URL", address)
    assert env.address("S3_ENDPOINT_URL", "") == ""
    assert env.address("S3_ENDPOINT_URL", "http://127.0.0.1:8333") == "http://127.0.0.1:8333"


@pytest.mark.parametrize("lacking", ["S3_ACCESS_KEY_ID", "S3_SECRET_ACCESS_KEY"])
def test_half_a_pair_is_refused(lacking: str) -> None:
    pair = {"S3_ACCESS_KEY_ID": "who", "S3_SECRET_ACCESS_KEY": "secret"}
    env.both_or_none(**pair)
    env.both_or_none(**dict.fromkeys(pair, ""))
    with pytest.raises(ImproperlyConfigured, match=f"^{lacking} is not set"):
        env.both_or_none(**pair | {lacking: ""})


# --- the CDN --------------------------------------------------------------------------------------------------


def test_no_distribution_is_no_edge(settings: Settings) -> None:
    settings.CLOUDFRONT_DISTRIBUTION_ID = ""
    assert the_distribution() is None
    assert isinstance(the_edge(), NoEdge)


def test_a_distribution_is_an_edge_with_the_keys_of_the_bucket(settings: Settings) -> None:
    settings.CLOUDFRONT_DISTRIBUTION_ID = env.aws_id("CLOUDFRONT_DISTRIBUTION_ID", "E2QWRUHAPOMQZL")
    settings.S3_ENDPOINT_URL = ""
    settings.S3_ACCESS_KEY_ID, settings.S3_SECRET_ACCESS_KEY = "who", "secret"
    assert isinstance(the_edge(), CloudFront)
    found = the_distribution()
    assert found is not None
    assert (found.name, found.access_key, found.secret_key) == ("E2QWRUHAPOMQZL", "who", "secret")
    assert "secret" not in repr(found)


def test_the_keys_of_a_bucket_elsewhere_are_not_shown_to_cloudfront(settings: Settings) -> None:
    settings.CLOUDFRONT_DISTRIBUTION_ID = "E2QWRUHAPOMQZL"
    settings.S3_ENDPOINT_URL = "https://s3.example"
    settings.S3_ACCESS_KEY_ID, settings.S3_SECRET_ACCESS_KEY = "who", "secret"
    found = the_distribution()
    assert found is not None
    assert (found.access_key, found.secret_key) == ("", "")


@pytest.mark.parametrize("name", ["e2qwruhapomqzl", "E2Q", "https://d1.cloudfront.net", "E2QWRUHAPOMQZL "])
def test_what_is_no_id_is_refused(name: str) -> None:
    with pytest.raises(ImproperlyConfigured, match=r"^CLOUDFRONT_DISTRIBUTION_ID is "):
        env.aws_id("CLOUDFRONT_DISTRIBUTION_ID", name)


def pem(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey, lock: KeySerializationEncryption | None = None) -> str:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, lock or NoEncryption()).decode()


def test_a_private_key_is_given_as_it_is_or_as_a_file(tmp_path: Path) -> None:
    text = pem(rsa.generate_private_key(public_exponent=65537, key_size=2048))
    (tmp_path / "key.pem").write_text(text)
    assert env.rsa_key("CLOUDFRONT_PRIVATE_KEY", text) == text
    assert env.rsa_key("CLOUDFRONT_PRIVATE_KEY", str(tmp_path / "key.pem")) == text
    assert env.rsa_key("CLOUDFRONT_PRIVATE_KEY", "") == ""


BAD_KEYS = {
    "no file": lambda: "/nowhere/key.pem",
    "no path": lambda: "x" * 5000,
    "a null": lambda: "key\0.pem",
    "cut off": lambda: pem(rsa.generate_private_key(public_exponent=65537, key_size=2048))[:-300],
    "of another length": lambda: pem(rsa.generate_private_key(public_exponent=65537, key_size=3072)),
    "of another kind": lambda: pem(ec.generate_private_key(ec.SECP256R1())),
    "locked": lambda: pem(
        rsa.generate_private_key(public_exponent=65537, key_size=2048), BestAvailableEncryption(b"password")
    ),
}


@pytest.mark.parametrize("kind", BAD_KEYS)
def test_what_is_no_private_key_is_refused_and_not_repeated(kind: str) -> None:
    value = BAD_KEYS[kind]()
    with pytest.raises(ImproperlyConfigured, match=r"^CLOUDFRONT_PRIVATE_KEY .*openssl genrsa") as refused:
        env.rsa_key("CLOUDFRONT_PRIVATE_KEY", value)
    assert value[30:200] not in str(refused.value) or not value[30:200]


@pytest.mark.parametrize(
    ("domain", "site", "api"),
    [
        ("school.example", "https://school.example", "https://api.school.example"),
        (".school.example", "https://www.school.example/of/ours", "https://api.school.example:8443"),
        ("", "https://school.example/site", "https://school.example/api"),
    ],
)
def test_a_domain_that_both_lie_below_will_do(domain: str, site: str, api: str) -> None:
    env.shared_domain("CLOUDFRONT_COOKIE_DOMAIN", domain, SITE_URL=site, API_URL=api)


@pytest.mark.parametrize(
    ("domain", "site", "api"),
    [
        ("", "https://school.example", "https://api.school.example"),
        ("school.example", "https://school.example", "https://api.example"),
        ("ool.example", "https://school.example", "https://api.school.example"),
        ("api.school.example", "https://school.example", "https://api.school.example"),
    ],
)
def test_a_domain_whose_cookies_the_site_would_not_be_sent_is_refused(domain: str, site: str, api: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="SITE_URL and API_URL have in common"):
        env.shared_domain("CLOUDFRONT_COOKIE_DOMAIN", domain, SITE_URL=site, API_URL=api)


@pytest.mark.parametrize(("value", "words"), [("4", "from 5 to 1440"), ("1441", "from 5"), ("long", "whole number")])
def test_minutes_that_make_no_sense_are_refused(monkeypatch: pytest.MonkeyPatch, value: str, words: str) -> None:
    monkeypatch.setenv("CLOUDFRONT_COOKIE_MINUTES", value)
    with pytest.raises(ImproperlyConfigured, match=words):
        env.integer("CLOUDFRONT_COOKIE_MINUTES", 240, least=5, most=1440)
