"""Wagtail's acts that commit step by step are made whole: what cannot be recorded did not happen, through any door.

Stock Wagtail publishes, unpublishes, moves and copies in autocommit: it clears a page's schedule before it makes the
page live, and sends its signals after the commit, so a kill or a failing receiver in between loses the act. Here each
act is one transaction with every receiver in it. One signal stays outside: `page_slug_changed` is sent after the
commit by Wagtail's own wish, so nothing here listens to it; a rename is a publish too, and is recorded as that.
"""

import functools
from collections.abc import Callable
from typing import Any

from django.db import transaction
from wagtail.actions.convert_alias import ConvertAliasPageAction
from wagtail.actions.copy_for_translation import CopyForTranslationAction, CopyPageForTranslationAction
from wagtail.actions.copy_page import CopyPageAction
from wagtail.actions.create_alias import CreatePageAliasAction
from wagtail.actions.delete_page import DeletePageAction
from wagtail.actions.move_page import MovePageAction
from wagtail.actions.publish_page_revision import PublishPageRevisionAction
from wagtail.actions.publish_revision import PublishRevisionAction
from wagtail.actions.unpublish import UnpublishAction
from wagtail.actions.unpublish_page import UnpublishPageAction
from wagtail.models import PageViewRestriction

Act = Callable[..., Any]
# Each class and the method that is the act. A subclass that has no such method of its own inherits the whole one.
ACTS: list[tuple[type, str]] = [
    (PublishRevisionAction, "execute"),
    (PublishPageRevisionAction, "execute"),
    (UnpublishAction, "execute"),
    (UnpublishPageAction, "execute"),
    (MovePageAction, "execute"),
    (CopyPageAction, "execute"),
    (CreatePageAliasAction, "execute"),
    (ConvertAliasPageAction, "execute"),
    (CopyPageForTranslationAction, "execute"),
    (CopyForTranslationAction, "execute"),
    (DeletePageAction, "execute"),  # it writes its log before the deletion's own transaction
    (PageViewRestriction, "save"),  # Django sends post_save after the row is committed
    (PageViewRestriction, "delete"),
]


def apply() -> None:
    """Make each act whole. A second call changes nothing."""
    for owner, name in ACTS:
        own = vars(owner).get(name)
        if own is not None and not hasattr(own, "step_by_step"):
            setattr(owner, name, _whole(own))


def _whole(act: Act) -> Act:
    @functools.wraps(act)
    def whole(*args: Any, **kwargs: Any) -> Any:
        with transaction.atomic():
            return act(*args, **kwargs)

    whole.step_by_step = act  # type: ignore[attr-defined]  # the stock act, for tests that show what it loses
    return whole
