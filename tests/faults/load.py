"""Editors who publish over HTTP, readers who follow every pointer, and what they may never find out together.

A lesson carries a mark, `m<lesson>x<count>m`, in its title and in its text; each publish counts on. So whoever holds
the objects of one release can see that they belong together, and which publish they came from.
"""

import http.client
import re
import threading
import time
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from http.cookiejar import CookieJar
from itertools import count, cycle
from statistics import median, quantiles
from typing import Any, Self
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, HTTPRedirectHandler, Request, build_opener
from uuid import UUID

from pipeline.condemned import needed
from pipeline.digests import sha256
from pipeline.keys import public_key
from pipeline.manifest import verified
from pipeline.release import read_manifest
from pipeline.store.disk import DiskStore
from tests.cms import cast
from tests.journeys.school import until

MARK = re.compile(rb"m(\d+)x(\d+)m")
NAMED = re.compile(r"o/([0-9a-f]{64})(\.\w+)?")
Live = dict[int, int]  # a lesson's page and the count that readers have of it


def mark(lesson: int, number: int) -> str:
    return f"m{lesson}x{number}m"


def marks(data: bytes) -> dict[int, set[int]]:
    """The counts of each lesson that `data` carries a mark of."""
    found: dict[int, set[int]] = defaultdict(set)
    for lesson, number in MARK.findall(data):
        found[int(lesson)].add(int(number))
    return found


class InThread:
    """`with` runs `_run` in a thread of its own, which ends soon after `_end` is set."""

    def __enter__(self) -> Self:
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._end.set()
        self._thread.join()

    def _run(self) -> None:
        raise NotImplementedError


# --- readers --------------------------------------------------------------------------------------------------


@dataclass
class Reader(InThread):
    """Pointer, manifest, every object that it names, then every page; again and again, of one course after another.

    `faults` counts what no reader may meet, by kind; `told` says more of the first few. `arrived` is when each count of
    a lesson was first met, by the monotonic clock.
    """

    store: DiskStore
    pages: dict[UUID, list[str]]
    faults: Counter[str] = field(default_factory=Counter)
    told: list[str] = field(default_factory=list)
    reads: int = 0
    releases: set[tuple[UUID, int]] = field(default_factory=set)
    live: Live = field(default_factory=dict)
    arrived: dict[int, dict[int, float]] = field(default_factory=lambda: defaultdict(dict))
    _generations: dict[UUID, int] = field(default_factory=dict)

    def look(self) -> None:
        for course in self.pages:
            self._release(course)
            self._pages(course)
            self.reads += 1

    def _release(self, course: UUID) -> None:
        pointer = verified(self.store.read(f"c/{course}/current.json") or b"", public_key())
        if pointer.generation < self._generations.get(course, 0):
            self._fault("backward", f"generation {pointer.generation} after {self._generations[course]} of {course}")
        self._generations[course] = pointer.generation
        manifest = read_manifest(self.store, pointer.manifest)
        if (manifest.course, manifest.release) != (course, pointer.release):
            self._fault("mixed", f"the pointer to release {pointer.release} leads to release {manifest.release}")
        found: dict[int, set[int]] = defaultdict(set)
        for name in needed(manifest):
            data = self.store.read(name)
            if data is None:
                self._fault("404", f"{name} of release {manifest.release} is not there")
                continue
            named = NAMED.fullmatch(name)
            if named and sha256(data) != named[1]:
                self._fault("torn", f"{name} holds other bytes")
            for lesson, numbers in marks(data).items():
                found[lesson] |= numbers
        now = time.monotonic()
        self.releases.add((course, manifest.release))
        for lesson, numbers in found.items():
            if len(numbers) > 1:
                self._fault("mixed", f"release {manifest.release} has {sorted(numbers)} of lesson {lesson}")
            newest = max(numbers)
            if newest < self.live.get(lesson, 0):
                self._fault("backward", f"lesson {lesson} is {newest} after {self.live[lesson]}")
            self.live[lesson] = newest
            self.arrived[lesson].setdefault(newest, now)

    def _pages(self, course: UUID) -> None:
        """Pages change one by one, so each is judged by itself."""
        for path in self.pages[course]:
            data = self.store.read(path)
            if data is None:
                self._fault("404", f"{path} is not there")
            elif not data.rstrip().endswith(b"</html>") or any(len(found) > 1 for found in marks(data).values()):
                self._fault("torn", f"{path} is half of one and half of another")

    def _fault(self, kind: str, sentence: str) -> None:
        self.faults[kind] += 1
        if len(self.told) < 20:
            self.told.append(sentence)

    def _run(self) -> None:
        while not self._end.wait(0.05):  # the machine is shared with those who are watched
            try:
                self.look()
            except Exception as error:  # whatever a reader dies of is a fault, and must not be silence
                self._fault(type(error).__name__, str(error))


