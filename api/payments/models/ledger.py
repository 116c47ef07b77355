"""The ledger: accounts, transactions, and the entries of a transaction, which sum to zero in each currency.

A transaction is written in three steps within one database transaction: the row, its entries, its seal. The database
itself refuses a seal while the entries do not sum to zero, an entry after the seal, every change and deletion, and (by
a foreign key that is looked at when the database transaction ends) a transaction that was never sealed.
"""

import uuid

from django.conf import settings
from django.db import models

from api.payments.models.append_only import Added, AppendOnly


class Account(AppendOnly):
    """`code` is the account's name: "stripe", "sales/<course>", "payable/<person>"; see `accounts.Account`.

    What is booked on it is positive as a debit. People may be deleted and their accounts stay: no constraint of the
    database, and no act of Django, follows `person`.
    """

    class Kind(models.TextChoices):
        ASSET = "asset", "Asset"
        LIABILITY = "liability", "Liability"
        INCOME = "income", "Income"
        EXPENSE = "expense", "Expense"

    code = models.CharField(max_length=80, unique=True)
    kind = models.CharField(max_length=9, choices=Kind.choices)
    role = models.CharField(max_length=20)
    course = models.UUIDField(null=True, blank=True)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        null=True,
        blank=True,
        related_name="+",
    )

    objects = Added["Account"].as_manager()

    class Meta:
        ordering = ["code"]

    def __str__(self) -> str:
        return self.code


class Seal(AppendOnly):
    """A transaction that is complete. Its id is the transaction's."""

    id = models.UUIDField(primary_key=True)

    objects = Added["Seal"].as_manager()

    def __str__(self) -> str:
        return f"Seal of {self.id}"


class Transaction(AppendOnly):
    """Something that happened to money, once: what `source` says again is not posted again.

    `fact` is what it means for access (`facts.py`), null where it means nothing. `user` is whose access that is; like
    an account's person it may be gone. `at` is when it happened, at Stripe where it happened there.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    seal = models.OneToOneField(Seal, on_delete=models.DO_NOTHING, related_name="+")
    source_type = models.CharField(max_length=30)
    source_id = models.CharField(max_length=120)
    kind = models.CharField(max_length=30)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        null=True,
        blank=True,
        related_name="+",
    )
    fact = models.JSONField(null=True, blank=True)
    at = models.DateTimeField()
    recorded_at = models.DateTimeField(auto_now_add=True)
    digest = models.CharField(max_length=64)  # of all that was posted

    objects = Added["Transaction"].as_manager()

    class Meta:
        ordering = ["at", "recorded_at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["source_type", "source_id", "kind"], name="transaction_once_per_source")
        ]
        indexes = [models.Index(fields=["user"], name="transaction_of_user")]

    def __str__(self) -> str:
        return f"{self.kind} of {self.source_type} {self.source_id}"


class Entry(AppendOnly):
    """One line of a transaction. `amount` is in minor units: a debit above zero, a credit below. `line` is what was
    sold."""

    transaction = models.ForeignKey(Transaction, on_delete=models.DO_NOTHING, related_name="entries")
    account = models.ForeignKey(Account, on_delete=models.DO_NOTHING, related_name="+")
    currency = models.CharField(max_length=3)
    amount = models.BigIntegerField()
    line = models.UUIDField(null=True, blank=True)

    objects = Added["Entry"].as_manager()

    class Meta:
        constraints = [models.CheckConstraint(condition=~models.Q(amount=0), name="entry_is_not_zero")]

    def __str__(self) -> str:
        return f"{self.account}: {self.amount} {self.currency}"
