"""The addresses of the CMS process. It serves no page to readers: those live on the CDN."""

from django.urls import include, path
from django.views.generic import RedirectView
from wagtail.admin import urls as wagtailadmin_urls
from wagtail.documents import urls as wagtaildocs_urls

urlpatterns = [
    path("admin/", include(wagtailadmin_urls)),
    path("attachments/", include(wagtaildocs_urls)),
    path("", include("cms.urls")),
    path("", RedirectView.as_view(url="/admin/")),
]
