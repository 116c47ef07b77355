"""The head of our own pages in the admin: a title, an icon, and the way back."""

from typing import Any

from django.urls import reverse


def heading(title: str, icon: str, *above: tuple[str, str]) -> dict[str, Any]:
    """Context for Wagtail's generic page. `above` are (label, address) of the pages that this one lies below."""
    trail = [("Home", reverse("wagtailadmin_home")), *above, (title, "")]
    return {
        "page_title": title,
        "header_title": title,
        "header_icon": icon,
        "breadcrumbs_items": [{"label": label, "url": url} for label, url in trail],
    }
