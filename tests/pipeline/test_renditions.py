"""Each original is made once, by one worker, whatever dies on the way."""

import io
import re
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from django.conf import settings as django_settings
from django.utils import timezone
from PIL import Image
from pytest_django import DjangoAssertNumQueries, Settings

from pipeline import images, originals, renditions, video
from pipeline.errors import AuthorError, LeaseLost
from pipeline.frozen import FrozenCourse, FrozenFile, FrozenPage
from pipeline.models import Rendition
from pipeline.store import the_store
from tests.pipeline.media_files import film

pytestmark = pytest.mark.django_db

COURSE = UUID("0b1e5a1c-3f6e-4f0e-9a51-3f9d1a6f0001")
State, Kind = Rendition.State, Rendition.Kind


@pytest.fixture(autouse=True)
def folders(settings: Settings, tmp_path: Path) -> Path:
    settings.VAR_DIR = tmp_path
    settings.LECTERN_ORIGINALS = tmp_path / "originals"
    settings.LECTERN_STORE = tmp_path / "cdn"
    return tmp_path


@pytest.fixture(autouse=True)
def rung(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The ids that the doorbell rang for. The queue is the edge of this room: nothing is made behind a test's back."""
    heard: list[int] = []
    monkeypatch.setattr("pipeline.tasks.make_rendition", heard.append)
    return heard


def picture(colour: str = "red") -> str:
    """An image among the originals; its sha256."""
    written = io.BytesIO()
    Image.new("RGB", (40, 30), colour).save(written, "PNG")
    return originals.keep(io.BytesIO(written.getvalue()))


def frozen(**files: str) -> FrozenCourse:
    """A course with these files; `image_1=sha256` is the key `image/1`, called `image_1.png`."""
    page = FrozenPage(page_id=1, uuid=COURSE, slug="course", title="Course", fields={})
    return FrozenCourse(
        course=COURSE,
        page=page,
        modules=(),
        files={
            key.replace("_", "/"): FrozenFile(sha256=sha256, name=f"{key}.png", title=key, bytes=1)
            for key, sha256 in files.items()
        },
        instructors=(),
        prerequisites=(),
        links={},
    )


def row(**facts: object) -> Rendition:
    defaults = {"kind": Kind.IMAGE, "original": "0" * 64, "recipe": images.RECIPE, "name": "figure.png"}
    return Rendition.objects.create(**{**defaults, **facts})


def past() -> object:
    return timezone.now() - timedelta(seconds=1)


def no_workshops() -> bool:
    return not list((Path(django_settings.VAR_DIR) / "renditions").glob("*"))


# --- wanting --------------------------------------------------------------------------------------------------


def test_what_a_course_needs_is_asked_for_once(rung: list[int], django_capture_on_commit_callbacks: object) -> None:
    red, blue = picture("red"), picture("blue")
    course = frozen(image_1=red, image_2=red, image_3=blue, video_1="a" * 64, attachment_1="b" * 64)
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        renditions.want(course)
        assert rung == []  # not before the commit
    wanted = Rendition.objects.order_by("pk")
    assert {(one.kind, one.original, one.recipe) for one in wanted} == {
        ("image", red, images.RECIPE),
        ("image", blue, images.RECIPE),
        ("video", "a" * 64, video.RECIPE),
    }
    assert sorted(rung) == sorted(one.pk for one in wanted)
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        renditions.want(course)
    assert wanted.count() == len(rung) == 3


def test_another_recipe_is_another_rendition(monkeypatch: pytest.MonkeyPatch) -> None:
    course = frozen(image_1=picture())
    renditions.want(course)
    monkeypatch.setitem(renditions.RECIPES, Kind.IMAGE, "image-2")
    renditions.want(course)
    assert sorted(Rendition.objects.values_list("recipe", flat=True)) == [images.RECIPE, "image-2"]


@pytest.mark.parametrize("count", [1, 3])
def test_the_number_of_queries_does_not_grow(count: int, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    course = frozen(video_1="f" * 64, **{f"image_{number}": f"{number:064x}" for number in range(count)})
    renditions.want(course)
    with django_assert_num_queries(1):
        renditions.pending(course)


def test_pending_says_what_is_waited_for() -> None:
    course = frozen(image_1="1" * 64, image_2="2" * 64, video_1="3" * 64)
    assert renditions.pending(course) == "1 video (0 %) and 2 images are being prepared."
    renditions.want(course)
    Rendition.objects.filter(kind=Kind.VIDEO).update(state=State.WORKING, progress=43)
    assert renditions.pending(course) == "1 video (43 %) and 2 images are being prepared."
    Rendition.objects.filter(kind=Kind.IMAGE).update(state=State.READY)
    assert renditions.pending(course) == "1 video (43 %) is being prepared."
    Rendition.objects.update(state=State.READY)
    assert renditions.pending(course) is None
    assert renditions.pending(frozen()) is None


def test_pending_says_which_files_cannot_be_used_by_the_name_they_have_in_this_course() -> None:
    row(original="1" * 64, state=State.FAILED, name="old.png", error="old.png is damaged; upload it again.")
    row(original="2" * 64, state=State.FAILED, name="image_2.png", error="image_2.png is empty; upload it again.")
    with pytest.raises(AuthorError) as caught:
        renditions.pending(frozen(image_1="1" * 64, image_2="2" * 64, image_3="3" * 64))
    assert str(caught.value) == "image_1.png is damaged; upload it again. image_2.png is empty; upload it again."


# --- making ---------------------------------------------------------------------------------------------------


def test_an_image_is_made_once_and_a_second_release_makes_nothing(rung: list[int]) -> None:
    course = frozen(image_1=picture())
    renditions.want(course)
    made = Rendition.objects.get()
    assert renditions.make(made.pk)
    made.refresh_from_db()
    assert (made.state, made.progress, made.attempts, made.error, made.lease_owner) == (State.READY, 100, 1, "", "")
    assert made.lease_until is None
    assert no_workshops()
    for file in made.output["files"]:
        data = the_store().read(file["key"])
        assert data is not None and len(data) == file["bytes"]

    finished = made.finished_at
    renditions.want(course)
    assert renditions.pending(course) is None
    assert renditions.due() == []
    assert not renditions.make(made.pk)
    made.refresh_from_db()
    assert (made.attempts, made.finished_at) == (1, finished)


@pytest.mark.slow
def test_a_video_is_made_once(tmp_path: Path) -> None:
    original = originals.keep(film(tmp_path / "f.mp4", pictures="testsrc2=s=128x72:d=0.4", sound=None))
    course = frozen(video_1=original)
    renditions.want(course)
    made = Rendition.objects.get()
    assert renditions.make(made.pk)
    made.refresh_from_db()
    assert (made.state, made.attempts, made.output["rungs"]) == (State.READY, 1, [72])
    assert sorted(the_store().keys("m/")) == sorted(file["key"] for file in made.output["files"])
    assert made.output["src"] in the_store().keys("m/")
    assert no_workshops()
    renditions.want(course)
    assert renditions.pending(course) is None
    assert not renditions.make(made.pk)


def test_a_file_that_cannot_be_used_fails_with_its_sentence_and_may_be_tried_again() -> None:
    broken = originals.keep(io.BytesIO(b"These are only words."))
    one = row(original=broken)
    assert renditions.make(one.pk)
    one.refresh_from_db()
    assert one.state == State.FAILED
    assert one.error.startswith("figure.png is not an image")
    assert no_workshops()
    assert list(the_store().keys("")) == []
    assert not renditions.make(one.pk)

    assert renditions.again(one.pk)
    assert not renditions.again(one.pk)
    one.refresh_from_db()
    assert (one.state, one.attempts, one.error) == (State.WANTED, 0, "")
    assert renditions.make(one.pk)


def test_only_what_failed_starts_again(rung: list[int]) -> None:
    for state in (State.WANTED, State.WORKING, State.READY):
        assert not renditions.again(row(original=state.value * 9, state=state).pk)
    assert rung == []


def test_what_is_due() -> None:
    future = timezone.now() + timedelta(minutes=1)
    first = row(original="1" * 64)
    row(original="2" * 64, lease_until=future)  # rests after a fault of ours
    rested = row(original="3" * 64, lease_until=past())
    row(original="4" * 64, state=State.WORKING, lease_owner="alive", lease_until=future)
    dead = row(original="5" * 64, state=State.WORKING, lease_owner="dead", lease_until=past())
    row(original="6" * 64, state=State.READY)
    row(original="7" * 64, state=State.FAILED)
    assert renditions.due() == [first.pk, rested.pk, dead.pk]


def test_ringing_for_what_is_due_survives_a_queue_that_is_down(
    monkeypatch: pytest.MonkeyPatch, rung: list[int]
) -> None:
    one = row()
    assert (renditions.ring_due(), rung) == (1, [one.pk])

    def down(_: int) -> None:
        raise ConnectionError

    monkeypatch.setattr("pipeline.tasks.make_rendition", down)
    assert renditions.ring_due() == 1


# --- faults of ours -------------------------------------------------------------------------------------------


def test_a_fault_of_ours_is_tried_again_later_each_time_and_then_given_up() -> None:
    one = row(original="f" * 64)  # the original is not there: a disk that is not mounted, for one
    pauses = []
    for attempt in range(1, renditions.MOST_ATTEMPTS):
        before = timezone.now()
        assert not renditions.make(one.pk)
        one.refresh_from_db()
        assert (one.state, one.attempts, one.lease_owner, one.finished_at) == (State.WANTED, attempt, "", None)
        assert one.error
        assert one.lease_until is not None
        pauses.append(round((one.lease_until - before) / renditions.FIRST_PAUSE))
        assert renditions.due() == []
        assert not renditions.make(one.pk)  # a bell that rings too early
        Rendition.objects.update(lease_until=past())
    assert pauses == [1, 2, 4, 8]
    assert renditions.make(one.pk)
    one.refresh_from_db()
    assert (one.state, one.attempts) == (State.FAILED, renditions.MOST_ATTEMPTS)
    assert re.fullmatch(r"figure\.png could not be prepared in 5 attempts; ask an administrator .*\.", one.error)


def test_a_file_that_kills_its_worker_is_given_up_without_another_look() -> None:
    one = row(
        original=picture(),
        state=State.WORKING,
        attempts=renditions.MOST_ATTEMPTS,
        lease_owner="dead",
        lease_until=past(),
    )
    assert renditions.make(one.pk)
    one.refresh_from_db()
    assert one.state == State.FAILED
    assert "could not be prepared" in one.error


def test_what_a_killed_worker_left_is_removed(folders: Path) -> None:
    one = row(original=picture(), state=State.WORKING, attempts=1, lease_owner="dead", lease_until=past())
    left, other = (folders / "renditions" / f"{pk}-{'0' * 12}" for pk in (one.pk, f"{one.pk}1"))
    for folder in (left, other):
        folder.mkdir(parents=True)
        (folder / "half.m4s").write_bytes(b"half")
    assert renditions.make(one.pk)
    assert not left.exists()
    assert other.exists()


# --- the lease ------------------------------------------------------------------------------------------------


def take_over(monkeypatch: pytest.MonkeyPatch, maker: object) -> None:
    """The maker of images becomes `maker`, called after another worker has taken the row over."""

    def lost(original: Path, name: str, folder: Path, beat: object) -> object:
        Rendition.objects.update(lease_owner="another worker", lease_until=timezone.now() + timedelta(minutes=1))
        return maker(original, name, folder, beat)  # type: ignore[operator]

    monkeypatch.setattr(images, "make", lost)


def refuse(_original: Path, name: str, _folder: Path, _beat: object) -> object:
    raise AuthorError(f"{name} is damaged; upload it again.")


def break_down(_original: Path, _name: str, _folder: Path, _beat: object) -> object:
    raise OSError("No space left on device")


@pytest.mark.parametrize("maker", [images.make, refuse, break_down])
def test_a_worker_that_lost_its_lease_writes_nothing(monkeypatch: pytest.MonkeyPatch, maker: object) -> None:
    one = row(original=picture())
    take_over(monkeypatch, maker)
    assert not renditions.make(one.pk)
    one.refresh_from_db()
    assert (one.state, one.lease_owner, one.output, one.error) == (State.WORKING, "another worker", {}, "")
    assert one.finished_at is None
    assert no_workshops()


@pytest.mark.slow
def test_a_worker_that_lost_its_lease_stops_its_encoder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    original = originals.keep(film(tmp_path / "f.mp4", pictures="testsrc2=s=1280x720:d=20", sound=None))
    one = row(kind=Kind.VIDEO, recipe=video.RECIPE, original=original)
    monkeypatch.setattr(renditions, "REPORT_SECONDS", 0.0)
    told: list[int] = []
    report = renditions.Lease.report

    def lose_while_encoding(lease: renditions.Lease, progress: int) -> None:
        told.append(progress)
        if progress > 2:
            Rendition.objects.update(lease_owner="another worker")
        report(lease, progress)

    monkeypatch.setattr(renditions.Lease, "report", lose_while_encoding)
    assert not renditions.make(one.pk)
    assert told[-1] < 95  # in the middle of the work
    assert list(the_store().keys("")) == []
    assert no_workshops()
    one.refresh_from_db()
    assert (one.state, one.lease_owner) == (State.WORKING, "another worker")


def test_reports_renew_the_lease_and_are_not_written_more_than_once_a_second(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    one = row(state=State.WORKING, lease_owner="me", lease_until=past())
    lease = renditions.Lease(one, "me")
    with django_assert_num_queries(1):
        for progress in range(5, 9):
            lease.report(progress)
    one.refresh_from_db()
    assert one.progress == 5
    assert one.lease_until is not None and one.lease_until > timezone.now()
    Rendition.objects.update(lease_owner="another worker")
    with pytest.raises(LeaseLost):
        lease.renew()
