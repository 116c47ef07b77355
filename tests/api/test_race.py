"""Two devices of one learner send at the same instant: no event and no state is lost, and an attempt counts once.

Threads of their own, with connections of their own, on a real file (or PostgreSQL). Each write is held, right after it
has read the rows it will write, until the other has read them too: where the lock is switched off they always meet
there, where it stands the second cannot come.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import OperationalError, connection, connections
from django.utils import timezone

from api import scope
from api.accounts.models import User
from api.assessment.models import Attempt
from api.assessment.rules import submit
from api.enrolment.models import Enrolment
from api.enrolment.rules import enrol
from api.progress.models import ProgressEvent
from api.progress.record import record
from api.progress.rules import Event, fold
from api.progress.states import states_of
from tests.api.cast import COURSE, FIRST, QUIZ, RIGHT, go_live
from tests.copied_database import Threads

# How long the first waits for the second, in seconds: in vain where the lock keeps it out, to the end where they meet.
IN_VAIN, TO_THE_END = 0.4, 20


@pytest.fixture
def unlocked(monkeypatch: pytest.MonkeyPatch) -> None:
    """The lock switched off: on SQLite a transaction that does not take it at its start, elsewhere no row lock."""
    if connection.vendor == "sqlite":
        monkeypatch.setitem(connections.databases["default"]["OPTIONS"], "transaction_mode", "DEFERRED")
    for module in ("api.progress.record", "api.assessment.rules", "api.enrolment.rules"):
        monkeypatch.setattr(f"{module}.lock", lambda _user: None)


def apart(act: Callable[[], object]) -> object:
    """The result of `act` in a thread and on a connection of its own."""
    (result,) = at_once(act)
    return result


def at_once(*acts: Callable[[], object]) -> list[object]:
    """Each act in a thread of its own; what it returned or raised."""
    results: list[object] = [None] * len(acts)

    def run(number: int, act: Callable[[], object]) -> None:
        try:
            results[number] = act()
        except Exception as error:  # the test looks at it
            results[number] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


@contextmanager
def meeting(barrier: threading.Barrier, table: str) -> Iterator[None]:
    """Wait for the other thread once, after this one has read from `table`."""
    waited = False

    def hold(execute, sql, params, many, context):  # type: ignore[no-untyped-def]
        nonlocal waited
        result = execute(sql, params, many, context)
        if not waited and sql.startswith("SELECT") and f'FROM "{table}"' in sql:
            waited = True
            with suppress(threading.BrokenBarrierError):
                barrier.wait()
        return result

    with connection.execute_wrapper(hold):
        yield


def cast() -> User:
    go_live()
    user = User.objects.create_user("sam@example.org")
    enrol(user, COURSE)
    Enrolment.objects.for_learner(user).update(enrolled_at=timezone.now() - timedelta(days=1))
    return user


def two_batches(user: User, patience: float) -> tuple[list[Event], list[object]]:
    """A mark from one device and a later position from another, for the same item."""
    then = timezone.now() - timedelta(hours=1)
    events = [
        Event(uuid4(), FIRST, "completed", then),
        Event(uuid4(), FIRST, "position", then + timedelta(minutes=1), 12.0),
    ]
    barrier = threading.Barrier(2, timeout=patience)
    # Without its lock SQLite refuses the second writer before it reads a state: they meet before either writes.
    early = connection.vendor == "sqlite" and patience == TO_THE_END
    table = "api_progressevent" if early else "api_itemstate"

    def send(event: Event) -> object:
        with meeting(barrier, table):
            return record(user, COURSE, [event])

    return events, at_once(*(lambda event=event: send(event) for event in events))


def whole(user: User, events: list[Event]) -> bool:
    """Both events are kept and the row is what they come to."""
    rows = apart(lambda: states_of(user, [COURSE])[COURSE])
    kept = apart(ProgressEvent.objects.for_learner(user).count)
    return (kept, rows) == (2, {FIRST: fold(events)})


def test_two_batches_at_once_lose_nothing(threads: Threads) -> None:
    user = apart(cast)
    events, results = two_batches(user, IN_VAIN)
    assert not [result for result in results if isinstance(result, Exception)]
    assert whole(user, events)


def test_without_the_lock_something_is_lost(threads: Threads, unlocked: None) -> None:
    user = apart(cast)
    events, results = two_batches(user, TO_THE_END)
    refused = [result for result in results if isinstance(result, OperationalError)]
    assert refused or not whole(user, events)


def one_attempt_twice(user: User, patience: float) -> list[object]:
    id_, barrier = uuid4(), threading.Barrier(2, timeout=patience)

    def send() -> object:
        with meeting(barrier, "api_attempt"):
            return submit(user, COURSE, QUIZ, id_, RIGHT).attempt.pk

    return at_once(send, send)


def test_an_attempt_sent_twice_at_once_is_graded_once(threads: Threads) -> None:
    user = apart(cast)
    first, second = one_attempt_twice(user, IN_VAIN)
    assert first == second == apart(lambda: Attempt.objects.for_learner(user).get().pk)


def test_without_the_lock_the_second_attempt_fails(threads: Threads, unlocked: None) -> None:
    user = apart(cast)
    assert any(isinstance(result, Exception) for result in one_attempt_twice(user, TO_THE_END))


def test_enrolling_twice_at_once_is_one_enrolment(threads: Threads) -> None:
    apart(go_live)
    user = apart(lambda: User.objects.create_user("noor@example.org"))
    barrier = threading.Barrier(2, timeout=IN_VAIN)

    def act() -> object:
        with meeting(barrier, "api_enrolment"):
            return enrol(user, COURSE)[1]

    assert sorted(at_once(act, act)) == [False, True]


def test_the_lock_is_a_lock_of_rows_where_there_are_such(db: None, sam: User, django_assert_num_queries) -> None:
    with django_assert_num_queries(1) as seen:
        scope.lock(sam)
    wanted = "FOR NO KEY UPDATE" if connection.features.has_select_for_no_key_update else "SELECT"
    assert wanted in seen.captured_queries[0]["sql"]
