"""Where a page's change is: a draft, with a reviewer, on its way, or live since when. Shown above its editor."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET
from wagtail.models import Page

from content.models import Module
from content.ownership import course_of
from pipeline.models import Address, Candidate, ChangeEvent, Publication, Release, Tombstone

DECISIONS = ("approved", "rolled_back")
CLOSED = {
    "retired": "The course is retired: it takes no new learners.",
    "withdrawn": "The course is withdrawn: readers see a notice in the place of its pages.",
    "gone": "The course was deleted: readers see a notice in the place of its pages.",
}


@dataclass(frozen=True)
class Place:
    """One sentence about a page. `moving`: it will be another one soon, without anybody doing anything."""

    text: str
    at: datetime | None = None
    link: str = ""
    moving: bool = False
    trouble: bool = False
    more: str = ""


def place(page: Any) -> Place | None:  # noqa: PLR0911  # one return for each state of a page
    """Where the change of a course, module or lesson is. None for any other page. A handful of queries."""
    course = course_of(page)
    if course is None:
        return None
    uuids = {str(page.uuid), str(course.uuid)}
    if stone := Tombstone.objects.filter(name__in=uuids).first():
        return Place(
            f"“{stone.title}” was purged: no release brings it back, whatever stands here.", stone.at, trouble=True
        )
    publication = Publication.objects.filter(course=course.uuid).select_related("live_release").first()
    review = Candidate.objects.filter(course=course.uuid, state=Candidate.State.IN_REVIEW).defer("content").first()
    waits = f"The course is waiting for approval; {review.submitted_by or 'somebody'} submitted it." if review else ""
    draft = "What stands here is a later draft." if page.has_unpublished_changes and not review else ""
    if publication and (moving := _on_its_way(publication, page.uuid)):
        return moving
    if publication is None or publication.live_release is None:
        return Place(waits or "Not on the site yet: it goes there when the course is submitted and approved.")
    if closed := CLOSED.get(publication.standing):
        return Place(closed, publication.standing_at, more=waits or draft)
    address = Address.objects.filter(
        course=course.uuid, item=course.uuid if isinstance(page, Module) else page.uuid, kind=Address.Kind.PAGE
    ).first()
    if address is None:
        return Place(waits or "Not on the site: it is not part of the release that readers have.")
    link = f"{settings.SITE_URL}/{address.path.removesuffix('index.html')}"
    since = _since(course.uuid, page.uuid, publication)
    return Place("Live on the site since", since, link, more=waits or draft)


@require_GET
@never_cache
def show(request: HttpRequest, page_id: int) -> HttpResponse:
    """The sentence alone, for the editor that asks again."""
    page = get_object_or_404(Page, pk=page_id).specific
    if not page.permissions_for_user(request.user).can_edit():
        raise PermissionDenied
    return render(request, "cms/on_site.html", {"place": place(page)})


def _on_its_way(publication: Publication, page: UUID) -> Place | None:
    unbuilt = ChangeEvent.objects.filter(course=publication.course, id__gt=publication.built_seq)
    mine = unbuilt.filter(page=page) | unbuilt.filter(kind__in=DECISIONS)
    event = mine.order_by("-id").first() if publication.built_seq < publication.wanted_seq else None
    if event is None:
        return None
    if publication.last_error:
        return Place(f"Not on the site yet. {publication.last_error}", moving=True, trouble=True)
    return Place("On its way to the site.", moving=True, more=publication.waiting_for)


def _since(course: UUID, page: UUID, publication: Publication) -> datetime | None:
    """When the release was built that brought the page's last change; the live one's time if nothing is known of it."""
    built = ChangeEvent.objects.filter(course=course, id__lte=publication.built_seq)
    change = built.filter(page=page).order_by("-id").first()
    later = Release.objects.filter(course=course, built_at__isnull=False).order_by("built_at").only("built_at")
    first = later.filter(built_at__gte=change.at).first() if change else None
    release = first or publication.live_release
    return release.built_at if release else None
