"""What of the page tree people see: instructors their own courses, and elsewhere only what readers see too."""

from typing import Any

from django.db.models import Q
from django.http import HttpRequest
from wagtail.models import Page
from wagtail.permission_policies.pages import PagePermissionPolicy
from wagtail.permissions import register_permission_policy

from content.ownership import own_course_paths


class CoursePagePolicy(PagePermissionPolicy):
    """Narrows the explorer, search, reports and page listings of those who may not edit everything."""

    def explorable_instances(self, user: Any) -> Any:
        pages = super().explorable_instances(user)
        return pages if sees_everything(user) else pages.filter(_own(user))


def register() -> None:
    register_permission_policy(Page, CoursePagePolicy(Page))


def sees_everything(user: Any) -> bool:
    """Whether `user` may edit pages that are not their own."""
    if user.is_superuser:
        return True
    granted = CoursePagePolicy(Page).get_cached_permissions_for_user(user)
    return any(one.permission.codename == "change_page" for one in granted)


def choosable(pages: Any, request: HttpRequest) -> Any:
    """Pages to link to: one's own, and those that are live, since readers know them anyway."""
    user = request.user
    return pages if sees_everything(user) else pages.filter(_own(user) | Q(live=True))


def _own(user: Any) -> Q:
    """The root, the catalogue, and whole own courses. One condition for each own course, not for each foreign one."""
    own = Q(depth__lte=2)
    for path in own_course_paths(user):
        own |= Q(path__startswith=path)
    return own
