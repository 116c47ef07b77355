"""What every request passes before a view sees it, and every answer before it leaves."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.utils.cache import patch_vary_headers

from api import strict_json
from api.errors import TOO_BIG, ApiError, answer

View = Callable[[HttpRequest], HttpResponse]

LARGEST_JSON = 512 * 1024
LARGEST_FORM = 6 * 1024 * 1024
AVATAR = "/v1/me/avatar"
# allauth's redirect to Google or GitHub is a form that the browser submits, and so is what they post back.
ADDRESSES = ("/v1/", "/_allauth/", "/accounts/")
FORMS = ("/_allauth/browser/v1/auth/provider/redirect", "/accounts/", AVATAR)


def answers(get_response: View) -> View:
    """Personal answers are never kept by a cache, and a method that does not exist is said in the shape of errors."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if not request.path.startswith(ADDRESSES):
            return response
        if isinstance(response, HttpResponseNotAllowed):
            allowed = response["Allow"]
            sentence = f"{request.method} does nothing at this address; it knows {allowed}."
            response = answer(ApiError(405, "method_not_allowed", sentence, {"Allow": allowed}))
        response.setdefault("Cache-Control", "no-store")
        if "public" not in response["Cache-Control"]:
            patch_vary_headers(response, ["Cookie"])
        response.setdefault("X-Content-Type-Options", "nosniff")
        return response

    return middleware


def bodies(get_response: View) -> View:
    """A body is refused here, for our views and allauth's alike, if it is too large, of another type or not strict."""

    def middleware(request: HttpRequest) -> HttpResponse:
        try:
            _check_body(request)
        except ApiError as error:
            return answer(error)
        return get_response(request)

    return middleware


def _check_body(request: HttpRequest) -> None:
    try:
        length = int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        raise ApiError(400, "malformed", "The Content-Length of the request is not a number.") from None
    if request.method in ("GET", "HEAD", "OPTIONS") or length <= 0 or not request.path.startswith(ADDRESSES):
        return
    form = request.path.startswith(FORMS)
    # Checked before a byte is read: Django would first write an upload of any size to its temporary folder.
    if length > (LARGEST_FORM if form else LARGEST_JSON):
        raise ApiError(413, "too_big", TOO_BIG)
    if form:
        wanted = ("multipart/form-data",) if request.path == AVATAR else _FORM_TYPES
        if request.content_type not in wanted:
            raise ApiError(415, "wrong_type", f"Send this as {' or '.join(wanted)}.")
        return
    if request.content_type != "application/json":
        raise ApiError(415, "wrong_type", "Send the body as application/json.")
    try:
        strict_json.read(request.body)
    except strict_json.NotStrict as reason:
        raise ApiError(400, "malformed", f"The body could not be read: {reason}.") from None


_FORM_TYPES = ("application/x-www-form-urlencoded", "multipart/form-data")
