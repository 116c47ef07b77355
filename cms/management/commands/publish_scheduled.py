"""`manage.py publish_scheduled`: carry out what is scheduled and due, instead of Wagtail's command of that name."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone
from wagtail.models import Page

from pipeline import page_schedule, schedule
from pipeline.models import ScheduledRelease


class Command(BaseCommand):
    help = "Publishes and unpublishes the pages, and makes the releases, whose time has come. Says what it did."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dryrun", action="store_true", help="say what is due, and change nothing")

    def handle(self, *, dryrun: bool, **_options: Any) -> None:
        told = _due() if dryrun else page_schedule.publish_due() + schedule.release_due()
        for sentence in told or ["Nothing is due."]:
            self.stdout.write(sentence)


def _due() -> list[str]:
    now = timezone.now()
    acts = page_schedule.due(now)
    titles = dict(Page.objects.filter(pk__in=[act.page for act in acts]).values_list("pk", "draft_title"))
    rows = ScheduledRelease.objects.filter(state=ScheduledRelease.State.WAITING, due_at__lte=now)
    releases = rows.select_related("candidate").defer("candidate__content").order_by("due_at")
    return [
        *(f"“{titles.get(act.page, act.page)}” has to {act.kind}." for act in acts),
        *(f"“{row.candidate.title}” has to be released: {schedule.spoken(row)}." for row in releases),
    ]
