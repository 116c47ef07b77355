"""Serve the store's folder at SITE_URL, as a CDN would. For development."""

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from pipeline.folder_server import server


class Command(BaseCommand):
    help = "Serves the store's folder at SITE_URL until Ctrl-C. For development: any static host does this job."

    def handle(self, *args: Any, **options: Any) -> None:
        folder = settings.LECTERN_STORE
        if not isinstance(folder, Path):
            raise CommandError(f"The store is {folder}, not a folder: what serves that bucket serves it at SITE_URL.")
        folder.mkdir(parents=True, exist_ok=True)
        with server(folder, "127.0.0.1", urlsplit(settings.SITE_URL).port or 80) as cdn:
            try:
                cdn.serve_forever()
            except KeyboardInterrupt:
                self.stdout.write("CDN stopped.")
