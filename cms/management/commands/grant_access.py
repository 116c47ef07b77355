"""Give somebody a course without payment."""

from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from django.utils.dateparse import parse_date

from api.accounts.models import User
from api.errors import ApiError
from api.payments.grants import give
from api.payments.models import Grant
from pipeline.errors import AuthorError
from pipeline.named import course_named


class Command(BaseCommand):
    help = "Gives somebody a course without payment, for ever or until a day. Undone by: revoke_access."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("user", metavar="USER", help="the e-mail address of somebody who has an account")
        parser.add_argument("course", metavar="COURSE", help="the course's slug or UUID")
        parser.add_argument("--reason", required=True, help="why; it is kept with what was done")
        parser.add_argument("--until", metavar="YYYY-MM-DD", help="the day from which it is closed again (UTC)")
        parser.add_argument("--gift", action="store_true", help="it is a gift")

    def handle(
        self, *args: Any, user: str, course: str, reason: str, until: str | None, gift: bool, **options: Any
    ) -> None:
        kind = Grant.Kind.GIFT if gift else Grant.Kind.MANUAL
        try:
            found = course_named(course)
            give(person(user), found.uuid, reason, by=None, until=day(until) if until else None, kind=kind)
        except AuthorError as error:
            raise CommandError(str(error)) from error
        except ApiError as error:
            raise CommandError(error.detail) from error
        self.stdout.write(
            f"{user} may open “{found.title}” now. To undo it: manage.py revoke_access {user} {course} --reason ..."
        )


def person(email: str) -> User:
    """Raises CommandError if nobody has the address."""
    user = User.objects.filter(email__iexact=email, is_active=True).first()
    if user is None:
        raise CommandError(f"Nobody has an account with the address {email}: ask them to sign up first.")
    return user


def day(text: str) -> datetime:
    """Midnight, UTC, at which the day begins. Raises CommandError for anything but a day."""
    try:
        found = parse_date(text)
    except ValueError:
        found = None
    if found is None:
        raise CommandError(f"{text!r} is no day: write one such as 2027-01-31.")
    return datetime(found.year, found.month, found.day, tzinfo=timezone.get_default_timezone())
