"""The folder server answers as a static host does."""

import http.client
import threading
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest

from pipeline.folder_server import byte_range, server


@pytest.fixture
def cdn(tmp_path: Path) -> Iterator[http.client.HTTPConnection]:
    (tmp_path / "o").mkdir()
    (tmp_path / "o" / ("a" * 64)).write_bytes(b'{"a":1}')
    (tmp_path / "courses" / "x").mkdir(parents=True)
    (tmp_path / "courses" / "x" / "index.html").write_bytes(b"<p>0123456789")
    (tmp_path / "404.html").write_bytes(b"<p>not here")
    (tmp_path / ".secret").write_bytes(b"no")
    (tmp_path.parent / "outside.txt").write_bytes(b"no")
    (tmp_path / "link").symlink_to(tmp_path.parent / "outside.txt")
    with server(tmp_path, "127.0.0.1", 0) as running:
        thread = threading.Thread(target=running.serve_forever)
        thread.start()
        connection = http.client.HTTPConnection("127.0.0.1", running.server_port, timeout=10)
        yield connection
        connection.close()
        running.shutdown()
        thread.join()


def get(cdn: http.client.HTTPConnection, path: str, **headers: str) -> tuple[http.client.HTTPResponse, bytes]:
    cdn.request("GET", path, headers=headers)
    response = cdn.getresponse()
    return response, response.read()


def test_an_object_is_immutable_json(cdn: http.client.HTTPConnection) -> None:
    response, body = get(cdn, "/o/" + "a" * 64)
    assert (response.status, body) == (200, b'{"a":1}')
    assert response.headers["Content-Type"] == "application/json"
    assert "immutable" in response.headers["Cache-Control"]


def test_a_page_is_asked_for_again_and_not_sent_again(cdn: http.client.HTTPConnection) -> None:
    response, _ = get(cdn, "/courses/x/")
    assert response.headers["Cache-Control"] == "no-cache"
    again, body = get(cdn, "/courses/x/", **{"If-None-Match": response.headers["ETag"]})
    assert (again.status, body) == (304, b"")


def test_a_folder_without_its_slash_redirects(cdn: http.client.HTTPConnection) -> None:
    response, _ = get(cdn, "/courses/x")
    assert (response.status, response.headers["Location"]) == (301, "/courses/x/")


def test_a_redirect_stays_on_this_host(cdn: http.client.HTTPConnection) -> None:
    response, _ = get(cdn, "//courses/x")
    assert (response.status, response.headers["Location"]) == (301, "/courses/x/")


def test_a_redirect_to_a_folder_of_any_name(cdn: http.client.HTTPConnection, tmp_path: Path) -> None:
    (tmp_path / "نجوم 1").mkdir()
    response, _ = get(cdn, quote("/نجوم 1"))
    assert (response.status, response.headers["Location"]) == (301, quote("/نجوم 1/"))


def test_head_says_the_same_and_sends_nothing(cdn: http.client.HTTPConnection) -> None:
    cdn.request("HEAD", "/courses/x/")
    response = cdn.getresponse()
    assert (response.status, response.headers["Content-Length"], response.read()) == (200, "13", b"")


def test_a_range_is_a_range(cdn: http.client.HTTPConnection) -> None:
    response, body = get(cdn, "/courses/x/index.html", Range="bytes=3-5")
    assert (response.status, body, response.headers["Content-Range"]) == (206, b"012", "bytes 3-5/13")
    response, _ = get(cdn, "/courses/x/index.html", Range="bytes=99-")
    assert response.status == 416


@pytest.mark.parametrize(
    "path",
    [
        *("/nothing", "/.secret", "/../outside.txt", "/%2e%2e/outside.txt", "/%00", "/courses/../.secret"),
        *("/link", "/" + "a" * 300),
    ],
)
def test_what_is_not_there_is_the_404_page(cdn: http.client.HTTPConnection, path: str) -> None:
    response, body = get(cdn, path)
    assert (response.status, body) == (404, b"<p>not here")


def test_byte_range_of_a_tail() -> None:
    assert byte_range("bytes=-4", 10) == (6, 9)
    assert byte_range("bytes=2-", 10) == (2, 9)
    assert byte_range(None, 10) is None
