"""What readers are told that a course costs where the school sells it: in words, and as search engines read it."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class Said(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Ask(Said):
    """A price of an offer. `amount` is in whole units, `currency` an ISO 4217 code; `every` None: it is paid once."""

    amount: str = Field(pattern=r"^[0-9]+(\.[0-9]+)?$")
    currency: str = Field(pattern=r"^[A-Z]{3}$")
    every: Literal["month", "year"] | None = None


class Price(Said):
    """`lines` are the offers in words, the first of which stands on the course's card. Without `asks` it is free."""

    lines: tuple[str, ...] = Field(min_length=1)
    asks: tuple[Ask, ...] = ()

    @property
    def label(self) -> str:
        return self.lines[0]
