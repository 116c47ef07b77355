"""A frozen course needs nothing else to be built, and the same course freezes to the same bytes."""

import io
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.images import ImageFile
from PIL import Image
from pytest_django import Settings

from content.models import Attachment, CaptionTrack, Course, ImageOriginal, InstructorProfile, Lesson, Module, Video
from pipeline import originals
from pipeline.candidate import freeze
from pipeline.digests import canonical_json, sha256
from pipeline.errors import AuthorError
from pipeline.frozen import FrozenCourse
from pipeline.frozen_tree import digest, join, split
from tests.pipeline import course_factory as school

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def folders(settings: Settings, tmp_path: Path) -> None:
    settings.LECTERN_ORIGINALS = tmp_path / "originals"
    settings.MEDIA_ROOT = tmp_path / "media"


def png(colour: str = "navy") -> bytes:
    picture = io.BytesIO()
    Image.new("RGB", (8, 4), colour).save(picture, "PNG")
    return picture.getvalue()


def upload(colour: str = "navy") -> ImageOriginal:
    return ImageOriginal.objects.create(title=colour, file=ImageFile(io.BytesIO(png(colour)), f"{colour}.png"))


def link(page: Any, words: str = "there", kind: str = "page") -> str:
    return f'See <a linktype="{kind}" id="{page.pk}">{words}</a>.'


def body(lesson: Lesson, *blocks: dict[str, Any]) -> None:
    school.edit(lesson, body=list(blocks))


def bytes_of(frozen: FrozenCourse) -> bytes:
    return canonical_json(frozen.model_dump(mode="json"))


def test_freezing_twice_gives_the_same_bytes() -> None:
    course = school.make_course(modules=2)
    assert bytes_of(freeze(course)) == bytes_of(freeze(course))
    assert join(*split(freeze(course))) == freeze(course)


def test_drafts_are_frozen_unless_what_is_live_is_asked_for() -> None:
    course = school.make_course()
    school.approve(course)
    school.edit(school.lessons(course)[0], title="A draft")
    assert freeze(course).modules[0].lessons[0].title == "A draft"
    assert freeze(course, live=True).modules[0].lessons[0].title == "Lesson 1.1"


def test_pages_stand_in_the_order_of_the_editor() -> None:
    course = school.make_course(modules=2)
    first, *_, last = school.lessons(course)
    Lesson.objects.get(pk=last.pk).move(Lesson.objects.get(pk=first.pk), "left")
    titles = [[lesson.title for lesson in module.lessons] for module in freeze(course).modules]
    assert titles == [["Lesson 2.3", "Lesson 1.1", "Lesson 1.2", "Lesson 1.3"], ["Lesson 2.1", "Lesson 2.2"]]


def test_what_is_held_back_and_what_is_empty_is_left_out() -> None:
    course = school.make_course(modules=3, lessons=2)
    one, two, three = Module.objects.descendant_of(course)
    school.edit(one, held_back=True)
    for lesson in Lesson.objects.child_of(two):
        school.edit(lesson, held_back=True)
    school.edit(Lesson.objects.child_of(three).first(), held_back=True)
    (module,) = freeze(course).modules
    assert (module.page.title, [lesson.title for lesson in module.lessons]) == ("Module 3", ["Lesson 3.2"])


def test_an_alias_of_a_lesson_is_not_a_lesson() -> None:
    course = school.make_course()
    first, second, _ = school.lessons(course)
    Lesson.objects.filter(pk=second.pk).update(alias_of=first)
    assert [lesson.title for lesson in freeze(course).modules[0].lessons] == ["Lesson 1.1", "Lesson 1.3"]


def test_originals_are_kept_and_outlive_their_uploads() -> None:
    course = school.make_course(lessons=1)
    picture = upload()
    body(school.lessons(course)[0], {"type": "image", "id": "i", "value": {"image": picture.pk, "alt": "Blue"}})
    frozen = freeze(course)
    file = frozen.files[f"image/{picture.pk}"]
    assert (file.sha256, file.bytes, file.width, file.height) == (sha256(png()), len(png()), 8, 4)
    Path(picture.file.path).unlink()
    assert originals.path(file.sha256).read_bytes() == png()


def test_a_replaced_file_is_another_original() -> None:
    course = school.make_course(lessons=1)
    picture = upload()
    school.edit(course, cover=picture)
    before = freeze(course)
    Path(picture.file.path).write_bytes(png("red") + b" ")
    after = freeze(course)
    assert digest(before) != digest(after)
    assert after.files[f"image/{picture.pk}"].sha256 == sha256(png("red") + b" ")


def test_videos_come_with_their_captions_and_links_with_their_attachments() -> None:
    course = school.make_course(lessons=1)
    video = Video.objects.create(title="Film", duration=1, file=ContentFile(b"film", "film.mp4"))
    CaptionTrack.objects.create(video=video, file=ContentFile(b"WEBVTT\n", "film.vtt"))
    notes = Attachment.objects.create(title="Notes", file=ContentFile(b"notes", "notes.txt"))
    inside = {"type": "video", "id": "v", "value": {"video": video.pk, "title": "", "transcript": ""}}
    box = {"type": "callout", "id": "c", "value": {"variant": "note", "title": "", "body": [inside]}}
    body(school.lessons(course)[0], box, school.text(link(notes, kind="document"), "t"))
    files = freeze(course).files
    assert set(files) == {f"video/{video.pk}", f"attachment/{notes.pk}"}
    (track,) = files[f"video/{video.pk}"].tracks
    assert (track.sha256, track.language, track.kind) == (sha256(b"WEBVTT\n"), "en", "captions")


