"""Postings in the database: once each, balanced by the database's own rule, never changed again, also in a race."""

import threading
from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.utils import DatabaseError
from pytest_django import DjangoAssertNumQueries

from api.accounts.models import User
from api.payments import postings
from api.payments.facts import Bought
from api.payments.ledger import PostedDifferently, balances, drift, post
from api.payments.models import Account, Entry, Seal, Transaction
from api.payments.models.append_only import NeverChanged
from api.payments.money import Money
from tests.api.payments.school import ADA, BUYER, NOON, TREES, bought, later, line, uid
from tests.copied_database import Threads

FACT = bought(1, line(1, TREES, 10000, 1900, ada=5000))
MODELS = (Account, Transaction, Entry, Seal)


def sold(fact: Bought = FACT) -> postings.Posting:
    return postings.sale(fact, BUYER, NOON)


@pytest.mark.django_db
def test_what_is_posted_stands_on_its_accounts() -> None:
    assert post(sold()) is True
    assert balances() == {
        ("stripe", "EUR"): 11900,
        (f"sales/{TREES}", "EUR"): -10000,
        ("tax", "EUR"): -1900,
        (f"shares/{TREES}", "EUR"): 5000,
        (f"payable/{ADA}", "EUR"): -5000,
    }
    assert balances("tax", "stripe") == {("stripe", "EUR"): 11900, ("tax", "EUR"): -1900}
    assert drift() == {}
    row = Transaction.objects.get()
    assert (row.user_id, row.fact["order"], str(row)) == (BUYER, str(uid(1)), f"sale of order {uid(1)}")
    connection.check_constraints()


@pytest.mark.django_db
def test_posting_twice_is_posting_once() -> None:
    post(sold())
    assert post(sold()) is False
    assert (Transaction.objects.count(), Entry.objects.count()) == (1, 5)
    # The instant is not what is compared: the same event may be told of with another one.
    assert post(postings.sale(FACT, BUYER, later(1))) is False


@pytest.mark.django_db
def test_the_same_source_with_another_amount_is_loud() -> None:
    post(sold())
    with pytest.raises(PostedDifferently):
        post(sold(bought(1, line(1, TREES, 10001, 1900, ada=5000))))
    with pytest.raises(PostedDifferently):
        post(postings.sale(FACT, BUYER + 1, NOON))
    assert Transaction.objects.count() == 1


@pytest.mark.django_db
def test_people_go_and_the_ledger_stays(sam: User) -> None:
    post(postings.sale(FACT, sam.pk, NOON))
    number = sam.pk
    sam.delete()
    assert Transaction.objects.get().user_id == number
    connection.check_constraints()


# --- only added to ------------------------------------------------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.parametrize("model", MODELS)
def test_the_model_refuses_every_change(model: Any) -> None:
    post(sold())
    row = model.objects.first()
    for act in (
        row.save,
        row.delete,
        model.objects.all().delete,
        lambda: model.objects.update(pk=row.pk),
        lambda: model.objects.bulk_update([row], ["id"]),
        lambda: model.objects.update_or_create(pk=row.pk),
    ):
        with pytest.raises(NeverChanged, match="post the opposite"):
            act()


CHANGES = [
    "UPDATE api_entry SET amount = amount + 1",
    "UPDATE api_entry SET line = NULL",
    "UPDATE api_transaction SET user_id = 1",
    "UPDATE api_transaction SET at = recorded_at",
    "UPDATE api_seal SET id = id",
    "UPDATE api_account SET code = 'mine'",
    "DELETE FROM api_entry",
    "DELETE FROM api_transaction",
    "DELETE FROM api_seal",
    "DELETE FROM api_account",
]
ON_SQLITE = [
    "INSERT OR REPLACE INTO api_entry SELECT id, currency, amount + 1, line, account_id, transaction_id FROM api_entry",
    "INSERT OR REPLACE INTO api_seal SELECT id FROM api_seal",
    "INSERT OR REPLACE INTO api_account (id, code, kind, role) SELECT id, 'mine', kind, role FROM api_account",
    "INSERT OR REPLACE INTO api_transaction (id, seal_id, source_type, source_id, kind, at, recorded_at, digest) "
    "SELECT id, seal_id, 'mine', 'mine', 'mine', at, recorded_at, digest FROM api_transaction",
    "UPDATE OR REPLACE api_entry SET id = 1",
]
ON_POSTGRESQL = [
    "TRUNCATE api_entry, api_transaction, api_seal, api_account",
    "INSERT INTO api_seal SELECT id FROM api_seal ON CONFLICT (id) DO UPDATE SET id = excluded.id",
]


@pytest.mark.django_db
def test_the_database_refuses_every_change() -> None:
    post(sold())
    before = [list(model.objects.order_by("pk").values()) for model in MODELS]
    for statement in CHANGES + (ON_SQLITE if connection.vendor == "sqlite" else ON_POSTGRESQL):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
        assert [list(model.objects.order_by("pk").values()) for model in MODELS] == before, statement


