"""Who is told by mail: that a course waits for review, and that one cannot be published. Wagtail's own mails tell an
author how a review ended."""

from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.template.loader import render_to_string
from django.urls import reverse
from wagtail.admin.mail import EmailNotificationMixin, Notifier, send_mail
from wagtail.permissions import page_permission_policy

from api.models import User
from cms.models import CourseReview
from content.models import Catalogue, Course
from pipeline.models import Publication


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


def tell_of_trouble(publication: Publication, *, recovered: bool) -> None:
    """To everybody who may publish the course, each in a mail of their own: it fails, or it is well again.

    The catalogue, and a course that was deleted, concern whoever may publish at all.
    """
    page = Course.objects.filter(uuid=publication.course).first() or Catalogue.objects.first()
    people = page_permission_policy.users_with_permission_for_instance("publish", page) if page else User.objects.none()
    title = str(publication if publication.title else page or publication)
    link = settings.CMS_URL + reverse("cms_releases", args=[publication.course])
    told = {"publication": publication, "title": title, "link": link, "recovered": recovered}
    subject = " ".join(render_to_string("cms/mails/trouble_subject.txt", told).split())
    text = render_to_string("cms/mails/trouble.txt", told)
    for email in people.filter(is_active=True).exclude(email="").order_by("pk").values_list("email", flat=True):
        send_mail(subject, text, [email])
