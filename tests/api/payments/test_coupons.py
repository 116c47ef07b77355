"""Coupons: held, used, let go, and never used more often than they say, by however many people at once."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction

from api.accounts.models import User
from api.errors import ApiError
from api.payments import coupons
from api.payments.models import Coupon, CouponCourse, CouponUse
from api.payments.money import Money
from api.payments.pricing import Discount
from tests.api.payments.school import NOON, TREES, later
from tests.copied_database import Threads

UNTIL = later(1)
# How many may speak to the database at once: a server has fewer connections than a school has learners.
CONNECTIONS = 40


def coupon(code: str = "SPRING", **fields: object) -> Coupon:
    return Coupon.objects.create(**{"code": code, "parts": 2000, **fields})


def refused(act: Callable[[], object]) -> str:
    with pytest.raises(ApiError) as error:
        act()
    assert error.value.detail.endswith(".")
    return error.value.code


def state(held: CouponUse) -> str:
    return CouponUse.objects.get(pk=held.pk).state


def used() -> int:
    return Coupon.objects.get().used


def test_a_coupon_is_found_by_its_code_while_it_is_valid(db: None) -> None:
    made = coupon(starts_at=NOON, ends_at=later(2))
    CouponCourse.objects.create(coupon=made, course=TREES)
    assert coupons.find(" spring ", NOON) == made
    assert coupons.discount_of(made) == Discount("SPRING", parts=2000, courses=frozenset({TREES}))
    assert refused(lambda: coupons.find("SPRING", later(-1))) == "coupon_early"
    assert refused(lambda: coupons.find("SPRING", later(2))) == "coupon_over"
    assert refused(lambda: coupons.find("WINTER", NOON)) == "no_coupon"
    Coupon.objects.update(archived_at=NOON)
    assert refused(lambda: coupons.find("SPRING", NOON)) == "no_coupon"


def test_an_amount_off(db: None) -> None:
    made = coupon(parts=None, minor=500, currency="EUR")
    assert coupons.discount_of(made) == Discount("SPRING", amount=Money(500, "EUR"))


@pytest.mark.parametrize("wrong", [{}, {"minor": 5}, {"parts": 0}, {"parts": 10001}, {"parts": None, "minor": 5}])
def test_a_coupon_is_a_part_or_an_amount(db: None, wrong: dict[str, object]) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Coupon.objects.create(**{"code": "X", "parts": None, **({"parts": 5} if "minor" in wrong else {}), **wrong})


def test_held_then_used_then_gone(sam: User, noor: User) -> None:
    made, order = coupon(limit_total=1), uuid4()
    held = coupons.reserve(made, sam, order, NOON, UNTIL)
    assert coupons.reserve(made, sam, order, NOON, UNTIL).pk == held.pk
    assert (state(held), used()) == ("reserved", 1)
    assert refused(lambda: coupons.reserve(made, noor, uuid4(), NOON, UNTIL)) == "coupon_used_up"
    coupons.confirm(order)
    coupons.confirm(order)
    coupons.release(order)
    assert (state(held), used()) == ("confirmed", 1)
    assert coupons.let_expired_go(later(9)) == 0
    coupons.confirm(uuid4())  # an order without a coupon


def test_once_a_person_unless_it_says_more(sam: User, noor: User) -> None:
    made = coupon()
    coupons.reserve(made, sam, uuid4(), NOON, UNTIL)
    assert refused(lambda: coupons.reserve(made, sam, uuid4(), NOON, UNTIL)) == "coupon_used_by_you"
    assert used() == 1  # what was refused is not counted
    coupons.reserve(made, noor, uuid4(), NOON, UNTIL)
    Coupon.objects.update(limit_each=None)
    made.refresh_from_db()
    coupons.reserve(made, sam, uuid4(), NOON, UNTIL)
    assert used() == 3


def test_what_is_let_go_is_there_for_another(sam: User, noor: User) -> None:
    made, order = coupon(limit_total=1), uuid4()
    held = coupons.reserve(made, sam, order, NOON, UNTIL)
    coupons.release(order)
    coupons.release(order)
    assert (state(held), used()) == ("released", 0)
    coupons.reserve(made, noor, uuid4(), NOON, UNTIL)
    # The same order comes back later, and finds it gone.
    assert refused(lambda: coupons.reserve(made, sam, order, NOON, UNTIL)) == "coupon_used_up"


def test_a_hold_ends_with_its_checkout(sam: User, noor: User) -> None:
    made, order = coupon(limit_total=1), uuid4()
    held = coupons.reserve(made, sam, order, NOON, UNTIL)
    assert coupons.let_expired_go(UNTIL) == 0
    coupons.reserve(made, noor, uuid4(), UNTIL + timedelta(seconds=1), later(2))
    assert (state(held), used()) == ("released", 1)
    # It was paid after all: what was agreed stands, and is counted.
    coupons.confirm(order)
    assert (state(held), used()) == ("confirmed", 2)


def test_people_go_and_uses_stay_counted(sam: User) -> None:
    made = coupon()
    coupons.reserve(made, sam, uuid4(), NOON, UNTIL)
    sam.delete()
    connection.check_constraints()
    assert (used(), CouponUse.objects.count()) == (1, 1)


# --- a race -------------------------------------------------------------------------------------------------------


def crowd(size: int = 200) -> tuple[Coupon, list[User]]:
    made = coupon(limit_total=10)
    User.objects.bulk_create(User(email=f"{number}@example.org") for number in range(size))
    return made, list(User.objects.order_by("pk"))


@contextmanager
def connected(few: threading.Semaphore) -> Iterator[None]:
    with few:
        try:
            yield
        finally:
            connection.close()


def redeemed(threads: Threads, made: Coupon, people: list[User]) -> list[str]:
    """What each of `people`, all at once, was told."""
    few, waiting = threading.Semaphore(CONNECTIONS), iter(people)

    def act(start: threading.Barrier) -> str:
        user = next(waiting)
        start.wait()
        with connected(few):
            try:
                coupons.reserve(made, user, uuid4(), NOON, UNTIL)
            except ApiError as error:
                return error.code
            return "held"

    return threads.at_once(len(people), act)


def test_two_hundred_redeem_a_coupon_for_ten(threads: Threads) -> None:
    made, people = threads.one(crowd)
    told = redeemed(threads, made, people)
    assert (told.count("held"), told.count("coupon_used_up")) == (10, 190)
    assert threads.one(used) == threads.one(CouponUse.objects.count) == 10


def test_without_the_conditional_update_it_is_oversold(threads: Threads) -> None:
    """The control: to look first and count afterwards, as others do. All two hundred look before one counts."""
    made, people = threads.one(crowd)
    few, all_looked = threading.Semaphore(CONNECTIONS), threading.Barrier(len(people), timeout=60)

    def act(_start: threading.Barrier) -> bool:
        with connected(few):
            seen = Coupon.objects.get(pk=made.pk)
        left = seen.limit_total is None or seen.used < seen.limit_total
        all_looked.wait()
        if left:
            with connected(few):
                Coupon.objects.filter(pk=made.pk).update(used=seen.used + 1)
        return left

    assert threads.at_once(len(people), act).count(True) > 10


def test_one_person_with_many_tabs_gets_one(threads: Threads) -> None:
    made, people = threads.one(crowd)
    told = redeemed(threads, made, [people[0]] * 20)
    assert (told.count("held"), told.count("coupon_used_by_you")) == (1, 19)
    assert threads.one(used) == 1


def test_one_order_in_two_tabs_holds_one(threads: Threads) -> None:
    made, people = threads.one(crowd)
    order = uuid4()

    def act(start: threading.Barrier) -> int:
        start.wait()
        return coupons.reserve(made, people[0], order, NOON, UNTIL).pk

    assert len(set(threads.at_once(8, act))) == 1
    assert threads.one(used) == 1


def test_one_hold_let_go_by_many_is_given_back_once(threads: Threads) -> None:
    made, people = threads.one(crowd)
    threads.one(lambda: coupons.reserve(made, people[0], uuid4(), NOON, UNTIL))
    threads.one(lambda: coupons.reserve(made, people[1], uuid4(), NOON, later(99)))

    def act(start: threading.Barrier) -> int:
        start.wait()
        return coupons.let_expired_go(later(9))

    assert sum(threads.at_once(8, act)) == 1
    assert threads.one(used) == 1
