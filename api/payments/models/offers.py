"""What is offered for money, and the coupons that lessen it. A course is named by its UUID."""

import uuid

from django.conf import settings
from django.db import models

from api.payments.money import WHOLE
from api.scope import Owned


class Offer(models.Model):
    """One thing that can be had: a course, several, or a subscription. Never deleted: `archived_at` ends its sale."""

    class Kind(models.TextChoices):
        ONE_TIME = "one_time", "One course, paid once"
        BUNDLE = "bundle", "Several courses, paid once"
        SUBSCRIPTION = "subscription", "Subscription"
        FREE = "free", "Free"

    class Interval(models.TextChoices):
        MONTH = "month", "Monthly"
        YEAR = "year", "Yearly"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=120, help_text="What buyers read on the receipt.")
    kind = models.CharField(max_length=12, choices=Kind.choices, default=Kind.ONE_TIME)
    interval = models.CharField(max_length=5, choices=Interval.choices, blank=True)
    everything = models.BooleanField("all courses, those to come among them", default=False)
    trial_days = models.PositiveSmallIntegerField("days of trial", default=0)
    created_at = models.DateTimeField(auto_now_add=True)
    archived_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        ordering = ["name", "created_at"]

    def __str__(self) -> str:
        return self.name


class OfferCourse(models.Model):
    offer = models.ForeignKey(Offer, on_delete=models.CASCADE, related_name="courses")
    course = models.UUIDField(db_index=True)

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["offer", "course"], name="offer_names_course_once")]

    def __str__(self) -> str:
        return str(self.course)


class OfferPrice(models.Model):
    """`minor` units of `currency`, tax as the school's setting of Stripe says."""

    offer = models.ForeignKey(Offer, on_delete=models.CASCADE, related_name="prices")
    currency = models.CharField(max_length=3)
    minor = models.PositiveBigIntegerField()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["offer", "currency"], name="offer_has_one_price_a_currency"),
            models.CheckConstraint(condition=models.Q(minor__gt=0), name="offer_price_is_above_zero"),
        ]

    def __str__(self) -> str:
        return f"{self.minor} {self.currency}"


class Coupon(models.Model):
    """A part (of 10 000) or an amount off. `used` counts its reservations and uses; only `coupons.py` writes it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    code = models.CharField(max_length=40, unique=True)
    parts = models.PositiveSmallIntegerField(null=True, blank=True, editable=False)
    minor = models.PositiveBigIntegerField(null=True, blank=True, editable=False)
    currency = models.CharField(max_length=3, blank=True, editable=False)
    limit_total = models.PositiveIntegerField("uses in all", null=True, blank=True, help_text="Left empty, no limit.")
    limit_each = models.PositiveIntegerField(
        "uses per person", null=True, blank=True, default=1, help_text="Left empty, no limit."
    )
    starts_at = models.DateTimeField("valid from", null=True, blank=True)
    ends_at = models.DateTimeField("valid until", null=True, blank=True)
    used = models.PositiveIntegerField(default=0, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    archived_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        ordering = ["code"]
        constraints = [
            models.CheckConstraint(
                # A comparison with NULL is not false: both must be asked for.
                condition=models.Q(parts__isnull=False, parts__gt=0, parts__lte=WHOLE, minor=None, currency="")
                | (models.Q(parts=None, minor__isnull=False, minor__gt=0) & ~models.Q(currency="")),
                name="coupon_is_a_part_or_an_amount",
            )
        ]

    def __str__(self) -> str:
        return self.code


class CouponCourse(models.Model):
    """A coupon that names no course is good for all."""

    coupon = models.ForeignKey(Coupon, on_delete=models.CASCADE, related_name="courses")
    course = models.UUIDField()

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["coupon", "course"], name="coupon_names_course_once")]

    def __str__(self) -> str:
        return str(self.course)


class CouponUse(models.Model):
    """A coupon held for an order until `expires_at`, then used by it or let go. People may go, and the count stays."""

    class State(models.TextChoices):
        RESERVED = "reserved", "Held for a checkout"
        CONFIRMED = "confirmed", "Used"
        RELEASED = "released", "Let go"

    coupon = models.ForeignKey(Coupon, on_delete=models.PROTECT, related_name="+")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.DO_NOTHING, db_constraint=False, related_name="+"
    )
    order = models.UUIDField(unique=True)
    state = models.CharField(max_length=9, choices=State.choices, default=State.RESERVED)
    reserved_at = models.DateTimeField()
    expires_at = models.DateTimeField()

    objects = Owned["CouponUse"].as_manager()

    class Meta:
        indexes = [models.Index(fields=["state", "expires_at"], name="coupon_use_by_expiry")]

    def __str__(self) -> str:
        return f"{self.get_state_display()}: {self.coupon}"