# --- editors --------------------------------------------------------------------------------------------------


class _Stay(HTTPRedirectHandler):
    def redirect_request(self, *_given: Any, **_more: Any) -> None:
        """The editor looks at where it was sent, and need not go there."""


@dataclass(frozen=True)
class Publish:
    """One that was acknowledged, and when by the monotonic clock."""

    lesson: int
    number: int
    at: float


@dataclass
class Editor(InThread):
    """Publishes its own lessons in turn, in a session of the Wagtail admin. `lessons` maps a page's id to its slug and
    to the id of the module it stands in.

    `acknowledged` are those that the CMS answered with success. `unanswered` counts those that a killed process took
    along, which may have happened or not; `refused` what was answered otherwise, which nobody expects.
    """

    cms: str
    email: str
    password: str
    lessons: dict[int, tuple[str, int]]
    acknowledged: list[Publish] = field(default_factory=list)
    unanswered: int = 0
    refused: list[str] = field(default_factory=list)
    told: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))  # once for each success

    def sign_in(self) -> None:
        self._jar = CookieJar()
        self._opener = build_opener(HTTPCookieProcessor(self._jar), _Stay)
        self._numbers = {lesson: count(1) for lesson in self.lessons}
        until(self._answers, "the CMS answers")
        status, told = self._send("/admin/login/", {"username": self.email, "password": self.password})
        assert (status, told) == (302, "/admin/"), (status, told)

    def publish(self, lesson: int) -> bool | None:
        """Whether the CMS said that it is published; None if it said nothing."""
        slug, module = self.lessons[lesson]
        word = mark(lesson, number := next(self._numbers[lesson]))
        form = cast.lesson_form(f"Lesson {word}", f"<p>It says {word}.</p>", slug=slug) | {"action-publish": "1"}
        try:
            status, told = self._send(f"/admin/pages/{lesson}/edit/", form)
        except (OSError, http.client.HTTPException):
            self.unanswered += 1
            return None
        if (status, told) != (302, f"/admin/pages/{module}/"):
            self.refused.append(f"{status}: {told[:2000]}")
            return False
        self.acknowledged.append(Publish(lesson, number, time.monotonic()))
        self.told.release()
        return True

    def _answers(self) -> bool:
        try:
            return self._send("/admin/login/")[0] == 200
        except OSError:
            return False

    def _send(self, path: str, form: dict[str, Any] | None = None) -> tuple[int, str]:
        """The status of the answer, and where it leads to or what it says. Raises OSError or HTTPException for none."""
        request = Request(self.cms + path)
        if form is not None:
            token = next(cookie.value for cookie in self._jar if cookie.name == "lectern_cms_csrf")
            request.data = urlencode({**form, "csrfmiddlewaretoken": token}, doseq=True).encode()
        try:
            with self._opener.open(request, timeout=120) as answer:
                return answer.status, answer.read().decode()
        except HTTPError as answer:
            with answer:
                return answer.code, answer.headers.get("Location") or answer.read().decode(errors="replace")
        except URLError as error:
            raise ConnectionError(str(error.reason)) from error

    def _run(self) -> None:
        for lesson in cycle(self.lessons):
            if self._end.is_set():
                return
            if self.publish(lesson) is None:
                self._end.wait(0.05)  # until somebody has started the CMS again


def delays(publishes: list[Publish], reader: Reader) -> list[float]:
    """Seconds from each acknowledgement to the first read that had it, or something newer."""
    found = []
    for publish in publishes:
        later = [at for number, at in reader.arrived[publish.lesson].items() if number >= publish.number]
        if later:
            found.append(max(0.0, min(later) - publish.at))
    return found


def lost(editors: list[Editor], reader: Reader) -> list[Publish]:
    """What was acknowledged and never reached readers."""
    return [one for editor in editors for one in editor.acknowledged if reader.live.get(one.lesson, 0) < one.number]


def median_and_p99(seconds: list[float]) -> str:
    return f"median {median(seconds):.2f} s, p99 {quantiles(seconds, n=100)[98]:.2f} s" if len(seconds) > 1 else "none"
