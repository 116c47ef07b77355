"""The review screen: what a candidate changes for readers, lesson by lesson, its faults, and who may look."""

import re
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from api.models import User
from content.models import Course, Module
from pipeline.models import Candidate
from tests.cms import cast, files


def submit(client: Client, course: Course) -> Candidate:
    client.post(reverse("cms_check", args=[course.pk]))
    return Candidate.objects.get(course=course.uuid, state="in_review")


def show(client: Client, candidate: Candidate) -> Any:
    return client.get(reverse("cms_review", args=[candidate.pk]))


def kinds(response: Any) -> dict[str, str]:
    """{title of a lesson that differs: kind}"""
    changes = response.context["changes"]
    return {lesson.title: lesson.kind for lesson in changes.lessons("added", "changed", "moved", "removed")}


def words(response: Any) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


def test_a_first_candidate_is_all_new(as_ada: Client, as_edna: Client, course: Course) -> None:
    response = show(as_edna, submit(as_ada, course))
    assert kinds(response) == {"Wind": "added", "Rain": "added"}
    assert "Nothing: this is the first release" in words(response)
    assert "Wind in a word." in words(response)


def test_added_changed_moved_removed_and_the_rest_folded(
    as_ada: Client, as_edna: Client, ada: User, edna: User
) -> None:
    course = cast.make_course(ada, lessons=("Wind", "Rain", "Snow", "Hail"))
    module = Module.objects.child_of(course).get()
    cast.release(course, ada, edna)
    cast.edit(cast.the_lesson("Rain"), ada, body=[cast.text("<p>Rain in two words.</p>")], summary="Wet.")
    cast.edit(cast.the_lesson("Snow"), ada, held_back=True)
    cast.add_lesson(module, "Fog")
    as_ada.post(reverse("wagtailadmin_pages:set_page_position", args=[cast.the_lesson("Hail").pk]) + "?position=0")
    response = show(as_edna, submit(as_ada, course))
    assert kinds(response) == {"Hail": "moved", "Rain": "changed", "Fog": "added", "Snow": "removed"}
    page = response.content.decode()
    assert "Compared with" in page and "Release 1" in page
    assert "<del>a</del> <del>word</del>." in page and "<ins>two</ins> <ins>words</ins>." in page
    assert "<ins>Wet.</ins>" in page
    assert "1 unchanged lesson" in words(response)
    assert "Readers no longer find this lesson." in words(response)
    assert "Only its place changed." in words(response)


def test_only_the_blocks_that_differ_are_drawn(
    as_ada: Client, as_edna: Client, ada: User, edna: User, module: Module, course: Course
) -> None:
    blocks = [cast.text(f"<p>Paragraph {number}.</p>", f"block-{number}") for number in range(5)]
    snow = cast.add_lesson(module, "Snow", *blocks)
    cast.release(course, ada, edna)
    blocks[2] = cast.text("<p>Paragraph changed.</p>", "block-2")
    cast.edit(snow, ada, body=blocks)
    response = show(as_edna, submit(as_ada, course))
    assert words(response).count("2 unchanged blocks") == 2
    assert "Paragraph 4." not in words(response)


def test_what_an_author_wrote_is_shown_as_text_never_as_markup(
    as_ada: Client, as_edna: Client, ada: User, module: Module, course: Course
) -> None:
    hostile = "<script>alert(1)</script><img src=x onerror=alert(2)>"
    cast.add_lesson(module, "Snow", {"type": "markdown", "value": hostile, "id": "m-1"})
    cast.edit(course, ada, summary=hostile)
    page = show(as_edna, submit(as_ada, course)).content.decode()
    assert "<script>alert(1)" not in page and "<img src=x" not in page
    assert "&lt;script&gt;alert(1)" in page


def test_a_changed_image_is_shown_on_both_sides(
    as_ada: Client, as_edna: Client, ada: User, edna: User, module: Module, course: Course
) -> None:
    def block(pk: int) -> dict[str, Any]:
        value = {"image": pk, "alt": "A sky.", "decorative": False, "caption": ""}
        return {"type": "image", "value": value, "id": "image-1"}

    teal, red = files.image(ada), files.image(ada, "Second", "red")
    snow = cast.add_lesson(module, "Snow", block(teal.pk))
    cast.release(course, ada, edna)
    cast.edit(snow, ada, body=[block(red.pk)])
    response = show(as_edna, submit(as_ada, course))
    page = response.content.decode()
    assert 'alt="The image of the candidate"' in page
    assert 'alt="The image that is live"' in page
    for side, picture in (("of the candidate", red), ("that is live", teal)):
        source = re.search(rf'src="([^"]+)" alt="The image {side}"', page)
        assert source
        assert b"".join(as_edna.get(source.group(1)).streaming_content) == picture.file.read()


def test_another_file_behind_the_same_image_is_a_change_and_each_side_shows_its_own(
    as_ada: Client, as_edna: Client, ada: User, edna: User, module: Module, course: Course
) -> None:
    picture = files.image(ada)
    value = {"image": picture.pk, "alt": "A sky.", "decorative": False, "caption": ""}
    cast.add_lesson(module, "Snow", {"type": "image", "value": value, "id": "image-1"})
    cast.release(course, ada, edna)
    picture.file = ContentFile(files.png("red"), "figure-2.png")
    picture.save()
    response = show(as_edna, submit(as_ada, course))
    assert kinds(response) == {"Snow": "changed"}
    sources = re.findall(r'src="([^"]+)" alt="The image (?:that|of)', response.content.decode())
    shown = [b"".join(as_edna.get(source).streaming_content) for source in sources]
    assert shown == [files.png("teal"), files.png("red")]


