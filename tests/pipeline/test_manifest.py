"""The manifest's name and the pointer's signature."""

import json
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from pipeline.digests import sha256
from pipeline.errors import StoreError
from pipeline.manifest import Entry, File, Manifest, Pointer, key_name, public_bytes, sign, verified

COURSE = UUID("11111111-1111-4111-8111-111111111111")
KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
OTHER = Ed25519PrivateKey.from_private_bytes(bytes(32))


def manifest(**facts: object) -> Manifest:
    given: dict[str, object] = {
        "course": COURSE,
        "release": 3,
        "parent": None,
        "documents": {"b": Entry(object="2" * 64, bytes=2), "a": Entry(object="1" * 64, bytes=1)},
        "outline": "3" * 64,
        "pages": {},
        "files": (File(key="o/4", sha256="4" * 64, bytes=4),),
        "renditions": {},
    }
    return Manifest.model_validate(given | facts)


def pointer(**facts: object) -> Pointer:
    given: dict[str, object] = {
        "course": COURSE,
        "generation": 7,
        "release": 3,
        "manifest": "a" * 64,
        "created_at": "2026-11-25T10:00:00+00:00",
    }
    return Pointer.model_validate(given | facts)


def test_a_manifest_is_named_by_its_own_bytes_whatever_order_it_was_made_in() -> None:
    one = manifest()
    other = manifest(documents=dict(reversed(one.documents.items())))
    assert one.name() == other.name() == sha256(one.to_bytes())
    assert Manifest.model_validate_json(one.to_bytes()) == one
    assert manifest(release=4).name() != one.name()
    assert json.loads(one.to_bytes())["schema"] == 1


def test_a_signed_pointer_reads_back() -> None:
    signed = sign(pointer(), KEY)
    assert verified(signed.to_bytes(), KEY.public_key()) == signed
    assert signed.key == key_name(KEY) == sha256(public_bytes(KEY))[:16]
    assert "=" not in signed.signature


def test_white_space_and_order_do_not_matter_to_a_signature() -> None:
    loose = json.dumps(dict(reversed(json.loads(sign(pointer(), KEY).to_bytes()).items())), indent=2)
    assert verified(loose.encode(), KEY.public_key()).generation == 7


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("generation", 8),
        ("release", 2),
        ("manifest", "b" * 64),
        ("course", "22222222-2222-4222-8222-222222222222"),
        ("created_at", "2026-11-26T10:00:00+00:00"),
        ("key", "0" * 16),
        ("signature", ""),
        ("signature", "A" * 86),
        ("signature", "not base64 at all!"),
        ("schema", 2),
    ],
)
def test_no_field_can_be_changed(field: str, value: object) -> None:
    forged = json.loads(sign(pointer(), KEY).to_bytes()) | {field: value}
    with pytest.raises(StoreError, match="signature does not hold"):
        verified(json.dumps(forged).encode(), KEY.public_key())


@pytest.mark.parametrize("data", [b"", b"{}", b"[]", b"null", b"\xff\xfe", b'{"schema":1'])
def test_what_is_no_pointer_is_refused_in_the_same_words(data: bytes) -> None:
    with pytest.raises(StoreError, match="signature does not hold"):
        verified(data, KEY.public_key())


def test_another_key_does_not_sign_for_this_school() -> None:
    with pytest.raises(StoreError):
        verified(sign(pointer(), OTHER).to_bytes(), KEY.public_key())
