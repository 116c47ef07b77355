"""The CMS's own addresses beside the Wagtail admin: previews, and originals for signed-in staff."""

from django.urls import URLPattern, path

from cms import metrics, originals, preview

urlpatterns: list[URLPattern] = [
    path("preview/", preview.draft, name="cms_preview"),
    path("preview/candidate/<int:candidate>/<uuid:item>/", preview.candidate, name="cms_preview_candidate"),
    path("preview/originals/<str:sha256>/<str:name>", preview.kept_original, name="cms_preview_original"),
    path("preview/captions/<str:sha256>.vtt", preview.captions, name="cms_preview_captions"),
    path("preview/store/<path:key>", preview.stored, name="cms_preview_store"),
    path("originals/<path:path>", originals.original, name="cms_original"),
    path("metrics", metrics.show, name="cms_metrics"),
    path("assets/<path:name>", preview.asset, name="cms_asset"),
]
