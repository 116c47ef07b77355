"""The page above all courses."""

from wagtail.models import Page


class Catalogue(Page):
    """The root of a school's site. It holds courses and nothing of its own."""

    max_count = 1
    parent_page_types = ["wagtailcore.Page"]
    subpage_types = ["content.Course"]
    preview_modes = []