def test_an_upload_that_is_gone_is_named_with_the_page_that_uses_it() -> None:
    course = school.make_course(lessons=1)
    picture = upload()
    body(school.lessons(course)[0], {"type": "image", "id": "i", "value": {"image": picture.pk, "alt": "Blue"}})
    Path(picture.file.path).unlink()
    with pytest.raises(AuthorError, match=r"navy\.png that “Lesson 1\.1” uses is gone from the server: upload it"):
        freeze(course)
    number = picture.pk
    picture.delete()
    with pytest.raises(AuthorError, match=rf"“Lesson 1\.1” uses a deleted image \(number {number}\): choose another"):
        freeze(course)


def test_links_lead_where_pages_are_frozen_to_stand() -> None:
    course, other = school.make_course(), school.make_course("Algebra")
    first, second, third = school.lessons(course)
    far = school.lessons(other)[1]
    told = " ".join(link(page) for page in (second, third, course, other, far))
    body(first, school.text(told))
    school.edit(second, slug="new-address")
    school.edit(third, held_back=True)
    links = freeze(course).links
    assert {pk: (one.course_slug, one.lesson_slug) for pk, one in links.items()} == {
        str(second.pk): ("statistics", "new-address"),
        str(course.pk): ("statistics", None),
        str(other.pk): ("algebra", None),
        str(far.pk): ("algebra", "lesson-1-2"),
    }


def test_people_and_prerequisites_in_their_order() -> None:
    course, algebra, logic = (school.make_course(title) for title in ("Statistics", "Algebra", "Logic"))
    ada = InstructorProfile.objects.create(name="Ada", bio="<p>Counts.</p>", portrait=upload())
    edna = InstructorProfile.objects.create(name="Edna")
    draft = Course.objects.get(pk=course.pk).get_latest_revision_as_object()
    for place, person in enumerate((edna, ada)):
        draft.instructors.create(profile=person, sort_order=place)
    for place, required in enumerate((logic, algebra)):
        draft.prerequisites.create(required=required, sort_order=place)
    draft.save_revision()
    frozen = freeze(course)
    assert [person.name for person in frozen.instructors] == ["Edna", "Ada"]
    assert frozen.instructors[1].portrait in frozen.files
    assert [required.title for required in frozen.prerequisites] == ["Logic", "Algebra"]
    assert frozen.page.fields["topics"] == ["numbers"]
    assert frozen.page.fields["hours"] == "2.0"
    logic.delete()
    ada.delete()
    frozen = freeze(course)
    assert [required.title for required in frozen.prerequisites] == ["Algebra"]
    assert [person.name for person in frozen.instructors] == ["Edna"]


def test_links_and_people_cost_no_more_questions_for_three_lessons_than_for_one(django_assert_num_queries: Any) -> None:
    other = school.make_course("Algebra")
    for title, count in (("Small", 1), ("Large", 3)):
        course = school.make_course(title, lessons=count)
        picture = upload()
        for lesson in school.lessons(course):
            image = {"type": "image", "id": "i", "value": {"image": picture.pk, "alt": "Blue"}}
            body(lesson, school.text(link(school.lessons(other)[0])), image)
        freeze(course)
        with django_assert_num_queries(10):
            freeze(course)


def every_file(folder: Path) -> set[Path]:
    return {path for path in folder.rglob("*") if path.is_file()}


def test_who_only_looks_keeps_nothing_and_sees_the_same(settings: Settings) -> None:
    course = school.make_course(lessons=1)
    film = Video.objects.create(title="Film", duration=1, file=ContentFile(b"film", "film.mp4"))
    CaptionTrack.objects.create(video=film, file=ContentFile(b"WEBVTT\n", "film.vtt"))
    body(school.lessons(course)[0], {"type": "video", "id": "v", "value": {"video": film.pk}})
    school.edit(course, cover=upload())
    for _ in range(2):
        looked = freeze(course, keep=False)
        assert not Path(settings.LECTERN_ORIGINALS).exists()
    kept = freeze(course)
    assert looked == kept
    assert len(every_file(Path(settings.LECTERN_ORIGINALS))) == 3
    assert originals.path(kept.files[f"video/{film.pk}"].sha256).read_bytes() == b"film"


def test_what_stands_in_an_approved_candidate_is_taken_from_it() -> None:
    course = school.make_course(lessons=1)
    cover, portrait = upload(), upload("green")
    ada = InstructorProfile.objects.create(name="Ada", portrait=portrait)
    draft = Course.objects.get(pk=course.pk).get_latest_revision_as_object()
    draft.instructors.create(profile=ada, sort_order=0)
    draft.cover = cover
    draft.save_revision()
    approved = freeze(course)
    Path(cover.file.path).write_bytes(png("red"))
    InstructorProfile.objects.filter(pk=ada.pk).update(name="Nobody", portrait=upload("black"))
    assert digest(freeze(course)) != digest(approved)
    assert freeze(course, approved=approved) == approved
    fresh = upload("white")
    school.edit(course, cover=fresh)
    frozen = freeze(course, approved=approved)
    assert set(frozen.files) == {f"image/{fresh.pk}", f"image/{portrait.pk}"}
