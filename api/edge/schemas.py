"""What the API says about the cookies that it gave."""

from datetime import datetime

from ninja import Schema


class Allowed(Schema):
    """Films may be fetched until `expires_at`: ask again before that."""

    expires_at: datetime
