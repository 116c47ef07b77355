"""Starts web and worker processes of one school by forking, so that many kills cost little: Django is loaded once.

Reads lines from its standard input: `start web` or `start worker` answers the new process's number, `kill NUMBER`
kills it and its children as `kill -9` does, and answers once it is gone. Ends all of them when the input ends.
"""

import os
import signal
import sys
from collections.abc import Callable

import django

django.setup()

# After setup(): these need the models.
from django.core.management import call_command  # noqa: E402
from django.core.wsgi import get_wsgi_application  # noqa: E402
from django.db import connections  # noqa: E402
from django.urls import get_resolver  # noqa: E402
from gunicorn.app.base import BaseApplication  # noqa: E402

from content.models import Course, Lesson, Module  # noqa: E402
from pipeline import tasks  # noqa: E402

application = get_wsgi_application()


class Web(BaseApplication):
    def load_config(self) -> None:
        for name, value in {"bind": f"127.0.0.1:{sys.argv[1]}", "threads": 4, "loglevel": "error"}.items():
            self.cfg.set(name, value)

    def load(self) -> object:
        return application


def worker() -> None:
    call_command("run_huey", "--quiet", "--workers", "1")


def fork(act: Callable[[], None]) -> int:
    child = os.fork()
    if child:
        return child
    try:
        os.setsid()  # gunicorn has children; all of them are killed at once
        sys.stdin.close()
        act()
    finally:
        os._exit(0)


def kill(child: int) -> None:
    os.killpg(child, signal.SIGKILL)
    os.waitpid(child, 0)


def main() -> None:
    children: set[int] = set()
    acts = {"web": lambda: Web().run(), "worker": worker}
    for line in sys.stdin:
        verb, what = line.split()
        if verb == "start":
            children.add(child := fork(acts[what]))
        else:
            children.discard(child := int(what))
            kill(child)
        print(child, flush=True)
    for child in children:
        kill(child)


assert tasks
get_resolver().url_patterns  # noqa: B018  (loads every view, once for all children)
for model in (Course, Module, Lesson):
    model.get_edit_handler().get_form_class()
call_command("createcachetable")
connections.close_all()  # a connection must not be shared by two processes
main()
