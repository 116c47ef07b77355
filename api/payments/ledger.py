"""Write postings into the ledger, once each, and add up what stands in it."""

import hashlib
import json
from collections.abc import Iterable
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Sum

from api.payments import accounts, postings
from api.payments.models import Account, Entry, Seal, Transaction


class PostedDifferently(RuntimeError):
    """The same source was posted before and said something else: a fault of ours that must be looked into."""


def post(posting: postings.Posting) -> bool:
    """Add `posting` to the ledger; False, and nothing is changed, if its source was posted before.

    Raises PostedDifferently if what was posted then is not what is posted now.
    """
    digest = _digest(posting)
    with transaction.atomic():
        if _posted(posting.source, digest):
            return False
        named = _accounts({line.account for line in posting.lines})
        try:
            with transaction.atomic():
                _write(posting, digest, named)
        except IntegrityError:
            # Somebody posted the same in this instant, and we waited for them; or it is a fault.
            if not _posted(posting.source, digest):
                raise
            return False
    return True


def _posted(source: postings.Source, digest: str) -> bool:
    same = Transaction.objects.filter(source_type=source.type, source_id=source.id, kind=source.kind)
    found = same.values_list("digest", flat=True).first()
    if found not in (None, digest):
        raise PostedDifferently(f"{source} was posted before, with other lines.")
    return found is not None


def _write(posting: postings.Posting, digest: str, named: dict[str, Account]) -> None:
    source = posting.source
    row = Transaction(
        source_type=source.type,
        source_id=source.id,
        kind=source.kind,
        user_id=posting.user,
        fact=posting.fact.model_dump(mode="json") if posting.fact else None,
        at=posting.at,
        digest=digest,
    )
    row.seal_id = row.pk  # it is made last; the foreign key is looked at when all of this is committed
    row.save()
    Entry.objects.bulk_create(
        Entry(
            transaction=row,
            account=named[line.account.code],
            currency=line.money.currency,
            amount=line.money.minor,
            line=line.line,
        )
        for line in posting.lines
    )
    Seal(id=row.pk).save()


def _accounts(wanted: Iterable[accounts.Account]) -> dict[str, Account]:
    """The rows of these accounts, by code; a missing one is made. In one order, so that nobody waits in a circle."""
    found = {row.code: row for row in Account.objects.filter(code__in=[account.code for account in wanted])}
    for account in sorted(wanted, key=lambda one: one.code):
        if account.code not in found:
            values = {
                "kind": account.kind,
                "role": account.role,
                "course": account.course,
                "person_id": account.person,
            }
            found[account.code] = Account.objects.get_or_create(code=account.code, defaults=values)[0]
    return found


def _digest(posting: postings.Posting) -> str:
    lines = [[line.account.code, line.money.minor, line.money.currency, str(line.line or "")] for line in posting.lines]
    fact = posting.fact.model_dump(mode="json") if posting.fact else None
    whole: list[Any] = [sorted(lines), posting.user, fact]
    return hashlib.sha256(json.dumps(whole, sort_keys=True).encode()).hexdigest()


# --- sums ---------------------------------------------------------------------------------------------------------


def balances(*roles: str) -> dict[tuple[str, str], int]:
    """What stands on each account, by (code, currency), debits above zero; of all accounts, or of those roles."""
    rows = Entry.objects.filter(account__role__in=roles) if roles else Entry.objects.all()
    sums = rows.values_list("account__code", "currency").annotate(Sum("amount")).order_by()
    return {(code, currency): total for code, currency, total in sums if total}


def drift() -> dict[str, int]:
    """By how much all entries together differ from zero, by currency: empty, always."""
    sums = Entry.objects.values_list("currency").annotate(Sum("amount")).order_by()
    return {currency: total for currency, total in sums if total}
