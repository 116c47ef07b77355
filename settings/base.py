"""What both processes share: database, secrets, folders, queue, cache, mail, accounts."""

from pathlib import Path
from urllib.parse import urlsplit

import dj_database_url

from api.payments.money import CURRENCIES
from settings import env
from settings.huey import queue

BASE_DIR = Path(__file__).resolve().parent.parent
ENVIRONMENT = env.choice("LECTERN_ENV", ("development", "production"), "development")
PRODUCTION = ENVIRONMENT == "production"
VAR_DIR = Path(env.text("LECTERN_VAR", str(BASE_DIR / "var")))
VAR_DIR.mkdir(parents=True, exist_ok=True)

DEBUG = False
SECRET_KEY = env.secret("SECRET_KEY", VAR_DIR / "secrets", production=PRODUCTION)
# The Ed25519 seed that signs pointers, as 64 hexadecimal digits.
LECTERN_SIGNING_KEY = env.hex_seed("LECTERN_SIGNING_KEY", VAR_DIR / "secrets", production=PRODUCTION)

# --- addresses: where each of the three faces of a school lives ---
SITE_URL = env.required("SITE_URL", production=PRODUCTION, default="http://localhost:8002").rstrip("/")
API_URL = env.required("API_URL", production=PRODUCTION, default="http://localhost:8001").rstrip("/")
CMS_URL = env.required("CMS_URL", production=PRODUCTION, default="http://localhost:8000").rstrip("/")


