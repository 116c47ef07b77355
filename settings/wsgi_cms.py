"""WSGI entry of the cms process."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "settings.cms")
application = get_wsgi_application()
