"""What waits for whom, on the first page of the admin."""

from typing import Any

from django.http import HttpRequest
from wagtail.admin.ui.components import Component
from wagtail.admin.views.home import UserObjectsInWorkflowModerationPanel, WorkflowObjectsToModeratePanel

from cms import workflow
from cms.review import waiting_for
from cms.schedule_shown import failed
from cms.standing import standings
from content.models import Course
from pipeline import page_schedule
from pipeline.models import Publication


class Reviews(Component):
    name = "cms_reviews"
    template_name = "cms/panels/reviews.html"
    order = 40

    def get_context_data(self, parent_context: Any) -> dict[str, Any]:
        user = parent_context["request"].user
        return {"candidates": list(waiting_for(user)[:20]) if workflow.reviews(user) else []}


class Trouble(Component):
    """What could not be published, now or at its time, and what waits, for the people who can do something about it."""

    name = "cms_trouble"
    template_name = "cms/panels/trouble.html"
    order = 50

    def get_context_data(self, parent_context: Any) -> dict[str, Any]:
        if not workflow.reviews(parent_context["request"].user):
            return {"publications": [], "faults": [], "schedules": []}
        rows = list(Publication.objects.exclude(last_error="", waiting_for="").order_by("title")[:20])
        # A publication has no title of its own before the first release.
        titles = dict(Course.objects.filter(uuid__in=[row.course for row in rows]).values_list("uuid", "title"))
        return {
            "publications": [(row, row.title or titles.get(row.course) or row.course) for row in rows],
            "faults": page_schedule.faults()[:20],
            "schedules": failed()[:20],
        }


class YourCourses(Component):
    name = "cms_your_courses"
    template_name = "cms/panels/courses.html"
    order = 60

    def get_context_data(self, parent_context: Any) -> dict[str, Any]:
        user = parent_context["request"].user
        courses = Course.objects.filter(owner=user).order_by("-latest_revision_created_at", "-id")
        return {"standings": standings(courses[:20])}


def no_summary(_request: HttpRequest, items: list[Any]) -> None:
    """Counts of pages and files, in Wagtail's words, help nobody to their work."""
    items.clear()


def homepage(_request: HttpRequest, panels: list[Any]) -> None:
    """Ours say what Wagtail's two moderation panels say, and what is being approved."""
    replaced = (UserObjectsInWorkflowModerationPanel, WorkflowObjectsToModeratePanel)
    panels[:] = [panel for panel in panels if not isinstance(panel, replaced)]
    panels += [Reviews(), Trouble(), YourCourses()]
