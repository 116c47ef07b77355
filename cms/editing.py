"""The editor of courses, modules and lessons: Wagtail's own, with each act whole and a course submitted our way."""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from wagtail.admin import messages
from wagtail.admin.action_menu import ActionMenuItem
from wagtail.admin.ui.side_panels import BaseSidePanel
from wagtail.admin.views.pages.edit import EditView
from wagtail.admin.views.pages.move import MoveConfirmView
from wagtail.admin.views.pages.revisions import RevisionsRevertView
from wagtail.admin.viewsets.pages import PageViewSet
from wagtail.models import Page

from cms import workflow
from cms.faults import draft_faults
from cms.on_site import place
from cms.whole import View, whole
from content.models import Catalogue, Course, Lesson, Module
from pipeline.errors import AuthorError


class Submitting:
    """Mixed into the editor of courses and into its "revert to this version": both have a submit button."""

    def submit_action(self: Any) -> HttpResponse:
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

    def add_save_confirmation_message(self: Any) -> None:
        if self.action_name != "submit":
            super().add_save_confirmation_message()  # type: ignore[misc]  # the view mixed with has it


class Placed(EditView):
    """Wagtail's editor of a page, with a line above it that says where the page's change is."""

    def get_template_names(self) -> list[str]:
        names: list[str] = super().get_template_names()
        return ["cms/edit.html" if name == "wagtailadmin/pages/edit.html" else name for name in names]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        return context | {"on_site": place(self.page)}


class EditCourse(Submitting, Placed):
    def get_side_panels(self) -> Any:
        panels = super().get_side_panels()
        return type(panels)([*panels, FaultsSidePanel(self.page, self.request)])


class RevertCourse(Submitting, RevisionsRevertView):
    """An older version of a course in its editor."""


class ConfirmMove(MoveConfirmView):
    """Wagtail asks for permission only when the move is done, after it showed both titles."""

    def dispatch(self, request: HttpRequest, page_to_move_id: int, destination_id: int) -> Any:
        page = get_object_or_404(Page, pk=page_to_move_id).specific
        destination = get_object_or_404(Page, pk=destination_id).specific
        if not page.permissions_for_user(request.user).can_move_to(destination):
            raise PermissionDenied
        return super().dispatch(request, page_to_move_id, destination_id)


class WholePages(PageViewSet):
    """Wagtail's own page views, each act whole."""

    move_confirm_view_class = ConfirmMove

    def get_view_by_name(self, name: str) -> View:
        return whole(super().get_view_by_name(name))


class Catalogues(WholePages):
    model = Catalogue


class Courses(WholePages):
    model = Course
    edit_view_class = EditCourse
    revisions_revert_view_class = RevertCourse


class Modules(WholePages):
    model = Module
    edit_view_class = Placed


class Lessons(WholePages):
    model = Lesson
    edit_view_class = Placed


class OpenReview(ActionMenuItem):
    """A link from the editor to the review of what was submitted."""

    label = "Open the review"
    name = "open-review"
    icon_name = "view"

    def __init__(self, candidate: int, order: int | None = None) -> None:
        super().__init__(order=order)
        self.candidate = candidate

    def get_url(self, _parent_context: Mapping[str, Any]) -> str:
        return reverse("cms_review", args=[self.candidate])


def course_actions(items: list[Any], _request: HttpRequest, context: dict[str, Any]) -> None:
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


class FaultsSidePanel(BaseSidePanel):
    """What keeps the course from being submitted, beside its editor."""

    class SidePanelToggle(BaseSidePanel.SidePanelToggle):
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
