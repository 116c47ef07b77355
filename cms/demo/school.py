"""The demo course on its way to readers, through the doors that people use: import, submit, approve, build."""

import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from pathlib import Path

from django.conf import settings
from django.db import connection

from cms import workflow
from cms.demo import cast
from cms.demo.encode import write_film
from cms.importing import import_course
from content.models import Course
from pipeline import renditions
from pipeline.errors import PipelineError
from pipeline.models import Candidate, Publication, Release, Rendition
from pipeline.worker import drain

SOURCE = Path(__file__).parent / "sampling"
SLUG = SOURCE.name
FILM = Path("01-from-curve-to-numbers/media/hidden-wave.mp4")


def folder() -> Path:
    """Where the course lies as an author has it: the text of this package, and the film once it is made."""
    return Path(settings.VAR_DIR) / "demo" / SLUG


def course() -> Course | None:
    found: Course | None = Course.objects.filter(slug=SLUG).first()
    return found


def film_is_missing() -> bool:
    return not (folder() / FILM).exists()


def make_film(report: Callable[[int], None]) -> Path:
    """Lay out the folder and write the film into it; `report` hears the number of frames done."""
    shutil.copytree(SOURCE, folder(), dirs_exist_ok=True)
    write_film(folder() / FILM, report)
    return folder() / FILM


def bring_in(progress: Callable[[str, int, int], None]) -> str:
    """Import the folder as Ada; what the import said, in one line. `progress` hears (what, done, total).

    Raises AuthorError if the folder has faults, and changes nothing then.
    """
    shutil.copytree(SOURCE, folder(), dirs_exist_ok=True)
    return next(import_course(folder(), cast.user(cast.ADA), progress).lines())


def latest(of: Course) -> Candidate | None:
    return Candidate.objects.filter(course=of.uuid).order_by("-id").first()


def submit(of: Course, note: str) -> Candidate:
    return workflow.submit_course(of, cast.user(cast.ADA), note)


def approve(candidate: Candidate, comment: str) -> Release:
    return workflow.approve_course(candidate, cast.user(cast.EDNA), comment)


# --- building ---------------------------------------------------------------------------------------------------


def prepare() -> Iterator[tuple[str, int]]:
    """Make every rendition that is due, one after another: (name, per cent), again and again.

    What cannot be made is said by `build`, if it is the demo's: another course's trouble is no reason to stop here.
    """
    drain()  # the worker finds out what the release waits for, and asks for it
    with ThreadPoolExecutor(1) as pool:
        for rendition in renditions.due():
            work = pool.submit(_make, rendition)
            while not work.done():
                yield _step(rendition)
                wait([work], timeout=0.25)
            work.result()
            yield _step(rendition)


def build(of: Course) -> Publication:
    """Build and publish what is due, then the catalogue. Raises PipelineError if the course did not become live."""
    Publication.objects.exclude(waiting_for="").update(waiting_for="")
    drain()
    publication = Publication.objects.select_related("live_release").get(course=of.uuid)
    if publication.live_release is None or publication.built_seq < publication.wanted_seq:
        why = publication.last_error or publication.waiting_for or "another worker holds it; run the command again."
        raise PipelineError(f"“{of.title}” is not live: {why}")
    return publication


def _make(rendition: int) -> None:
    try:
        renditions.make(rendition)
    finally:
        connection.close()  # this thread's own


def _step(rendition: int) -> tuple[str, int]:
    row = Rendition.objects.get(pk=rendition)
    return row.name, row.progress
