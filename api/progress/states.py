"""The rows that hold item states: read for many courses at once, and brought forward by changes."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, fields
from uuid import UUID

from api.accounts.models import User
from api.progress.models import ItemState
from api.progress.rules import Event, Grade, State, fold

COLUMNS = [field.name for field in fields(State)]


def states_of(
    user: User, courses: Iterable[UUID], items: Collection[UUID] | None = None
) -> dict[UUID, dict[UUID, State]]:
    """The states of `user` in each of `courses`, by item; of `items` alone if given. One query."""
    found: dict[UUID, dict[UUID, State]] = {course: {} for course in courses}
    rows = ItemState.objects.for_learner(user).filter(course__in=list(found))
    if items is not None:
        rows = rows.filter(item__in=items)
    for row in rows:
        found[row.course][row.item] = State(**{name: getattr(row, name) for name in COLUMNS})
    return found


def bring_forward(user: User, course: UUID, changes: Mapping[UUID, Sequence[Event | Grade]]) -> None:
    """Fold the changes of each item into its row. Only inside a transaction that has locked the learner."""
    before = states_of(user, [course], changes.keys())[course]
    after = {item: fold(of_item, before.get(item)) for item, of_item in changes.items()}
    write(user, course, {item: state for item, state in after.items() if state})


def write(user: User, course: UUID, states: Mapping[UUID, State]) -> None:
    """Make the rows of these items say `states`. One query."""
    ItemState.objects.for_learner(user).bulk_create(
        [ItemState(user=user, course=course, item=item, **asdict(state)) for item, state in states.items()],
        update_conflicts=True,
        unique_fields=["user", "course", "item"],
        update_fields=COLUMNS,
    )