def origin(url: str) -> str:
    """Scheme, host and port of an address, without the path that a site may live below."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


SCHOOL_NAME = env.text("SCHOOL_NAME", "Lectern")
_HOSTS = [urlsplit(url).hostname or "" for url in (API_URL, CMS_URL)]
ALLOWED_HOSTS = env.words("ALLOWED_HOSTS", _HOSTS if PRODUCTION else ["localhost", "127.0.0.1", "[::1]", "testserver"])

# --- folders ---
MEDIA_ROOT = VAR_DIR / "media"
LECTERN_ORIGINALS = VAR_DIR / "originals"
LECTERN_STORE = env.folder_or_bucket("LECTERN_STORE", env.text("LECTERN_STORE", str(VAR_DIR / "cdn")))
LECTERN_AVATARS = VAR_DIR / "avatars"
# How long a worker may be silent before another takes its course over, in seconds.
LECTERN_LEASE_SECONDS = env.integer("LECTERN_LEASE_SECONDS", 60)
# What the sweep of the store keeps: condemned keys for so long, so many releases of each course, and recent ones.
LECTERN_SWEEP_GRACE_DAYS = env.integer("LECTERN_SWEEP_GRACE_DAYS", 7)
LECTERN_SWEEP_KEEP_RELEASES = env.integer("LECTERN_SWEEP_KEEP_RELEASES", 5)
LECTERN_SWEEP_KEEP_DAYS = env.integer("LECTERN_SWEEP_KEEP_DAYS", 30)
LECTERN_SITE_DIST = BASE_DIR / "pipeline" / "site" / "dist"

# --- engines of the store; boto3's own ways to find credentials (a role, AWS_*) serve where none are given ---
S3_ENDPOINT_URL = env.address("S3_ENDPOINT_URL", env.text("S3_ENDPOINT_URL", ""))
S3_REGION = env.text("S3_REGION", "")
S3_ACCESS_KEY_ID = env.text("S3_ACCESS_KEY_ID", "")
S3_SECRET_ACCESS_KEY = env.text("S3_SECRET_ACCESS_KEY", "")
env.both_or_none(S3_ACCESS_KEY_ID=S3_ACCESS_KEY_ID, S3_SECRET_ACCESS_KEY=S3_SECRET_ACCESS_KEY)

# --- the CDN in front of the store, if there is one that keeps what it served ---
CLOUDFRONT_DISTRIBUTION_ID = env.aws_id("CLOUDFRONT_DISTRIBUTION_ID", env.text("CLOUDFRONT_DISTRIBUTION_ID", ""))

# --- database: SQLite unless told otherwise ---
DATABASES = {
    "default": dj_database_url.config(
        env="DATABASE_URL",
        default=f"sqlite:///{VAR_DIR / 'lectern.sqlite3'}",
        conn_max_age=60,
        conn_health_checks=True,  # a connection that the server dropped is noticed before it is used
    )
}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    # IMMEDIATE: a transaction that will write takes its lock at the start, so it waits instead of failing midway.
    # synchronous=FULL is WAL's durable mode: an acknowledged commit survives a power cut.
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;",
    }
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

HUEY = queue(VAR_DIR, SECRET_KEY)
REDIS_URL = env.text("REDIS_URL", "")
CACHES = {
    "default": (
        {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}
        if REDIS_URL
        # Shared between processes, unlike local memory: rate limits are counted in the cache.
        else {
            "BACKEND": "django.core.cache.backends.db.DatabaseCache",
            "LOCATION": "cache",
            # Django's default of 300 would throw counted limits away as soon as a few hundred people are here.
            "OPTIONS": {"MAX_ENTRIES": 100_000},
        }
    )
}

# --- people ---
AUTH_USER_MODEL = "api.User"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]

# Both processes install these tables, so both read these; only the API process answers at their addresses.
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_PASSWORD_RESET_BY_CODE_ENABLED = True
# A mail that went astray can be asked for again; a wrong code is refused after three tries (allauth's default).
ACCOUNT_EMAIL_VERIFICATION_SUPPORTS_RESEND = True
# With mandatory verification this answers the same for a known and an unknown address; the mail tells which.
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_SIGNUP_FORM_CLASS = "api.accounts.signup.SignupForm"
ACCOUNT_ADAPTER = "api.accounts.adapter.AccountAdapter"
SOCIALACCOUNT_ADAPTER = "api.accounts.adapter.SocialAdapter"
MFA_ADAPTER = "api.accounts.adapter.MFAAdapter"
MFA_TOTP_ISSUER = SCHOOL_NAME
HEADLESS_ONLY = True
HEADLESS_CLIENTS = ("browser",)
HEADLESS_FRONTEND_URLS = {
    "account_confirm_email": f"{SITE_URL}/account/verify/?key={{key}}",
    "account_reset_password": f"{SITE_URL}/account/reset/",
    "account_reset_password_from_key": f"{SITE_URL}/account/reset/?key={{key}}",
    "account_signup": f"{SITE_URL}/account/sign-up/",
    "socialaccount_login_error": f"{SITE_URL}/account/sign-in/?error=social",
}

# --- mail ---
EMAIL_BACKEND = "api.mail.AfterCommit"
MAIL_BACKEND = env.text(
    "EMAIL_BACKEND",
    "django.core.mail.backends.smtp.EmailBackend" if PRODUCTION else "django.core.mail.backends.console.EmailBackend",
)
EMAIL_FILE_PATH = VAR_DIR / "mail"
EMAIL_TIMEOUT = 10  # seconds
EMAIL_HOST = env.text("EMAIL_HOST", "localhost")
EMAIL_PORT = env.integer("EMAIL_PORT", 25)
EMAIL_HOST_USER = env.text("EMAIL_HOST_USER", "")
EMAIL_HOST_PASSWORD = env.text("EMAIL_HOST_PASSWORD", "")
EMAIL_USE_TLS = env.choice("EMAIL_USE_TLS", ("0", "1"), "0") == "1"
DEFAULT_FROM_EMAIL = env.required("DEFAULT_FROM_EMAIL", production=PRODUCTION, default="school@localhost")
# Who is told that a course cannot be published, and how: the pipeline knows no editors.
LECTERN_ALERT = "cms.mails.tell_of_trouble"

# --- watching ---
METRICS_TOKEN = env.text("METRICS_TOKEN", "")  # without one there is no such address

# --- money ---
# What offers may be priced in. Others would be taken too, and somebody has to keep their prices.
LECTERN_CURRENCIES = env.listed("LECTERN_CURRENCIES", CURRENCIES, ["EUR", "GBP", "USD"])

# --- language and time ---
LANGUAGE_CODE = "en"
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

# --- transport ---
# No proxy is trusted until it is named: an X-Forwarded-For of a stranger must not choose who is limited.
TRUSTED_PROXIES = ALLAUTH_TRUSTED_PROXY_COUNT = env.integer("TRUSTED_PROXIES", 0)
SECURE_CONTENT_TYPE_NOSNIFF = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = PRODUCTION
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if PRODUCTION else None
SECURE_SSL_REDIRECT = PRODUCTION
SECURE_HSTS_SECONDS = 31_536_000 if PRODUCTION else 0

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": env.text("LOG_LEVEL", "INFO" if PRODUCTION else "WARNING")},
}

# Tables that both processes use. `cms` adds Wagtail to them, `api` adds its own door.
SHARED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "allauth",
    "allauth.account",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.google",
    "allauth.socialaccount.providers.github",
    "allauth.mfa",
    "allauth.usersessions",
    "allauth.headless",
    "pipeline",
    "api",
]
