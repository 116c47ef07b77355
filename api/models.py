"""The tables of the api room, each defined in its subject's folder."""

from api.accounts.models import User
from api.assessment.models import Attempt
from api.enrolment.models import Enrolment
from api.payments.models import (
    Account,
    Coupon,
    CouponCourse,
    CouponUse,
    Entry,
    Grant,
    Offer,
    OfferCourse,
    OfferPrice,
    Seal,
    Transaction,
)
from api.progress.models import ItemState, ProgressEvent

__all__ = [
    "Account",
    "Attempt",
    "Coupon",
    "CouponCourse",
    "CouponUse",
    "Enrolment",
    "Entry",
    "Grant",
    "ItemState",
    "Offer",
    "OfferCourse",
    "OfferPrice",
    "ProgressEvent",
    "Seal",
    "Transaction",
    "User",
]
