import pytest
from django.core.cache import cache

from api.accounts.models import User
from tests.api.cast import Browser, go_live


@pytest.fixture(autouse=True)
def fresh_limits() -> None:
    """Limits are counted in the cache, which outlives a test."""
    cache.clear()


@pytest.fixture
def sam(db: None) -> User:
    return User.objects.create_user("sam@example.org", "a long enough password", display_name="Sam")


@pytest.fixture
def noor(db: None) -> User:
    return User.objects.create_user("noor@example.org", "a long enough password", display_name="Noor")


@pytest.fixture
def browser(sam: User) -> Browser:
    """Sam's, signed in."""
    return Browser(sam)


@pytest.fixture
def live(db: None) -> None:
    """The course Trees has a live release: three lessons, and a quiz in the second."""
    go_live()


@pytest.fixture
def enrolled(browser: Browser, live: None) -> Browser:
    """Sam's browser, and Sam is in Trees."""
    assert browser.enrol().status_code == 201
    return browser
