"""Saving is one act: the row and whatever listens to its being saved are committed together, or neither is."""

from typing import Any

from django.db import transaction


class SavedWhole:
    """Mixed into models before `models.Model`. Django commits a saved row before it sends `post_save`, so a receiver
    that fails would leave the row changed and nothing written down. A deletion is whole already."""

    def save(self, *args: Any, **kwargs: Any) -> None:
        with transaction.atomic():
            super().save(*args, **kwargs)  # type: ignore[misc]  # the model mixed with has it
