"""Look at everything a school stands on, and say of each thing whether it will do and what to do if not."""

import secrets
import shutil
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

import imageio_ffmpeg
from django.conf import settings
from django.core.cache import cache as the_cache
from django.db import connection, transaction
from django.db.migrations.executor import MigrationExecutor

from pipeline import html
from pipeline.edge import the_distribution
from pipeline.errors import PipelineError
from pipeline.models import Invalidation
from pipeline.store import the_store
from pipeline.store.probe import probe

GIB = 1024**3
LITTLE, TOO_LITTLE = GIB, GIB // 10  # bytes of free space
LATE = 60  # seconds that two clocks may differ

Verdict = Literal["ok", "warning", "failed"]


@dataclass(frozen=True)
class Finding:
    """What was looked at, whether it will do, and a sentence: what was found, or what to do."""

    what: str
    verdict: Verdict
    sentence: str


def examine() -> Iterator[Finding]:
    """Everything, one after the other. What cannot be looked at has failed, and the others are still looked at."""
    looks: dict[str, Callable[[], Iterator[Finding]]] = {
        "store": store,
        "edge": edge,
        "clock": clock,
        "folder": folder,
        "database": database,
        "cache": cache,
        "queue": queue,
        "site": site,
        "ffmpeg": ffmpeg,
    }
    for what, look in looks.items():
        try:
            yield from look()
        except Exception as error:  # whatever an engine raises is a finding, and the next one is looked at
            yield Finding(what, "failed", f"{type(error).__name__}: {error}")


def store() -> Iterator[Finding]:
    """The promises of `store/base.py`, tried on the store itself."""
    where = settings.LECTERN_STORE
    for promise in probe(the_store()):
        if promise.fault:
            yield Finding("store", "failed", f"{promise.what} at {where}: {promise.fault.rstrip('.')}.")
        else:
            yield Finding("store", "ok", f"{promise.what} at {where}")


def edge() -> Iterator[Finding]:
    """The CDN in front of the store: it is there, serves this site, and takes what it is asked."""
    waiting = Invalidation.objects.filter(done_at=None)
    distribution = the_distribution()
    if distribution is None:
        left = waiting.count()
        yield (
            Finding("edge", "warning", f"{left} invalidations wait, and CLOUDFRONT_DISTRIBUTION_ID is not set: set it.")
            if left
            else Finding("edge", "ok", "no CDN is configured, so nothing has to be forgotten")
        )
        return
    seen, host = distribution.look(), urlsplit(settings.SITE_URL).hostname
    if not seen.enabled:
        yield Finding("edge", "failed", f"{distribution} is switched off: enable it.")
    elif host not in seen.names:
        names = ", ".join(seen.names)
        told = f"{distribution} answers to {names}, and not to {host}: give it that name, or correct SITE_URL."
        yield Finding("edge", "warning", told)
    else:
        yield Finding("edge", "ok", f"{distribution} serves {host}")
    if refused := waiting.exclude(last_error="").order_by("-attempts").first():
        told = f"{waiting.count()} invalidations wait, tried {refused.attempts} times. {refused.last_error}"
        yield Finding("edge", "warning", told)


def clock() -> Iterator[Finding]:
    """A clock that is off dates releases wrongly, and a bucket refuses whoever is a quarter of an hour off."""
    seconds = round((datetime.now(UTC) - the_store().clock()).total_seconds())
    if abs(seconds) > LATE:
        order = "ahead of" if seconds > 0 else "behind"
        told = f"this machine is {abs(seconds)} s {order} the store: let both follow a time server (NTP)."
        yield Finding("clock", "warning", told)
    else:
        yield Finding("clock", "ok", "this machine and the store agree about the time")


def folder() -> Iterator[Finding]:
    """Free space where files are written: the store, if it is a folder, and what was uploaded."""
    places = {settings.VAR_DIR, settings.LECTERN_ORIGINALS, settings.LECTERN_STORE}
    for place in sorted(place for place in places if isinstance(place, Path)):
        nearest = next(parent for parent in (place, *place.parents) if parent.exists())
        free = shutil.disk_usage(nearest).free
        told = f"{free / GIB:.1f} GiB are free at {place}"
        verdict: Verdict = "failed" if free < TOO_LITTLE else "warning" if free < LITTLE else "ok"
        yield Finding("folder", verdict, told if verdict == "ok" else f"{told}: make room before it is full.")


def database() -> Iterator[Finding]:
    """Every migration is applied, and a row can be written; it is taken back."""
    executor = MigrationExecutor(connection)
    if missing := executor.migration_plan(executor.loader.graph.leaf_nodes()):
        yield Finding("database", "failed", f"{len(missing)} migrations are not applied: run manage.py migrate.")
        return
    with transaction.atomic():
        Invalidation.objects.create(paths=[])
        transaction.set_rollback(True)
    yield Finding("database", "ok", f"{connection.vendor}, every migration is applied, rows can be written")


def cache() -> Iterator[Finding]:
    """Where limits are counted. Everything goes on without it, and nobody is limited."""
    key = f"doctor:{secrets.token_hex(8)}"
    try:
        the_cache.set(key, "here", 10)
        found = the_cache.get(key)
        the_cache.delete(key)
    except Exception as error:  # whatever a cache backend raises when it is down: Django names no common class
        found = error
    if found == "here":
        yield Finding("cache", "ok", "keeps what it is given")
    else:
        told = f"it does not answer ({found}): correct REDIS_URL, or without one run manage.py createcachetable."
        yield Finding("cache", "failed", told)


def queue() -> Iterator[Finding]:
    """The doorbell: without it every publish waits for a command."""
    waiting = settings.HUEY.pending_count()
    yield Finding("queue", "ok", f"{type(settings.HUEY).__name__}, {waiting} messages wait")


def site() -> Iterator[Finding]:
    """Scripts and styles that pages name."""
    try:
        yield Finding("site", "ok", f"{len(html.assets())} scripts, styles and fonts are built")
    except PipelineError as error:
        yield Finding("site", "failed", str(error))


def ffmpeg() -> Iterator[Finding]:
    """It is there, and it runs."""
    program = imageio_ffmpeg.get_ffmpeg_exe()
    done = subprocess.run([program, "-version"], capture_output=True, text=True, check=False, timeout=30)  # noqa: S603  (the encoder of this installation)
    if done.returncode:
        yield Finding("ffmpeg", "failed", f"{program} does not run: {done.stderr.strip()[:200]}")
    else:
        yield Finding("ffmpeg", "ok", done.stdout.partition(" Copyright")[0])
