"""Writes one page of a course as a draft: nothing if its draft says the same already, a new revision if not."""

from typing import Any

from treebeard.mp_tree import MP_MoveHandler
from wagtail.models import Page

from pipeline.errors import AuthorError
from pipeline.page_fields import frozen_fields, revision_content, tag_names


def draft(page: Any) -> tuple[str, str, dict[str, Any]]:
    """(title, slug, fields) of the latest draft, in the normal form of `pipeline.page_fields`."""
    content = page.latest_revision.content if page.latest_revision_id else page.serializable_data()
    return content["title"], content["slug"], frozen_fields(type(page), content, tag_names([content]))


def write(page: Any, title: str, slug: str, fields: dict[str, Any], by: Any) -> bool:
    """Make `title`, `slug` and `fields` the draft of `page`; whether that changed anything.

    What is live stays as it is until it is approved. Raises AuthorError if the page is locked in the editor.
    """
    if page.latest_revision_id and draft(page) == (title, slug, fields):
        return False
    if page.locked:
        raise AuthorError(f"“{page.title}” is locked in the editor: unlock it, then import again.")
    made = page.with_content_json(revision_content(page, title, slug, fields))
    if not made.live:
        made.draft_title = title
        made.save(clean=False)  # the explorer shows a page that was never published by its row
    made.save_revision(user=by, clean=False, log_action=True)
    return True


def arrange(parent: Any, wanted: list[Any]) -> list[Any]:
    """Put the pages `wanted` below `parent`, in this order and before all others; those that had to move.

    Without Wagtail's signal: an import is an author's act, and readers see its order with the next release.
    """
    moved = []
    present = list(parent.get_children().values_list("pk", flat=True))
    for place, page in enumerate(wanted):
        if place < len(present) and present[place] == page.pk:
            continue
        node = Page.objects.get(pk=page.pk)
        if place:
            MP_MoveHandler(node, Page.objects.get(pk=wanted[place - 1].pk), "right").process()
        else:
            MP_MoveHandler(node, Page.objects.get(pk=parent.pk), "first-child").process()
        if page.pk in present:
            present.remove(page.pk)
        present.insert(place, page.pk)
        _rename_path(page)
        moved.append(page)
    return moved


def _rename_path(page: Any) -> None:
    fresh = Page.objects.get(pk=page.pk)
    before, after = fresh.url_path, fresh.set_url_path(fresh.get_parent())
    if before != after:
        Page.objects.filter(pk=fresh.pk).update(url_path=after)
        fresh._update_descendant_url_paths(before, after)
