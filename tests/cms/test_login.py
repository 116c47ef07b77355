"""The admin's door: it opens for staff, and it does not let anybody guess for long."""

import pytest
from django.core.cache import cache
from django.test import Client

from api.models import User
from cms.login import BY_ACCOUNT

pytestmark = pytest.mark.django_db
DOOR = "/admin/login/"
TOO_OFTEN = "That was too often in a short time"


@pytest.fixture(autouse=True)
def fresh_limits() -> None:
    cache.clear()


def sign_in(email: str, password: str, address: str = "192.0.2.1") -> str:
    client = Client(REMOTE_ADDR=address)
    answer = client.post(DOOR, {"username": email, "password": password}, follow=True)
    return "in" if answer.wsgi_request.user.is_authenticated else answer.content.decode()


def test_staff_come_in(ada: User) -> None:
    assert sign_in("ada@example.org", "a long enough password") == "in"


def test_guessing_ends_even_from_many_addresses_and_for_the_right_password_too(ada: User) -> None:
    for number in range(BY_ACCOUNT.most):
        assert TOO_OFTEN not in sign_in("Ada@Example.org", "wrong", f"192.0.2.{number + 1}")
    assert TOO_OFTEN in sign_in("ada@example.org", "a long enough password", "198.51.100.1")


def test_guessing_for_one_account_keeps_nobody_else_out(ada: User, edna: User) -> None:
    for number in range(BY_ACCOUNT.most + 1):
        sign_in("ada@example.org", "wrong", f"192.0.2.{number + 1}")
    assert sign_in("edna@example.org", "a long enough password", "198.51.100.1") == "in"
