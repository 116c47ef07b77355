"""The task of the workflow "Course approval": what Wagtail's own buttons do with a course under review."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import models
from wagtail.models import Page, Task, TaskState, WorkflowState

from cms import workflow
from pipeline.models import Candidate


class CourseReview(TaskState):
    """One round of review: the candidate that was frozen, and what its author said to the reviewer."""

    candidate = models.OneToOneField(Candidate, on_delete=models.CASCADE, related_name="review")
    note = models.TextField(blank=True)

    exclude_fields_in_copy = ["candidate"]

    def cancel(self, user: Any = None, resume: bool = False, comment: str = "") -> "CourseReview":
        """Wagtail's "Cancel workflow", and its publishing of the course page itself, withdraw the candidate."""
        workflow.withdrawn(self.candidate, user)
        super().cancel(user=user, resume=resume, comment=comment)
        return self


class CourseApproval(Task):
    """Approves a frozen candidate. Whoever may publish the course may review it, except the one who submitted it.

    Authors go on editing meanwhile: what they change is not part of the candidate.
    """

    task_state_class = CourseReview

    class Meta:
        verbose_name = "course approval"
        verbose_name_plural = "course approvals"

    @classmethod
    def get_description(cls) -> str:
        return "Someone who may publish the course, and did not submit it, approves exactly what was submitted"

    def start(self, workflow_state: WorkflowState, user: Any = None) -> CourseReview:
        """Freeze the candidate in the transaction of the submission; an AuthorError undoes both."""
        return workflow.start_review(self, workflow_state, user)

    def on_action(self, task_state: CourseReview, user: Any, action_name: str, **kwargs: Any) -> None:
        # Wagtail checks the page in the address, which need not be the page of this task.
        if not workflow.may_review(user, task_state.candidate, task_state.workflow_state.content_object):
            raise PermissionDenied
        comment = kwargs.get("comment", "")
        if action_name == "approve":
            workflow.approve_course(task_state.candidate, by=user, comment=comment)
        elif action_name == "reject":
            workflow.request_changes(task_state.candidate, by=user, comment=comment)

    def get_actions(self, obj: Page, user: Any) -> list[tuple[str, str, bool]]:
        review = workflow.review_in_progress(obj)
        if review is None or not workflow.may_review(user, review.candidate, obj):
            return []
        return [("reject", "Request changes", True), ("approve", "Approve", False)]

    def get_task_states_user_can_moderate(self, user: Any, **_rest: Any) -> Any:
        if not workflow.reviews(user):
            return TaskState.objects.none()
        states = TaskState.objects.filter(task=self, status=TaskState.STATUS_IN_PROGRESS)
        return states.exclude(workflow_state__requested_by=user)
