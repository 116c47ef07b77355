"""The process of learners: accounts and the API. It installs no Wagtail."""

from settings import env
from settings.base import *
from settings.base import API_URL, SHARED_APPS, SITE_URL

INSTALLED_APPS = ["corsheaders", *SHARED_APPS]
MIDDLEWARE = [
    "corsheaders.middleware.CorsMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
]
ROOT_URLCONF = "settings.urls_api"
WSGI_APPLICATION = "settings.wsgi_api.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]
# Which site may call, with cookies: exactly one origin.
CORS_ALLOWED_ORIGINS = [SITE_URL]
CORS_ALLOW_CREDENTIALS = True
CSRF_TRUSTED_ORIGINS = [SITE_URL, API_URL]
SESSION_COOKIE_NAME = "lectern_session"
CSRF_COOKIE_NAME = "lectern_csrf"

AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]


def _social(provider: str) -> dict[str, object]:
    """A social provider is offered when both of its variables are set."""
    client, key = env.text(f"{provider}_CLIENT_ID", ""), env.text(f"{provider}_CLIENT_SECRET", "")
    return {"APPS": [{"client_id": client, "secret": key}]} if client and key else {"APPS": []}


SOCIALACCOUNT_PROVIDERS = {
    "google": {**_social("GOOGLE"), "SCOPE": ["profile", "email"], "OAUTH_PKCE_ENABLED": True},
    "github": {**_social("GITHUB"), "SCOPE": ["user:email"]},
}
# No proxy is trusted until it is named: an X-Forwarded-For of a stranger must not choose who is limited.
ALLAUTH_TRUSTED_PROXY_COUNT = env.integer("TRUSTED_PROXIES", 0)
NINJA_NUM_PROXIES = env.integer("TRUSTED_PROXIES", 0)
DATA_UPLOAD_MAX_MEMORY_SIZE = 6 * 1024 * 1024
