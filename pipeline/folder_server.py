"""Serve a folder as a CDN would: index pages, ranges, ETags, and the cache rules of the store. For development."""

import hashlib
import re
import shutil
from collections.abc import Callable
from functools import partial
from http import HTTPStatus
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from io import BufferedReader
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote, urlsplit

from pipeline.store.headers import FOR_EVER, headers_of

RANGE = re.compile(r"^bytes=(\d*)-(\d*)$")


def byte_range(header: str | None, size: int) -> tuple[int, int] | None:
    """The first and last byte a Range header asks for (RFC 9110, 14.1.2), or None for the whole file.

    Raises ValueError if the range lies outside the file.
    """
    match = RANGE.match(header or "")
    if not match or match.group(1) == match.group(2) == "":
        return None
    first, last = match.groups()
    if not first:
        start, end = max(0, size - int(last)), size - 1
    else:
        start, end = int(first), min(int(last or size - 1), size - 1)
    if start > end:
        raise ValueError("the range lies outside the file")
    return start, end


class FolderHandler(SimpleHTTPRequestHandler):
    """GET and HEAD of files below one folder, and of nothing else."""

    protocol_version = "HTTP/1.1"

    def __init__(self, *args: Any, root: Path, **kwargs: Any) -> None:
        self.root = root.resolve()
        super().__init__(*args, directory=str(root), **kwargs)

    def do_GET(self) -> None:
        self._answer(body=True)

    def do_HEAD(self) -> None:
        self._answer(body=False)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  (the base class names it so)
        """Quiet: a page load is dozens of requests."""

    def _answer(self, *, body: bool) -> None:
        path = unquote(urlsplit(self.path).path)
        file = self._find(path)
        if file and file.is_dir() and not path.endswith("/"):
            self.send_response(HTTPStatus.MOVED_PERMANENTLY)
            # Made from the folder, not from what was asked: `//name` would lead to another host.
            self.send_header("Location", f"/{quote(file.relative_to(self.root).as_posix())}/")
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        file = file / "index.html" if file and file.is_dir() else file
        if file and file.is_file():
            self._send(file, HTTPStatus.OK, body=body)
        else:
            self._send(self.root / "404.html", HTTPStatus.NOT_FOUND, body=body)

    def _find(self, path: str) -> Path | None:
        """The file or folder of a path, or None if it leaves the folder or names a dot file."""
        if "\0" in path or any(part.startswith(".") for part in path.split("/")):
            return None
        file = (self.root / path.lstrip("/")).resolve()
        try:
            inside = file == self.root or self.root in file.parents
            return file if inside and file.exists() else None
        except OSError:
            return None  # a name longer than the file system allows

    def _send(self, file: Path, status: HTTPStatus, *, body: bool) -> None:
        try:
            handle = file.open("rb")
        except OSError:
            self.send_error(HTTPStatus.NOT_FOUND)
            return
        with handle:
            key = file.resolve().relative_to(self.root).as_posix()
            size = file.stat().st_size
            served = headers_of(key)
            named = served.cache == FOR_EVER
            etag = f'"{hashlib.sha256(key.encode()).hexdigest()[:16]}"' if named else self._etag(handle)
            if status is HTTPStatus.OK and self.headers.get("If-None-Match") == etag:
                self.send_response(HTTPStatus.NOT_MODIFIED)
                self.send_header("ETag", etag)
                self.end_headers()
                return
            try:
                wanted = byte_range(self.headers.get("Range"), size) if status is HTTPStatus.OK else None
            except ValueError:
                self.send_response(HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE)
                self.send_header("Content-Range", f"bytes */{size}")
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            start, end = wanted or (0, size - 1)
            self.send_response(HTTPStatus.PARTIAL_CONTENT if wanted else status)
            if wanted:
                self.send_header("Content-Range", f"bytes {start}-{end}/{size}")
            self.send_header("Content-Type", served.media_type)
            if served.encoding:
                self.send_header("Content-Encoding", served.encoding)
            self.send_header("Content-Length", str(end - start + 1))
            self.send_header("Accept-Ranges", "bytes")
            self.send_header("ETag", etag)
            self.send_header("X-Content-Type-Options", "nosniff")
            self.send_header("Cache-Control", served.cache)
            self.end_headers()
            if body:
                handle.seek(start)
                self._copy(handle, end - start + 1)

    @staticmethod
    def _etag(handle: BufferedReader) -> str:
        digest = hashlib.file_digest(handle, "sha256").hexdigest()
        handle.seek(0)
        return f'"{digest[:16]}"'

    def _copy(self, handle: BufferedReader, length: int) -> None:
        try:
            if length == Path(handle.name).stat().st_size:
                shutil.copyfileobj(handle, self.wfile)
                return
            while length > 0 and (piece := handle.read(min(length, 65536))):
                self.wfile.write(piece)
                length -= len(piece)
        except (BrokenPipeError, ConnectionResetError):
            # The reader left, as players do when they seek.
            self.close_connection = True


def server(root: Path, host: str, port: int) -> ThreadingHTTPServer:
    """A server of `root` on host:port (0 picks a free port); the caller runs `serve_forever`."""
    handler: Callable[..., FolderHandler] = partial(FolderHandler, root=root)
    return ThreadingHTTPServer((host, port), handler)
