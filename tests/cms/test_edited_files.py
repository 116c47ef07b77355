"""An upload or a profile that a publisher edits reaches readers; one that an author edits waits for an approval."""

from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from api.models import User
from cms import affected
from content.models import CaptionTrack, Course, CourseInstructor, ImageOriginal, InstructorProfile
from pipeline import direct
from pipeline.approval import approve, submit
from pipeline.lease import Lease
from pipeline.models import ChangeEvent, Publication
from tests.cms import cast, files
from tests.cms.test_atomic_actions import outbox_that_fails


def events() -> list[tuple[str, str]]:
    return list(ChangeEvent.objects.order_by("id").values_list("kind", "note"))


def built() -> None:
    """As if the worker had come."""
    for publication in Publication.objects.all():
        publication.built_seq = publication.wanted_seq
        publication.save()
    ChangeEvent.objects.all().delete()


@pytest.fixture
def uploads(ada: User) -> dict[str, Any]:
    return {
        "image": files.image(ada),
        "unused": files.image(ada, "Unused"),
        "video": files.video(ada),
        "attachment": files.attachment(ada),
        "profile": InstructorProfile.objects.create(name="Ada", user=ada),
    }


@pytest.fixture
def released(ada: User, edna: User, course: Course, uploads: dict[str, Any]) -> Course:
    """Ada's course, live, with an image, a video and an attachment in "Wind", taught by Ada."""
    image = {"type": "image", "id": "i", "value": {"image": uploads["image"].pk, "alt": "Blue", "decorative": False}}
    video = {"type": "video", "id": "v", "value": {"video": uploads["video"].pk}}
    attachment = {"type": "attachment", "id": "a", "value": {"attachment": uploads["attachment"].pk}}
    body = [cast.text("<p>Wind.</p>", "t"), image, video, attachment]
    cast.edit(cast.the_lesson("Wind"), ada, body=body)
    draft = cast.draft_of(course)
    draft.instructors.add(CourseInstructor(profile=uploads["profile"]))
    draft.save_revision(user=ada)
    cast.release(course, ada, edna)
    built()
    return Course.objects.get(pk=course.pk)


def next_release(course: Course) -> Any:
    """What the worker freezes now, None if readers have it already."""
    lease = Lease.take(course.uuid)
    if lease is None:
        return None
    publication = lease.publication()
    events = ChangeEvent.objects.filter(course=course.uuid, id__gt=publication.built_seq).order_by("id")
    made = direct.release(lease, publication, list(events))
    Publication.objects.update(lease_owner="", lease_until=None)
    return made.candidate.frozen() if made else None


@pytest.mark.parametrize("kind", ["image", "video", "attachment"])
def test_an_upload_that_was_edited_is_taken_anew_and_no_other(
    released: Course, uploads: dict[str, Any], kind: str
) -> None:
    before = Publication.objects.get(course=released.uuid).live_release.candidate.frozen()
    for upload in (uploads["image"], uploads["video"], uploads["attachment"]):
        type(upload).objects.filter(pk=upload.pk).update(title="Changed by hand")  # no signal, so nobody published it
    edited = type(uploads[kind]).objects.get(pk=uploads[kind].pk)
    edited.title = "Edited"
    edited.save()
    key = f"{kind}/{edited.pk}"
    assert events() == [("edited", key)]
    frozen = next_release(released)
    assert {name for name, file in frozen.files.items() if file != before.files[name]} == {key}
    assert frozen.files[key].title == "Edited"


def test_what_no_reader_has_concerns_no_reader(released: Course, ada: User, uploads: dict[str, Any]) -> None:
    uploads["unused"].save()
    files.image(ada, "New")
    uploads["unused"].delete()
    assert events() == []


def test_what_wagtail_notes_about_a_file_by_itself_concerns_nobody(released: Course, uploads: dict[str, Any]) -> None:
    uploads["image"].save(update_fields=["file_hash"])
    assert events() == []


