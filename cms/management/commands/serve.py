"""Run the whole school on this machine until Ctrl-C: CMS, API, CDN and worker, each its own process."""

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError


def _bind(url: str) -> str:
    """The local address of `url`, as gunicorn wants it. Raises CommandError if it has no port that can be used."""
    try:
        port = urlsplit(url).port or 80
    except ValueError:
        raise CommandError(f"{url} names no port: write an address such as http://localhost:8000.") from None
    with socket.socket() as probe:
        # As servers do: a port that was left a moment ago is free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            told = f"Port {port}, which {url} names, cannot be used ({error.strerror}): stop what holds it, or set "
            raise CommandError(told + "SITE_URL, API_URL and CMS_URL to other ports.") from None
    return f"127.0.0.1:{port}"


class Command(BaseCommand):
    help = "Runs CMS, API, CDN and worker until Ctrl-C. For development and demonstrations."

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.PRODUCTION:
            raise CommandError("serve is for development: in production each process has its own supervisor.")
        folder = isinstance(settings.LECTERN_STORE, Path)
        if folder:
            _bind(settings.SITE_URL)  # serve_cdn would find out too, after the others have started
        python, manage = sys.executable, str(settings.BASE_DIR / "manage.py")
        gunicorn = [python, "-m", "gunicorn", "--threads", "8", "--log-level", "warning"]
        commands = {
            "CMS": [*gunicorn, "--bind", _bind(settings.CMS_URL), "settings.wsgi_cms"],
            "API": [*gunicorn, "--bind", _bind(settings.API_URL), "settings.wsgi_api"],
            **({"CDN": [python, manage, "serve_cdn"]} if folder else {}),
            # An idle worker would come to look at SQLite's queue every ten seconds only.
            "worker": [python, manage, "run_huey", "--quiet", "--workers", "4", "--max-delay", "1"],
        }
        children = {name: self._start(name, command) for name, command in commands.items()}
        self.stdout.write(f"  Student site  {settings.SITE_URL}/")
        if not folder:
            self.stdout.write(f"                (not from here: the store is {settings.LECTERN_STORE})")
        self.stdout.write(f"  CMS           {settings.CMS_URL}/admin/")
        self.stdout.write(f"  API           {settings.API_URL}/v1/docs")
        self.stdout.write("  Ctrl-C stops everything.")
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        stopped = ""
        try:
            pid, _ = os.wait()
            stopped = next((name for name, child in children.items() if child.pid == pid), "")
        except KeyboardInterrupt:
            self.stdout.write("\nStopping.")
        finally:
            for child in children.values():
                child.send_signal(signal.SIGINT)
            for child in children.values():
                try:
                    child.wait(timeout=10)
                except subprocess.TimeoutExpired:
                    child.kill()
        if stopped:
            raise CommandError(f"The {stopped} process ended by itself; what it said, if anything, stands above.")

    def _start(self, name: str, command: list[str]) -> subprocess.Popen[bytes]:
        module = "settings.api" if name == "API" else "settings.cms"
        environment = {**os.environ, "DJANGO_SETTINGS_MODULE": module}
        # A session of its own: Ctrl-C reaches this process alone, which then stops the others in order.
        return subprocess.Popen(command, env=environment, cwd=settings.BASE_DIR, start_new_session=True)  # noqa: S603  (our own commands)
