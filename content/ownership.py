"""Whose course is it: an instructor's rights hold in their own courses, for every page there, and nowhere else.

Wagtail's `add` permission lets people add pages anywhere below the page it is granted on and edit what they own.
Granted on the catalogue, it would let an instructor add a lesson to a colleague's course.
"""

from typing import Any

from wagtail.models import Page, PagePermissionTester


def own_course_paths(user: Any) -> tuple[str, ...]:
    """Tree paths of the courses that `user` owns; asked once for each user object, that is once a request."""
    from content.models.course import Course  # the models import this module

    paths: tuple[str, ...] | None = getattr(user, "_own_course_paths", None)
    if paths is None:
        paths = tuple(Course.objects.filter(owner=user).values_list("path", flat=True))
        user._own_course_paths = paths
    return paths


def course_of(page: Page) -> Page | None:
    """The course that a course, module or lesson belongs to; None for any other page."""
    from content.models.course import Course

    if isinstance(page, Course):
        return page
    course: Page | None = Course.objects.ancestor_of(page).first()
    return course


class CourseworkPermissions(PagePermissionTester):
    """What one user may do with one page of a course."""

    def __init__(self, user: Any, page: Page) -> None:
        super().__init__(user, page)
        self.own = False
        if user.is_active and not user.is_superuser and "change" not in self.permissions:
            self.own = "add" in self.permissions and page.path.startswith(own_course_paths(user) or ("-",))
            if not self.own:
                self.permissions.discard("add")

    def can_edit(self) -> bool:
        return bool(self.own or super().can_edit())

    def can_reorder_children(self) -> bool:
        """Authors order their own lessons. Readers see the order with the next release, not before."""
        return bool(self.own or super().can_reorder_children())

    def can_move(self) -> bool:
        return bool((self.own and not self._is_course()) or super().can_move())

    def can_move_to(self, destination: Page) -> bool:
        """Within their own course authors move live pages too: for readers that is part of the next release."""
        if self.own and not self._is_course() and destination.path.startswith(self._course_path()):
            inside = destination == self.page or destination.is_descendant_of(self.page)
            fits = self.page.is_child_of(destination) or self.page.specific.can_move_to(destination)
            return bool(fits and not inside)
        return bool(super().can_move_to(destination))

    def _course_path(self) -> str:
        return next(path for path in own_course_paths(self.user) if self.page.path.startswith(path))

    def _is_course(self) -> bool:
        return self.page.path in own_course_paths(self.user)

    def can_view_revisions(self) -> bool:
        return bool(self.can_edit() or self.can_publish())
