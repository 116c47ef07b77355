"""The chart of accounts: which there are, of what kind, and how each is named."""

from dataclasses import dataclass
from typing import Literal
from uuid import UUID

Kind = Literal["asset", "liability", "income", "expense"]
# What an account of this role holds, and whether there is one for each course or each person.
ROLES: dict[str, tuple[Kind, str]] = {
    "stripe": ("asset", ""),  # what Stripe holds for the school
    "bank": ("asset", ""),  # what Stripe has paid out to it
    "disputed": ("asset", ""),  # what Stripe took until a dispute is decided
    "exchange": ("asset", ""),  # one currency on the way into another
    "debts": ("asset", "person"),  # what an instructor owes, after a refund of what was paid out
    "payable": ("liability", "person"),  # what an instructor is owed
    "tax": ("liability", ""),
    "sales": ("income", "course"),  # without a course: a subscription to all of them
    "refunds": ("income", "course"),  # given back: lessens the sales
    "rounding": ("income", ""),  # what no instructor's share comes to a whole unit of
    "fees": ("expense", ""),  # Stripe's
    "shares": ("expense", "course"),  # what sales cost in instructors' shares
    "losses": ("expense", "course"),  # lost disputes
}


@dataclass(frozen=True)
class Account:
    """Raises ValueError for a role that is not in the chart, or one that is another's by course or person."""

    role: str
    course: UUID | None = None
    person: int | None = None

    def __post_init__(self) -> None:
        if self.role not in ROLES:
            raise ValueError(f"The chart of accounts has no {self.role!r}.")
        per = ROLES[self.role][1]
        if (self.person is not None) != (per == "person") or (self.course is not None and per != "course"):
            raise ValueError(f"An account {self.role!r} is not kept for that.")

    @property
    def kind(self) -> Kind:
        return ROLES[self.role][0]

    @property
    def code(self) -> str:
        whose = self.course if self.course is not None else self.person
        return self.role if whose is None else f"{self.role}/{whose}"


STRIPE, BANK, DISPUTED = Account("stripe"), Account("bank"), Account("disputed")
EXCHANGE, TAX, ROUNDING, FEES = Account("exchange"), Account("tax"), Account("rounding"), Account("fees")
