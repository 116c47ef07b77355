"""The one field that sign-up asks for beyond e-mail and password."""

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest

from api.accounts.models import User
from api.accounts.rules import clean_name


class SignupForm(forms.Form):
    """allauth mixes this into its own form; `name` may be left out and set later by PATCH /v1/me."""

    name = forms.CharField(required=False, max_length=1000)

    def clean_name(self) -> str:
        said: str = self.cleaned_data["name"]
        try:
            return clean_name(said) if said else ""
        except ValueError as error:
            raise ValidationError(str(error), code="name") from None

    def signup(self, request: HttpRequest, user: User) -> None:  # noqa: ARG002  # allauth gives it
        user.display_name = self.cleaned_data["name"]
        user.save(update_fields=["display_name"])
