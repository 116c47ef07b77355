"""WSGI entry of the api process."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "settings.api")
application = get_wsgi_application()
