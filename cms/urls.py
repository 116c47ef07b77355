"""The CMS's own addresses beside the Wagtail admin."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
