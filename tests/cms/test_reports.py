"""The lists of releases and the dashboard: where each course stands, in words, for those whom it concerns."""

import re
from typing import Any

from django.test import Client
from django.urls import reverse

from api.models import User
from content.models import Course
from pipeline.models import Publication, Release
from tests.cms import cast


def words(client: Client, url: str) -> str:
    response = client.get(url)
    assert response.status_code == 200, response
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


def releases_url(course: Course) -> str:
    return reverse("cms_releases", args=[course.uuid])


def test_the_dashboard_says_where_each_own_course_stands(
    as_ada: Client, as_bo: Client, ada: User, edna: User, course: Course
) -> None:
    def standing() -> str:
        return words(as_ada, "/admin/")

    assert "Weather Draft" in standing()
    as_ada.post(reverse("cms_check", args=[course.pk]))
    assert "Weather In review" in standing()
    from pipeline.approval import approve
    from pipeline.models import Candidate

    release = approve(Candidate.objects.get(), edna)
    assert "Weather On its way" in standing()
    cast.let_live(release)
    assert "Weather Release 1 is live" in standing()
    assert "Weather" not in words(as_bo, "/admin/")


def test_the_dashboard_says_what_a_release_waits_for_and_what_failed(
    as_ada: Client, as_edna: Client, ada: User, edna: User, course: Course
) -> None:
    cast.release(course, ada, edna)
    Publication.objects.filter(course=course.uuid).update(waiting_for="1 video (40 %) is being prepared.", built_seq=0)
    for client in (as_ada, as_edna):
        assert "1 video (40 %) is being prepared." in words(client, "/admin/")
        assert "1 video (40 %) is being prepared." in words(client, releases_url(course))
    Publication.objects.filter(course=course.uuid).update(waiting_for="", last_error="storm.mp4 has no picture.")
    for client in (as_ada, as_edna):
        assert "storm.mp4 has no picture." in words(client, "/admin/")
    assert "Not published" in words(as_ada, "/admin/")


def test_editors_see_what_waits_for_them_and_no_stock_panels(as_ada: Client, as_edna: Client, course: Course) -> None:
    as_ada.post(reverse("cms_check", args=[course.pk]))
    page = words(as_edna, "/admin/")
    assert "Waiting for your review" in page and "Awaiting your review" not in page
    assert "Waiting for your review" not in words(as_ada, "/admin/")


def test_the_list_of_courses_and_of_one_courses_releases(
    as_ada: Client, as_bo: Client, as_edna: Client, ada: User, edna: User, course: Course
) -> None:
    first = cast.release(course, ada, edna)
    Release.objects.filter(pk=first.pk).update(objects_written=12, bytes_written=2048, build_seconds=1.26)
    cast.edit(course, ada, summary="Second.")
    cast.release(course, ada, edna)
    assert "Weather Release 2 is live" in words(as_edna, reverse("cms_courses"))
    assert "Weather" not in words(as_bo, reverse("cms_courses"))
    page = words(as_ada, releases_url(course))
    assert page.index("2 Readers see this") < page.index("12 objects, 2.0")
    assert "1.3 s" in page
    assert "Roll back to this" not in page
    assert as_bo.get(releases_url(course)).status_code == 302


def test_releases_of_a_deleted_course_stay_readable_for_editors(
    as_ada: Client, as_edna: Client, ada: User, edna: User, course: Course
) -> None:
    cast.release(course, ada, edna)
    live = Publication.objects.get().live_release
    Publication.objects.update(live_release=None)  # a course that readers have cannot be deleted in the editor
    Course.objects.get().delete()
    Publication.objects.update(live_release=live)
    assert "Releases of “Weather”" in words(as_edna, releases_url(course))
    assert as_ada.get(releases_url(course)).status_code == 302


def test_an_unknown_course_has_no_releases(as_edna: Client, as_ada: Client) -> None:
    unknown = reverse("cms_releases", args=["0e0c5d53-6c6c-4d6e-9a4f-3f6f0f2d7a11"])
    assert as_edna.get(unknown).status_code == 404
    assert as_ada.get(unknown).status_code == 302


def test_releases_are_paged(as_edna: Client, ada: User, edna: User, course: Course) -> None:
    release = cast.release(course, ada, edna)
    more = [
        Release(course=release.course, number=number, candidate=release.candidate, approved_by=edna)
        for number in range(2, 53)
    ]
    Release.objects.bulk_create(more)
    assert "Page 1 of 3" in words(as_edna, releases_url(course))
    assert "Page 2 of 3" in words(as_edna, releases_url(course) + "?p=2")


def test_wagtails_own_reports_open_and_hide_other_courses(as_bo: Client, as_edna: Client, course: Course) -> None:
    def report(client: Client, name: str) -> Any:
        return client.get(reverse(f"wagtailadmin_reports:{name}"))

    for name in ("locked_pages", "workflow", "workflow_tasks", "site_history"):
        assert report(as_edna, name).status_code == 200
        assert b"Weather" not in report(as_bo, name).content
