"""The process of authors and editors: the Wagtail admin, and the worker that publishes."""

from settings.base import *
from settings.base import CMS_URL, SCHOOL_NAME, SHARED_APPS, VAR_DIR, origin

INSTALLED_APPS = [
    "cms",
    "content",
    "wagtailmedia",
    "wagtail_headless_preview",
    "wagtail.contrib.typed_table_block",
    "wagtail.embeds",
    "wagtail.sites",
    "wagtail.users",
    "wagtail.snippets",
    "wagtail.documents",
    "wagtail.images",
    "wagtail.search",
    "wagtail.admin",
    "wagtail",
    "modelcluster",
    "taggit",
    "django_filters",
    "huey.contrib.djhuey",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    *SHARED_APPS,
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",  # its app refuses to start without it
]
ROOT_URLCONF = "settings.urls_cms"
WSGI_APPLICATION = "settings.wsgi_cms.application"
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
STATIC_URL = "/static/"
STATIC_ROOT = VAR_DIR / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
# Originals are served to signed-in staff only: there is no public MEDIA_URL (see settings/urls_cms.py).
MEDIA_URL = "/originals/"
SESSION_COOKIE_NAME = "lectern_cms"
CSRF_COOKIE_NAME = "lectern_cms_csrf"
CSRF_TRUSTED_ORIGINS = [origin(CMS_URL)]
X_FRAME_OPTIONS = "SAMEORIGIN"  # the editor shows its preview in a frame
LOGIN_URL = "/admin/login/"

WAGTAIL_SITE_NAME = SCHOOL_NAME
WAGTAIL_ALLOW_UNICODE_SLUGS = False  # an address becomes a key of a store, and those are ASCII
WAGTAILADMIN_USER_LOGIN_FORM = "cms.login.LoginForm"
WAGTAILADMIN_BASE_URL = CMS_URL
WAGTAIL_FINISH_WORKFLOW_ACTION = "cms.workflow.finish"
WAGTAILADMIN_COMMENTS_ENABLED = True
WAGTAILADMIN_NOTIFICATION_INCLUDE_SUPERUSERS = False  # reviewers, superusers among them, are told by cms/mails.py
# The admin asks no third party: Gravatar would learn who our staff are, and the update check that we exist.
WAGTAIL_GRAVATAR_PROVIDER_URL = None
WAGTAIL_ENABLE_UPDATE_CHECK = False
WAGTAIL_ENABLE_WHATS_NEW_BANNER = False
WAGTAIL_I18N_ENABLED = False
WAGTAIL_CONTENT_LANGUAGES = [("en", "English")]
WAGTAILIMAGES_IMAGE_MODEL = "content.ImageOriginal"
WAGTAILIMAGES_IMAGE_FORM_BASE = "cms.upload_forms.ImageForm"
WAGTAILIMAGES_EXTENSIONS = ["avif", "gif", "jpg", "jpeg", "png", "webp", "svg"]
WAGTAILIMAGES_MAX_UPLOAD_SIZE = 20 * 1024 * 1024
WAGTAILDOCS_DOCUMENT_MODEL = "content.Attachment"
WAGTAILDOCS_EXTENSIONS = ["csv", "docx", "ipynb", "json", "md", "pdf", "pptx", "py", "txt", "xlsx", "zip"]
WAGTAILMEDIA = {
    "MEDIA_MODEL": "content.Video",
    "MEDIA_FORM_BASE": "cms.upload_forms.VideoForm",
    "VIDEO_EXTENSIONS": ["m4v", "mkv", "mov", "mp4", "webm"],
}
WAGTAIL_HEADLESS_PREVIEW = {
    "CLIENT_URLS": {"default": f"{CMS_URL}/preview/"},
    "REDIRECT_ON_PREVIEW": True,
    "ENFORCE_TRAILING_SLASH": True,
}
WAGTAILSEARCH_BACKENDS = {"default": {"BACKEND": "wagtail.search.backends.database"}}
TAGGIT_CASE_INSENSITIVE = True
DATA_UPLOAD_MAX_NUMBER_FIELDS = 10_000
