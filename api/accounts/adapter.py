"""What Lectern asks of allauth beyond its defaults: the school's name in mails, and secrets encrypted at rest."""

from base64 import urlsafe_b64encode
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from cryptography.fernet import Fernet, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.core.mail import EmailMessage
from django.utils.encoding import force_bytes

from api.accounts.models import User
from api.accounts.rules import clean_name


class AccountAdapter(DefaultAccountAdapter):
    """Mails are plain text, from the school, and never repeat what a stranger typed as their name."""

    def render_mail(
        self, template_prefix: str, email: Any, context: dict[str, Any], headers: dict[str, str] | None = None
    ) -> EmailMessage:
        school = {"school": settings.SCHOOL_NAME, "site": settings.SITE_URL}
        mail: EmailMessage = super().render_mail(template_prefix, email, {**context, **school}, headers)
        return mail

    def send_notification_mail(self, template_prefix: str, *args: Any, **kwargs: Any) -> None:
        # Whoever has just typed the code from a mail needs no second mail to say so.
        if template_prefix != "account/email/email_confirm":
            super().send_notification_mail(template_prefix, *args, **kwargs)


class SocialAdapter(DefaultSocialAccountAdapter):
    """Google's or GitHub's name for a person becomes their name here."""

    def populate_user(self, request: Any, sociallogin: Any, data: dict[str, Any]) -> User:
        user: User = super().populate_user(request, sociallogin, data)
        said = data.get("name") or " ".join(filter(None, (data.get("first_name"), data.get("last_name"))))
        try:
            user.display_name = clean_name(said or "")
        except ValueError:
            user.display_name = ""
        return user


class MFAAdapter(DefaultMFAAdapter):
    """TOTP secrets are encrypted in the database (allauth's own `encrypt` returns its argument)."""

    def encrypt(self, text: str) -> str:
        return _fernet().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return _fernet().decrypt(encrypted_text.encode()).decode()


def _fernet() -> MultiFernet:
    """The current secret encrypts; older ones, kept in SECRET_KEY_FALLBACKS, still decrypt."""
    return MultiFernet([Fernet(_derive(key)) for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)])


def _derive(secret: str | bytes) -> bytes:
    """A key of its own for this purpose (HKDF, RFC 5869): what leaks elsewhere opens nothing here."""
    return urlsafe_b64encode(HKDF(SHA256(), 32, salt=None, info=b"lectern.mfa.v1").derive(force_bytes(secret)))
