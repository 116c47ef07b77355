"""What a course costs reaches readers at once, whatever else is on its way, and makes no release."""

import json
from pathlib import Path

import pytest
from lxml import html as lxml_html
from pytest_django import Settings

from content.models import Course
from pipeline import outbox, priced, release, rollback, worker
from pipeline.catalogue import catalogue, publish_site
from pipeline.keys import public_key
from pipeline.models import ChangeEvent, Publication, Release
from pipeline.price import Ask, Price
from pipeline.reconcile import reconcile
from pipeline.retire import retire
from pipeline.store.disk import DiskStore
from pipeline.verify import verify
from pipeline.withdraw import reopen, withdraw
from tests.pipeline import course_factory as school

pytestmark = pytest.mark.django_db

HOME = "courses/statistics/index.html"
LESSON = "courses/statistics/lesson-1-1/index.html"
ONCE, MONTHLY = Ask(amount="49.00", currency="EUR"), Ask(amount="9.00", currency="EUR", every="month")
SOLD = Price(lines=("49.00 EUR", "9.00 EUR a month for <all>"), asks=(ONCE, MONTHLY))
CHEAPER = Price(lines=("39.00 EUR",), asks=(Ask(amount="39.00", currency="EUR"),))


@pytest.fixture(autouse=True)
def cdn(settings: Settings, tmp_path: Path) -> Path:
    settings.LECTERN_STORE = tmp_path / "cdn"
    return tmp_path / "cdn"


@pytest.fixture
def course(cdn: Path) -> Course:
    course = school.make_course()
    publish_site(DiskStore(cdn))
    school.release(course)
    return course


def test_the_reconciler_leaves_a_page_with_a_price_alone(cdn: Path, course: Course) -> None:
    tell(course, SOLD)
    worker.drain()
    before = (cdn / HOME).read_bytes()
    assert reconcile(whole=True) == []
    (cdn / LESSON).write_bytes(b"something else")
    assert len(reconcile(whole=True)) == 1
    worker.drain()
    assert (cdn / HOME).read_bytes() == before


def tell(course: Course, price: Price | None) -> int:
    return priced.tell({course.uuid: price}, school.person("Edna"))


def row(course: Course) -> Publication:
    return Publication.objects.get(course=course.uuid)


def told(cdn: Path) -> list[str]:
    """The prices that the course's page tells people."""
    page = lxml_html.fromstring((cdn / HOME).read_text())
    return [str(text) for text in page.xpath("//p[@class='price']//text()")]


def on_card(cdn: Path) -> str:
    (card,) = lxml_html.fromstring((cdn / "index.html").read_text()).xpath("//li[@class='price']")
    assert json.loads((cdn / "catalogue.json").read_text())["courses"][0]["price_label"] == card.text_content()
    return str(card.text_content())


def offers(cdn: Path) -> object:
    (data,) = lxml_html.fromstring((cdn / HOME).read_text()).xpath("//script[@type='application/ld+json']/text()")
    return json.loads(data).get("offers")


def faults(cdn: Path) -> list[str]:
    return verify(DiskStore(cdn), public_key()).faults


def test_a_price_is_on_the_page_and_the_card_and_nothing_else_is_touched(course: Course, cdn: Path) -> None:
    before, page = school.files(cdn), (cdn / HOME).read_bytes()
    assert tell(course, SOLD) == 1
    assert worker.work(course.uuid) is True
    assert school.written(before, cdn) == {HOME}, "the course's own page, and no lesson"
    worker.drain()
    assert school.written(before, cdn) == {HOME, "index.html", "catalogue.json"}
    assert told(cdn) == list(SOLD.lines)
    assert on_card(cdn) == "49.00 EUR"
    assert (Release.objects.count(), school.pointer(cdn, course).generation) == (1, 1)
    assert faults(cdn) == []
    tell(course, None)
    worker.drain()
    assert (cdn / HOME).read_bytes() == page
    assert on_card(cdn) == "Free"
    assert faults(cdn) == []


def test_search_engines_are_told_each_price(course: Course, cdn: Path) -> None:
    tell(course, SOLD)
    worker.drain()
    monthly = {"price": "9.00", "priceCurrency": "EUR"}
    specified = {"@type": "UnitPriceSpecification", **monthly, "billingDuration": "P1M"}
    assert offers(cdn) == [
        {"@type": "Offer", "category": "Paid", "price": "49.00", "priceCurrency": "EUR"},
        {"@type": "Offer", "category": "Subscription", **monthly, "priceSpecification": specified},
    ]
    tell(course, Price(lines=("Free",)))
    worker.drain()
    assert offers(cdn) == {"@type": "Offer", "category": "Free"}


def test_the_same_price_again_is_no_change(course: Course, cdn: Path) -> None:
    tell(course, SOLD)
    worker.drain()
    before = school.files(cdn)
    assert tell(course, SOLD) == 0
    assert ChangeEvent.objects.filter(kind="priced").count() == 1
    Publication.objects.update(built_seq=0)  # as if a worker had died before it could say so
    worker.drain()
    assert {key for key in school.written(before, cdn) if key.startswith("courses/")} == set()
    assert faults(cdn) == []


