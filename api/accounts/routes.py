"""Who is here, and what they say about themselves. Signing up and in is allauth's, below /_allauth/."""
# ruff: noqa: ARG001  # a view is given its request, whether it needs it or not

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from ninja import File, Router
from ninja.files import UploadedFile

from api import limits
from api.accounts import avatar, rules
from api.accounts.schemas import Change, Me, Session
from api.auth import learner
from api.errors import NOT_FOUND, ApiError
from api.schemas import Refused

router = Router(tags=["accounts"])
REFUSED: dict[Any, Any] = {401: Refused, 403: Refused, 422: Refused, 429: Refused}


@router.get("/session", auth=None, response={200: Session, 429: Refused})
def session(request: HttpRequest) -> Session:
    """Who is signed in, if anybody, and the CSRF token for what comes next."""
    limits.spend(request, limits.SESSION)
    user = Me.of(learner(request)) if request.user.is_authenticated else None
    return Session(csrf=get_token(request), user=user, providers=rules.configured_providers())


@router.patch("/me", response={200: Me, **REFUSED})
def change_me(request: HttpRequest, change: Change) -> Me:
    """Change name, language or time zone; what is left out stays."""
    limits.spend(request, limits.ACCOUNT)
    user = learner(request)
    rules.change(user, **change.model_dump(exclude_unset=True))
    return Me.of(user)


@router.post("/me/avatar", response={200: Me, 413: Refused, 415: Refused, 503: Refused, **REFUSED})
def set_avatar(request: HttpRequest, file: File[UploadedFile]) -> Me:
    """Upload a picture: a JPEG, PNG or WebP of up to 5 MB in the multipart field `file`."""
    limits.spend(request, limits.AVATAR)
    user = learner(request)
    avatar.set_avatar(user, file)
    return Me.of(user)


@router.delete("/me/avatar", response={200: Me, **REFUSED})
def remove_avatar(request: HttpRequest) -> Me:
    """Take the picture away."""
    limits.spend(request, limits.ACCOUNT)
    user = learner(request)
    avatar.remove_avatar(user)
    return Me.of(user)


@router.get("/avatars/{name}.webp", auth=None, response={404: Refused})
def show_avatar(request: HttpRequest, name: str) -> HttpResponse:
    """A picture by its sha256. It never changes, so it may be kept for ever."""
    data = avatar.find(name)
    if data is None:
        raise ApiError(404, "not_found", NOT_FOUND)
    return HttpResponse(
        data,
        content_type="image/webp",
        headers={
            "Cache-Control": "public, max-age=31536000, immutable",
            "Content-Security-Policy": "default-src 'none'; sandbox",
            "Cross-Origin-Resource-Policy": "cross-origin",  # the student site shows it
        },
    )
