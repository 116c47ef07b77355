"""The tables of money: the ledger, what is offered, and what was given."""

from api.payments.models.grants import Grant
from api.payments.models.ledger import Account, Entry, Seal, Transaction
from api.payments.models.offers import Coupon, CouponCourse, CouponUse, Offer, OfferCourse, OfferPrice

__all__ = [
    "Account",
    "Coupon",
    "CouponCourse",
    "CouponUse",
    "Entry",
    "Grant",
    "Offer",
    "OfferCourse",
    "OfferPrice",
    "Seal",
    "Transaction",
]
