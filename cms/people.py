"""Instructor profiles in the admin: editors change all, an instructor makes and changes their own."""

from typing import Any

from wagtail.admin.forms import WagtailAdminModelForm
from wagtail.admin.panels import FieldPanel, ObjectList
from wagtail.permission_policies import OwnershipPermissionPolicy
from wagtail.snippets.views.snippets import SnippetViewSet

from content.models import InstructorProfile


class ProfilePolicy(OwnershipPermissionPolicy):  # type: ignore[misc]  # Wagtail ships no types
    """One profile a person: who may only add may not add a second."""

    def user_has_permission(self, user: Any, action: str) -> bool:
        if action == "add" and not super().user_has_permission(user, "delete"):
            return bool(super().user_has_permission(user, "add")) and not _has_profile(user)
        return bool(super().user_has_permission(user, action))


def _has_profile(user: Any) -> bool:
    return InstructorProfile.objects.filter(user=user).exists()


class ProfileForm(WagtailAdminModelForm):  # type: ignore[misc]
    """Whoever sees no `user` field is the one the profile is about."""

    def save(self, commit: bool = True) -> InstructorProfile:
        if "user" not in self.fields and self.instance.user_id is None and self.instance._state.adding:
            self.instance.user = self.for_user
        profile: InstructorProfile = super().save(commit)
        return profile




class Profiles(SnippetViewSet):  # type: ignore[misc]
    model = InstructorProfile
    icon = "user"
    menu_label = "Instructors"
    menu_name = "instructors"
    menu_order = 350
    add_to_admin_menu = True
    list_display = ["name", "headline", "user"]
    search_fields = ["name", "headline"]
    permission_policy = ProfilePolicy(InstructorProfile, owner_field_name="user")
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
        every = request.user.has_perm("content.change_instructorprofile")
        return rows if every else rows.filter(user=request.user)
