"""What the API says about the person who asks, and takes from them."""

from typing import Annotated

from django.conf import settings
from ninja import Schema
from pydantic import AfterValidator, Field

from api.accounts import rules
from api.accounts.models import User
from api.schemas import Input

Name = Annotated[str, AfterValidator(rules.clean_name)]
Language = Annotated[str, AfterValidator(rules.clean_language)]
TimeZone = Annotated[str, AfterValidator(rules.clean_time_zone)]


def _absent() -> str:
    # Never kept: only fields that were sent are read. It makes a field optional without making null a value of it.
    return ""


class Me(Schema):
    """`avatar` is an absolute address; `name` is never empty (the part of the e-mail before @ stands in)."""

    id: str
    email: str
    name: str
    avatar: str | None
    language: str
    time_zone: str

    @classmethod
    def of(cls, user: User) -> "Me":
        return cls(
            id=str(user.pk),
            email=user.email,
            name=user.get_full_name(),
            avatar=f"{settings.API_URL}/v1/avatars/{user.avatar}.webp" if user.avatar else None,
            language=user.language,
            time_zone=user.time_zone,
        )


class Session(Schema):
    """`csrf` goes into the header X-CSRFToken of every request that changes something."""

    csrf: str
    user: Me | None
    providers: list[str]


class Change(Input):
    """What is left out stays as it is."""

    name: Name = Field(default_factory=_absent)
    language: Language = Field(default_factory=_absent)
    time_zone: TimeZone = Field(default_factory=_absent)
