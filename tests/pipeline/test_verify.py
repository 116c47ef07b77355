"""Every kind of damage to a store is found and named; a whole store has no fault."""

import json
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from uuid import uuid4

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.core.management import CommandError, call_command
from pytest_django import Settings

from content.models import Course
from pipeline import html
from pipeline.digests import canonical_json, sha256
from pipeline.keys import public_key, signing_key
from pipeline.manifest import Entry, File, Manifest, Shard, sign
from pipeline.store.disk import DiskStore
from pipeline.verify import Report, verify
from tests.pipeline import course_factory as school

pytestmark = pytest.mark.django_db
LESSON = "courses/statistics/lesson-1-2/index.html"


@pytest.fixture(autouse=True)
def cdn(settings: Settings, tmp_path: Path) -> Path:
    settings.LECTERN_STORE = tmp_path / "cdn"
    return tmp_path / "cdn"


@pytest.fixture
def course(cdn: Path) -> Course:
    course = school.make_course()
    school.release(course)
    return course


def judged(cdn: Path) -> Report:
    return verify(DiskStore(cdn), public_key())


def put(cdn: Path, data: bytes, ending: str = "") -> str:
    """Store an object under its right name; the name."""
    (cdn / f"o/{sha256(data)}{ending}").write_bytes(data)
    return sha256(data)


def point_to(cdn: Path, course: Course, manifest: Manifest) -> None:
    """Make a manifest live that no worker would have written, with a good signature."""
    pointer = school.pointer(cdn, course)
    own = {item: entry for item, entry in manifest.documents.items() if item == str(course.uuid)}
    lessons = {item: entry for item, entry in manifest.documents.items() if item not in own}
    shard = Shard(documents=lessons, pages={}, files=(), renditions={})
    modules = [manifest.modules[0].model_copy(update={"shard": put(cdn, shard.to_bytes())})]
    parted = manifest.model_copy(update={"documents": own, "modules": tuple(modules)})
    put(cdn, parted.to_bytes())
    moved = pointer.model_copy(update={"manifest": parted.name()})
    (cdn / f"c/{course.uuid}/current.json").write_bytes(sign(moved, signing_key()).to_bytes())


def test_a_whole_store_is_counted(course: Course, cdn: Path) -> None:
    report = judged(cdn)
    assert report.faults == []
    # 4 documents, the outline in 2, 4 pages, the shard, the manifest.
    assert report.counts == {"objects": 12, "pointers": 1, "manifests": 1, "pages": 4, "documents": 4}


def test_an_empty_store_is_whole(cdn: Path) -> None:
    assert judged(cdn).faults == []


Damage = Callable[[Course, Path], None]
DAMAGES: dict[str, tuple[Damage, list[str]]] = {}


def damage(*told: str) -> Callable[[Damage], Damage]:
    """Registers a way to hurt a store, and the sentences (their parts) that must name it: as many, in this order."""

    def register(act: Damage) -> Damage:
        DAMAGES[act.__name__] = (act, list(told))
        return act

    return register


def document(course: Course, cdn: Path, place: int = 1) -> Path:
    return cdn / f"o/{school.manifest(cdn, course).documents[str(school.lessons(course)[place].uuid)].object}"


@damage("does not hold the bytes that its name says")
def flipped_byte(course: Course, cdn: Path) -> None:
    path = document(course, cdn)
    data = bytearray(path.read_bytes())
    place = data.index(b"says little")
    data[place] ^= 1
    path.write_bytes(data)


@damage("of {lesson} is missing")
def missing_document(course: Course, cdn: Path) -> None:
    document(course, cdn).unlink()


@damage(
    "The page object",
)
def missing_page_object(course: Course, cdn: Path) -> None:
    (cdn / f"o/{school.manifest(cdn, course).pages[LESSON].object}.html").unlink()


@damage(
    "The outline",
)
def missing_outline(course: Course, cdn: Path) -> None:
    (cdn / f"o/{school.manifest(cdn, course).outline}").unlink()


@damage("The shard o/")
def missing_shard(course: Course, cdn: Path) -> None:
    (cdn / f"o/{school.manifest(cdn, course).modules[0].shard}").unlink()


@damage("The outline o/")
def missing_module_of_the_outline(course: Course, cdn: Path) -> None:
    (cdn / f"o/{school.manifest(cdn, course).modules[0].outline}").unlink()


@damage("name different modules")
def module_that_the_outline_has_otherwise(course: Course, cdn: Path) -> None:
    manifest = school.manifest(cdn, course)
    other = [manifest.modules[0].model_copy(update={"outline": "0" * 64})]
    point_to(cdn, course, manifest.model_copy(update={"modules": tuple(other)}))


@damage("The manifest o/")
def missing_manifest(course: Course, cdn: Path) -> None:
    (cdn / f"o/{school.pointer(cdn, course).manifest}").unlink()


