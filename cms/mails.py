"""Who is told by mail that a course waits for review. Wagtail's own mails tell its author how that ended."""

from typing import Any

from django.db.models import QuerySet
from wagtail.admin.mail import EmailNotificationMixin, Notifier
from wagtail.permissions import page_permission_policy

from api.models import User
from cms.models import CourseReview


class SubmittedMail(EmailNotificationMixin, Notifier):
    """To everybody who may decide on the candidate and has not switched such mails off. Call it with a review."""

    notification = "submitted"
    template_directory = "cms/mails/"

    def __init__(self) -> None:
        super().__init__((CourseReview,))

    def get_recipient_users(self, instance: CourseReview, **_rest: Any) -> QuerySet[User]:
        course = instance.workflow_state.content_object
        able: QuerySet[User] = page_permission_policy.users_with_permission_for_instance("publish", course)
        return able.exclude(pk=instance.candidate.submitted_by_id)

    def get_context(self, instance: CourseReview, **rest: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context(instance, **rest)
        page = instance.workflow_state.content_object
        return context | {"candidate": instance.candidate, "note": instance.note, "page": page}
