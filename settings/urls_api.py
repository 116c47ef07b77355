"""The addresses of the API process."""

from django.urls import include, path

from api import health
from api.router import api

urlpatterns = [
    path("v1/", api.urls),
    path("healthz", health.up),
    path("readyz", health.ready),
    path("_allauth/", include("allauth.headless.urls")),
    path("accounts/", include("allauth.urls")),  # only the callbacks of social sign-in answer: HEADLESS_ONLY
]
handler400 = "api.errors.bad_request"
handler403 = "api.errors.forbidden"
handler404 = "api.errors.not_found"
handler500 = "api.errors.fault"
