"""What all shapes of the API share."""

from ninja import Schema
from pydantic import ConfigDict


class Input(Schema):
    """A body. A field that we do not know is a mistake of the client and is said, not dropped."""

    model_config = ConfigDict(extra="forbid")


class Refused(Schema):
    """Every error: `detail` is one sentence for people, `code` one word for programs."""

    detail: str
    code: str
