"""Say, a line each, whether what the school stands on will do."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from pipeline.doctor import examine


class Command(BaseCommand):
    help = "Looks at store, CDN, database, cache, queue, disk, clock, site and ffmpeg. Ends with 1 if one will not do."
    # It has to look at a database that is not migrated yet, too.
    requires_migrations_checks = False

    def handle(self, *args: Any, **options: Any) -> None:
        failed = 0
        for finding in examine():
            failed += finding.verdict == "failed"
            self.stdout.write(f"{finding.verdict:8} {finding.what}: {finding.sentence}")
        if failed:
            raise CommandError(f"{failed} thing{'s' if failed > 1 else ''} will not do; what to do stands above.")
        self.stdout.write("Everything will do.")