@damage(f"{LESSON} is not the page that release 1")
def missing_page(course: Course, cdn: Path) -> None:
    (cdn / LESSON).unlink()


@damage(f"{LESSON} is not the page that release 1")
def page_of_another_release(course: Course, cdn: Path) -> None:
    old = (cdn / LESSON).read_bytes()
    school.rewrite(school.lessons(course)[1], "Another release.")
    school.release(course)
    (cdn / LESSON).write_bytes(old)


# The release number in the sentence is that of the pointer.
DAMAGES["page_of_another_release"][1][0] = f"{LESSON} is not the page that release 2"


@damage("courses/statistics/old/index.html is a page of no live release")
def orphan_page(course: Course, cdn: Path) -> None:
    (cdn / "courses/statistics/old").mkdir()
    (cdn / "courses/statistics/old/index.html").write_bytes(b"<p>old</p>")


@damage("courses/a b.html is a page of no live release")
def page_under_a_name_of_no_writer(course: Course, cdn: Path) -> None:
    (cdn / "courses/a b.html").write_bytes(b"")


@damage("signature does not hold")
def wrong_signature(course: Course, cdn: Path) -> None:
    forged = sign(school.pointer(cdn, course), Ed25519PrivateKey.generate())
    (cdn / f"c/{course.uuid}/current.json").write_bytes(forged.to_bytes())


@damage("signature does not hold")
def empty_pointer(course: Course, cdn: Path) -> None:
    (cdn / f"c/{course.uuid}/current.json").write_bytes(b"")


@damage("names another course", "Either catalogue.json or c/")
def pointer_of_another_course(course: Course, cdn: Path) -> None:
    folder = cdn / f"c/{uuid4()}"
    folder.mkdir()
    (folder / "current.json").write_bytes((cdn / f"c/{course.uuid}/current.json").read_bytes())


@damage("is that of another release than its pointer says")
def pointer_with_another_number(course: Course, cdn: Path) -> None:
    pointer = school.pointer(cdn, course).model_copy(update={"release": 5})
    (cdn / f"c/{course.uuid}/current.json").write_bytes(sign(pointer, signing_key()).to_bytes())


@damage("part of an answer key was published")
def answer_key_in_an_object(course: Course, cdn: Path) -> None:
    put(cdn, json.dumps({"blocks": [{"questions": [{"id": "1", "correct": ["a"]}]}]}, indent=1).encode())


@damage("holds answer: part of an answer key was published")
def answer_in_a_lesson_in_use(course: Course, cdn: Path) -> None:
    manifest = school.manifest(cdn, course)
    lesson = str(school.lessons(course)[0].uuid)
    told = json.loads((cdn / f"o/{manifest.documents[lesson].object}").read_bytes())
    told["blocks"][-1]["questions"][2]["answer"] = 31337.25
    data = canonical_json(told)
    entry = Entry(object=put(cdn, data), bytes=len(data))
    point_to(cdn, course, manifest.model_copy(update={"documents": manifest.documents | {lesson: entry}}))


@damage("is not what it should be: it does not read as LessonDocument")
def object_that_is_no_lesson(course: Course, cdn: Path) -> None:
    manifest = school.manifest(cdn, course)
    lesson = str(school.lessons(course)[1].uuid)
    entry = Entry(object=put(cdn, b"{}"), bytes=2)
    point_to(cdn, course, manifest.model_copy(update={"documents": manifest.documents | {lesson: entry}}))


@damage("is not that of {lesson}")
def lesson_in_the_place_of_another(course: Course, cdn: Path) -> None:
    manifest = school.manifest(cdn, course)
    first, second, _ = (str(lesson.uuid) for lesson in school.lessons(course))
    documents = manifest.documents | {second: manifest.documents[first]}
    point_to(cdn, course, manifest.model_copy(update={"documents": documents}))


@damage("name different lessons")
def lesson_that_the_outline_lacks(course: Course, cdn: Path) -> None:
    manifest = school.manifest(cdn, course)
    lesson = str(school.lessons(course)[1].uuid)
    documents = {item: entry for item, entry in manifest.documents.items() if item != lesson}
    point_to(cdn, course, manifest.model_copy(update={"documents": documents}))


