"""Every refusal of the API has one shape: `{"detail": one sentence for people, "code": one word for programs}`."""
# ruff: noqa: ARG001  # Django gives its handlers a request and a reason, whether they need them or not

from typing import Any

from django.core.exceptions import BadRequest, RequestDataTooBig, SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.http.multipartparser import MultiPartParserError
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError

NOT_FOUND = "There is nothing at this address."
SIGNED_OUT = "Sign in first; this address is about a person."
CSRF = "The CSRF token is missing or too old; take a new one from GET /v1/session and send it as X-CSRFToken."
MALFORMED = "The request could not be read; check that its body is whole and matches its Content-Type."
TOO_BIG = "The request is larger than this address accepts; send less at once."
FAULT = "Something went wrong on our side; it has been noted. Please try again."


class ApiError(Exception):
    """A refusal that a learner or a client can act on. `detail` is one sentence."""

    def __init__(self, status: int, code: str, detail: str, headers: dict[str, str] | None = None) -> None:
        super().__init__(detail)
        self.status, self.code, self.detail, self.headers = status, code, detail, headers or {}


def answer(error: ApiError) -> JsonResponse:
    """The response that says `error`."""
    return JsonResponse({"detail": error.detail, "code": error.code}, status=error.status, headers=error.headers)


def map_errors(api: NinjaAPI) -> None:
    """Teach `api` to answer in this shape. What is not listed is our fault: Django logs it and `fault` answers."""
    for kind in (
        ApiError,
        ValidationError,
        HttpError,
        Http404,
        SuspiciousOperation,
        BadRequest,
        MultiPartParserError,
        RequestDataTooBig,
    ):
        api.add_exception_handler(kind, _refuse)


def _refuse(request: HttpRequest, error: Exception | type[Exception]) -> HttpResponse:
    return answer(_as_refusal(error))


def _as_refusal(error: object) -> ApiError:
    """What is said of an exception that `map_errors` lists."""
    if isinstance(error, ApiError):
        return error
    if isinstance(error, ValidationError):
        return _invalid(error)
    if isinstance(error, HttpError):
        return _http(error)
    if isinstance(error, Http404):
        return ApiError(404, "not_found", NOT_FOUND)
    if isinstance(error, RequestDataTooBig):
        return ApiError(413, "too_big", TOO_BIG)
    return ApiError(400, "malformed", MALFORMED)


def _http(error: HttpError) -> ApiError:
    known = {
        400: ApiError(400, "malformed", MALFORMED),
        401: ApiError(401, "signed_out", SIGNED_OUT),
        403: ApiError(403, "csrf", CSRF),
    }
    return known.get(error.status_code) or ApiError(error.status_code, "refused", str(error))


def _invalid(error: ValidationError) -> ApiError:
    """The first fault as a sentence that names the field. A wrong part of the address is an address of nothing."""
    first: dict[str, Any] = error.errors[0]
    source, *path = first["loc"]
    # ninja puts the name of the view's parameter between "body" and the field.
    names = path[1:] if source == "body" else path
    field = "".join(f"[{name}]" if isinstance(name, int) else f".{name}" for name in names).lstrip(".")
    if source == "path":
        return ApiError(404, "not_found", f"There is nothing at this address: {field} is not of the right form.")
    said = str(first["msg"]).removeprefix("Value error, ").rstrip(".")
    if first["type"] == "missing":
        said = "it is missing"
    elif first["type"] == "extra_forbidden":
        said = "there is no such field"
    elif first["type"] == "model_attributes_type":
        said = "send a JSON object"
    elif said:
        said = said[0].lower() + said[1:]
    return ApiError(422, "invalid", f"Please correct {field or 'the body'}: {said}.")


# --- what Django itself answers: named in settings/urls_api.py and settings/api.py ---


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return answer(ApiError(404, "not_found", NOT_FOUND))


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return answer(_as_refusal(exception if isinstance(exception, RequestDataTooBig) else None))


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return answer(ApiError(403, "forbidden", "This is not open to you."))


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    return answer(ApiError(403, "csrf", CSRF))


def fault(request: HttpRequest) -> HttpResponse:
    return answer(ApiError(500, "fault", FAULT))
