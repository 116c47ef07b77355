"""Where Lectern stands in the Wagtail admin: addresses, menus, panels. What each thing does lives in its own module."""

from collections.abc import Callable, Iterator
from typing import Any

from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from wagtail import hooks
from wagtail.admin.menu import MenuItem
from wagtail.admin.viewsets.base import ViewSet
from wagtail.admin.widgets.button import Button
from wagtail.models import Page
from wagtail.snippets.models import register_snippet

from cms import (
    access,
    captions,
    editing,
    explorer,
    offers,
    on_site,
    originals,
    panels,
    people,
    review,
    schedule_screen,
    submit,
    workflow,
)
from cms.reports import purging, releases, renditions, verbs
from content.models import Course

people.register()
register_snippet(people.Profiles)
offers.register()
register_snippet(offers.Selling)

# Nothing in a school needs these: pages are approved as courses, and readers' addresses are not Wagtail's.
HIDDEN_REPORTS = {"aging-pages", "page-types-usage"}
LAST = 1000  # after every other app has added its own
NAMES = {"explorer": "Courses", "documents": "Attachments", "media": "Videos"}


def page_views() -> list[ViewSet]:
    return [editing.Catalogues(), editing.Courses(), editing.Modules(), editing.Lessons()]


def addresses() -> list[URLPattern]:
    return [
        path("review/", review.index, name="cms_reviews"),
        path("review/<int:candidate>/", review.show, name="cms_review"),
        path("review/<int:candidate>/approve/", review.approve, name="cms_review_approve"),
        path("review/<int:candidate>/request-changes/", review.request_changes, name="cms_review_changes"),
        path("review/<int:candidate>/withdraw/", review.withdraw, name="cms_review_withdraw"),
        path("review/<int:candidate>/release-at/", schedule_screen.release_at, name="cms_review_schedule"),
        path("review/<int:candidate>/cancel-release/", schedule_screen.cancel, name="cms_review_unschedule"),
        path("courses/<int:page_id>/check/", submit.check, name="cms_check"),
        path("courses/<int:page_id>/on-site/", on_site.show, name="cms_on_site"),
        path("releases/", releases.courses, name="cms_courses"),
        path("releases/<uuid:course>/", releases.releases, name="cms_releases"),
        path("releases/<uuid:course>/<int:number>/roll-back/", releases.rollback, name="cms_rollback"),
        path("releases/<uuid:course>/retire/", verbs.retire, name="cms_retire"),
        path("releases/<uuid:course>/withdraw/", verbs.withdraw, name="cms_withdraw"),
        path("releases/<uuid:course>/reopen/", verbs.reopen, name="cms_reopen"),
        path("releases/<uuid:course>/purge/", purging.choose, name="cms_purge"),
        path("releases/<uuid:course>/purge/<str:kind>/<str:name>/", purging.confirm, name="cms_purge_confirm"),
        path("releases/<uuid:course>/again/", verbs.again, name="cms_again"),
        path("access/", access.courses, name="cms_accesses"),
        path("access/<uuid:course>/", access.show, name="cms_access"),
        path("access/<uuid:course>/give/", access.give, name="cms_access_give"),
        path("access/<uuid:course>/take-back/<uuid:grant>/", access.revoke, name="cms_access_revoke"),
        path("renditions/", renditions.index, name="cms_renditions"),
        path("renditions/<int:rendition>/retry/", renditions.retry, name="cms_rendition_retry"),
        path("media/<int:video>/captions/", captions.index, name="cms_captions"),
        path("media/<int:video>/captions/add/", captions.add, name="cms_caption_add"),
        path("media/<int:video>/captions/<int:track>/", captions.change, name="cms_caption"),
        path("media/<int:video>/captions/<int:track>/remove/", captions.remove, name="cms_caption_remove"),
    ]


class ReviewsItem(MenuItem):
    """Shows how many candidates wait for the person who looks."""

    def render_component(self, request: HttpRequest) -> Any:
        waiting = review.waiting_for(request.user).count() if workflow.reviews(request.user) else 0
        counted = ReviewsItem(
            f"Reviews ({waiting})" if waiting else "Reviews", self.url, name=self.name, icon_name=self.icon_name
        )
        return MenuItem.render_component(counted, request)


def reviews_item() -> MenuItem:
    return ReviewsItem("Reviews", reverse("cms_reviews"), name="reviews", icon_name="clipboard-list", order=110)


def releases_item() -> MenuItem:
    return MenuItem("Releases", reverse("cms_courses"), name="releases", icon_name="history", order=120)


class AccessItem(MenuItem):
    def is_shown(self, request: HttpRequest) -> bool:
        return request.user.has_perm("api.view_grant")


def access_item() -> MenuItem:
    return AccessItem("Access", reverse("cms_accesses"), name="access", icon_name="key", order=140)


def renditions_item() -> MenuItem:
    return MenuItem("Renditions", reverse("cms_renditions"), name="renditions", icon_name="media", order=100)


def main_menu(_request: HttpRequest, items: list[Any]) -> None:
    """Lectern's words: an uploaded file is an attachment, and all media are videos."""
    for item in items:
        item.label = NAMES.get(item.name, item.label)
    items[:] = [item for item in items if item.name != "snippets"]


def reports_menu(_request: HttpRequest, items: list[Any]) -> None:
    items[:] = [item for item in items if item.name not in HIDDEN_REPORTS]


def header_buttons(page: Page, user: Any, **_rest: Any) -> Iterator[Button]:
    if isinstance(page, Course) and page.pk and page.permissions_for_user(user).can_edit():
        yield Button("Check and submit", reverse("cms_check", args=[page.pk]), icon_name="check", priority=12)


def stylesheet() -> SafeString:
    return format_html('<link rel="stylesheet" href="{}">', static("cms/admin.css"))


REGISTERED: list[tuple[str, Callable[..., Any]]] = [
    ("register_admin_viewset", page_views),
    ("register_admin_urls", addresses),
    ("register_admin_menu_item", reviews_item),
    ("register_admin_menu_item", releases_item),
    ("register_admin_menu_item", access_item),
    ("register_reports_menu_item", renditions_item),
    ("construct_main_menu", main_menu),
    ("construct_reports_menu", reports_menu),
    ("construct_homepage_panels", panels.homepage),
    ("construct_homepage_summary_items", panels.no_summary),
    ("construct_page_action_menu", editing.course_actions),
    ("construct_page_chooser_queryset", explorer.choosable),
    ("register_page_header_buttons", header_buttons),
    ("before_serve_document", originals.staff_only),
    ("insert_global_admin_css", stylesheet),
]
for name, hook in REGISTERED:
    hooks.register(name, hook, order=LAST if hook is panels.no_summary else 0)
