"""The school's database, seen by a site that serves its pages itself."""

import tempfile
from pathlib import Path

from settings.test import *  # noqa: F403
from settings.test import INSTALLED_APPS as OURS
from settings.test import TEMPLATES as THEIRS
from settings.test import VAR_DIR

INSTALLED_APPS = [*OURS, "bakery", "wagtailbakery", "wagtail.api.v2"]
ROOT_URLCONF = "tests.bench.peer_site.urls"
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",  # allauth refuses to start without it
]
TEMPLATES = [{**THEIRS[0], "DIRS": [Path(__file__).with_name("templates")]}]
ALLOWED_HOSTS = ["*"]
BUILD_DIR = tempfile.mkdtemp(prefix="bakery-", dir=VAR_DIR)
BAKERY_VIEWS = ["wagtailbakery.views.AllPublishedPagesView"]
WAGTAILAPI_BASE_URL = "http://localhost"
