"""Rows that belong to a learner are read and written through `for_learner`: no id alone leads to them."""

from typing import Self, TypeVar

from django.db import models

from api.accounts.models import User

Row = TypeVar("Row", bound=models.Model)


class Owned(models.QuerySet[Row]):
    """A test reads the sources: in the rooms of learners nothing follows `.objects` but `.for_learner(...)`."""

    def for_learner(self, user: User) -> Self:
        return self.filter(user=user)


def lock(user: User) -> None:
    """One learner's writes go one after another; call it first in a transaction.

    PostgreSQL locks the user's row (not its key: rows that refer to it can still be added). On SQLite the transaction
    itself has taken the one write lock when it began, see `transaction_mode` in settings/base.py.
    """
    User.objects.select_for_update(no_key=True).only("pk").get(pk=user.pk)
