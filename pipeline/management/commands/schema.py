"""The published contract, written from the models: JSON Schemas and the TypeScript types made from them."""

import json
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from pipeline.documents import published_schemas
from pipeline.typescript import interfaces


def generated(root: Path) -> dict[Path, str]:
    """Each generated file below `root` (the folder of the student site) and what it must hold."""
    schemas = published_schemas()
    files = {
        root / "schema" / "v1" / f"{name}.json": json.dumps(schema, indent=2, sort_keys=True) + "\n"
        for name, schema in schemas.items()
    }
    files[root / "src" / "documents.generated.ts"] = interfaces(schemas.values())
    return files


class Command(BaseCommand):
    help = "Writes the JSON Schemas of the documents and the TypeScript types made from them."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help="write nothing; fail if a file is not what it must be")

    def handle(self, *args: Any, check: bool, **options: Any) -> None:
        root = settings.BASE_DIR / "pipeline" / "site"
        files = generated(root)
        stale = [path for path, text in files.items() if not path.exists() or path.read_text() != text]
        if check and stale:
            names = ", ".join(str(path.relative_to(settings.BASE_DIR)) for path in stale)
            raise CommandError(f"Not up to date: {names}. Run: manage.py schema")
        for path in () if check else stale:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(files[path])
            self.stdout.write(f"wrote {path.relative_to(settings.BASE_DIR)}")
        if not stale:
            self.stdout.write(f"{len(files)} files are up to date.")
