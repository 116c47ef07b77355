"""Give access to a course without money, and take it back: one function each, behind every door."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from api.accounts.models import User
from api.errors import ApiError
from api.payments.models import Grant
from api.scope import lock


def give(
    user: User,
    course: UUID,
    reason: str,
    *,
    by: User | None,
    until: datetime | None = None,
    kind: Grant.Kind = Grant.Kind.MANUAL,
) -> Grant:
    """`user` may open `course`, until `until` or for ever. `by` None: the command line.

    Raises ApiError 422 without a reason or with an end that is past, 409 if the same was given already and stands.
    """
    reason = _reason(reason)
    now = timezone.now()
    if until is not None and until <= now:
        raise ApiError(422, "invalid", "Access cannot end before it begins: name an end in the future.")
    with transaction.atomic():
        lock(user)
        mine = Grant.objects.for_learner(user).filter(course=course, revoked_at=None)
        if any(_covers(grant, until, now) for grant in mine):
            sentence = f"This course was given to {user.email} already, for as long: revoke that first if it is to end."
            raise ApiError(409, "given_already", sentence)
        values = {"reason": reason, "given_by": by, "given_at": now, "until": until, "kind": kind}
        return Grant.objects.for_learner(user).create(user=user, course=course, **values)


def _covers(grant: Grant, until: datetime | None, now: datetime) -> bool:
    """Whether a grant that stands lasts as long as one that would end at `until`."""
    return grant.until is None or (until is not None and grant.until >= until and grant.until > now)


def revoke(grant: Grant, reason: str, *, by: User | None) -> None:
    """Take back what was given; the row stays, and so does all progress. Raises ApiError 409 if it was taken back."""
    reason = _reason(reason)
    rows = Grant.objects.for_learner(grant.user).filter(pk=grant.pk, revoked_at=None)
    if not rows.update(revoked_at=timezone.now(), revoked_by=by, revoke_reason=reason):
        raise ApiError(409, "revoked_already", "This was taken back already.")
    grant.refresh_from_db()


def _reason(reason: str) -> str:
    reason = " ".join(reason.split())
    if not reason:
        raise ApiError(422, "invalid", "Say why: it is kept beside what was done.")
    longest = Grant._meta.get_field("reason").max_length or 0
    if len(reason) > longest:
        raise ApiError(422, "invalid", f"Say why in at most {longest} characters.")
    return reason
