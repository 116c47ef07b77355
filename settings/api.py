"""The process of learners: accounts and the API. It installs no Wagtail."""

from settings import env
from settings.base import *
from settings.base import API_URL, BASE_DIR, SHARED_APPS, SITE_URL, origin

INSTALLED_APPS = ["corsheaders", *SHARED_APPS]
MIDDLEWARE = [
    "corsheaders.middleware.CorsMiddleware",
    "api.middleware.answers",
    "django.middleware.security.SecurityMiddleware",
    "api.middleware.bodies",
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
        # Before those of the apps: our mails stand in for allauth's.
        "DIRS": [BASE_DIR / "api" / "templates"],
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
# Which site may call, with cookies: exactly one origin. The site may live below a path of it.
CORS_ALLOWED_ORIGINS = [origin(SITE_URL)]
CORS_ALLOW_CREDENTIALS = True
CORS_ALLOW_HEADERS = ["accept", "content-type", "x-csrftoken", "x-email-verification-key", "x-password-reset-key"]
CORS_EXPOSE_HEADERS = ["Retry-After"]
CSRF_TRUSTED_ORIGINS = [origin(SITE_URL), origin(API_URL)]
SESSION_COOKIE_NAME = "lectern_session"
CSRF_COOKIE_NAME = "lectern_csrf"
CSRF_FAILURE_VIEW = "api.errors.csrf_failure"
# Whoever asks after the health of a process speaks to it directly, without TLS.
SECURE_REDIRECT_EXEMPT = [r"^(v1/)?(healthz|readyz)$"]

AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]


def _social(provider: str) -> dict[str, object]:
    """A social provider is offered when both of its variables are set."""
    client, key = env.text(f"{provider}_CLIENT_ID", ""), env.text(f"{provider}_CLIENT_SECRET", "")
    return {"APPS": [{"client_id": client, "secret": key}]} if client and key else {"APPS": []}


SOCIALACCOUNT_PROVIDERS = {
    "google": {**_social("GOOGLE"), "SCOPE": ["profile", "email"], "OAUTH_PKCE_ENABLED": True},
    "github": {**_social("GITHUB"), "SCOPE": ["user:email"]},
}
# --- films that CloudFront serves only to who has signed cookies: offered when both of a key pair are set ---
CLOUDFRONT_KEY_PAIR_ID = env.aws_id("CLOUDFRONT_KEY_PAIR_ID", env.text("CLOUDFRONT_KEY_PAIR_ID", ""))
CLOUDFRONT_PRIVATE_KEY = env.rsa_key("CLOUDFRONT_PRIVATE_KEY", env.text("CLOUDFRONT_PRIVATE_KEY", ""))
env.both_or_none(CLOUDFRONT_KEY_PAIR_ID=CLOUDFRONT_KEY_PAIR_ID, CLOUDFRONT_PRIVATE_KEY=CLOUDFRONT_PRIVATE_KEY)
# The domain above site and API: what the API sets, the site's host is sent.
CLOUDFRONT_COOKIE_DOMAIN = env.text("CLOUDFRONT_COOKIE_DOMAIN", "")
if CLOUDFRONT_KEY_PAIR_ID:
    env.shared_domain("CLOUDFRONT_COOKIE_DOMAIN", CLOUDFRONT_COOKIE_DOMAIN, SITE_URL=SITE_URL, API_URL=API_URL)
CLOUDFRONT_COOKIE_MINUTES = env.integer("CLOUDFRONT_COOKIE_MINUTES", 240, least=5, most=1440)

DATA_UPLOAD_MAX_MEMORY_SIZE = 6 * 1024 * 1024