def test_faults_stand_with_a_way_to_the_page(as_ada: Client, as_edna: Client, course: Course) -> None:
    response = show(as_edna, submit(as_ada, course))
    assert "The course has no cover" in words(response)
    assert reverse("wagtailadmin_pages:edit", args=[course.pk]) in response.content.decode()


def test_it_says_who_edited_since(as_ada: Client, as_edna: Client, ada: User, course: Course) -> None:
    candidate = submit(as_ada, course)
    assert "since:" not in words(show(as_edna, candidate))
    cast.edit(cast.the_lesson("Rain"), ada, title="Drizzle")
    assert "Ada has edited one page since: “Drizzle”." in words(show(as_edna, candidate))


def test_nothing_changed_says_so(as_ada: Client, as_edna: Client, ada: User, edna: User, course: Course) -> None:
    cast.release(course, ada, edna)
    assert "Nothing: the candidate is what readers see now." in words(show(as_edna, submit(as_ada, course)))


def test_an_approved_candidate_is_compared_with_the_release_before_it(
    as_edna: Client, ada: User, edna: User, course: Course
) -> None:
    first = cast.release(course, ada, edna)
    cast.edit(cast.the_lesson("Rain"), ada, title="Drizzle")
    second = cast.release(course, ada, edna)
    assert kinds(show(as_edna, second.candidate)) == {"Drizzle": "changed"}
    assert kinds(show(as_edna, first.candidate)) == {"Wind": "added", "Rain": "added"}


def test_a_deleted_course_can_still_be_read(as_ada: Client, as_edna: Client, course: Course) -> None:
    candidate = submit(as_ada, course)
    Course.objects.get().delete()
    assert "This course was deleted." in words(show(as_edna, candidate))
    assert show(as_ada, candidate).status_code == 302


def test_who_may_look(
    as_ada: Client, as_bo: Client, as_edna: Client, as_root: Client, client: Client, sam: User, course: Course
) -> None:
    candidate = submit(as_ada, course)
    for one in (as_ada, as_edna, as_root):
        assert show(one, candidate).status_code == 200
    for one in (as_bo, client, cast.signed_in(sam)):
        response = show(one, candidate)
        assert response.status_code == 302 and b"Weather" not in response.content


def test_the_author_sees_no_decision_and_the_editor_no_withdrawal(
    as_ada: Client, as_edna: Client, course: Course
) -> None:
    candidate = submit(as_ada, course)
    assert "Request changes" not in words(show(as_ada, candidate))
    assert "Withdraw it" not in words(show(as_edna, candidate))


# --- the list -------------------------------------------------------------------------------------------------


def test_the_list_shows_instructors_their_own_and_editors_all(
    as_ada: Client, as_bo: Client, as_edna: Client, ada: User, bo: User
) -> None:
    submit(as_ada, cast.make_course(ada, "Weather"))
    submit(as_bo, cast.make_course(bo, "Birds"))
    seen = {
        name: words(client.get(reverse("cms_reviews")))
        for name, client in (("a", as_ada), ("b", as_bo), ("e", as_edna))
    }
    assert [("Weather" in page, "Birds" in page) for page in seen.values()] == [
        (True, False),
        (False, True),
        (True, True),
    ]


def test_the_menu_counts_what_waits_for_the_reader(as_ada: Client, as_edna: Client, course: Course) -> None:
    assert "Reviews (1)" not in as_edna.get("/admin/").content.decode()
    submit(as_ada, course)
    assert "Reviews (1)" in as_edna.get("/admin/").content.decode()
    assert "Reviews (1)" not in as_ada.get("/admin/").content.decode()


def queries(client: Client, url: str) -> int:
    client.get(url)  # caches of permissions, sites and content types are filled
    with CaptureQueriesContext(connection) as captured:
        assert client.get(url).status_code == 200
    return len(captured)


@pytest.mark.parametrize("url", ["cms_reviews", "cms_courses", "wagtailadmin_home"])
def test_lists_ask_the_database_the_same_for_one_course_and_three(
    as_edna: Client, as_ada: Client, ada: User, edna: User, url: str
) -> None:
    def another(title: str) -> None:
        course = cast.make_course(ada, title, lessons=("Only",))
        cast.release(course, ada, edna)
        submit(as_ada, course)

    another("One")
    one = queries(as_edna, reverse(url)), queries(as_ada, reverse(url))
    another("Two")
    another("Three")
    assert (queries(as_edna, reverse(url)), queries(as_ada, reverse(url))) == one


def test_nor_do_courses_that_were_sent_back(as_edna: Client, as_ada: Client, ada: User) -> None:
    def another(title: str) -> None:
        candidate = submit(as_ada, cast.make_course(ada, title, lessons=("Only",)))
        as_edna.post(reverse("cms_review_changes", args=[candidate.pk]), {"comment": "Longer."})

    another("One")
    one = queries(as_ada, "/admin/")
    another("Two")
    another("Three")
    assert queries(as_ada, "/admin/") == one


def test_so_does_the_review_of_one_lesson_and_three(as_edna: Client, as_ada: Client, ada: User) -> None:
    short = submit(as_ada, cast.make_course(ada, "Short", lessons=("One",)))
    long = submit(as_ada, cast.make_course(ada, "Long", lessons=("Two", "Three", "Four")))
    counted = {queries(as_edna, reverse("cms_review", args=[one.pk])) for one in (short, long)}
    assert len(counted) == 1


def test_and_the_editor_with_its_faults(as_ada: Client, ada: User) -> None:
    pages = [
        cast.make_course(ada, "Short", lessons=("One",)),
        cast.make_course(ada, "Long", lessons=("Two", "Three", "Four")),
    ]
    for name in ("wagtailadmin_pages:edit", "cms_check"):
        assert len({queries(as_ada, reverse(name, args=[page.pk])) for page in pages}) == 1
