"""CloudFront's signed cookies: what may be fetched until when, signed with a key that the distribution trusts.

https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-setting-signed-cookie-custom-policy.html
"""

import base64
import json
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache

from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.serialization import load_pem_private_key

# A cookie cannot hold these, and CloudFront reads them back.
SAFE = str.maketrans("+=/", "-_~")


@dataclass(frozen=True)
class Signer:
    """`key_pair` is what CloudFront calls the public key, `pem` the private RSA key, `resource` an address that may end
    with a wildcard (`https://school.example/m/*`)."""

    key_pair: str
    pem: str = field(repr=False)
    resource: str

    def cookies(self, until: datetime) -> dict[str, str]:
        """The three cookies, by name, with which `resource` may be fetched until `until`."""
        policy = json.dumps(
            {
                "Statement": [
                    {
                        "Resource": self.resource,
                        "Condition": {"DateLessThan": {"AWS:EpochTime": int(until.timestamp())}},
                    }
                ]
            },
            separators=(",", ":"),
        ).encode()
        signature = _key(self.pem).sign(policy, PKCS1v15(), SHA1())  # noqa: S303  (what CloudFront verifies with)
        return {
            "CloudFront-Policy": _text(policy),
            "CloudFront-Signature": _text(signature),
            "CloudFront-Key-Pair-Id": self.key_pair,
        }


@cache
def _key(pem: str) -> RSAPrivateKey:
    key = load_pem_private_key(pem.encode(), password=None)
    if not isinstance(key, RSAPrivateKey):
        raise TypeError("CloudFront's cookies are signed with an RSA key.")
    return key


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode().translate(SAFE)
