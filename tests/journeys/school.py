"""A whole school in processes of its own: CMS, API, CDN and worker on free ports, in a folder of its own."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from types import TracebackType

from tests.object_store import ObjectStore, client

ROOT = Path(__file__).resolve().parents[2]
PASSWORD = "a long enough password"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def until(answer: Callable[[], object], what: str, seconds: float = 90) -> object:
    """The first true answer. Polls, because what it waits for happens in another process; fails loudly at the end."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if found := answer():
            return found
        time.sleep(0.1)  # between two questions to another process
    raise AssertionError(f"Not within {seconds:.0f} s: {what}")


class School:
    """`with School(folder) as school:` starts everything and stops everything."""

    def __init__(self, folder: Path) -> None:
        self.var = folder
        self.cms, self.api, self.site = (f"http://localhost:{free_port()}" for _ in range(3))
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith(("LECTERN_", "DJANGO_"))},
            "LECTERN_VAR": str(folder),
            "LECTERN_LEASE_SECONDS": "5",
            "SITE_URL": self.site,
            "API_URL": self.api,
            "CMS_URL": self.cms,
            "EMAIL_BACKEND": "django.core.mail.backends.filebased.EmailBackend",
        }
        self.cdn = [sys.executable, "manage.py", "serve_cdn"]
        self.children: dict[str, subprocess.Popen[bytes]] = {}

    def use_bucket(self, server: ObjectStore) -> None:
        """Publish into a bucket of its own that everybody may read, behind an edge."""
        place = server.place()
        allow = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject"}
        policy = {"Version": "2012-10-17", "Statement": [allow | {"Resource": f"arn:aws:s3:::{place.bucket}/*"}]}
        client(server.endpoint).put_bucket_policy(Bucket=place.bucket, Policy=json.dumps(policy))
        origin = f"{server.endpoint}/{place.bucket}/{place.prefix}".rstrip("/")
        self.environment |= server.environment(place)
        self.cdn = [sys.executable, "-m", "tests.journeys.edge", self.site.rpartition(":")[2], origin]

    def __enter__(self) -> "School":
        self.manage("migrate", "--verbosity", "0")
        self.manage("createcachetable")
        self.manage("collectstatic", "--no-input", "--verbosity", "0")
        self.manage("publish_site")
        gunicorn = [sys.executable, "-m", "gunicorn", "--threads", "8", "--log-level", "warning"]
        self.start("cms", [*gunicorn, "--bind", self.cms.removeprefix("http://"), "settings.wsgi_cms"])
        self.start("api", [*gunicorn, "--bind", self.api.removeprefix("http://"), "settings.wsgi_api"], "settings.api")
        self.start("cdn", self.cdn)
        self.start("worker", [sys.executable, "manage.py", "run_huey", "--quiet", "--workers", "2"])
        for address in (f"{self.cms}/admin/login/", f"{self.api}/v1/healthz", f"{self.site}/"):
            until(lambda address=address: self.answers(address), f"{address} answers")  # type: ignore[misc]
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for name in list(self.children):
            self.stop(name)

    def start(self, name: str, command: list[str], settings: str = "settings.cms") -> None:
        log = (self.var / f"{name}.log").open("ab")
        self.children[name] = subprocess.Popen(
            command,
            cwd=ROOT,
            env={**self.environment, "DJANGO_SETTINGS_MODULE": settings},
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
        log.close()

    def stop(self, name: str) -> None:
        child = self.children.pop(name)
        os.killpg(child.pid, signal.SIGKILL)
        child.wait()

    def manage(self, *words: str, given: str = "", settings: str = "settings.cms") -> str:
        """Run a management command to its end; its output. Fails with that output if the command does."""
        done = subprocess.run(
            [sys.executable, "manage.py", *words],
            cwd=ROOT,
            env={**self.environment, "DJANGO_SETTINGS_MODULE": settings},
            input=given,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"manage.py {' '.join(words)} ended {done.returncode}:\n{done.stdout}{done.stderr}"
        return done.stdout

    def code_for(self, address: str) -> str:
        """The newest code that was mailed to `address`."""
        return str(until(lambda: self._code(address), f"a mail with a code to {address}"))

    def _code(self, address: str) -> str | None:
        for file in sorted((self.var / "mail").glob("*"), key=lambda file: file.stat().st_mtime, reverse=True):
            for part in reversed(file.read_bytes().split(b"-" * 79)):
                mail = message_from_bytes(part.strip(), policy=default)
                if address not in str(mail["To"]):
                    continue
                body = mail.get_body(("plain",))
                found = re.search(
                    r"^\s*([A-Z0-9]{3,4}-[A-Z0-9]{3,4})\s*$", body.get_content() if body else "", re.MULTILINE
                )
                if found:
                    return found.group(1)
        return None

    def answers(self, address: str) -> bool:
        return bool(self.text(address))

    @staticmethod
    def text(address: str) -> str:
        """What is served at `address`, or nothing while it is not there."""
        try:
            with urllib.request.urlopen(address, timeout=5) as answer:
                return str(answer.read().decode())
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            return ""
