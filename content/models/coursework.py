"""What courses, modules and lessons have in common in the editor."""

from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_slug
from wagtail.admin.forms.pages import CopyForm
from wagtail.admin.panels import CommentPanel, FieldPanel

from content.ownership import CourseworkPermissions


class CopyCoursework(CopyForm):
    """Without the choice "Alias": an alias would be the same item in two places."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields.pop("alias", None)

    def clean(self) -> dict[str, Any]:
        """Refuses whoever asks for an alias all the same, beside a field: Wagtail's page shows no other errors."""
        cleaned: dict[str, Any] = super().clean()
        if self.data.get("alias"):
            sentence = "An alias would be the same item in two places. Untick “Alias” to make a copy instead."
            raise ValidationError({"new_title": sentence})
        return cleaned


class Coursework:
    """Mixed into each of the three page types, before `Page`.

    No schedule and no privacy are offered: a page goes live with its course's release, and who may read it is not
    Wagtail's to say. Times and privacy that code or an import set are kept all the same. Fields that readers never
    get (titles for search engines, menus) are not asked for.
    """

    exclude_fields_in_copy = ["uuid"]
    copy_form_class = CopyCoursework
    promote_panels = [FieldPanel("slug")]
    settings_panels = [CommentPanel()]
    private_page_options: list[str] = []

    def save(self: Any, *args: Any, **kwargs: Any) -> None:
        """Refuses to become an alias, whoever asks: Wagtail makes one live, and sends no signal that tells of it."""
        if self.alias_of_id and self._state.adding:
            raise ValidationError(
                f"“{self.title}” cannot have an alias: that would be the same item in two places, and learners' "
                "progress could not tell them apart. Make a copy instead."
            )
        super().save(*args, **kwargs)  # type: ignore[misc]  # the page mixed with has it

    def clean(self: Any) -> None:
        """Refuses an address of other letters than English ones, which no store can hold, while the author is there."""
        super().clean()  # type: ignore[misc]  # the page mixed with has it
        if self.slug:
            try:
                validate_slug(self.slug)
            except ValidationError:
                sentence = "Use only English letters, digits, hyphens and underscores in the address."
                raise ValidationError({"slug": sentence}) from None

    def permissions_for_user(self, user: Any) -> CourseworkPermissions:
        return CourseworkPermissions(user, self)


class ApprovedWithCourse(Coursework):
    """A page that is approved with its course and has no workflow of its own."""

    # Wagtail asks the tree, not `get_workflow`: below the catalogue it would offer a submit button that fails.
    has_workflow = False

    def get_workflow(self) -> None:
        return None
