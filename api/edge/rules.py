"""Who may fetch films from the edge, and until when."""

from datetime import datetime, timedelta
from urllib.parse import quote

from django.conf import settings
from django.utils import timezone

from api.accounts.models import User
from api.edge.cookies import Signer
from api.enrolment.models import Enrolment
from api.errors import ApiError
from pipeline.released import released_courses

NO_EDGE = "The films of this school need no cookies; play them as they are."
NOT_ENROLLED = "You are in no course that is open at the moment; enrol in one first."


def the_signer() -> Signer | None:
    """The signer of this installation, as CLOUDFRONT_KEY_PAIR_ID and CLOUDFRONT_PRIVATE_KEY say; None without them."""
    if not settings.CLOUDFRONT_KEY_PAIR_ID:
        return None
    films = f"{quote(settings.SITE_URL, safe=':/%[]')}/m/*"
    return Signer(settings.CLOUDFRONT_KEY_PAIR_ID, settings.CLOUDFRONT_PRIVATE_KEY, films)


def allow(user: User) -> tuple[dict[str, str], datetime]:
    """Cookies by name with which `user` may fetch films, and the time until which they hold.

    Raises ApiError 409 where films need none, and 404 for who is in no course, or only in courses that were withdrawn.
    """
    signer = the_signer()
    if signer is None:
        raise ApiError(409, "no_edge", NO_EDGE)
    mine = Enrolment.objects.for_learner(user).filter(left_at=None).values_list("course", flat=True)
    if all(live.closed for live in released_courses(mine).values()):
        raise ApiError(404, "not_enrolled", NOT_ENROLLED)
    until = timezone.now().replace(microsecond=0) + timedelta(minutes=settings.CLOUDFRONT_COOKIE_MINUTES)
    return signer.cookies(until), until
