"""Rows that are added and never changed: the model says so first, triggers refuse whatever comes past it."""

from typing import Any, NoReturn, TypeVar

from django.db import models

from api.scope import Owned

Row = TypeVar("Row", bound=models.Model)


class NeverChanged(TypeError):
    """Somebody tried to change or delete a row of the ledger. Post the opposite instead."""


def refuse(*_args: Any, **_kwargs: Any) -> NoReturn:
    raise NeverChanged("Rows of the ledger are never changed or deleted: post the opposite instead.")


class Added(Owned[Row]):
    """A query set that reads and adds."""

    update = delete = bulk_update = update_or_create = refuse


class AppendOnly(models.Model):
    class Meta:
        abstract = True

    def save(self, **kwargs: Any) -> None:
        if not self._state.adding:
            refuse()
        super().save(**{**kwargs, "force_insert": True})

    delete = refuse
