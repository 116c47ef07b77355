"""Hold a coupon for an order, use it, let it go: one authority, so that no coupon is used more often than it says.

What counts is one conditional UPDATE, which also makes everybody else who wants the same coupon wait until this
transaction ends: so the count per person, read after it, is true too.
"""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import F, Q

from api.accounts.models import User
from api.errors import ApiError
from api.payments.models import Coupon, CouponUse
from api.payments.money import Money
from api.payments.pricing import Discount
from api.scope import lock

State = CouponUse.State


def discount_of(coupon: Coupon) -> Discount:
    """What the coupon takes off. One query."""
    amount = None if coupon.minor is None else Money(coupon.minor, coupon.currency)
    courses = frozenset(named.course for named in coupon.courses.all())
    return Discount(coupon.code, coupon.parts, amount, courses)


def find(code: str, now: datetime) -> Coupon:
    """The coupon with this code, in any case, that is valid at `now`. Raises ApiError 404 or 409 with a sentence."""
    coupon = Coupon.objects.filter(code=code.strip().upper()).first()
    if coupon is None or coupon.archived_at:
        raise ApiError(404, "no_coupon", f"There is no coupon {code.strip()[:40]}; check how it is spelled.")
    if coupon.starts_at and now < coupon.starts_at:
        raise ApiError(409, "coupon_early", f"The coupon {coupon.code} is not valid yet.")
    if coupon.ends_at and now >= coupon.ends_at:
        raise ApiError(409, "coupon_over", f"The coupon {coupon.code} is not valid any more.")
    return coupon


def reserve(coupon: Coupon, user: User, order: UUID, now: datetime, until: datetime) -> CouponUse:
    """Hold `coupon` for `order` until `until`, when its checkout ends; the same again for the same order.

    Raises ApiError 409 if the coupon is used up, or used up for this person.
    """
    with transaction.atomic():
        lock(user)  # two tabs with one order hold the coupon once
        held = CouponUse.objects.filter(order=order).exclude(state=State.RELEASED).first()
        if held:
            return held
        let_expired_go(now, coupon)
        if not take(coupon):
            raise ApiError(409, "coupon_used_up", f"The coupon {coupon.code} has been used up.")
        mine = CouponUse.objects.for_learner(user).filter(coupon=coupon).exclude(state=State.RELEASED)
        if coupon.limit_each is not None and mine.count() >= coupon.limit_each:
            raise ApiError(409, "coupon_used_by_you", f"You have used the coupon {coupon.code} already.")
        values = {"coupon": coupon, "user": user, "state": State.RESERVED, "reserved_at": now, "expires_at": until}
        return CouponUse.objects.update_or_create(order=order, defaults=values)[0]


def take(coupon: Coupon) -> bool:
    """Count one more use, if there is one left: a single statement, whoever else asks at the same instant."""
    left = Q(limit_total=None) | Q(used__lt=F("limit_total"))
    return bool(Coupon.objects.filter(left, pk=coupon.pk).update(used=F("used") + 1))


def confirm(order: UUID) -> None:
    """The order was paid (or cost nothing): its coupon is used. Once; nothing happens for an order without one.

    A hold that was let go too early is counted again, even above the limit: what somebody paid is what was agreed.
    """
    with transaction.atomic():
        used = CouponUse.objects.select_for_update().filter(order=order).first()
        if used is None or used.state == State.CONFIRMED:
            return
        if used.state == State.RELEASED:
            Coupon.objects.filter(pk=used.coupon_id).update(used=F("used") + 1)
        used.state = State.CONFIRMED
        used.save(update_fields=["state"])


def release(order: UUID) -> None:
    """The checkout came to nothing: its coupon is there for somebody else. A use that was confirmed stays one."""
    with transaction.atomic():
        for use in CouponUse.objects.filter(order=order, state=State.RESERVED):
            _let_go(use)


def let_expired_go(now: datetime, coupon: Coupon | None = None) -> int:
    """Let go of what is held for checkouts that have ended by `now`; how many. Of one coupon, or of all."""
    expired = CouponUse.objects.filter(state=State.RESERVED, expires_at__lt=now)
    with transaction.atomic():
        return sum(_let_go(use) for use in (expired.filter(coupon=coupon) if coupon else expired).order_by("pk"))


def _let_go(use: CouponUse) -> bool:
    """The UPDATE decides who of several lets it go: the use is given back once."""
    gone = CouponUse.objects.filter(pk=use.pk, state=State.RESERVED).update(state=State.RELEASED)
    if gone:
        Coupon.objects.filter(pk=use.coupon_id).update(used=F("used") - 1)
    return bool(gone)
