"""The tables of money: the ledger, what is offered, and what was given."""

from api.payments.models.ledger import Account, Entry, Seal, Transaction

__all__ = ["Account", "Entry", "Seal", "Transaction"]
