"""How often one learner or one address may do a thing: fixed windows, counted in the cache that all processes share.

Each admitted request takes one numbered place of its window with `cache.add`, which every backend does atomically
(`incr` is a read and a write in Django's database cache): a burst never gets more than the limit.

If the cache does not answer, requests pass and the log says so: lessons done are worth more than the limits. Sign-in
does not hang on this, it has allauth's own limits.
"""

import ipaddress
import logging
import time
from dataclasses import dataclass

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest

from api.errors import ApiError

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Limit:
    """At most `most` requests in `seconds`."""

    name: str
    most: int
    seconds: int


SESSION = Limit("session", 120, 60)
ACCOUNT = Limit("account", 30, 60)
AVATAR = Limit("avatar", 20, 3600)
ENROLMENT = Limit("enrolment", 60, 60)
PROGRESS = Limit("progress", 120, 60)
ATTEMPT = Limit("attempt", 30, 60)
EDGE = Limit("edge", 30, 60)


def spend(request: HttpRequest, limit: Limit, who: str = "") -> None:
    """Count this request against `limit`, for `who` or else for its learner or address.

    Raises ApiError 429, with Retry-After, if that was one too many.
    """
    now = time.time()
    window = int(now // limit.seconds)
    key = f"limit:{limit.name}:{who or _who(request)}:{window}"
    try:
        admitted = _take_place(key, limit)
    except Exception:  # whatever a cache backend raises when it is down: Django names no common class
        log.exception("The cache does not answer; the limit on %s is not counted", limit.name)
        return
    if not admitted:
        wait = int((window + 1) * limit.seconds - now) + 1
        sentence = f"That was too often in a short time; please try again in {wait} seconds."
        raise ApiError(429, "too_many", sentence, {"Retry-After": str(wait)})


def _take_place(key: str, limit: Limit) -> bool:
    # Where to begin is a guess that two writers may set back; which places are taken is not.
    taken = int(cache.get(key, 0))
    for place in range(taken + 1, limit.most + 1):
        if cache.add(f"{key}:{place}", 1, limit.seconds * 2):
            cache.set(key, place, limit.seconds * 2)
            return True
    return False


def _who(request: HttpRequest) -> str:
    if request.user.is_authenticated:
        return f"user:{request.user.pk}"
    return f"address:{client_address(request)}"


def client_address(request: HttpRequest) -> str:
    """The address the request came from; an IPv6 one as its /64, which one household holds whole.

    X-Forwarded-For is read from the right, as far as the proxies of `TRUSTED_PROXIES` have written it: what stands
    further left was sent by the client and would let anybody choose who is limited.
    """
    trusted: int = settings.TRUSTED_PROXIES
    written = [part.strip() for part in request.headers.get("X-Forwarded-For", "").split(",") if part.strip()]
    text = written[-trusted] if trusted and len(written) >= trusted else request.META.get("REMOTE_ADDR", "")
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return "unknown"
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped:
            return str(address.ipv4_mapped)
        return str(ipaddress.ip_network((address, 64), strict=False))
    return str(address)
