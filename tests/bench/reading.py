"""What a reader of one lesson costs: its document from the folder behind nginx, and the same lesson from API v2."""

import http.client
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings

from content.models import Course
from tests.bench.cost import server_cpu
from tests.bench.peer import Peer
from tests.bench.ratio import Figure, Ratio, ratio

ROUNDS = 3
REQUESTS = 3000
PEER_REQUESTS = 50

CONFIGURATION = """
daemon off; worker_processes 1; pid {folder}/nginx.pid; error_log {folder}/error.log; {user}
events {{ }}
http {{
  access_log off; default_type application/json; sendfile on; keepalive_requests 1000000;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
  server {{ listen 127.0.0.1:{port}; root {root}; }}
}}
"""


def measure(course: Course, peer: Peer | None) -> Iterator[Ratio | Figure]:
    if not shutil.which("nginx"):
        yield Figure("A lesson read from the folder behind nginx", {"(nginx not found: left out)": 0})
        return
    if peer is None:
        return
    root = Path(settings.LECTERN_STORE)
    names = [f"/o/{path.name}" for path in sorted((root / "o").iterdir()) if _is_lesson(path)]
    ours, theirs = [], []
    with _nginx(root, Path(settings.VAR_DIR) / "nginx") as (port, process):
        for _ in range(ROUNDS):
            ours.append(_read(port, process, names))
            theirs.append(peer.read(course.pk, PEER_REQUESTS))
    yield ratio("CPU of a lesson read from the folder behind nginx", ours, "of Wagtail's API v2, without HTTP", theirs)


def _is_lesson(path: Path) -> bool:
    """Whether an object of the store is a lesson's document: told by what it says, whatever a manifest looks like."""
    return not path.suffix and path.is_file() and b'"blocks":[' in path.read_bytes()


def _read(port: int, process: int, names: list[str]) -> float:
    """Seconds of CPU of nginx a request."""
    connection = http.client.HTTPConnection("127.0.0.1", port)
    before = server_cpu(process)
    for number in range(REQUESTS):
        connection.request("GET", names[number % len(names)])
        answer = connection.getresponse()
        answer.read()
        assert answer.status == 200, names[number % len(names)]
    connection.close()
    return (server_cpu(process) - before) / REQUESTS


@contextmanager
def _nginx(root: Path, folder: Path) -> Iterator[tuple[int, int]]:
    """A running nginx that serves `root`: its port and process id."""
    folder.mkdir()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    # As root nginx would read files as `nobody`, who may not look into our folder.
    user = "user root;" if Path("/proc/self").stat().st_uid == 0 else ""
    (folder / "nginx.conf").write_text(CONFIGURATION.format(folder=folder, port=port, root=root, user=user))
    process = subprocess.Popen(["nginx", "-p", folder, "-c", folder / "nginx.conf", "-e", folder / "error.log"])
    try:
        for _ in range(200):
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                break
            except ConnectionRefusedError:
                time.sleep(0.02)  # it has not bound its port yet
        yield port, process.pid
    finally:
        process.terminate()
        process.wait(timeout=20)