@pytest.mark.django_db
def test_no_trigger_was_lost_on_the_way() -> None:
    """Whoever builds a table of the ledger anew on SQLite takes the triggers away and brings them back; see 0004."""
    names = {
        "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger'",
        "postgresql": "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal",
    }
    with connection.cursor() as cursor:
        cursor.execute(names[connection.vendor])
        found = {name for (name,) in cursor.fetchall()}
    ends = {"sqlite": ("added", "no_update", "no_delete"), "postgresql": ("added", "stays")}[connection.vendor]
    assert {f"{model._meta.db_table}_{end}" for model in MODELS for end in ends} <= found


# --- sums to zero, by the database's rule -------------------------------------------------------------------------


def started(source: str = "by hand") -> Transaction:
    row = Transaction(source_type="test", source_id=source, kind="x", at=NOON, digest="")
    row.seal_id = row.pk
    row.save()
    return row


def entry(row: Transaction, amount: int, currency: str = "EUR") -> None:
    account, _ = Account.objects.get_or_create(code="stripe", defaults={"kind": "asset", "role": "stripe"})
    Entry(transaction=row, account=account, currency=currency, amount=amount).save()


@pytest.mark.django_db
@pytest.mark.parametrize("amounts", [[("EUR", 5)], [("EUR", 5), ("USD", -5)], [("EUR", 5), ("EUR", -4)]])
def test_nothing_is_sealed_that_does_not_sum_to_zero(amounts: list[tuple[str, int]]) -> None:
    row = started()
    for currency, amount in amounts:
        entry(row, amount, currency)
    with pytest.raises(IntegrityError, match="sum to zero"), transaction.atomic():
        Seal(id=row.pk).save()
    entry(row, -sum(amount for currency, amount in amounts if currency == "EUR"))
    for currency, amount in amounts:
        if currency == "USD":
            entry(row, -amount, currency)
    Seal(id=row.pk).save()


@pytest.mark.django_db
def test_nothing_is_added_after_the_seal() -> None:
    post(sold())
    row = Transaction.objects.get()
    with pytest.raises(IntegrityError, match="sealed"), transaction.atomic():
        entry(row, 5)


@pytest.mark.django_db
def test_a_seal_belongs_to_its_own_transaction() -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Seal(id=uuid4()).save()
    post(sold())
    other = Transaction(source_type="test", source_id="2", kind="x", at=NOON, digest="", seal=Seal.objects.get())
    with pytest.raises(IntegrityError), transaction.atomic():
        other.save()


@pytest.mark.django_db
def test_an_entry_of_nothing_is_refused() -> None:
    row = started()
    with pytest.raises(IntegrityError), transaction.atomic():
        entry(row, 0)
    Seal(id=row.pk).save()


def test_what_was_not_sealed_is_not_committed(threads: Threads) -> None:
    """The foreign key to the seal is looked at when the database transaction ends, on both engines."""

    def unsealed() -> str:
        try:
            with transaction.atomic():
                row = started()
                entry(row, 5)
                entry(row, -5)
        except IntegrityError as error:
            return str(error)
        return "committed"

    def sealed() -> int:
        with transaction.atomic():
            row = started()
            entry(row, 5)
            entry(row, -5)
            Seal(id=row.pk).save()
        return Transaction.objects.count()

    assert "FOREIGN KEY" in threads.one(unsealed).upper()
    assert threads.one(Transaction.objects.count) == threads.one(Entry.objects.count) == 0
    assert threads.one(sealed) == 1


def test_posted_by_sixteen_at_once_it_is_there_once(threads: Threads) -> None:
    def act(start: threading.Barrier) -> bool:
        start.wait()
        return post(sold())

    assert sorted(threads.at_once(16, act)) == [False] * 15 + [True]
    assert threads.one(balances)[("stripe", "EUR")] == 11900


def test_different_sales_at_once_share_their_accounts(threads: Threads) -> None:
    numbers = iter(range(1, 13))

    def act(start: threading.Barrier) -> bool:
        number = next(numbers)
        start.wait()
        return post(sold(bought(number, line(number, TREES, 100 + number, ada=5000))))

    assert all(threads.at_once(12, act))
    assert threads.one(balances)[("stripe", "EUR")] == 100 * 12 + 78
    assert threads.one(drift) == {}
    assert threads.one(lambda: Account.objects.filter(code="stripe").count()) == 1


@pytest.mark.django_db
def test_drift_would_be_seen() -> None:
    """The check is one that can fail: entries that are not sealed yet do not sum to zero."""
    row = started()
    entry(row, 5)
    assert drift() == {"EUR": 5}
    entry(row, -5)
    Seal(id=row.pk).save()


@pytest.mark.django_db
@pytest.mark.parametrize("size", [1, 6])
def test_posting_costs_the_same_however_many_lines(
    size: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    post(sold())
    fact = bought(2, *(line(100 + number, TREES, 100, ada=5000) for number in range(size)))
    # Two savepoints, begun and ended; looked for; accounts; transaction, entries, seal.
    with django_assert_num_queries(9):
        post(sold(fact))


def test_a_debt_may_be_counted_in_any_currency(db: None) -> None:
    post(postings.reversal("trr", ADA, Money(0, "JPY"), Money(500, "JPY"), NOON))
    assert balances("debts") == {(f"debts/{ADA}", "JPY"): 500}
