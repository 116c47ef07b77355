"""What events come to is the same in any order, any split and any repetition; and the rows say just that."""

import random
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from django.core.management import CommandError, call_command
from hypothesis import given
from hypothesis import strategies as st

from api.accounts.models import User
from api.enrolment.models import Enrolment
from api.progress.models import ItemState, ProgressEvent
from api.progress.record import record
from api.progress.rules import Event, Grade, State, fold, settle
from api.progress.states import states_of
from tests.api.cast import COURSE, FIRST, QUIZ, RIGHT, SECOND, WRONG, Browser

NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)
# Few instants, so that ties are common.
times = st.integers(0, 4).map(lambda minutes: NOON + timedelta(minutes=minutes))
events = st.builds(
    Event,
    id=st.uuids(),
    item=st.just(FIRST),
    kind=st.sampled_from(["viewed", "position", "completed", "reopened"]),
    at=times,
    position=st.none() | st.floats(0, 100),
)
grades = st.integers(1, 4).flatmap(
    lambda points: st.builds(
        Grade, at=times, score=st.integers(0, points), points=st.just(points), passed=st.booleans()
    )
)


@given(st.data(), st.lists(events | grades, max_size=8), st.integers(0, 8))
def test_order_split_and_repetition_change_nothing(data: st.DataObject, changes: list, cut: int) -> None:
    other = data.draw(st.permutations([*changes, *changes[:3]]))
    assert fold(other[cut:], fold(other[:cut])) == fold(changes)


def mark(kind: str, minute: int, position: float | None = None) -> Event:
    return Event(id=uuid4(), item=FIRST, kind=kind, at=NOON + timedelta(minutes=minute), position=position)


def test_nothing_comes_to_nothing() -> None:
    assert fold([]) is None


def test_the_last_word_counts_not_the_last_heard() -> None:
    assert fold([mark("reopened", 2), mark("completed", 1)]) == State(
        last_at=NOON + timedelta(minutes=2), completed=False, marked_at=NOON + timedelta(minutes=2)
    )


def test_done_and_undone_at_the_same_instant_is_done() -> None:
    said = [mark("completed", 1), mark("reopened", 1)]
    assert fold(said) == fold(reversed(said))
    assert fold(said).completed


def test_the_last_position_counts_even_if_it_is_the_beginning() -> None:
    state = fold([mark("position", 1, 90.0), mark("position", 2, 0.0), mark("viewed", 3)])
    assert state and (state.position, state.completed) == (0.0, False)


def test_a_worse_grade_lowers_nothing() -> None:
    state = fold([Grade(NOON, 3, 4, True), Grade(NOON, 1, 4, False), Grade(NOON, 7, 10, False)])
    assert state and (state.score, state.points, state.passed) == (3, 4, True)


# --- times ---


def test_true_times_stay() -> None:
    said = [mark("viewed", 0), mark("completed", 5)]
    assert settle(said, NOON - timedelta(days=1), NOON + timedelta(hours=1)) == said


@pytest.mark.parametrize("stray", [timedelta(hours=3), timedelta(days=-30)])
def test_a_wrong_clock_keeps_order_and_distances(stray: timedelta) -> None:
    now = NOON + timedelta(minutes=10)
    said = [mark("reopened", 7), mark("completed", 2)]
    moved = settle([Event(e.id, e.item, e.kind, e.at + stray) for e in said], NOON - timedelta(days=1), now)
    assert [event.at for event in moved] == [now, now - timedelta(minutes=5)]


def test_an_event_just_before_the_enrolment_is_of_a_slow_clock() -> None:
    (event,) = settle([mark("viewed", 0)], NOON + timedelta(seconds=30), NOON + timedelta(hours=1))
    assert event.at == NOON + timedelta(seconds=30)


def test_nothing_settles_to_nothing() -> None:
    assert settle([], NOON, NOON) == []


# --- rows ---


def rows(user: User) -> dict[UUID, State]:
    return states_of(user, [COURSE])[COURSE]


@pytest.fixture
def early(enrolled: Browser, sam: User) -> User:
    """Sam, in the course since long before noon: no time is put right."""
    Enrolment.objects.for_learner(sam).update(enrolled_at=NOON - timedelta(days=30))
    return sam


@pytest.mark.urls("settings.urls_api")
def test_the_rows_are_the_fold_whatever_the_batches(early: User) -> None:
    dice = random.Random(7)  # noqa: S311  # the same throws every time
    acts = [("viewed", None), ("position", 1.5), ("completed", None), ("reopened", None)]
    sent = [
        Event(uuid4(), item, kind, NOON + timedelta(days=-1, seconds=dice.randrange(5)), position)
        for item in (FIRST, SECOND)
        for kind, position in dice.choices(acts, k=10)
    ]
    dice.shuffle(sent)
    for start in range(0, len(sent), 3):
        for _ in range(2):
            record(early, COURSE, sent[start : start + 3])
    assert ProgressEvent.objects.count() == len(sent)
    assert rows(early) == {item: fold(event for event in sent if event.item == item) for item in (FIRST, SECOND)}


@pytest.mark.urls("settings.urls_api")
def test_rebuild_finds_and_mends_a_row_that_says_something_else(enrolled: Browser, sam: User) -> None:
    record(sam, COURSE, [Event(uuid4(), FIRST, "completed", NOON)])
    enrolled.attempt(WRONG)
    enrolled.attempt(RIGHT)
    right = rows(sam)
    call_command("rebuild_progress", "--check")

    ItemState.objects.filter(item=FIRST).delete()
    ItemState.objects.filter(item=QUIZ).update(score=0)
    with pytest.raises(CommandError, match="2 of 2 item states"):
        call_command("rebuild_progress", "--check")
    call_command("rebuild_progress")
    assert rows(sam) == right