def test_captions_that_are_added_changed_and_removed(released: Course, uploads: dict[str, Any]) -> None:
    key = f"video/{uploads['video'].pk}"
    file = ContentFile(b"WEBVTT\n\n00:00.000 --> 00:01.000\nWind\n", "en.vtt")
    track = CaptionTrack.objects.create(video=uploads["video"], file=file)
    assert events() == [("edited", key)]
    assert [one.label for one in next_release(released).files[key].tracks] == ["English"]
    track.label = "British"
    track.save()
    track.delete()
    assert events() == [("edited", key)] * 3


def test_an_instructor_who_was_edited_is_taken_anew_and_a_deleted_one_left_out(
    released: Course, uploads: dict[str, Any], ada: User
) -> None:
    profile = uploads["profile"]
    profile.headline = "Teaches weather."
    profile.portrait = uploads["unused"]
    profile.save()
    assert events() == [("edited", str(profile.uuid))]
    frozen = next_release(released)
    assert [person.headline for person in frozen.instructors] == ["Teaches weather."]
    assert f"image/{uploads['unused'].pk}" in frozen.files
    profile.delete()
    assert next_release(released).instructors == ()


def test_a_deleted_image_is_told_where_it_is_missed(released: Course, uploads: dict[str, Any]) -> None:
    key = f"image/{uploads['image'].pk}"
    uploads["image"].delete()
    assert events() == [("edited", key)]
    with pytest.raises(Exception, match=r"“Wind” uses a deleted image .* choose another one there"):
        next_release(released)


def test_an_edit_before_an_approval_is_what_the_approval_decides(
    released: Course, uploads: dict[str, Any], ada: User, edna: User
) -> None:
    """An approval ships what the reviewer saw; the later upload waits for the next one."""
    candidate = submit(released, ada)
    uploads["image"].title = "Edited"
    uploads["image"].save()
    cast.let_live(approve(candidate, edna))
    built()
    cast.edit(cast.the_lesson("Rain"), edna, summary="Wet.").publish()
    assert next_release(released).files[f"image/{uploads['image'].pk}"].title == "Figure"


def image_form(image: ImageOriginal, **changes: Any) -> dict[str, Any]:
    fields = {"title": image.title, "collection": image.collection_id, "tags": "", "description": ""}
    return fields | {f"focal_point_{part}": "" for part in ("x", "y", "width", "height")} | changes


def test_an_editors_edit_is_published_an_authors_waits(
    released: Course, uploads: dict[str, Any], as_ada: Client, as_edna: Client, edna: User
) -> None:
    image = uploads["image"]
    address = reverse("wagtailimages:edit", args=[image.pk])
    as_ada.post(address, image_form(image, title="By Ada"))
    image.refresh_from_db()
    assert image.title == "By Ada"
    assert events() == []
    as_edna.post(address, image_form(image, title="By Edna"))
    assert events() == [("edited", f"image/{image.pk}")]
    assert ChangeEvent.objects.get().actor == edna


def test_an_image_whose_event_cannot_be_written_is_not_saved(released: Course, uploads: dict[str, Any]) -> None:
    image = uploads["image"]
    image.title = "Edited"
    with outbox_that_fails(), pytest.raises(Exception, match="outbox"):
        image.save()
    assert ImageOriginal.objects.get(pk=image.pk).title == "Figure"


def test_finding_the_courses_is_as_many_questions_however_many(
    released: Course, uploads: dict[str, Any], ada: User, edna: User
) -> None:
    key = f"image/{uploads['image'].pk}"
    with CaptureQueriesContext(connection) as once:
        assert affected.by_file(key) == {released.uuid}
    course = cast.make_course(ada, "Oceans", lessons=("Tides",))
    image = {"type": "image", "id": "i", "value": {"image": uploads["image"].pk, "alt": "", "decorative": True}}
    said = cast.text(f"<p>Not a key: &quot;image/{uploads['unused'].pk}&quot;:</p>", "t")
    cast.edit(cast.the_lesson("Tides"), ada, body=[said, image])
    cast.release(course, ada, edna)
    with CaptureQueriesContext(connection) as queries:
        assert affected.by_file(key) == {released.uuid, course.uuid}
    assert len(queries) == len(once) <= 8
    assert affected.by_file(f"image/{uploads['unused'].pk}") == set()
    assert affected.by_file(key[:-1]) == set()
