"""What a learner may say about themselves."""

import re
import unicodedata
import zoneinfo

from django.conf import settings

from api.accounts.models import User

# BCP 47 as far as the column reaches: a language, then script, region or variant.
LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}")


def clean_name(text: str) -> str:
    """`text` without white space at its ends. Raises ValueError with a sentence."""
    name = unicodedata.normalize("NFC", " ".join(text.split()))
    if not 1 <= len(name) <= 120:
        raise ValueError("A name has 1 to 120 characters.")
    # Control and formatting characters (category C) turn text around or hide it on other people's screens.
    if any(unicodedata.category(letter)[0] == "C" for letter in name):
        raise ValueError("A name cannot hold control characters.")
    return name


def clean_language(text: str) -> str:
    """A BCP 47 tag such as `en` or `pt-BR`. Raises ValueError with a sentence."""
    if not LANGUAGE.fullmatch(text) or len(text) > 12:
        raise ValueError("A language is a tag such as en or pt-BR.")
    return text


def clean_time_zone(text: str) -> str:
    """A name of the tz database. Raises ValueError with a sentence."""
    if text not in zoneinfo.available_timezones():
        raise ValueError("A time zone is a name such as Europe/London or UTC.")
    return text


def change(user: User, *, name: str | None = None, language: str | None = None, time_zone: str | None = None) -> None:
    """Keep what is given (already cleaned); None leaves as it was."""
    given = {"display_name": name, "language": language, "time_zone": time_zone}
    fields = {field: value for field, value in given.items() if value is not None}
    for field, value in fields.items():
        setattr(user, field, value)
    if fields:
        user.save(update_fields=list(fields))


def configured_providers() -> list[str]:
    """The social providers that this school has keys for, in the order of settings."""
    providers: dict[str, dict[str, object]] = settings.SOCIALACCOUNT_PROVIDERS
    return [name for name, facts in providers.items() if facts.get("APPS")]
