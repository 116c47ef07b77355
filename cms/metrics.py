"""How publishing does, for a machine that watches: behind a token of its own, for it has no account."""

import hmac

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from pipeline.metrics import measure, prometheus


@require_GET
@never_cache
def show(request: HttpRequest) -> HttpResponse:
    """The numbers of `pipeline.metrics` as text. 404 without METRICS_TOKEN, 401 without the same token."""
    token = settings.METRICS_TOKEN
    if not token:
        raise Http404
    scheme, _, given = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not hmac.compare_digest(given.strip().encode(), token.encode()):
        return HttpResponse(
            "Send METRICS_TOKEN as a bearer token.\n", "text/plain", 401, headers={"WWW-Authenticate": "Bearer"}
        )
    return HttpResponse(prometheus(measure()), "text/plain; version=0.0.4; charset=utf-8")
