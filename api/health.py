"""Is the process up, and can it do its work? For whoever starts, stops and balances processes."""
# ruff: noqa: ARG001  # a view is given its request, whether it needs it or not

import functools
import logging
import secrets

from django.core.cache import cache
from django.db import DatabaseError, connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.http import HttpRequest, HttpResponse, JsonResponse
from ninja import Router, Schema

from api.errors import ApiError, answer
from api.schemas import Refused

Migration = tuple[str, str]  # of which app, and its name

log = logging.getLogger(__name__)
router = Router(tags=["health"])


class Health(Schema):
    status: str


@router.get("/healthz", auth=None, response=Health)
def healthz(request: HttpRequest) -> Health:
    """The process answers. It touches nothing else: a database that is down is no reason to restart it."""
    return Health(status="ok")


@router.get("/readyz", auth=None, response={200: Health, 503: Refused})
def readyz(request: HttpRequest) -> Health:
    """Database and cache answer, and every migration is applied; otherwise 503 says what is missing."""
    _check_database()
    _check_cache()
    return Health(status="ok")


def up(request: HttpRequest) -> HttpResponse:
    """The same at /healthz, where probes look by habit."""
    return JsonResponse(healthz(request).model_dump())


def ready(request: HttpRequest) -> HttpResponse:
    """The same at /readyz."""
    try:
        return JsonResponse(readyz(request).model_dump())
    except ApiError as error:
        return answer(error)


def _check_database() -> None:
    try:
        applied = set(MigrationRecorder(connection).applied_migrations())
    except DatabaseError:
        log.exception("The database does not answer")
        raise ApiError(503, "not_ready", "The database does not answer.") from None
    # One that replaces others counts as applied when they all are.
    waiting = [name for name, olds in _wanted().items() if name not in applied and not (olds and olds <= applied)]
    if waiting:
        sentence = f"Migrations that are not applied: {len(waiting)}; run manage.py migrate."
        raise ApiError(503, "not_ready", sentence)


@functools.cache
def _wanted() -> dict[Migration, frozenset[Migration]]:
    """Every migration on disk, and those that it replaces. Anybody may ask, so this is read once a process."""
    graph = MigrationLoader(None).graph
    return {name: frozenset(migration.replaces) for name, migration in graph.nodes.items()}


def _check_cache() -> None:
    # A key of its own for each question: two probes at once must not read each other's answer.
    key, said = f"readyz:{secrets.token_hex(8)}", "here"
    try:
        cache.set(key, said, 10)
        heard = cache.get(key)
        cache.delete(key)
    except Exception:  # whatever a cache backend raises when it is down: Django names no common class
        log.exception("The cache does not answer")
        heard = None
    if heard != said:
        raise ApiError(503, "not_ready", "The cache does not answer.")
