"""Mails leave once the act they tell of has committed, and a mail host that is down undoes nothing.

Sent at once, a mail would hold a transaction open for as long as the host takes, tell of what is rolled back a moment
later, and turn an approval into an error because a password of the mail host has expired.
"""

from collections.abc import Sequence

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import transaction


class AfterCommit(BaseEmailBackend):
    """Hands mails to the backend that EMAIL_BACKEND names. What fails there is logged."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        found = list(email_messages)

        def send() -> None:
            get_connection(settings.MAIL_BACKEND).send_messages(found)

        # A named function: Django logs what fails by its name, which a partial has not.
        transaction.on_commit(send, robust=True)
        return len(found)
