"""Take back what somebody was given of a course."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from api.errors import ApiError
from api.payments.grants import revoke
from api.payments.models import Grant
from cms.management.commands.grant_access import person
from pipeline.errors import AuthorError
from pipeline.named import course_named


class Command(BaseCommand):
    help = "Takes back all that somebody was given of a course. What they bought stays, and so does their progress."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("user", metavar="USER", help="the e-mail address of the learner")
        parser.add_argument("course", metavar="COURSE", help="the course's slug or UUID")
        parser.add_argument("--reason", required=True, help="why; it is kept with what was done")

    def handle(self, *args: Any, user: str, course: str, reason: str, **options: Any) -> None:
        try:
            found, learner = course_named(course), person(user)
            with transaction.atomic():
                standing = list(Grant.objects.for_learner(learner).filter(course=found.uuid, revoked_at=None))
                for grant in standing:
                    revoke(grant, reason, by=None)
        except AuthorError as error:
            raise CommandError(str(error)) from error
        except ApiError as error:
            raise CommandError(error.detail) from error
        if not standing:
            raise CommandError(f"{user} was given nothing of “{found.title}” that could be taken back.")
        self.stdout.write(f"What {user} was given of “{found.title}” is taken back.")
