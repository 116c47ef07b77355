"""What courses, modules and lessons have in common in the editor."""

from typing import Any

from wagtail.admin.forms.pages import CopyForm
from wagtail.admin.panels import CommentPanel, FieldPanel

from content.ownership import CourseworkPermissions


class CopyCoursework(CopyForm):
    """Without the choice "Alias": an alias would be the same item in two places."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields.pop("alias", None)


class Coursework:
    """Mixed into each of the three page types, before `Page`.

    No schedule and no privacy: a page goes live with its course's release, and who may read it is not Wagtail's
    to say. Fields that readers never get (titles for search engines, menus) are not asked for.
    """

    exclude_fields_in_copy = ["uuid"]
    copy_form_class = CopyCoursework
    promote_panels = [FieldPanel("slug")]
    settings_panels = [CommentPanel()]
    private_page_options: list[str] = []

    def permissions_for_user(self, user: Any) -> CourseworkPermissions:
        return CourseworkPermissions(user, self)


class ApprovedWithCourse(Coursework):
    """A page that is approved with its course and has no workflow of its own."""

    # Wagtail asks the tree, not `get_workflow`: below the catalogue it would offer a submit button that fails.
    has_workflow = False

    def get_workflow(self) -> None:
        return None
