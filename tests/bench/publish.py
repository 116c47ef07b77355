"""What publishing costs: one word, nothing, and everything, at several sizes; beside Wagtail's own publish, a peer
that writes static sites, and the bare writing of the finished bytes.

Only doors that people and the queue use are opened: Wagtail's publish action, `outbox.record`, `worker.work`.
"""

import hashlib
import itertools
import shutil
from collections import defaultdict
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.db import connection

from content.models import Course, Lesson
from pipeline import outbox, remembered, worker
from pipeline.catalogue import CATALOGUE
from pipeline.models import ChangeEvent, Publication, Release, Rendition
from pipeline.render import render_course, render_lesson, render_outline
from pipeline.renditions import ReleasedAssets
from pipeline.store import the_store
from tests.bench import seed
from tests.bench.cost import Cost, cost, files, written
from tests.bench.peer import Peer
from tests.bench.ratio import Figure, Ratio, ratio
from tests.pipeline import course_factory

EDITS = 15  # rounds; each edits one word at each size
BUILDS = 3
PEER_LESSONS = 200  # what the peer draws of a larger course: each of its pages costs the same

WORDS = itertools.count()


def measure(sizes: Sequence[int], postmaster: int, peer: Peer | None) -> Iterator[Ratio | Figure]:
    """`sizes` are numbers of lessons, the smallest first. Without a `peer` what is measured against it is left out."""
    image, video = seed.picture(), seed.film()
    _ready(seed.course("Course of one lesson", 1, image, video))
    courses = {size: seed.course(f"Course of {size}", size, image, video) for size in sizes}
    for size, course in courses.items():
        yield _first_build(size, course, postmaster)
    worker.work(CATALOGUE)  # as a worker would have by now: until it did, each release asks for it again
    yield from _one_word(courses, postmaster)
    yield from _nothing_and_everything(courses, postmaster)
    yield from _against_the_floor_and_the_peer(courses[compared(sizes)], postmaster, peer)


# --- one word ---------------------------------------------------------------------------------------------------


