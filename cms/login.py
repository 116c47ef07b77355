"""The door of the admin: it opens for the same people as the school's own, so guessing is limited here too."""

import hashlib
from typing import Any

from django.core.exceptions import ValidationError
from wagtail.admin.forms.auth import LoginForm as WagtailLoginForm

from api import limits
from api.errors import ApiError

BY_ADDRESS = limits.Limit("cms-login", 30, 300)
BY_ACCOUNT = limits.Limit("cms-login-account", 10, 300)


class LoginForm(WagtailLoginForm):
    """Wagtail's, counted by address and, wherever the tries come from, by account."""

    def clean(self) -> dict[str, Any]:
        account = str(self.cleaned_data.get("username") or "").strip().casefold()
        try:
            limits.spend(self.request, BY_ADDRESS)
            # Hashed, so that what somebody typed is not kept in the cache and is no key that a backend refuses.
            limits.spend(self.request, BY_ACCOUNT, who=hashlib.sha256(account.encode()).hexdigest())
        except ApiError as error:
            raise ValidationError(error.detail) from error
        cleaned: dict[str, Any] = super().clean()
        return cleaned
