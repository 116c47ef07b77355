"""Who asks: the session cookie, with a CSRF token on every request that changes something."""

from django.http import HttpRequest
from ninja.security.session import SessionAuth

from api.accounts.models import User


class Learner(SessionAuth):
    """ninja exempts its views from Django's CSRF middleware and checks only here: a route without this has no check."""

    # Named, not read from settings: the OpenAPI document is the same whichever process writes it.
    param_name = "lectern_session"


def learner(request: HttpRequest) -> User:
    """The learner of an authenticated request."""
    user = request.user
    if not isinstance(user, User):
        raise TypeError("Only a route behind Learner has a learner.")
    return user
