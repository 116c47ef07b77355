"""Typed readers of environment variables. Every one fails loudly, in one sentence that names the variable."""

import os
import re
import secrets
from collections.abc import Collection
from pathlib import Path
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from django.core.exceptions import ImproperlyConfigured


def text(name: str, default: str) -> str:
    return os.environ.get(name, default)


def choice(name: str, allowed: tuple[str, ...], default: str) -> str:
    value = os.environ.get(name, default)
    if value not in allowed:
        raise ImproperlyConfigured(f"{name} is {value!r}; set it to one of: {', '.join(allowed)}.")
    return value


def integer(name: str, default: int, *, least: int | None = None, most: int | None = None) -> int:
    value = os.environ.get(name)
    if value is None:
        return default
    try:
        number = int(value)
    except ValueError:
        raise ImproperlyConfigured(f"{name} is {value!r}; set it to a whole number.") from None
    if (least is not None and number < least) or (most is not None and number > most):
        raise ImproperlyConfigured(f"{name} is {number}; set it to a number from {least} to {most}.")
    return number


def words(name: str, default: list[str]) -> list[str]:
    """A comma-separated list."""
    value = os.environ.get(name)
    return default if value is None else [word.strip() for word in value.split(",") if word.strip()]


def listed(name: str, known: Collection[str], default: list[str]) -> list[str]:
    """A comma-separated list of some of `known`."""
    found = words(name, default)
    for value in found:
        if value not in known:
            raise ImproperlyConfigured(f"{name} names {value!r}; it may name: {', '.join(sorted(known))}.")
    return found


def required(name: str, *, production: bool, default: str) -> str:
    """A value that development has a default for and production must be given."""
    value = os.environ.get(name)
    if value:
        return value
    if production:
        raise ImproperlyConfigured(f"{name} is not set; production does not start without it.")
    return default


def secret(name: str, folder: Path, *, production: bool) -> str:
    """A secret of at least 32 characters. Development makes its own, once, under `folder`; production is given one."""
    value = os.environ.get(name)
    if value is None and not production:
        path = folder / name.lower()
        if not path.exists():
            folder.mkdir(parents=True, exist_ok=True)
            fresh = folder / f".{name.lower()}.{os.getpid()}"
            fresh.write_text(secrets.token_hex(32))
            fresh.chmod(0o600)
            try:
                # link() refuses to replace: two first starts at once end with one secret, not two.
                os.link(fresh, path)
            except FileExistsError:
                pass
            finally:
                fresh.unlink()
        value = path.read_text()
    if value is None:
        raise ImproperlyConfigured(f"{name} is not set; production does not start without its own secret.")
    if len(value) < 32:
        raise ImproperlyConfigured(f"{name} is shorter than 32 characters; make one with: openssl rand -hex 32")
    return value


def hex_seed(name: str, folder: Path, *, production: bool) -> str:
    """A secret that is the 64 hexadecimal digits of 32 bytes."""
    value = secret(name, folder, production=production)
    if not re.fullmatch(r"[0-9A-Fa-f]{64}", value):
        raise ImproperlyConfigured(f"{name} is not 64 hexadecimal digits; make one with: openssl rand -hex 32")
    return value


def folder_or_bucket(name: str, value: str) -> Path | str:
    """A folder as a Path, or `s3://bucket` or `s3://bucket/some/prefix` as it is."""
    if not value.startswith("s3://"):
        if "://" in value or not value:
            raise ImproperlyConfigured(f"{name} is {value!r}; set it to a folder, or to s3://bucket/prefix.")
        return Path(value)
    if not re.fullmatch(r"s3://[a-z0-9][a-z0-9.\-]{1,61}[a-z0-9](/[A-Za-z0-9_\-][A-Za-z0-9_.\-]*)*/?", value):
        raise ImproperlyConfigured(f"{name} is {value!r}, which names no bucket; write it as s3://bucket/prefix.")
    return value


def address(name: str, value: str) -> str:
    """Empty, or an address that begins with http:// or https:// and has a host."""
    if value and not re.fullmatch(r"https?://[^/\s]+(/\S*)?", value):
        raise ImproperlyConfigured(f"{name} is {value!r}; write it as https://host or http://host:port.")
    return value


def aws_id(name: str, value: str) -> str:
    """Empty, or what CloudFront calls a thing of its own: capital letters and digits."""
    if value and not re.fullmatch(r"[A-Z0-9]{6,32}", value):
        raise ImproperlyConfigured(f"{name} is {value!r}; it is the ID that CloudFront shows, such as E2QWRUHAPOMQZL.")
    return value


def rsa_key(name: str, value: str) -> str:
    """Empty, or a private RSA key of 2048 bits as PEM; `value` is that, or the path of a file that holds it."""
    if not value:
        return ""
    how = "make one with: openssl genrsa -out key.pem 2048"
    # The value itself is said in no sentence: it may be a key that was only copied badly.
    try:
        pem = value if value.lstrip().startswith("-----BEGIN") else Path(value).read_text()
    except (OSError, ValueError):
        raise ImproperlyConfigured(f"{name} is neither a key as PEM nor a file that can be read; {how}") from None
    try:
        key = load_pem_private_key(pem.encode(), password=None)
    except (ValueError, TypeError):
        raise ImproperlyConfigured(f"{name} holds no private key as PEM without a password; {how}") from None
    if not isinstance(key, RSAPrivateKey) or key.key_size != 2048:
        raise ImproperlyConfigured(f"{name} is not an RSA key of 2048 bits, which CloudFront asks for; {how}")
    return pem


def shared_domain(name: str, value: str, **addresses: str) -> None:
    """A domain that the hosts of all `addresses` are or lie below; empty if they are one host."""
    hosts = {urlsplit(address).hostname or "" for address in addresses.values()}
    domain = value.removeprefix(".").lower()
    if len(hosts) == 1 if not domain else all(host == domain or host.endswith(f".{domain}") for host in hosts):
        return
    of = " and ".join(addresses)
    raise ImproperlyConfigured(f"{name} is {value!r}; set it to the domain that the hosts of {of} have in common.")


def both_or_none(**pair: str) -> None:
    """Two values of which one is of no use without the other."""
    lacking = [name for name, value in pair.items() if not value]
    if 0 < len(lacking) < len(pair):
        raise ImproperlyConfigured(
            f"{' and '.join(lacking)} is not set, and {' and '.join(set(pair) - set(lacking))} is."
        )
