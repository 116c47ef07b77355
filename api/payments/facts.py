"""What happened, as far as it decides who may open what. Kept in the ledger as JSON; judged by `entitlement.py`."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, TypeAdapter

from api.payments.money import WHOLE


class Fact(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Share(Fact):
    """What an instructor gets of a line, as it was agreed when the line was sold: `parts` of 10 000."""

    person: int
    parts: int = Field(ge=0, le=WHOLE)


class SoldLine(Fact):
    """One course sold (None: all of them), in minor units. `net` and `tax` are what was paid for it."""

    line: UUID
    course: UUID | None
    net: int = Field(ge=0)
    tax: int = Field(default=0, ge=0)
    shares: tuple[Share, ...] = ()

    @property
    def gross(self) -> int:
        return self.net + self.tax


class Bought(Fact):
    kind: Literal["bought"] = "bought"
    order: UUID
    currency: str
    lines: tuple[SoldLine, ...]


class PaidPeriod(Fact):
    """A period of a subscription, paid or on trial. `courses` is what it opens, None for all there are."""

    kind: Literal["period"] = "period"
    subscription: str
    currency: str
    lines: tuple[SoldLine, ...]
    courses: tuple[UUID, ...] | None
    start: AwareDatetime
    end: AwareDatetime


class SubscriptionEnded(Fact):
    """Cancelled, or given up as unpaid. Not that it will not be renewed: that says nothing until it ends."""

    kind: Literal["ended"] = "ended"
    subscription: str
    at: AwareDatetime


class Refunded(Fact):
    """`lines`: how much of each was given back, tax included, by this refund alone."""

    kind: Literal["refunded"] = "refunded"
    refund: str
    lines: tuple[tuple[UUID, int], ...]


class RefundFailed(Fact):
    kind: Literal["refund_failed"] = "refund_failed"
    refund: str


class Disputed(Fact):
    """An inquiry that takes no money (Stripe's `warning_...`) is no dispute."""

    kind: Literal["disputed"] = "disputed"
    dispute: str
    outcome: Literal["opened", "won", "lost"]
    lines: tuple[UUID, ...]


class Granted(Fact):
    """Given without money. `until` None: for ever; `revoked_at` None: it stands."""

    kind: Literal["granted"] = "granted"
    grant: UUID
    course: UUID
    at: AwareDatetime
    until: AwareDatetime | None = None
    revoked_at: AwareDatetime | None = None


class Free(Fact):
    """A course that costs nothing, to anybody (`enrolled` False) or to whoever came in while it did."""

    kind: Literal["free"] = "free"
    course: UUID | None
    enrolled: bool = False


Kept = Bought | PaidPeriod | SubscriptionEnded | Refunded | RefundFailed | Disputed
AnyFact = Kept | Granted | Free
KEPT: TypeAdapter[Kept] = TypeAdapter(Annotated[Kept, Field(discriminator="kind")])
