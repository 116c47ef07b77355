"""The tables of the api room, each defined in its subject's folder."""

from api.accounts.models import User

__all__ = ["User"]
