"""The editor of courses, modules and lessons: Wagtail's own, with each act whole and a course submitted our way."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from wagtail.admin import messages
from wagtail.admin.action_menu import ActionMenuItem
from wagtail.admin.ui.side_panels import BaseSidePanel
from wagtail.admin.views.pages.edit import EditView
from wagtail.admin.viewsets.pages import PageViewSet

from cms import workflow
from cms.faults import draft_faults
from cms.whole import View, whole
from content.models import Course, Lesson, Module
from pipeline.errors import AuthorError


class EditCourse(EditView):  # type: ignore[misc]  # Wagtail ships no types
    def submit_action(self) -> HttpResponse:
        """Save the draft, then submit: a course that may not be submitted yet keeps what its author just typed."""
        saved: HttpResponse = self.save_action()
        if not isinstance(saved, HttpResponseRedirect):
            return saved
        try:
            workflow.submit_course(self.page, by=self.request.user)
        except AuthorError as error:
            messages.error(self.request, str(error))
            return saved
        title = self.page.get_admin_display_title()
        text = f"“{title}” was submitted for review as it stands now. What you edit from here on is a later draft."
        messages.success(self.request, text)
        away: HttpResponse = self.redirect_away()
        return away

    def get_side_panels(self) -> Any:
        panels = super().get_side_panels()
        return type(panels)([*panels, FaultsSidePanel(self.page, self.request)])

    def add_save_confirmation_message(self) -> None:
        if self.action_name != "submit":
            super().add_save_confirmation_message()


class WholePages(PageViewSet):  # type: ignore[misc]  # Wagtail ships no types
    """Wagtail's own page views, each act whole."""

    def get_view_by_name(self, name: str) -> View:
        return whole(super().get_view_by_name(name))


class Courses(WholePages):
    model = Course
    edit_view_class = EditCourse


class Modules(WholePages):
    model = Module


class Lessons(WholePages):
    model = Lesson


class OpenReview(ActionMenuItem):  # type: ignore[misc]  # Wagtail ships no types
    """A link from the editor to the review of what was submitted."""

    label = "Open the review"
    name = "open-review"
    icon_name = "view"

    def __init__(self, candidate: int, order: int | None = None) -> None:
        super().__init__(order=order)
        self.candidate = candidate

    def get_url(self, parent_context: Mapping[str, Any]) -> str:
        return reverse("cms_review", args=[self.candidate])


def course_actions(items: list[Any], request: HttpRequest, context: dict[str, Any]) -> None:
    """The buttons below the editor: what would fail is not offered, and a review in progress is one click away."""
    page = context.get("page")
    if context["view"] == "create":
        # A course without lessons cannot be submitted, and lessons and modules are approved with their course.
        items[:] = [item for item in items if item.name != "action-submit"]
        return
    if not isinstance(page, Course):
        return
    items[:] = [item for item in items if item.name != "action-restart-workflow"]
    review = workflow.review_in_progress(page)
    if review:
        items.append(OpenReview(review.candidate_id, order=1))


class FaultsSidePanel(BaseSidePanel):  # type: ignore[misc]  # Wagtail ships no types
    """What keeps the course from being submitted, beside its editor."""

    class SidePanelToggle(BaseSidePanel.SidePanelToggle):  # type: ignore[misc]
        aria_label = "Toggle faults"
        icon_name = "warning"

    name = "faults"
    title = "Faults"
    template_name = "cms/panels/faults.html"
    order = 250
    toggle_class = SidePanelToggle

    def get_context_data(self, parent_context: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(parent_context)
        return context | {"faults": draft_faults(self.object), "course": self.object}
