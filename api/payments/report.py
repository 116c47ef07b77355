"""Who has what of one course, for staff: everybody it was sold or given to, or who is in it. Constant cost a page."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db.models import Q, QuerySet

from api.accounts.models import User
from api.enrolment.models import Enrolment
from api.payments.entitlement import Access, entitlements
from api.payments.facts import KEPT, AnyFact, Free
from api.payments.models import Entry, Grant, Transaction
from api.payments.rules import free_courses, granted


def concerned(course: UUID) -> QuerySet[User]:
    """Everybody who bought the course, was given it or enrolled in it, and who subscribes to all courses."""
    sold = Entry.objects.filter(Q(account__course=course) | Q(account__role="sales", account__course=None))
    buyers = sold.exclude(transaction__user=None).values("transaction__user")
    given, inside = Grant.objects.filter(course=course), Enrolment.objects.filter(course=course)
    who = Q(pk__in=buyers) | Q(pk__in=given.values("user")) | Q(pk__in=inside.values("user"))
    return User.objects.filter(who).order_by("email")


def accesses(people: Sequence[User], course: UUID, now: datetime) -> list[tuple[User, Access]]:
    """What each of `people` has of `course`. Six queries, however many people."""
    facts: dict[int, list[AnyFact]] = defaultdict(list)
    for user, fact in Transaction.objects.filter(user__in=people).exclude(fact=None).values_list("user", "fact"):
        facts[user].append(KEPT.validate_python(fact))
    for grant in Grant.objects.filter(user__in=people, course=course):
        facts[grant.user_id].append(granted(grant))
    for user in Enrolment.objects.filter(user__in=people, course=course, free=True).values_list("user", flat=True):
        facts[user].append(Free(course=course, enrolled=True))
    free = free_courses([course])
    return [(user, entitlements([*facts[user.pk], *free], now).of(course)) for user in people]


def grants_of(course: UUID) -> QuerySet[Grant]:
    """What was given of a course, what stands first."""
    return (
        Grant.objects.filter(course=course)
        .select_related("user", "given_by", "revoked_by")
        .order_by("revoked_at", "-given_at")
    )
