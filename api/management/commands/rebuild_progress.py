"""Item states anew from the events and attempts that they follow from."""

from collections import defaultdict
from typing import Any, cast
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from api.accounts.models import User
from api.assessment.models import Attempt
from api.progress.models import ProgressEvent
from api.progress.rules import Event, EventKind, Grade, fold
from api.progress.states import states_of, write
from api.scope import lock

Changes = dict[UUID, dict[UUID, list[Event | Grade]]]


class Command(BaseCommand):
    help = "Folds all events and attempts again and mends the item states that say something else."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help="mend nothing; fail if there is something to mend")

    def handle(self, *args: Any, check: bool, **options: Any) -> None:
        seen = wrong = 0
        for user in User.objects.order_by("pk").iterator():
            with transaction.atomic():
                lock(user)
                for course, items in _changes(user).items():
                    before = states_of(user, [course])[course]
                    after = {item: state for item, changes in items.items() if (state := fold(changes))}
                    stale = {item: state for item, state in after.items() if before.get(item) != state}
                    seen, wrong = seen + len(after), wrong + len(stale)
                    if stale and not check:
                        write(user, course, stale)
        if wrong and check:
            raise CommandError(f"{wrong} of {seen} item states are not what their events say. Run: rebuild_progress")
        self.stdout.write(f"{seen} item states, {wrong} mended.")


def _changes(user: User) -> Changes:
    """All that `user` did, by course and item."""
    found: Changes = defaultdict(lambda: defaultdict(list))
    for row in ProgressEvent.objects.for_learner(user).iterator():
        kind = cast(EventKind, row.kind)  # the choices of the column
        found[row.course][row.item].append(Event(row.event, row.item, kind, row.at, row.position))
    for attempt in Attempt.objects.for_learner(user).iterator():
        grade = Grade(attempt.at, attempt.score, attempt.points, attempt.passed)
        found[attempt.course][attempt.item].append(grade)
    return found
