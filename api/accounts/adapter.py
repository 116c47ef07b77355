"""What Lectern asks of allauth beyond its defaults."""

from allauth.account.adapter import DefaultAccountAdapter


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth ships no types
    """Room for the site's own mail texts and checks."""
