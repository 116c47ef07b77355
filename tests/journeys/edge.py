"""A CDN's edge in front of a bucket: index pages, ranges and a page for what is missing; headers are the bucket's own.

A process of its own: `python -m tests.journeys.edge PORT BUCKET_URL`. It caches nothing, as an edge with a time to live
of zero would.
"""

import sys
import urllib.error
import urllib.request
from http.client import HTTPMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

PASSED = ("Content-Type", "Cache-Control", "Content-Encoding", "Content-Range", "ETag", "Last-Modified")


class Edge(BaseHTTPRequestHandler):
    """GET and HEAD. `origin` is the public address of the school's prefix in its bucket, without a slash at its end."""

    protocol_version = "HTTP/1.1"
    origin = ""

    def do_GET(self) -> None:
        path = urlsplit(self.path).path
        status, headers, body = self._asked(path + "index.html" * path.endswith("/"))
        if status in {403, 404}:
            status, headers, body = 404, *self._asked("/404.html")[1:]
        self.send_response(status)
        for name in PASSED:
            if value := headers.get(name):
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(body)

    def do_HEAD(self) -> None:
        self.do_GET()

    def log_message(self, *_args: object) -> None:
        """Quiet: a page load is dozens of requests."""

    def _asked(self, path: str) -> tuple[int, HTTPMessage, bytes]:
        asked = {name: value for name in ("Range", "If-None-Match") if (value := self.headers.get(name))}
        try:
            with urllib.request.urlopen(
                urllib.request.Request(self.origin + path, headers=asked), timeout=10
            ) as answer:
                return answer.status, answer.headers, answer.read()
        except urllib.error.HTTPError as error:
            return error.code, error.headers, b"" if error.code == 304 else error.read()


if __name__ == "__main__":
    Edge.origin = sys.argv[2]
    ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Edge).serve_forever()
