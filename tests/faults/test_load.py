"""A school whose web and worker processes are killed all the time, at moments that nobody chose.

Two editors publish through the CMS, readers look without a rest, and a killer sends `kill -9` fifty times.
"""

import os
import random
import re
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.conf import settings
from django.contrib.auth.models import Group
from django.test import Client, override_settings

from pipeline.catalogue import publish_site
from pipeline.keys import public_key
from pipeline.release import read_manifest
from pipeline.store import the_store
from pipeline.store.disk import DiskStore
from pipeline.verify import verify
from tests.copied_database import threads_on_a_copy
from tests.faults.editor import SECRET, Editor
from tests.faults.reader import Reader
from tests.journeys.school import ROOT, free_port, until
from tests.pipeline import course_factory as factory

KILLS = 50
EDITION = re.compile(rb"Edition (\d+)\.")
pytestmark = pytest.mark.slow


@dataclass
class Watcher(Reader):
    """A reader who also notes when it first met each edition of a lesson, by the lesson's path."""

    met: dict[str, dict[int, float]] = field(default_factory=dict)
    _last: dict[str, int] = field(default_factory=dict)

    def page(self, path: str, data: bytes) -> None:
        found = EDITION.search(data)
        if found is None:
            return
        edition = int(found[1])
        if edition < self._last.get(path, 0):
            self.faults.append(f"{path} went back from edition {self._last[path]} to {edition}")
        self._last[path] = edition
        self.met.setdefault(path, {}).setdefault(edition, time.monotonic())


class Killer:
    """Kills web or worker at random moments, and starts it again. The seed makes a run repeatable, nearly."""

    def __init__(self, folder: Path, port: int, seed: int) -> None:
        environment = os.environ | {
            "DJANGO_SETTINGS_MODULE": "settings.cms",
            "LECTERN_VAR": str(folder),
            "LECTERN_LEASE_SECONDS": "3",
            "LECTERN_SIGNING_KEY": settings.LECTERN_SIGNING_KEY,
            "SECRET_KEY": settings.SECRET_KEY,
            "LOG_LEVEL": "ERROR",
        }
        self.log = (folder / "processes.log").open("ab")
        command = [sys.executable, "-m", "tests.faults.supervisor", str(port)]
        self._supervisor = subprocess.Popen(
            command, cwd=ROOT, env=environment, text=True, stdin=-1, stdout=-1, stderr=self.log
        )
        self._random = random.Random(seed)  # noqa: S311  (no secret)
        self.kills = dict.fromkeys(("web", "worker"), 0)
        self._running = {name: self._ask(f"start {name}") for name in self.kills}

    def kill(self) -> None:
        name = self._random.choice(sorted(self.kills))
        self._ask(f"kill {self._running[name]}")
        self.kills[name] += 1
        self._running[name] = self._ask(f"start {name}")

    def pause(self) -> None:
        time.sleep(self._random.uniform(0.2, 2.2))  # the moment of the next kill

    def _ask(self, line: str) -> int:
        assert self._supervisor.stdin
        assert self._supervisor.stdout
        self._supervisor.stdin.write(line + "\n")
        self._supervisor.stdin.flush()
        return int(self._supervisor.stdout.readline())

    def __enter__(self) -> "Killer":
        return self

    def __exit__(self, *_error: object) -> None:
        self._supervisor.communicate()
        self.log.close()


def test_fifty_kills_lose_no_publish_and_tear_no_page(
    django_db_setup: None, django_db_blocker: Any, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    folder, port = tmp_path / "school", free_port()
    with override_settings(LECTERN_STORE=folder / "cdn"):
        with threads_on_a_copy(django_db_blocker, folder) as threads:
            course, lessons, cookie = threads.one(_released)
        editors = [Editor(port, page, title, slug, cookie, pause=0.3) for page, title, slug in lessons]
        watcher = Watcher(
            folder / "cdn", course, {f"courses/statistics/{slug}/index.html": set() for _page, _title, slug in lessons}
        )
        with Killer(folder, port, seed=20261125) as killer, watcher:
            until(lambda: _first(editors[0]), "the CMS answers an editor")
            with editors[0], editors[1]:
                while sum(killer.kills.values()) < KILLS:
                    killer.pause()
                    killer.kill()
            until(lambda: _all_live(editors, watcher), "what was acknowledged is live")
    assert [editor.refused for editor in editors] == [[], []]
    store = DiskStore(folder / "cdn")
    manifests = [read_manifest(store, name) for name in _manifests(store)]
    waits = sorted(
        wait for editor, path in zip(editors, watcher.pages, strict=True) for wait in _waits(editor, watcher.met[path])
    )
    lost = [wait for wait in waits if wait == float("inf")]
    told = len(waits), statistics.median(waits), waits[int(len(waits) * 0.99)]
    record_property(
        "figures",
        f"{sum(killer.kills.values())} kills ({killer.kills['web']} web, {killer.kills['worker']} worker): "
        f"{told[0]} publishes acknowledged, lost {len(lost)}; {watcher.rounds} reads, faults {len(watcher.faults)}; "
        f"from the answer to live: median {told[1]:.2f} s, p99 {told[2]:.2f} s",
    )
    assert lost == []
    assert watcher.faults == []
    assert watcher.strangers(*manifests) == []
    assert not any(None in seen for seen in watcher.pages.values()), "404"
    assert verify(store, public_key()).faults == []
    assert len(waits) > KILLS // 2


def _released() -> tuple[UUID, list[tuple[int, str, str]], str]:
    """A course, (page id, title, slug) of its two lessons, and the cookies of an editor who is signed in."""
    course = factory.make_course(lessons=2)
    publish_site(the_store())
    factory.release(course)
    edna = factory.person("Edna")
    edna.groups.add(Group.objects.get(name="Editor"))
    client = Client()
    client.force_login(edna, backend="django.contrib.auth.backends.ModelBackend")
    session = client.cookies[settings.SESSION_COOKIE_NAME].value
    lessons = [(lesson.pk, lesson.title, lesson.slug) for lesson in factory.lessons(course)]
    return course.uuid, lessons, f"lectern_cms={session}; lectern_cms_csrf={SECRET}"


def _first(editor: Editor) -> bool:
    editor.publish()
    return bool(editor.answered)


def _all_live(editors: list[Editor], watcher: Watcher) -> bool:
    return all(
        max(watcher.met.get(path, {0: 0.0})) >= max(editor.answered)
        for editor, path in zip(editors, watcher.pages, strict=True)
    )


def _waits(editor: Editor, met: dict[int, float]) -> list[float]:
    """Seconds from each answer until that edition, or a later one, was met. Infinite: never."""
    return [
        max(0.0, min((at for seen, at in met.items() if seen >= edition), default=float("inf")) - answered)
        for edition, answered in editor.answered.items()
    ]


def _manifests(store: DiskStore) -> list[str]:
    names = (key.removeprefix("o/") for key in store.keys("o/") if "." not in key)
    return [name for name in names if b'"renditions":' in (store.read(f"o/{name}") or b"")]
