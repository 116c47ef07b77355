"""The addresses of the API process."""

from django.conf import settings
from django.urls import include, path

from api import health
from api.router import api

urlpatterns = [
    path("v1/", api.urls),
    path("healthz", health.up),
    path("readyz", health.ready),
    path("_allauth/", include("allauth.headless.urls")),
    # The callbacks of social sign-in, where they are set up; allauth answers the others with an error of ours.
    *(
        path("accounts/", include(f"allauth.socialaccount.providers.{provider}.urls"))
        for provider, about in settings.SOCIALACCOUNT_PROVIDERS.items()
        if about["APPS"]
    ),
]
handler400 = "api.errors.bad_request"
handler403 = "api.errors.forbidden"
handler404 = "api.errors.not_found"
handler500 = "api.errors.fault"
