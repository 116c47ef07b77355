"""What readers could be shown of yesterday by a CDN's edges is asked back: whoever died, whatever was refused."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError
from django.core.management import call_command
from django.utils import timezone
from huey.contrib.djhuey import HUEY
from pytest_django import Settings

from content.models import Course
from pipeline import outbox, purge, retire, rollback, tasks, withdraw, worker
from pipeline.catalogue import CATALOGUE
from pipeline.edge import AT_ONCE, NoEdge, Notes, the_edge
from pipeline.edge_paths import paths_of
from pipeline.lease import Lease
from pipeline.models import ChangeEvent, Invalidation, Publication, Tombstone
from pipeline.reconcile import reconcile
from pipeline.store.base import Store
from pipeline.store.disk import DiskStore
from pipeline.store.headers import IMMUTABLE
from tests.faults.points import WatchedStore
from tests.pipeline import course_factory as school
from tests.pipeline.distribution import Answers, Distribution, covers, distribution

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def root(settings: Settings, tmp_path: Path) -> Path:
    settings.LECTERN_STORE = tmp_path / "cdn"
    HUEY.flush()
    return tmp_path / "cdn"


@pytest.fixture
def cdn(settings: Settings) -> Iterator[Distribution]:
    with distribution(settings) as found:
        yield found


def rows() -> list[Invalidation]:
    return list(Invalidation.objects.order_by("pk"))


def asked() -> set[str]:
    return {path for row in rows() for path in row.paths}


def told_anew(act: Callable[[], object]) -> set[str]:
    """The paths that rows ask for after `act`, and did not before."""
    Invalidation.objects.all().delete()
    act()
    return asked()


def mutable_changes(before: dict[str, tuple[int, int]], root: Path) -> set[str]:
    """The mutable keys that were written or deleted since `before`."""
    gone = set(before) - set(school.files(root))
    return {key for key in school.written(before, root) | gone if not IMMUTABLE.match(key)}


def edited(course: Course, words: str) -> None:
    school.rewrite(school.lessons(course)[1], words)
    school.release(course)


# --- what is asked for ----------------------------------------------------------------------------------------


def test_without_a_distribution_there_is_no_row_and_nothing_in_between(root: Path) -> None:
    course = school.make_course()
    school.release(course)
    edited(course, "Once more.")
    withdraw.withdraw(course.uuid, None)
    worker.drain()
    call_command("publish_site", verbosity=0)
    store = DiskStore(root)
    assert the_edge().watched(store, Notes()) is store
    assert rows() == []


def test_a_first_release_asks_for_its_pages_its_pointer_and_the_catalogue(cdn: Distribution, root: Path) -> None:
    course = school.make_course()
    paths = told_anew(lambda: school.release(course))
    mutable = {key for key in school.files(root) if not IMMUTABLE.match(key)}
    assert mutable >= {f"c/{course.uuid}/current.json", "index.html", "catalogue.json"}
    assert paths == {path for key in mutable for path in paths_of(key)}


def test_a_word_that_is_edited_asks_for_one_page_and_the_pointer(cdn: Distribution) -> None:
    course = school.make_course()
    school.release(course)
    assert told_anew(lambda: edited(course, "Another word.")) == {
        f"/c/{course.uuid}/current.json",
        "/courses/statistics/lesson-1-2/",
        "/courses/statistics/lesson-1-2/index.html",
    }


def rolled_back(course: Course) -> None:
    rollback.roll_back(course.uuid, 1, None)


def withdrawn(course: Course) -> None:
    withdraw.withdraw(course.uuid, None)


def retired(course: Course) -> None:
    retire.retire(course.uuid, None)


def renamed(course: Course) -> None:
    school.edit(course, slug="numbers")
    school.approve(course)


@pytest.mark.parametrize("verb", [rolled_back, withdrawn, retired, renamed])
def test_every_verb_asks_for_what_it_changes(cdn: Distribution, root: Path, verb: Callable[[Course], None]) -> None:
    course = school.make_course()
    school.release(course)
    edited(course, "Second release.")
    before = school.files(root)
    verb(course)
    paths = told_anew(worker.drain)
    changed = mutable_changes(before, root)
    assert f"c/{course.uuid}/current.json" in changed
    assert paths == {path for key in changed for path in paths_of(key)}


def test_what_a_purge_deletes_is_forgotten_though_it_is_immutable(cdn: Distribution, root: Path) -> None:
    course = school.make_course()
    school.release(course)
    lesson = school.lessons(course)[1]
    before = set(school.files(root))
    purge.purge(Tombstone.Kind.LESSON, str(lesson.uuid), None, "A lawyer asked.")
    paths = told_anew(worker.drain)
    gone = before - set(school.files(root))
    assert any(key.startswith("o/") for key in gone)
    assert not [key for key in gone if not covers(paths, f"/{key}")]


def test_a_site_below_a_path_is_asked_for_below_it(cdn: Distribution, settings: Settings) -> None:
    settings.SITE_URL = "https://school.example/of/été"
    course = school.make_course()
    paths = told_anew(lambda: school.release(course))
    assert f"/of/%C3%A9t%C3%A9/c/{course.uuid}/current.json" in paths
    assert all(path.startswith("/of/%C3%A9t%C3%A9/") for path in paths)


def test_publish_site_asks_for_all_of_it_however_often_it_was_begun(cdn: Distribution, root: Path) -> None:
    """A run that was killed has written files that the next one finds as they should be."""
    call_command("publish_site", verbosity=0)
    site = {key for key in school.files(root) if not IMMUTABLE.match(key)}
    assert {"404.html", "keys.json"} <= site
    first = asked()
    assert not [key for key in site if not covers(first, f"/{key}")]
    assert told_anew(lambda: call_command("publish_site", verbosity=0)) == first
    assert cdn.forgotten() >= first, "and it does not wait for a worker"


# --- whoever dies ---------------------------------------------------------------------------------------------


class Killed(BaseException):
    """What no shell of a task catches."""


def killed_at(place: int, monkeypatch: pytest.MonkeyPatch, root: Path) -> bool:
    """Work until the moment `place`, which is before or after the write of a mutable file, and die. False if nobody
    died."""
    moments = 0

    def around(moment: str, _changing: bool) -> None:
        nonlocal moments
        mutable = moment.split()[2] in {"replace", "swap", "delete"}
        moments += mutable
        if mutable and moments == place:
            raise Killed

    def the_store() -> Store:
        store: Any = WatchedStore(DiskStore(root), around)
        return store  # type: ignore[no-any-return]

    with monkeypatch.context() as patched:
        patched.setattr(worker, "the_store", the_store)
        try:
            worker.drain()
        except Killed:
            Publication.objects.update(lease_until=None)
            return True
    return False


def test_whoever_dies_at_any_write_every_change_is_asked_for(
    cdn: Distribution, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    course = school.make_course(lessons=2)
    school.release(course)
    deaths = 0
    while True:
        (root / "catalogue/9").mkdir(parents=True)  # what a longer list has left over
        (root / "catalogue/9/index.html").write_bytes(b"")
        before = school.files(root)
        Invalidation.objects.all().delete()
        school.edit(course, title=f"Statistics {deaths}")  # on each of its pages, and in the catalogue
        school.approve(course)
        died = killed_at(deaths + 1, monkeypatch, root)
        worker.drain()
        changed = mutable_changes(before, root)
        assert {"catalogue.json", "catalogue/9/index.html", f"c/{course.uuid}/current.json"} < changed
        missed = [path for key in changed for path in paths_of(key) if not covers(asked(), path)]
        assert missed == [], f"dead at write {deaths + 1}"
        if not died:
            break
        deaths += 1
    assert deaths > 2 * (1 + 3 + 2), "the pointer, three pages, the catalogue, the front page and more"


def test_a_try_that_fails_asks_for_what_it_had_changed(
    cdn: Distribution, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    course = school.make_course()
    school.release(course)
    school.edit(course, title="Other statistics")
    school.approve(course)
    before = school.files(root)

    def around(moment: str, _changing: bool) -> None:
        if moment.startswith("after store replace courses/"):
            raise OSError("the answer was lost")

    monkeypatch.setattr(worker, "the_store", lambda: WatchedStore(DiskStore(root), around))
    assert told_anew(lambda: worker.work(course.uuid)) == {
        path for key in mutable_changes(before, root) for path in paths_of(key)
    }
    assert "the answer was lost" in Publication.objects.get(course=course.uuid).last_error


def test_whoever_takes_over_from_the_dead_passes_it_on_when_it_fails(cdn: Distribution) -> None:
    """The second dies of nothing and still cannot finish: the third would find every page as it should be."""
    course = school.make_course()
    school.release(course)
    school.approve(course)
    assert Lease.take(course.uuid) is not None
    Publication.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    second = Lease.take(course.uuid)
    assert second is not None
    assert {"/courses/statistics/", f"/c/{course.uuid}/current.json"} <= told_anew(lambda: second.failed("No."))
    Publication.objects.update(next_try_at=None)
    third = Lease.take(course.uuid)
    assert third is not None
    assert told_anew(lambda: third.failed("No.")) == set(), "nobody died before it"


def test_a_worker_that_lost_its_course_writes_no_row(cdn: Distribution) -> None:
    course = school.make_course()
    school.approve(course)
    lease = Lease.take(course.uuid)
    assert lease is not None
    lease.notes.keys.add("index.html")
    Publication.objects.update(lease_owner="another")
    with pytest.raises(worker.LeaseLost):
        lease.failed("No.")
    assert rows() == []


# --- asking ---------------------------------------------------------------------------------------------------


def one_row(*keys: str) -> Invalidation:
    Invalidation.objects.all().delete()
    the_edge().tell(Notes(keys=set(keys or {"catalogue.json"})))
    (row,) = rows()
    return row


def test_a_bell_rings_once_it_is_committed_and_the_task_asks(
    cdn: Distribution, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        one_row()
        assert HUEY.pending_count() == 0
    HUEY.execute(HUEY.dequeue())
    assert cdn.forgotten() == {"/catalogue.json"}
    assert rows()[0].done_at is not None
    tasks.invalidate.call_local()
    assert len(cdn.taken()) == 1, "what was taken is not asked for again"


REFUSALS = {
    "TooManyInvalidationsInProgress": "as many as it can already",
    "AccessDenied": "cloudfront:CreateInvalidation",
    "NoSuchDistribution": "CLOUDFRONT_DISTRIBUTION_ID",
    "Strange": "400 Strange",
}


@pytest.mark.parametrize("code", REFUSALS)
def test_a_refusal_is_words_on_the_row_and_a_later_try(cdn: Distribution, code: str) -> None:
    one_row()
    cdn.on("CreateInvalidation", Answers(400, code, times=2))
    now = timezone.now()
    the_edge().send(now)
    (row,) = rows()
    assert (row.attempts, row.done_at, row.next_try_at) == (1, None, now + timedelta(seconds=2))
    assert REFUSALS[code] in row.last_error
    the_edge().send(now + timedelta(seconds=1))
    assert rows()[0].attempts == 1, "not before its time"
    the_edge().send(now + timedelta(seconds=2))
    assert rows()[0].next_try_at == now + timedelta(seconds=6), "later each time"
    the_edge().send(now + timedelta(seconds=6))
    (row,) = rows()
    assert row.done_at and not row.last_error
    assert cdn.forgotten() == {"/catalogue.json"}


def test_the_longest_pause_is_an_hour(cdn: Distribution) -> None:
    one_row()
    cdn.on("CreateInvalidation", Answers(400, "AccessDenied"))
    Invalidation.objects.update(attempts=40)
    now = timezone.now()
    the_edge().send(now)
    assert rows()[0].next_try_at == now + timedelta(hours=1)


def test_a_cdn_that_cannot_be_reached_is_asked_again(cdn: Distribution) -> None:
    def unreached(**_kwargs: Any) -> None:
        raise EndpointConnectionError(endpoint_url="https://cloudfront.amazonaws.com")

    one_row()
    cdn.on("CreateInvalidation", unreached)
    the_edge().send()
    assert "it cannot be reached" in rows()[0].last_error


def test_what_was_taken_though_its_answer_was_lost_is_sent_under_the_same_name(cdn: Distribution) -> None:
    """CloudFront knows a request by its name: the same again is no second one, and other paths would be refused."""
    row = one_row("catalogue.json", "index.html")
    the_edge().send()
    Invalidation.objects.update(done_at=None)  # as if the worker had died with the answer in its hand
    the_edge().send()
    first, second = cdn.taken()
    assert first == second
    assert sorted(first[1]) == ["/", "/catalogue.json", "/index.html"]
    other = one_row()
    Invalidation.objects.filter(pk=other.pk).update(id=row.pk)
    the_edge().send()
    assert cdn.taken()[-1][0] != first[0], "a number that a backup brought back is another request"


def test_one_row_that_is_refused_keeps_no_other_waiting(cdn: Distribution) -> None:
    one_row()
    the_edge().tell(Notes(keys={"index.html"}))
    cdn.on("CreateInvalidation", Answers(400, "InvalidArgument", times=1))
    the_edge().send()
    assert [row.attempts for row in rows()] == [1, 0]
    assert cdn.forgotten() == {"/", "/index.html"}


def test_many_rows_are_one_request(cdn: Distribution) -> None:
    Invalidation.objects.all().delete()
    for number in range(AT_ONCE + 1):
        the_edge().tell(Notes(keys={f"courses/{number}/{lesson}/index.html" for lesson in range(100)}))
    the_edge().send()
    assert [paths for _reference, paths in cdn.taken()] == [[f"/courses/{n}/*" for n in range(AT_ONCE + 1)]]
    assert [row.done_at is not None for row in rows()] == [True]


def test_many_rows_that_were_refused_before_are_sent_under_a_new_name(cdn: Distribution) -> None:
    Invalidation.objects.all().delete()
    for number in range(AT_ONCE + 1):
        the_edge().tell(Notes(keys={f"{number}.json"}))
    tried = {f"lectern-{row.pk}-" for row in rows()}
    the_edge().send()
    ((reference, paths),) = cdn.taken()
    assert sorted(paths) == [f"/{number}.json" for number in range(AT_ONCE + 1)]
    assert not any(reference.startswith(one) for one in tried)


def test_the_reconciler_rings_and_says_what_waits(cdn: Distribution) -> None:
    one_row()
    assert reconcile() == [], "it is on its way at this moment"
    assert HUEY.pending_count() == 1
    Invalidation.objects.update(created_at=timezone.now() - timedelta(minutes=2))
    assert reconcile() == ["1 invalidation waits for the CDN; rang a worker. Nobody has asked it yet."]
    cdn.on("CreateInvalidation", Answers(400, "AccessDenied", times=1))
    the_edge().send()
    assert reconcile() == [], "its next try is not due"
    Invalidation.objects.update(next_try_at=timezone.now())
    (told,) = reconcile()
    assert "cloudfront:CreateInvalidation" in told
    HUEY.execute(HUEY.dequeue())
    assert cdn.forgotten() == {"/catalogue.json"}
    assert reconcile() == []


def test_the_command_of_the_reconciler_asks_itself(cdn: Distribution) -> None:
    one_row()
    call_command("reconcile", verbosity=0)
    assert cdn.forgotten() >= {"/catalogue.json"}


def test_rows_that_were_taken_are_kept_for_a_week(cdn: Distribution) -> None:
    one_row()
    the_edge().send()
    the_edge().send(timezone.now() + timedelta(days=6))
    assert len(rows()) == 1
    the_edge().send(timezone.now() + timedelta(days=8))
    assert rows() == []


def test_rows_of_a_distribution_that_is_not_named_any_more_stay(cdn: Distribution, settings: Settings) -> None:
    """A worker that was started without the variable must not throw away what another will send."""
    one_row()
    settings.CLOUDFRONT_DISTRIBUTION_ID = ""
    assert isinstance(the_edge(), NoEdge)
    the_edge().send()
    assert rows()[0].done_at is None


def test_a_purge_that_is_killed_once_its_bytes_are_gone_is_asked_for(
    cdn: Distribution, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The tombstone says that nothing is left to delete: nobody would look again."""
    course = school.make_course()
    school.release(course)
    before = set(school.files(root))
    purge.purge(Tombstone.Kind.LESSON, str(school.lessons(course)[1].uuid), None, "A lawyer asked.")
    Invalidation.objects.all().delete()
    done = Lease.done

    def die(lease: Lease, **facts: Any) -> None:
        if lease.course == CATALOGUE:
            raise Killed
        done(lease, **facts)

    with monkeypatch.context() as patched:
        patched.setattr(Lease, "done", die)
        with pytest.raises(Killed):
            worker.drain()
    gone = before - set(school.files(root))
    assert gone
    assert not [key for key in gone if not covers(asked(), f"/{key}")]


def test_events_of_others_do_not_matter(cdn: Distribution) -> None:
    """Nothing was changed on the store, so nothing is asked for."""
    course = school.make_course()
    school.release(course)
    outbox.record(course.uuid, ChangeEvent.Kind.REBUILD)
    assert told_anew(worker.drain) == set()
