"""The API's own contract, written from its routes: the OpenAPI document of /v1."""

import json
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from ninja.responses import NinjaJSONEncoder

from api.router import api


def document() -> str:
    """The OpenAPI document as text, the same whichever process writes it."""
    # The prefix is said, not looked up: under the settings of the CMS the API has no address.
    schema = api.get_openapi_schema(path_prefix="/v1/")
    return json.dumps(schema, cls=NinjaJSONEncoder, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


class Command(BaseCommand):
    help = "Writes the OpenAPI document of the API to api/openapi.json."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--check", action="store_true", help="write nothing; fail if the file is not what it must be"
        )

    def handle(self, *args: Any, check: bool, **options: Any) -> None:
        path = settings.BASE_DIR / "api" / "openapi.json"
        text = document()
        if path.exists() and path.read_text() == text:
            self.stdout.write("api/openapi.json is up to date.")
        elif check:
            raise CommandError("Not up to date: api/openapi.json. Run: manage.py openapi")
        else:
            path.write_text(text)
            self.stdout.write("wrote api/openapi.json")
