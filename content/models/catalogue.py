"""The page above all courses."""

from wagtail.admin.panels import FieldPanel
from wagtail.models import Page


class Catalogue(Page):
    """The root of a school's site. It holds courses and nothing of its own."""

    max_count = 1
    parent_page_types = ["wagtailcore.Page"]
    subpage_types = ["content.Course"]
    preview_modes: list[tuple[str, str]] = []
    promote_panels = [FieldPanel("slug")]
    settings_panels: list[FieldPanel] = []
    private_page_options: list[str] = []
