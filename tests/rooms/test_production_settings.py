"""Production refuses to start without its own secrets and addresses, in one sentence that names the variable."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

ROOT = Path(__file__).resolve().parents[2]
COMPLETE = {
    "LECTERN_ENV": "production",
    "SECRET_KEY": "s" * 40,
    "LECTERN_SIGNING_KEY": "ab" * 32,
    "SITE_URL": "https://school.example",
    "API_URL": "https://api.school.example",
    "CMS_URL": "https://cms.school.example",
    "DEFAULT_FROM_EMAIL": "school@school.example",
}
SHOWN = ("s.DEBUG", "s.SECRET_KEY", "s.ALLOWED_HOSTS")


def start(folder: Path, module: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Load the settings of a process in a fresh interpreter."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return subprocess.run(
        [
            sys.executable,
            "-c",
            "from django.conf import settings; print(settings.DEBUG, settings.SECRET_KEY, settings.ALLOWED_HOSTS)",
        ],
        cwd=ROOT,
        env={**kept, "LECTERN_VAR": str(folder), "DJANGO_SETTINGS_MODULE": f"settings.{module}", **environment},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("module", ["cms", "api"])
def test_production_starts_when_all_is_given(tmp_path: Path, module: str) -> None:
    done = start(tmp_path, module, **COMPLETE)
    assert done.returncode == 0, done.stderr
    assert done.stdout == f"False {'s' * 40} ['api.school.example', 'cms.school.example']\n"
    assert not (tmp_path / "secrets").exists()


@pytest.mark.parametrize("missing", sorted(set(COMPLETE) - {"LECTERN_ENV"}))
def test_production_names_what_is_missing(tmp_path: Path, missing: str) -> None:
    done = start(tmp_path, "cms", **{name: value for name, value in COMPLETE.items() if name != missing})
    assert done.returncode == 1
    last = done.stderr.strip().splitlines()[-1]
    assert f"{missing} is not set" in last


def test_a_short_secret_is_refused(tmp_path: Path) -> None:
    done = start(tmp_path, "cms", **{**COMPLETE, "SECRET_KEY": "short"})
    assert done.returncode == 1
    assert "SECRET_KEY is shorter than 32 characters" in done.stderr


def test_development_makes_its_secrets_once(tmp_path: Path) -> None:
    first, second = start(tmp_path, "cms"), start(tmp_path, "api")
    assert first.returncode == 0, first.stderr
    assert first.stdout == second.stdout
    assert (tmp_path / "secrets" / "secret_key").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("key", ["ab" * 31 + "xy", "ab" * 31, "ab" * 33])
def test_a_signing_key_that_is_no_seed_is_refused(tmp_path: Path, key: str) -> None:
    done = start(tmp_path, "cms", **{**COMPLETE, "LECTERN_SIGNING_KEY": key})
    assert done.returncode == 1
    assert "LECTERN_SIGNING_KEY is" in done.stderr


def test_half_of_cloudfronts_key_pair_is_refused(tmp_path: Path) -> None:
    done = start(tmp_path, "api", **{**COMPLETE, "CLOUDFRONT_KEY_PAIR_ID": "K2JCJMDEHXQW5F"})
    assert done.returncode == 1
    assert "CLOUDFRONT_PRIVATE_KEY is not set, and CLOUDFRONT_KEY_PAIR_ID is" in done.stderr


def test_a_key_pair_needs_a_domain_for_its_cookies(tmp_path: Path) -> None:
    (tmp_path / "key.pem").write_bytes(
        rsa.generate_private_key(public_exponent=65537, key_size=2048).private_bytes(
            Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
        )
    )
    pair = {"CLOUDFRONT_KEY_PAIR_ID": "K2JCJMDEHXQW5F", "CLOUDFRONT_PRIVATE_KEY": str(tmp_path / "key.pem")}
    done = start(tmp_path, "api", **COMPLETE, **pair)
    assert done.returncode == 1
    assert "CLOUDFRONT_COOKIE_DOMAIN is ''" in done.stderr
    assert start(tmp_path, "api", **COMPLETE, **pair, CLOUDFRONT_COOKIE_DOMAIN="school.example").returncode == 0


def test_zone_files_are_installed_on_every_machine() -> None:
    """A slim container has none of its own, and a schedule could then be in UTC alone."""
    for lock in ("requirements.lock", "requirements-dev.lock"):
        (line,) = [line for line in (ROOT / lock).read_text().splitlines() if line.startswith("tzdata==")]
        assert ";" not in line, f"{lock} installs tzdata on some machines only"
