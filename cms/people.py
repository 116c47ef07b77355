"""Instructor profiles in the admin: editors change all, an instructor makes and changes their own."""

from typing import Any

from django.core.exceptions import PermissionDenied
from wagtail.admin.forms import WagtailAdminModelForm
from wagtail.admin.panels import FieldPanel, ObjectList
from wagtail.permission_policies import OwnershipPermissionPolicy
from wagtail.permissions import register_permission_policy
from wagtail.snippets.views.snippets import DeleteView, EditView, HistoryView, SnippetViewSet, UsageView

from content.models import InstructorProfile


class ProfilePolicy(OwnershipPermissionPolicy):
    """One profile a person: who may only add may not add a second."""

    def user_has_permission(self, user: Any, action: str) -> bool:
        allowed = bool(super().user_has_permission(user, action))
        return allowed and (action != "add" or _changes_all(user) or not _has_profile(user))


POLICY = ProfilePolicy(InstructorProfile, owner_field_name="user")


def register() -> None:
    register_permission_policy(InstructorProfile, POLICY)


def _changes_all(user: Any) -> bool:
    return bool(user.has_perm("content.change_instructorprofile"))


def _has_profile(user: Any) -> bool:
    return InstructorProfile.objects.filter(user=user).exists()


class ProfileForm(WagtailAdminModelForm):
    """Whoever sees no `user` field is the one the profile is about."""

    def save(self, commit: bool = True) -> InstructorProfile:
        if "user" not in self.fields and self.instance.user_id is None and self.instance._state.adding:
            self.instance.user = self.for_user
        profile: InstructorProfile = super().save(commit)
        return profile


class OwnProfile:
    """Mixed into views of one profile: Wagtail's ask only whether somebody may change any profile at all."""

    def get_object(self: Any, *args: Any, **kwargs: Any) -> InstructorProfile:
        profile: InstructorProfile = super().get_object(*args, **kwargs)  # type: ignore[misc]  # the view mixed with has it
        if not POLICY.user_has_permission_for_instance(self.request.user, "change", profile):
            raise PermissionDenied
        return profile


class EditProfile(OwnProfile, EditView):
    """Change a profile."""


class DeleteProfile(OwnProfile, DeleteView):
    """Delete a profile."""


class ProfileHistory(OwnProfile, HistoryView):
    """Who changed a profile."""


class ProfileUsage(OwnProfile, UsageView):
    """Where a profile is named."""


class Profiles(SnippetViewSet):
    model = InstructorProfile
    icon = "user"
    menu_label = "Instructors"
    menu_name = "instructors"
    menu_order = 350
    add_to_admin_menu = True
    list_display = ["name", "headline", "user"]
    search_fields = ["name", "headline"]
    edit_view_class = EditProfile
    delete_view_class = DeleteProfile
    history_view_class = ProfileHistory
    usage_view_class = ProfileUsage
    copy_view_enabled = False
    edit_handler = ObjectList(
        [
            FieldPanel("name"),
            FieldPanel("headline"),
            FieldPanel("bio"),
            FieldPanel("portrait"),
            FieldPanel("portrait_alt"),
            # Only those who may change every profile may say whose it is.
            FieldPanel("user", permission="content.change_instructorprofile"),
        ],
        base_form_class=ProfileForm,
    )

    def get_queryset(self, request: Any) -> Any:
        rows = InstructorProfile.objects.all()
        return rows if _changes_all(request.user) else rows.filter(user=request.user)
