"""Uploaded files and the admin's own thumbnails, for signed-in staff only: none has a public address."""

import mimetypes
from pathlib import Path

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_safe
from wagtail.admin.auth import require_admin_access

from content.models import Attachment

# What a browser would run if it were opened by itself.
ACTIVE = {"image/svg+xml", "text/html", "application/xhtml+xml", "text/xml", "application/xml"}


@require_safe
@require_admin_access
def original(_request: HttpRequest, path: str) -> HttpResponseBase:
    """The file at `path` below MEDIA_ROOT. 404 for anything that is not a file inside it."""
    root = Path(settings.MEDIA_ROOT).resolve()
    try:
        file = (root / path).resolve()
        if not file.is_relative_to(root) or not file.is_file():
            raise Http404
    except (OSError, ValueError):  # a name too long, or with a NUL in it
        raise Http404 from None
    kind = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
    response = FileResponse(file.open("rb"), content_type=kind)
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, max-age=300"
    response["Content-Security-Policy"] = "sandbox; default-src 'none'; style-src 'unsafe-inline'"
    if kind in ACTIVE and not kind.startswith("image/"):
        response["Content-Disposition"] = "attachment"
    return response


def staff_only(_document: Attachment, request: HttpRequest) -> HttpResponse | None:
    """Wagtail's own address of an uploaded document asks for nothing: this hook sends others to sign in."""
    if request.user.has_perm("wagtailadmin.access_admin"):
        return None
    return redirect_to_login(request.get_full_path(), settings.LOGIN_URL)
