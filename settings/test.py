"""For pytest: every table of both processes, a folder of its own, fast passwords, mail kept in memory."""

import atexit
import os
import shutil
import tempfile

if "LECTERN_VAR" not in os.environ:
    os.environ["LECTERN_VAR"] = os.environ["LECTERN_TEST_VAR"] = tempfile.mkdtemp(prefix="lectern-test-")
    atexit.register(shutil.rmtree, os.environ["LECTERN_VAR"], ignore_errors=True)
elif os.environ["LECTERN_VAR"] == os.environ.get("LECTERN_TEST_VAR") and "PYTEST_XDIST_WORKER" in os.environ:
    # A worker inherits the folder of the process that started it; two workers must not share one store.
    os.environ["LECTERN_VAR"] += "/" + os.environ["PYTEST_XDIST_WORKER"]

from settings.cms import *
from settings.api import *
from settings import api, cms

INSTALLED_APPS = ["corsheaders", *cms.INSTALLED_APPS]
MIDDLEWARE = [*api.MIDDLEWARE, "django.middleware.clickjacking.XFrameOptionsMiddleware"]
ROOT_URLCONF = "settings.urls_cms"  # tests of the API carry @pytest.mark.urls("settings.urls_api")
AUTHENTICATION_BACKENDS = ["django.contrib.auth.backends.ModelBackend", *api.AUTHENTICATION_BACKENDS]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
MAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