def _one_word(courses: dict[int, Course], postmaster: int) -> Iterator[Ratio | Figure]:
    edits: dict[int, list[Cost]] = defaultdict(list)
    saves: dict[int, list[Cost]] = defaultdict(list)
    wrote: dict[int, tuple[int, int]] = {}
    for turn in range(EDITS + 1):
        for size, course in courses.items():
            lessons = Lesson.objects.descendant_of(course).order_by("path")
            lesson = lessons[(turn * 37 + size // 2) % size]
            save = cost(partial(_publish, lesson, f"Word {next(WORDS)}."), postmaster)
            before = files(_root())
            edit = cost(partial(worker.work, course.uuid), postmaster)
            _settled(course)
            if turn:  # the first of each warms caches, and does not count
                wrote[size] = written(before, files(_root()))
                edits[size].append(edit)
                saves[size].append(save)
    for size in courses:
        yield _figure(f"One word at {size} lessons", _median(edits[size]), *wrote[size])
        yield _figure(f"Wagtail's save_revision().publish() at {size} lessons", _median(saves[size]))
    sizes = list(courses)
    for size in sizes[1:]:
        yield ratio(
            f"CPU of one word at {size} lessons",
            [one.cpu for one in edits[size]],
            f"at {sizes[0]}",
            [one.cpu for one in edits[sizes[0]]],
            goal=1.2,
        )
    for size in sizes:
        yield ratio(
            f"CPU of one word at {size} lessons",
            [one.cpu for one in edits[size]],
            "of Wagtail's own save_revision().publish(), with the receivers that write the change down",
            [one.cpu for one in saves[size]],
            goal=0.1,
        )


def _publish(lesson: Lesson, words: str) -> None:
    """As an editor does: a new first paragraph, saved and published."""
    draft = Lesson.objects.get(pk=lesson.pk).get_latest_revision_as_object()
    raw = list(draft.body.raw_data)
    place = next(number for number, block in enumerate(raw) if block["type"] == "text" and "<ul>" in block["value"])
    raw[place] = {**raw[place], "value": f"<p>{words}</p>" + raw[place]["value"].partition("</p>")[2]}
    draft.body = raw
    draft.save_revision(user=course_factory.person("Edna")).publish(
        user=course_factory.person("Edna"), skip_permission_checks=True
    )


# --- nothing, and everything -------------------------------------------------------------------------------------


def _nothing_and_everything(courses: dict[int, Course], postmaster: int) -> Iterator[Ratio | Figure]:
    nothing: dict[int, list[Cost]] = defaultdict(list)
    for _ in range(BUILDS):
        for size, course in courses.items():
            outbox.record(course.uuid, ChangeEvent.Kind.SITE)
            before = files(_root())
            nothing[size].append(cost(partial(worker.work, course.uuid), postmaster))
            _settled(course)
            assert files(_root()) == before, "nothing changed, and something was written"
    # Last, for an emptied store has lost the other courses too.
    for size, course in courses.items():
        full = []
        for _ in range(BUILDS if size <= 1000 else 1):
            _empty_the_store()
            remembered.MEMORY.forget()
            outbox.record(course.uuid, ChangeEvent.Kind.REBUILD)
            before = files(_root())
            full.append(cost(partial(_work, course), postmaster))
            all_of_it = written(before, files(_root()))
        yield _figure(
            f"The site published again, nothing changed, for a course of {size} lessons", _median(nothing[size]), 0, 0
        )
        yield _figure(f"Full build of {size} lessons on an emptied store", _median(full), *all_of_it)
        yield ratio(
            f"CPU of a course of {size} lessons when the site is published again and nothing changed",
            [one.cpu for one in nothing[size][: len(full)]],
            "of a full build",
            [one.cpu for one in full],
            goal=1 / 500,
        )


# --- everything, against the floor and the peer ----------------------------------------------------------------


def _against_the_floor_and_the_peer(course: Course, postmaster: int, peer: Peer | None) -> Iterator[Ratio | Figure]:
    size = Lesson.objects.descendant_of(course).count()
    cold, warm, whole, floors, theirs = [], [], [], [], []
    for _ in range(BUILDS):
        remembered.MEMORY.forget()
        cold.append(cost(partial(_documents, course), postmaster).cpu / size)
        warm.append(cost(partial(_documents, course), postmaster).cpu / size)
        _empty_the_store()
        outbox.record(course.uuid, ChangeEvent.Kind.REBUILD)
        whole.append(cost(partial(_work, course), postmaster).cpu / size)
        finished = [path.read_bytes() for path in _root().rglob("*") if path.is_file()]
        floors.append(cost(partial(_floor, finished), postmaster).cpu / size)
        if peer:
            theirs.append(peer.build(course.pk, PEER_LESSONS))
    yield ratio(f"CPU of a full build of {size} lessons", whole, "of hashing and writing the finished bytes", floors)
    if not peer:
        return
    name = "of wagtail-bakery 0.8, a lesson"
    what = "CPU of documents alone, a lesson"
    yield ratio(f"{what}, code and Markdown seen before in this process", warm, name, theirs, goal=1 / 60)
    yield ratio(f"{what}, nothing seen before", cold, name, theirs, goal=1 / 60)
    yield ratio("CPU of a full build with its pages, a lesson", whole, name, theirs, goal=1 / 10)


def _documents(course: Course) -> None:
    """From the approved candidate to files: every document of the release, without pages."""
    release = Publication.objects.select_related("live_release__candidate").get(course=course.uuid).live_release
    assert release is not None
    frozen = release.candidate.frozen()
    assets = ReleasedAssets(frozen, the_store())
    made = [render_course(frozen, assets).to_bytes(), render_outline(frozen).to_bytes()]
    for module in frozen.modules:
        made += [render_lesson(frozen, page, assets)[0].to_bytes() for page in module.lessons]
    _floor(made)


def _floor(finished: list[bytes]) -> None:
    folder = Path(settings.VAR_DIR) / f"floor-{uuid4()}"
    folder.mkdir()
    for number, data in enumerate(finished):
        (folder / f"{hashlib.sha256(data).hexdigest()}-{number}").write_bytes(data)
    shutil.rmtree(folder)


# --- what all of them do -----------------------------------------------------------------------------------------


def _ready(course: Course) -> None:
    """Release a course that shows every file: renditions are there, and code is loaded, before it counts."""
    _publish_course(course)
    worker.work(course.uuid)  # asks for the renditions
    seed.make_renditions()
    outbox.record(course.uuid, ChangeEvent.Kind.REBUILD)
    _work(course)


def _first_build(size: int, course: Course, postmaster: int) -> Figure:
    """Somebody publishes the course's own page, which tells of all that is live below it."""
    _publish_course(course)
    remembered.MEMORY.forget()
    before = files(_root())
    spent = cost(partial(_work, course), postmaster)
    return _figure(f"First build of {size} lessons", spent, *written(before, files(_root())))


def _publish_course(course: Course) -> None:
    course.get_latest_revision_as_object().save_revision().publish(skip_permission_checks=True)


def _work(course: Course) -> None:
    while worker.work(course.uuid):
        pass
    _settled(course)


def _settled(course: Course) -> None:
    publication = Publication.objects.get(course=course.uuid)
    assert publication.built_seq == publication.wanted_seq, publication.last_error or publication.waiting_for
    assert Release.objects.filter(course=course.uuid, state=Release.State.LIVE).exists()


def _root() -> Path:
    return Path(settings.LECTERN_STORE)


def _empty_the_store() -> None:
    """Everything but renditions, which are not made by a build."""
    kept = {made["key"] for row in Rendition.objects.all() for made in row.output["files"]}
    for path in sorted(_root().rglob("*")):
        if path.is_file() and path.relative_to(_root()).as_posix() not in kept:
            path.unlink()


def _median(costs: list[Cost]) -> Cost:
    return sorted(costs, key=lambda one: one.cpu)[len(costs) // 2]


def _figure(name: str, spent: Cost, files_written: int | None = None, size: int | None = None) -> Figure:
    values: dict[str, Any] = {
        "s CPU": round(spent.cpu, 4),
        "s of it in the database": round(spent.database, 4),
        "s wall": round(spent.wall, 4),
        "queries": spent.queries,
    }
    if files_written is not None:
        values |= {"files on the store": files_written, "bytes": size or 0}
    return Figure(name, values)


def database_process() -> int:
    """The process id of the PostgreSQL server that we speak to: the parent of our connection's process."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        backend = int(cursor.fetchone()[0])
    return int(Path(f"/proc/{backend}/stat").read_text().rpartition(")")[2].split()[1])


def compared(sizes: Sequence[int]) -> int:
    """Which of the sizes is measured against peers: the second, because the largest would take them an hour."""
    return sizes[min(1, len(sizes) - 1)]


def compared_course(sizes: Sequence[int]) -> Course:
    """The course that `measure` left on the store."""
    return Course.objects.get(title=f"Course of {compared(sizes)}")
