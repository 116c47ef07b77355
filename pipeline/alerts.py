"""Tell publishers once that a course cannot be published, and once that it is well again."""

import logging
from collections.abc import Callable
from datetime import datetime

from django.conf import settings
from django.db.models import F
from django.utils import timezone
from django.utils.module_loading import import_string

from pipeline.models import Publication

log = logging.getLogger(__name__)

# So many tries take about a minute: whatever puts itself right in that time is nobody's business.
TRIES = 5


def tell(now: datetime | None = None) -> int:
    """One round; how many courses somebody was told of. A mail that could not be sent is sent by the next round."""
    now = now or timezone.now()
    send: Callable[..., None] = import_string(settings.LECTERN_ALERT)
    unbuilt, built = (
        Publication.objects.filter(built_seq__lt=F("wanted_seq")),
        Publication.objects.filter(built_seq=F("wanted_seq")),
    )
    trouble = unbuilt.filter(attempts__gte=TRIES, alerted_at=None).exclude(last_error="")
    told = sum(_once(publication, None, now, send, recovered=False) for publication in trouble)
    well = built.exclude(alerted_at=None)
    return told + sum(_once(publication, publication.alerted_at, None, send, recovered=True) for publication in well)


def _once(
    publication: Publication,
    before: datetime | None,
    after: datetime | None,
    send: Callable[..., None],
    *,
    recovered: bool,
) -> bool:
    """Written down before the mail is sent: of two workers whose rounds fall together one sends it."""
    if not Publication.objects.filter(pk=publication.pk, alerted_at=before).update(alerted_at=after):
        return False
    try:
        send(publication, recovered=recovered)
    except Exception:  # the shell of an alert: a mail server that is away must not stop the others
        log.exception("Nobody could be told about %s; the next round tries again.", publication)
        Publication.objects.filter(pk=publication.pk, alerted_at=after).update(alerted_at=before)
        return False
    return True
