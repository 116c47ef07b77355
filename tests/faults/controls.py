"""What the harness must find fault with: Wagtail's own scheduler as it comes, and a store that writes in place."""

import inspect
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from wagtail.actions.publish_page_revision import PublishPageRevisionAction
from wagtail.actions.publish_revision import PublishRevisionAction
from wagtail.actions.unpublish import UnpublishAction
from wagtail.actions.unpublish_page import UnpublishPageAction
from wagtail.management.commands.publish_scheduled import Command

from pipeline.store.disk import DiskStore
from tests.faults import acts
from tests.faults.harness import Act, later, left_alone

ACTIONS = (PublishRevisionAction, PublishPageRevisionAction, UnpublishAction, UnpublishPageAction)


@contextmanager
def as_it_comes() -> Iterator[None]:
    """Wagtail's actions without what Lectern puts around them."""
    with pytest.MonkeyPatch.context() as patch:
        for action in ACTIONS:
            for name, method in list(vars(action).items()):
                stock = inspect.unwrap(method) if callable(method) else method
                if stock is not method:
                    patch.setattr(action, name, stock)
        yield


def stock_command() -> None:
    """`manage.py publish_scheduled` of Wagtail."""
    with as_it_comes():
        Command().handle(dryrun=False)


def stock_alone() -> None:
    """A school whose cron runs the command again and again, and whose worker builds what it hears of."""
    left_alone(stock_command)


def _the_hour_has_come(_course: UUID) -> None:
    with later(2):
        stock_command()


STOCK = Act("stock publish_scheduled", acts.lesson_scheduled, _the_hour_has_come, promised=True)


class InPlaceStore(DiskStore):
    """Writes mutable files where they lie, as a script that copies files to a host does. `look`: somebody comes by."""

    def __init__(self, root: Path, look: Callable[[], None]) -> None:
        super().__init__(root)
        self._look = look

    def replace(self, key: str, data: bytes, **_given: Any) -> bool:
        if self.read(key) == data:
            return False
        path = self.root / key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.unlink(missing_ok=True)  # other states of this school hold the same file by another name
        path.write_bytes(data[: len(data) // 2])
        self._look()
        path.write_bytes(data)
        return True

    def swap(self, key: str, data: bytes, _expected: bytes | None, **_given: Any) -> None:
        self.replace(key, data)