def test_a_price_waits_for_no_release_that_fails(course: Course, cdn: Path) -> None:
    school.edit(school.lessons(course)[0], slug="x" * 230)
    school.approve(course)
    worker.drain()
    assert "cannot be published" in row(course).last_error
    tell(course, SOLD)
    worker.drain()
    assert told(cdn) == list(SOLD.lines)
    assert on_card(cdn) == "49.00 EUR"
    assert "cannot be published" in row(course).last_error, "the release is still owed"


def test_it_stays_through_releases_and_rollbacks(course: Course, cdn: Path) -> None:
    tell(course, SOLD)
    school.rewrite(school.lessons(course)[0], "The second release.")
    school.release(course)
    assert told(cdn) == list(SOLD.lines)
    school.edit(school.lessons(course)[1], title="Renamed")  # the course's page lists it, and other modules do not
    school.release(course)
    assert told(cdn) == list(SOLD.lines)
    assert "Renamed" in (cdn / HOME).read_text()
    school.edit(course, summary="Another summary.", price_label="99 EUR")  # drawn whole
    school.release(course)
    assert told(cdn) == list(SOLD.lines)
    assert on_card(cdn) == "49.00 EUR"
    tell(course, CHEAPER)
    rollback.roll_back(course.uuid, 1, None)
    worker.drain()
    assert told(cdn) == ["39.00 EUR"], "an older course comes back, not an older price"
    assert on_card(cdn) == "39.00 EUR"
    assert faults(cdn) == []


def test_a_course_that_takes_nobody_has_no_price_until_it_is_open_again(course: Course, cdn: Path) -> None:
    tell(course, SOLD)
    worker.drain()
    for verb in (retire, withdraw):
        verb(course.uuid, None)
        tell(course, CHEAPER)
        worker.drain()
        assert told(cdn) == []
        assert faults(cdn) == []
    assert catalogue().courses == ()
    reopen(course.uuid, None)
    worker.drain()
    assert told(cdn) == ["39.00 EUR"]
    assert faults(cdn) == []


def test_a_price_told_before_there_is_anything_to_read(cdn: Path) -> None:
    course = school.make_course()
    tell(course, SOLD)
    worker.drain()
    assert not (cdn / HOME).exists()
    assert row(course).built_seq == row(course).wanted_seq
    school.release(course)
    assert told(cdn) == list(SOLD.lines)


def test_a_release_that_died_half_way_brings_the_price(
    course: Course, cdn: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(reached: str) -> None:
        if reached == "half_pages":
            raise OSError("no space left on device")

    monkeypatch.setattr(release, "checkpoint", failing)
    school.edit(course, summary="The second release.")
    school.approve(course)
    worker.drain()
    assert school.pointer(cdn, course).release == 2
    before = (cdn / HOME).read_bytes()
    tell(course, SOLD)
    worker.drain()
    assert (cdn / HOME).read_bytes() == before, "a page of the release before would go back"
    monkeypatch.undo()
    Publication.objects.update(next_try_at=None)
    worker.drain()
    assert told(cdn) == list(SOLD.lines)
    assert "The second release." in (cdn / HOME).read_text()
    assert faults(cdn) == []


@pytest.mark.parametrize("lost", ["manifest", "page"])
def test_what_the_store_lost_is_made_again(course: Course, cdn: Path, lost: str) -> None:
    tell(course, SOLD)
    worker.drain()
    manifest = school.pointer(cdn, course).manifest
    own = school.manifest(cdn, course).pages[HOME].object
    (cdn / (f"o/{manifest}" if lost == "manifest" else f"o/{own}.html")).unlink()
    tell(course, None)
    worker.drain()
    assert told(cdn) == ["Free"]
    assert faults(cdn) == []


def test_a_page_with_the_price_of_another_release_is_found(course: Course, cdn: Path) -> None:
    tell(course, SOLD)
    worker.drain()
    stale = (cdn / HOME).read_bytes()
    school.edit(course, summary="The second release.")
    school.release(course)
    assert faults(cdn) == []
    (cdn / HOME).write_bytes(stale)
    assert [fault for fault in faults(cdn) if HOME in fault] != []


def test_several_courses_change_their_price_together_and_say_who_did_it(course: Course, cdn: Path) -> None:
    other = school.make_course("Oceans")
    edna = school.person("Edna")
    assert priced.tell({course.uuid: SOLD, other.uuid: SOLD}, edna) == 2
    events = ChangeEvent.objects.filter(kind="priced", actor=edna, note="49.00 EUR")
    assert set(events.values_list("course", flat=True)) == {course.uuid, other.uuid}
    assert priced.tell({course.uuid: None, other.uuid: SOLD}, None) == 1
    outbox.record(course.uuid, ChangeEvent.Kind.REBUILD)
    worker.drain()
    assert told(cdn) == ["Free"]
