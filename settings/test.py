"""For pytest: every table of both processes, a folder of its own, fast passwords, mail kept in memory."""

import os
import tempfile

_folder = os.environ.setdefault("LECTERN_VAR", tempfile.mkdtemp(prefix="lectern-test-"))

from settings.cms import *  # noqa: E402, F403  (the folder must be chosen before the settings read it)
from settings.api import *  # noqa: E402, F403
from settings import api, cms  # noqa: E402

INSTALLED_APPS = ["corsheaders", *cms.INSTALLED_APPS]
MIDDLEWARE = [*api.MIDDLEWARE, "django.middleware.clickjacking.XFrameOptionsMiddleware"]
ROOT_URLCONF = "settings.urls_cms"  # tests of the API carry @pytest.mark.urls("settings.urls_api")
AUTHENTICATION_BACKENDS = ["django.contrib.auth.backends.ModelBackend", *api.AUTHENTICATION_BACKENDS]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
