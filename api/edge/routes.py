"""What a learner's browser needs to fetch films from the CDN, where the school has put a lock there."""

from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from ninja import Router

from api import limits
from api.auth import learner
from api.edge import rules
from api.edge.schemas import Allowed
from api.schemas import Refused

router = Router(tags=["edge"])
REFUSED: dict[Any, Any] = {401: Refused, 403: Refused, 404: Refused, 409: Refused, 429: Refused}


@router.post("/edge/cookies", response={200: Allowed, **REFUSED})
def give_cookies(request: HttpRequest, response: HttpResponse) -> Allowed:
    """Take CloudFront's signed cookies for films, while you are in a course. 409 where films need none."""
    limits.spend(request, limits.EDGE)
    cookies, until = rules.allow(learner(request))
    for name, value in cookies.items():
        # Without an age: they end with the browser's session, if not before by their own policy.
        response.set_cookie(
            name,
            value,
            domain=settings.CLOUDFRONT_COOKIE_DOMAIN or None,
            path=f"{urlsplit(settings.SITE_URL).path}/m/",
            secure=settings.SESSION_COOKIE_SECURE,
            httponly=True,
            samesite="Lax",
        )
    return Allowed(expires_at=until)