def with_video(course: Course, cdn: Path, *, segment: bool = True, listed: bool = True) -> None:
    """Make lesson 2 show an HLS video of one rung and one segment."""
    files = {"master.m3u8": b"#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\nv/index.m3u8\n"}
    files["v/index.m3u8"] = b'#EXTM3U\n#EXT-X-MAP:URI="init.mp4"\n#EXTINF:2,\nsegment.m4s\n#EXT-X-ENDLIST\n'
    files |= {"v/init.mp4": b"init", "v/segment.m4s": b"segment", "poster.jpg": b"poster"}
    for name, data in files.items():
        path = cdn / "m/v1" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if segment or name != "v/segment.m4s":
            path.write_bytes(data)
    rows = tuple(
        File(key=f"m/v1/{name}", sha256=sha256(data), bytes=len(data))
        for name, data in files.items()
        if listed or name != "v/segment.m4s"
    )
    manifest, lesson = school.manifest(cdn, course), str(school.lessons(course)[1].uuid)
    told = json.loads((cdn / f"o/{manifest.documents[lesson].object}").read_bytes())
    video = {"kind": "video", "id": "v", "title": "V", "rendition": "v1", "src": "m/v1/master.m3u8"}
    told["blocks"].append(video | {"poster": "m/v1/poster.jpg", "duration": 2.0, "width": 2, "height": 2})
    data = canonical_json(told)
    entry = Entry(object=put(cdn, data), bytes=len(data))
    changes = {"documents": manifest.documents | {lesson: entry}, "renditions": {"v1": rows}}
    point_to(cdn, course, manifest.model_copy(update=changes))


@damage("m/v1/v/segment.m4s is missing")
def missing_segment(course: Course, cdn: Path) -> None:
    with_video(course, cdn, segment=False)


@damage("m/v1/v/segment.m4s is referred to but not in the manifest of release 1")
def segment_that_the_manifest_lacks(course: Course, cdn: Path) -> None:
    with_video(course, cdn, listed=False)


@damage("m/v1/v/segment.m4s does not hold the bytes that the manifest says")
def segment_with_other_bytes(course: Course, cdn: Path) -> None:
    with_video(course, cdn)
    (cdn / "m/v1/v/segment.m4s").write_bytes(b"SEGMENT")


@damage("is in the manifest of release 1 but nothing refers to it")
def file_that_nothing_shows(course: Course, cdn: Path) -> None:
    name = put(cdn, b"spare", ".txt")
    file = File(key=f"o/{name}.txt", sha256=name, bytes=5)
    point_to(cdn, course, school.manifest(cdn, course).model_copy(update={"files": (file,)}))


@damage("which is missing: run manage.py publish_site")
def script_that_pages_load(course: Course, cdn: Path) -> None:
    (cdn / html.site().script.key).unlink()


@damage("catalogue.json is missing")
def missing_catalogue(course: Course, cdn: Path) -> None:
    (cdn / "catalogue.json").unlink()


@damage("Either catalogue.json or c/")
def catalogue_without_the_course(course: Course, cdn: Path) -> None:
    (cdn / "catalogue.json").write_bytes(b'{"schema":1,"courses":[]}')


@damage("catalogue.json is not what it should be")
def catalogue_that_is_none(course: Course, cdn: Path) -> None:
    (cdn / "catalogue.json").write_bytes(b"[]")


@damage("does not hold the bytes that its name says")
def stray_file_among_the_objects(course: Course, cdn: Path) -> None:
    (cdn / "o/read me (1).txt").write_bytes(b"")


@pytest.mark.parametrize("name", DAMAGES)
def test_damage_is_found_and_named_and_nothing_else_is(course: Course, cdn: Path, name: str) -> None:
    act, told = DAMAGES[name]
    act(course, cdn)
    lesson = str(school.lessons(course)[1].uuid)
    faults = judged(cdn).faults
    for part in told:
        assert any(part.format(lesson=lesson) in fault for fault in faults), faults
    assert len(faults) == len(told), faults


def test_a_video_that_is_whole_has_no_fault(course: Course, cdn: Path) -> None:
    with_video(course, cdn)
    report = judged(cdn)
    assert report.faults == []
    assert report.counts["files"] == 5


def test_a_lesson_about_answer_keys_is_no_answer_key(cdn: Path) -> None:
    course = school.make_course()
    school.rewrite(school.lessons(course)[0], 'Write {"correct": true, "answer": 42} into the file.')
    school.release(course)
    assert judged(cdn).faults == []


def test_one_fault_does_not_hide_another(course: Course, cdn: Path) -> None:
    wrong_signature(course, cdn)
    answer_key_in_an_object(course, cdn)
    assert len(judged(cdn).faults) == 2


def test_verifying_writes_nothing(course: Course, cdn: Path) -> None:
    before = school.files(cdn)
    judged(cdn)
    assert school.files(cdn) == before


def test_the_command_counts_and_ends_well(course: Course) -> None:
    out = StringIO()
    call_command("verify", stdout=out)
    assert "12 objects" in out.getvalue()
    assert out.getvalue().endswith("The store is whole.\n")


def test_the_command_names_each_fault_and_ends_with_an_error(course: Course, cdn: Path) -> None:
    missing_page(course, cdn)
    out, err = StringIO(), StringIO()
    with pytest.raises(CommandError, match="1 fault in the store") as failed:
        call_command("verify", stdout=out, stderr=err)
    assert failed.value.returncode == 1
    assert LESSON in err.getvalue()
    assert "whole" not in out.getvalue()
