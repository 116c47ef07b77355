"""What editors do to a small school, each from a state of its own. A course of two lessons, release 1 live."""

from datetime import timedelta
from uuid import UUID

from django.utils import timezone
from wagtail.actions.unpublish_page import UnpublishPageAction

from pipeline import approval, page_schedule, purge, reopen, retire, rollback, schedule, sweep, withdraw, worker
from pipeline.catalogue import publish_site
from pipeline.models import Candidate, Tombstone
from pipeline.store import the_store
from tests.faults.harness import Act, later
from tests.pipeline import course_factory as school


def released() -> UUID:
    course = school.make_course(lessons=2)
    publish_site(the_store())
    school.release(course)
    worker.drain()
    return course.uuid


def _course(uuid: UUID) -> school.Course:
    return school.Course.objects.get(uuid=uuid)


def _lesson(uuid: UUID, place: int) -> school.Lesson:
    return school.lessons(_course(uuid))[place]


# --- publish a lesson -----------------------------------------------------------------------------------------


def _edited() -> UUID:
    uuid = released()
    school.rewrite(_lesson(uuid, 0), "Other words.")
    return uuid


def _publish(uuid: UUID) -> None:
    revision = _lesson(uuid, 0).get_latest_revision()
    revision.publish(user=school.person("Edna"), skip_permission_checks=True)


# --- approve --------------------------------------------------------------------------------------------------


def _submitted() -> UUID:
    """Lesson 1 says other words, lesson 2 is left out, a third is new."""
    uuid = _edited()
    second = _lesson(uuid, 1)
    school.edit(second, held_back=True)
    school.add_lesson(second.get_parent().specific, "Lesson 1.3")
    school.submit(_course(uuid))
    return uuid


def _approve(uuid: UUID) -> None:
    approval.approve(Candidate.objects.get(course=uuid, state=Candidate.State.IN_REVIEW), school.person("Edna"))


# --- rollback -------------------------------------------------------------------------------------------------


def _released_twice() -> UUID:
    uuid = _submitted()
    _approve(uuid)
    worker.drain()
    return uuid


def _roll_back(uuid: UUID) -> None:
    rollback.roll_back(uuid, 1, school.person("Edna"))


# --- unpublish ------------------------------------------------------------------------------------------------


def _unpublish(uuid: UUID) -> None:
    UnpublishPageAction(_lesson(uuid, 1), user=school.person("Edna")).execute(skip_permission_checks=True)


# --- retire, withdraw, reopen ---------------------------------------------------------------------------------


def _withdrawn() -> UUID:
    uuid = released()
    _withdraw(uuid)
    worker.drain()
    return uuid


def _retire(uuid: UUID) -> None:
    retire.retire(uuid, school.person("Edna"), "The next one begins in spring.")


def _withdraw(uuid: UUID) -> None:
    withdraw.withdraw(uuid, school.person("Edna"), "It holds a mistake.")


def _reopen(uuid: UUID) -> None:
    reopen.reopen(uuid, school.person("Edna"))


# --- purge ----------------------------------------------------------------------------------------------------


def _purge(uuid: UUID) -> None:
    purge.purge(Tombstone.Kind.LESSON, str(_lesson(uuid, 1).uuid), school.person("Edna"), "A court said so.")


# --- sweep ----------------------------------------------------------------------------------------------------


def _sweep() -> None:
    """Everything that only a past release needs is condemned and deleted at once."""
    terms = sweep.Terms(grace=timedelta(0), share=100, releases=0, days=0)
    sweep.sweep(the_store(), terms, delete=True)


# --- scheduled: the editor was told so long ago, and nobody presses a button -----------------------------------


def lesson_scheduled() -> UUID:
    """An editor has chosen an hour for other words in lesson 1."""
    uuid = _edited()
    school.publish(_lesson(uuid, 0), go_live_at=timezone.now() + timedelta(hours=1))
    worker.drain()
    return uuid


def _lesson_expires() -> UUID:
    uuid = released()
    school.publish(_lesson(uuid, 1), expire_at=timezone.now() + timedelta(hours=1))
    worker.drain()
    return uuid


def _release_scheduled() -> UUID:
    uuid = _submitted()
    candidate = Candidate.objects.get(course=uuid, state=Candidate.State.IN_REVIEW)
    wall = (timezone.now() + timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M")
    schedule.schedule_release(candidate, school.person("Edna"), wall, "UTC")
    return uuid


def _the_hour_has_come(_uuid: UUID) -> None:
    with later(2):
        page_schedule.publish_due()
        schedule.release_due()


# --- the worker -----------------------------------------------------------------------------------------------


def _approved() -> UUID:
    uuid = _submitted()
    _approve(uuid)
    return uuid


PUBLISH = Act("publish", _edited, _publish)
APPROVE = Act("approve", _submitted, _approve)
ROLL_BACK = Act("rollback", _released_twice, _roll_back)
SCHEDULED_PUBLISH = Act("scheduled publish", lesson_scheduled, _the_hour_has_come, promised=True)
SCHEDULED_EXPIRY = Act("scheduled expiry", _lesson_expires, _the_hour_has_come, promised=True)
SCHEDULED_RELEASE = Act("scheduled release", _release_scheduled, _the_hour_has_come, promised=True)
UNPUBLISH = Act("unpublish", released, _unpublish)
RETIRE = Act("retire", released, _retire)
WITHDRAW = Act("withdraw", released, _withdraw)
REOPEN = Act("reopen", _withdrawn, _reopen)
PURGE = Act("purge", released, _purge)
SWEEP = Act("sweep", _released_twice, lambda _uuid: _sweep(), promised=True, cron=_sweep)
WORK = Act("a worker", _approved, lambda _uuid: worker.drain(), promised=True)
ALL = [
    PUBLISH,
    APPROVE,
    SCHEDULED_PUBLISH,
    SCHEDULED_EXPIRY,
    SCHEDULED_RELEASE,
    UNPUBLISH,
    ROLL_BACK,
    RETIRE,
    WITHDRAW,
    REOPEN,
    PURGE,
    SWEEP,
    WORK,
]
