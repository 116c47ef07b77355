"""The key that signs pointers, read from the settings."""

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured


def signing_key() -> Ed25519PrivateKey:
    """The Ed25519 key of LECTERN_SIGNING_KEY, 64 hexadecimal digits (RFC 8032's 32-byte seed)."""
    try:
        return Ed25519PrivateKey.from_private_bytes(bytes.fromhex(settings.LECTERN_SIGNING_KEY))
    except ValueError:
        raise ImproperlyConfigured(
            "LECTERN_SIGNING_KEY is not 64 hexadecimal digits; make one with: openssl rand -hex 32"
        ) from None


def public_key() -> Ed25519PublicKey:
    return signing_key().public_key()
