"""The addresses of the API process."""

from django.urls import include, path

from api.router import api

urlpatterns = [
    path("v1/", api.urls),
    path("_allauth/", include("allauth.headless.urls")),
    path("accounts/", include("allauth.urls")),  # only the callbacks of social sign-in answer: HEADLESS_ONLY
]
