"""Pages that go live or expire at a time of their own: each in its own transaction, and none stops another."""

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from wagtail.models import Page, Revision

from content.ownership import course_of
from pipeline import outbox
from pipeline.errors import AuthorError
from pipeline.lease import LONGEST_WAIT
from pipeline.models import ScheduleFault

log = logging.getLogger(__name__)


@dataclass(frozen=True, order=True)
class Act:
    """What has to be done with one page, sorted by when it was due. `revision` goes live; None for an expiry."""

    due: datetime
    page: int
    kind: Literal["expire", "go live"]
    revision: int = 0


def publish_due(now: datetime | None = None) -> list[str]:
    """Carry out what is due by `now`, in the order of the times; a sentence for each.

    Late is as good as in time, twice is once. A page that cannot go live keeps its schedule, is shown with the reason
    (`ScheduleFault`) and tried again later.
    """
    now = now or timezone.now()
    acts = due(now)
    ScheduleFault.objects.exclude(page_id__in={act.page for act in acts}).delete()  # cancelled, mended or deleted
    waiting = set(_faults_that_wait(now))
    told = [_attempt(act, now) for act in acts if act.page not in waiting]
    return [sentence for sentence in told if sentence]


def due(now: datetime) -> list[Act]:
    """Everything that is due by `now`, failed tries among it. Two queries."""
    types = [kind.pk for kind in ContentType.objects.get_for_models(Page).values()]
    revisions = Revision.objects.filter(base_content_type__in=types, approved_go_live_at__lte=now)
    facts = revisions.values_list("approved_go_live_at", "object_id", "pk")
    acts = [Act(at, int(page), "go live", revision) for at, page, revision in facts if at]
    expired = Page.objects.filter(live=True, expire_at__lte=now).order_by().values_list("expire_at", "pk")
    return sorted([*acts, *(Act(at, page, "expire") for at, page in expired if at)])


def faults() -> list[ScheduleFault]:
    """What could not be done at its time and still has to be, oldest first. Nothing is told of a cancelled schedule."""
    waiting = {act.page for act in due(timezone.now())}
    return [fault for fault in ScheduleFault.objects.order_by("at") if fault.page_id in waiting]


def _faults_that_wait(now: datetime) -> Iterator[int]:
    """Pages that failed and whose next try is not due; one that was edited since is tried at once."""
    rows = list(ScheduleFault.objects.filter(next_try_at__gt=now))
    edited = Page.objects.filter(pk__in=[row.page_id for row in rows]).values_list("pk", "latest_revision_created_at")
    written = dict(edited)
    for row in rows:
        last = written.get(row.page_id)
        if last is None or last <= row.at:
            yield row.page_id


def _attempt(act: Act, now: datetime) -> str:
    """What was done, as a sentence; empty if another scheduler or an editor was faster. Never raises."""
    try:
        try:
            return _carry_out(act, now)
        except ValidationError as error:
            return _failed(act, now, " ".join(error.messages))
        except AuthorError as error:
            return _failed(act, now, str(error))
        except Exception as error:  # the shell of a task: recorded, shown to editors, and tried again later
            log.exception("Page %s could not %s", act.page, act.kind)
            return _failed(act, now, f"It failed ({type(error).__name__}: {error}).")
    except Exception:  # the shell of the shell: the database is away, so nothing can be written down
        log.exception("Nothing can be said of page %s; the next round comes by.", act.page)
        return f"Page {act.page} could not {act.kind}, and that could not be written down."


def _carry_out(act: Act, now: datetime) -> str:
    with transaction.atomic():
        page = Page.objects.filter(pk=act.page).first()
        course = course_of(page.specific) if page else None
        if course is not None:
            outbox.lock(course.specific.uuid)  # as an approval does, and before any page: they wait, and do not block
        return _expire(act, now) if act.kind == "expire" else _go_live(act, now)


def _expire(act: Act, now: datetime) -> str:
    # Locked and looked at again: of two schedulers one acts, and an editor who gave it more time is obeyed.
    page = Page.objects.select_for_update().filter(pk=act.page, live=True, expire_at__lte=now).first()
    if page is None:
        return ""
    scheduled = list(page.revisions.exclude(approved_go_live_at=None).values_list("pk", "approved_go_live_at"))
    page.specific.unpublish(set_expired=True, log_action="wagtail.unpublish.scheduled")
    for revision, at in scheduled:
        # Wagtail's unpublish clears every schedule: a version that has a time of its own would never go live.
        Revision.objects.filter(pk=revision).update(approved_go_live_at=at)
    _mended(act)
    return f"“{page.title}” expired."


def _go_live(act: Act, now: datetime) -> str:
    due_now = Revision.objects.select_for_update().filter(pk=act.revision, approved_go_live_at__lte=now)
    revision = due_now.first()  # and its page, both fetched anew: one that was loaded before would take it offline
    if revision is None:
        return ""
    revision.publish(log_action="wagtail.publish.scheduled")
    _mended(act)
    page = Page.objects.get(pk=act.page)
    told = f"“{page.title}” went live." if page.live else f"“{page.title}” has a later time to go live by now."
    if page.live and page.expire_at and page.expire_at <= now:
        return f"{told} {_expire(act, now)}"  # nobody looked for so long that its whole time has passed
    return told


def _mended(act: Act) -> None:
    ScheduleFault.objects.filter(page_id=act.page).delete()


def _failed(act: Act, now: datetime, sentence: str) -> str:
    with transaction.atomic():
        page = Page.objects.filter(pk=act.page).first()
        title = (page.draft_title or page.title) if page else f"Page {act.page}"
        known = ScheduleFault.objects.select_for_update().filter(page_id=act.page).first()
        attempts = known.attempts + 1 if known else 1
        course = course_of(page.specific) if page else None
        facts = {
            "title": title,
            "course": course.specific.uuid if course else None,
            "error": f"It could not {act.kind} at its time: {sentence}",
            "attempts": attempts,
            "next_try_at": now + min(timedelta(seconds=2 ** min(attempts, 12)), LONGEST_WAIT),
        }
        ScheduleFault.objects.update_or_create(page_id=act.page, defaults=facts)
    return f"“{title}” could not {act.kind} at its time. {sentence}"
